"""Check: password hashes that are cheap to guess against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, Final

from hygiene.api import (
    HASH_PROFILES,
    Check,
    Confidence,
    Finding,
    Fleet,
    HashState,
    HashWeakness,
    Places,
    Severity,
    Subject,
    SubjectKind,
    counted,
    hash_weakness,
)

_SCHEMES: Final = """
SELECT DISTINCT scheme, cost FROM (
    SELECT scheme, cost FROM host_hashes UNION ALL SELECT scheme, cost FROM list_hashes
) WHERE scheme IS NOT NULL ORDER BY ALL
"""
# costs are judged here and not as stored, so that the profile can be another
_JUDGED: Final = """
WITH judged AS (
    SELECT unnest($schemes::VARCHAR[]) AS scheme, unnest($costs::VARCHAR[]) AS cost, unnest($words::VARCHAR[]) AS word
), fields AS (
    SELECT host, account, state, scheme, cost, changed_at, never_expires, collected_at AS seen_at
    FROM host_hashes JOIN (SELECT host, collected_at FROM hosts) USING (host)
    UNION ALL BY NAME
    SELECT list, row, account, state, scheme, cost, changed_at, never_expires,
        (SELECT max(collected_at) FROM hosts) AS seen_at
    FROM list_hashes
), rated AS (
    SELECT host, list, row, account, state, fields.scheme, fields.cost, changed_at, never_expires,
        CASE WHEN state = 'empty' THEN 'empty' ELSE word END AS weakness,
        $old > 0 AND state = 'set' AND
            coalesce(coalesce(seen_at, now()::TIMESTAMP) - changed_at > to_days($old), false) AS old
    FROM fields LEFT JOIN judged
        ON fields.scheme = judged.scheme AND fields.cost IS NOT DISTINCT FROM judged.cost
)
"""
_SUBJECTS: Final = (
    _JUDGED
    + """
SELECT if(host IS NULL, 'list', 'host') AS kind, coalesce(host, list) AS name, weakness, scheme,
    state = 'locked-hash' AS locked, old, count(*) AS accounts, min(changed_at) AS changed_at
FROM rated WHERE weakness IS NOT NULL OR old GROUP BY ALL ORDER BY ALL
"""
)
_COUNTS: Final = "weakness IN ('broken', 'cheap', 'empty') OR old"
_PLACES: Final = {
    "host": f"""{_JUDGED}
SELECT host, account, state, scheme, cost, weakness, changed_at, never_expires
FROM rated WHERE host = $host AND ({_COUNTS}) ORDER BY account
""",  # noqa: S608  all parts are ours
    "list": f"""{_JUDGED}
SELECT list, row, account, state, scheme, cost, weakness, changed_at, never_expires
FROM rated WHERE list = $list AND ({_COUNTS}) ORDER BY row
""",  # noqa: S608
}
_BROKEN, _CHEAP, _UNKNOWN, _EMPTY = (*(word.value for word in HashWeakness), HashState.EMPTY.value)
_WORDS: Final = {_BROKEN: "", _CHEAP: " of too low a cost"}


@dataclass(frozen=True, slots=True)
class HashWeak(Check):
    """Accounts have a password hash that is cheap to guess against, or an empty password.

    ## What it looks for

    The scheme and the cost of each account's password hash, on the hosts and in the files of hashes handed in. High is
    a scheme that is broken: DES, MD5, NT and their like; medium one whose cost is below the profile. A hash behind a
    lock (`!`) counts one step less: nobody logs in with it until somebody unlocks the account. An empty password field
    is medium: what it opens over SSH is said by `empty-password-login`, but on the console and for su(1) nothing is
    asked. With `max_age_days`, passwords that are older are told too, as low; NIST SP 800-63B-4 asks for no change by
    the calendar, so by default nobody is.

    ## Why it matters

    Hashes get away: by a backup, an image, a hole that reads files. Then the scheme decides whether a password of ten
    characters holds for years or for an afternoon. A password that is also used elsewhere opens that as well.

    ## Example

        host_hashes: host=web1 account=root scheme=des
        host_hashes: host=web1 account=anna scheme=sha512crypt cost=rounds=1000
        host_hashes: host=web1 account=bob scheme=md5 state=locked-hash
        host_hashes: host=web1 account=eve
        finds: high web1 accounts=3
            3 accounts have a weak password hash (1 des, 1 md5, 1 sha512crypt of too low a cost), 1 of them locked

        host_hashes: host=web1 account=anna scheme=sha512crypt cost=rounds=5000
        host_hashes: host=web1 account=bob state=locked
        finds: nothing

    ## What to do

    Set `ENCRYPT_METHOD YESCRYPT` in login.defs, or the scheme and rounds behind `pam_unix.so` in the PAM stack, then
    let these accounts set new passwords (`chage -d 0 NAME`): a hash changes only with its password. Of a locked account
    that is not needed take the hash away (`usermod -p '!' NAME`), and lock what has an empty password.

    ## Limits

    - A host tells scheme and cost, never a hash; whether the password itself is good is not seen here.
    - Profile `shipped` is what distributions set up today, `strict` what hardening guides ask for (SHA-crypt with
      100,000 rounds, bcrypt with 12).
    - A scheme or cost that is not understood is a gap, not a finding; hashes in a directory are not read.
    - Age is the day of the last change in shadow(5); clocks and administrators can set it.

    ## References

    - crypt(5): the schemes, and which of them should not be used for new hashes
    - OWASP Password Storage Cheat Sheet
    """

    id: ClassVar[str] = "hash-weak"
    title: ClassVar[str] = "Password hashes that are cheap to guess against"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-5(1)(c)",
        "BSI ORP.4.A8",
        "PCI DSS 4.0.1 8.3.2",
    )

    profile: str = field(
        default="shipped", metadata={"doc": "what a hash has to cost", "choices": tuple(HASH_PROFILES)}
    )
    max_age_days: int = field(default=0, metadata={"doc": "passwords older than this are told; 0: none", "min": 0})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host and each file of hashes."""
        profile = HASH_PROFILES[self.profile]
        judged = [
            (scheme, cost, word.value)
            for scheme, cost in fleet.query(_SCHEMES)
            if (word := hash_weakness(scheme, cost, profile)) is not None
        ]
        schemes, costs, words = ([row[at] for row in judged] for at in range(3))
        given = {"schemes": schemes, "costs": costs, "words": words, "old": self.max_age_days}
        for (kind, name), rows in groupby(fleet.named(_SUBJECTS, given), itemgetter("kind", "name")):
            some = tuple(rows)
            severity = max(filter(None, map(_severity, some)), key=lambda each: each.rank, default=None)
            if severity is not None:
                yield Finding(
                    self.id,
                    severity,
                    Confidence.HIGH,
                    Subject(SubjectKind(kind), name),
                    self._message(some),
                    {"accounts": _count(*(row for row in some if _severity(row) is not None))},
                    Places(_PLACES[kind], {**given, kind: name}),
                )

    def _message(self, rows: tuple[Mapping[str, Any], ...]) -> str:
        weak = [row for row in rows if row["weakness"] in _WORDS]
        texts = []
        if weak:
            kinds: Counter[str] = Counter()
            for row in weak:
                kinds[row["scheme"] + _WORDS[row["weakness"]]] += row["accounts"]
            said = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
            locked = _count(*(row for row in weak if row["locked"]))
            texts.append(
                f"{_accounts(_count(*weak))} a weak password hash ({said})"
                + (f", {locked:,} of them locked" if locked else "")
            )
            changed: list[datetime] = [row["changed_at"] for row in weak if row["changed_at"] is not None]
            if changed:
                texts.append(f"the oldest of these was set on {min(changed):%Y-%m-%d}")
        if empty := _count(*(row for row in rows if row["weakness"] == _EMPTY)):
            texts.append(f"{_accounts(empty)} an empty password")
        if old := _count(*(row for row in rows if row["old"])):
            texts.append(f"{_accounts(old)} a password older than {counted(self.max_age_days, 'day')}")
        if unknown := _count(*(row for row in rows if row["weakness"] == _UNKNOWN)):
            texts.append(f"{_accounts(unknown)} a hash of unknown worth")
        return "; ".join(texts)


def _severity(row: Mapping[str, Any]) -> Severity | None:
    """How bad the accounts of this row are."""
    match row["weakness"], row["locked"]:
        case (word, False) if word == _BROKEN:
            return Severity.HIGH
        case (word, locked) if word == _EMPTY or (word == _BROKEN and locked) or (word == _CHEAP and not locked):
            return Severity.MEDIUM
        case (word, _) if word == _CHEAP or row["old"]:
            return Severity.LOW
    return None


def _count(*rows: Mapping[str, Any]) -> int:
    return sum(row["accounts"] for row in rows)


def _accounts(number: int) -> str:
    return f"{counted(number, 'account')} {'has' if number == 1 else 'have'}"

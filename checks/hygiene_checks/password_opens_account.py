"""Check: accounts to which an entry of a password list leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import (
    Check,
    Confidence,
    Finding,
    Fleet,
    Places,
    Severity,
    Share,
    Subject,
    SubjectKind,
    account_subject,
    counted,
)

# What an entry is worth: 0 it opens the hash, 1 a password alone enters, 2 so perhaps, 3 beside a second factor, or
# while its server is away, 4 so perhaps. PAM may ask for a password behind keyboard-interactive.
_TIED: Final = """
WITH entered AS (
    SELECT host, account, min(CASE
        WHEN verdict = 'one' AND condition IS NULL AND kinds = ['password'] THEN 1
        WHEN verdict = 'unknown' AND regexp_matches(
            methods || ' ', '(^| )(password|keyboard-interactive)(,(password|keyboard-interactive))* '
        ) THEN 2
        WHEN verdict <> 'unknown' AND list_contains(kinds, 'password') THEN 3
        WHEN verdict = 'unknown' AND regexp_matches(methods, 'password|keyboard-interactive') THEN 4
    END) AS way
    FROM login_paths GROUP BY host, account
), known AS (
    SELECT host, account, bool_or(root_by IN ('uid0', 'sudo')) AS root, bool_or(root_by = 'unknown') AS unsure,
        bool_or(state IN ('locked', 'expired')) AS shut
    FROM accounts GROUP BY host, account
), climbing AS (
    SELECT DISTINCT host, account FROM root_paths
    WHERE verdict = 'one' AND condition IS NULL AND kinds = ['password']
), handed AS (
    SELECT coalesce(h.host, h.list) AS host, h.account, bool_or(h.state = 'set') AS usable,
        -- elsewhere a name says nothing: root of a web server's password file is nobody
        bool_or(h.account = 'root' AND l.format IN ('shadow', 'master.passwd', 'passwd')) AS root
    FROM list_hashes AS h LEFT JOIN password_lists AS l USING (list) GROUP BY ALL
), tied AS (
    SELECT t.list, t.row, t.sheet, t.host, t.account, t.tie,
        CASE WHEN contains(t.host, ':') THEN '[' || t.host || ']:' || t.account ELSE t.host || ':' || t.account END
            AS subject,
        CASE WHEN t.tie = 'name' THEN e.way WHEN coalesce(h.usable, true) AND NOT coalesce(k.shut, false) THEN 0 END
            AS way,
        coalesce(k.root, h.root, false) OR c.host IS NOT NULL AS root, coalesce(k.unsure, false) AS unsure
    FROM entry_accounts AS t
    LEFT JOIN entered AS e ON e.host = t.host AND e.account = t.account
    LEFT JOIN known AS k ON k.host = t.host AND k.account = t.account
    LEFT JOIN climbing AS c ON c.host = t.host AND c.account = t.account
    LEFT JOIN handed AS h ON h.host = t.host AND h.account = t.account
), found AS (
    SELECT list, row, sheet, host, account, subject, min(way) AS way, bool_or(root) AS root, bool_or(unsure) AS unsure
    FROM tied WHERE way IS NOT NULL GROUP BY ALL
)
"""
_ENTRIES: Final = """
FROM found AS l JOIN password_entries AS p
    ON p.list = l.list AND p.row = l.row AND p.sheet IS NOT DISTINCT FROM l.sheet
"""
_ACCOUNTS: Final = (
    _TIED
    + f"""
SELECT l.host, l.account, min(l.way) AS way, bool_or(l.root) AS root, bool_or(l.unsure) AS unsure,
    count(DISTINCT (l.list, l.row, l.sheet)) AS entries,
    count(DISTINCT (l.list, l.row, l.sheet)) FILTER (l.way = 0) AS opening,
    count(*) FILTER (p.length_band = '<8') AS short, count(*) FILTER (p.score <= 1) AS easy,
    count(*) FILTER (p.breached = 'yes') AS breached, count(*) FILTER (list_contains(p.reasons, 'default')) AS vendors,
    count(*) FILTER (p.group_size > 1) AS shared,
    coalesce(list(DISTINCT l.list ORDER BY l.list) FILTER (l.way = 0), []) AS opened_by,
    coalesce(list(DISTINCT l.list ORDER BY l.list) FILTER (l.way = 1), []) AS entered_by
{_ENTRIES} GROUP BY l.host, l.account ORDER BY l.host, l.account
"""
)
_PLACES: Final = (
    _TIED
    + f"""
SELECT l.subject, p.list, p.row, p.sheet, p.account, p.system, p.tenant,
    CASE WHEN l.way = 0 THEN 'opens the hash' ELSE 'names the account' END AS tie, p.length_band, p.score
{_ENTRIES} WHERE l.subject = $subject ORDER BY list, row, sheet, score
"""
)
_ALONE: Final = ", which a password alone enters"
_WAYS: Final = (
    ("", Confidence.HIGH),
    (_ALONE, Confidence.MEDIUM),
    (", which a password alone may enter (not proven)", Confidence.LOW),
    (", which a password enters with a second factor beside it", Confidence.MEDIUM),
    (", which a password may enter with a second factor beside it (not proven)", Confidence.LOW),
)
_BESIDE: Final = 3


@dataclass(frozen=True, slots=True)
class PasswordOpensAccount(Check):
    """A password list leads into an account of a host.

    ## What it looks for

    Entries of password lists that belong to an account, in one of two ways. By name: the entry names the host and the
    user, and sshd and PAM let the account in with a password. By hash: the password was tried on a hash that was handed
    in (`--match`) and opens it. It is critical when the account is root: uid 0, everything as root through sudo
    without a password, or through sudo with the same password; high otherwise. Where a second factor is asked for
    beside the password, or the password is enough only while the server of a token cannot be reached, it is medium.

    An account that passwords do not enter is none: locked, expired, without a password, or keys alone are accepted.
    Nor is a hash that is locked.

    ## Why it matters

    The list is then worth the account: whoever has read it is in. What the message says of the passwords (short, easy
    to guess, known from breaches) tells how many need not even read it.

    ## Example

        accounts: host=web1 account=root root_by=uid0
        login_paths: host=web1 account=root methods=password kinds=password
        password_entries: list=hosts.csv row=2 account=root system=web1 length_band=<8 score=1 group_size=3
        entry_accounts: list=hosts.csv row=2 host=web1 account=root tie=name
        finds: critical web1:root entries=1
            1 entry of password lists is for web1:root, which a password alone enters; 1 is shorter than 8 characters,
            1 easy to guess, 1 used elsewhere too

        accounts: host=web1 account=test state=locked password_state=locked
        password_entries: list=hosts.csv row=3 account=test system=web1 length_band=<8 score=1
        entry_accounts: list=hosts.csv row=3 host=web1 account=test tie=name
        finds: nothing

        list_hashes: list=shadow host=db1 account=anna
        password_entries: list=hosts.csv row=4 account=anna
        entry_accounts: list=hosts.csv row=4 host=db1 account=anna tie=hash
        finds: high db1:anna entries=1
            1 entry of password lists is for db1:anna; 1 opens its hash

    ## What to do

    Change the password, first where it is short, guessed or known. Switch passwords off for SSH
    (`PasswordAuthentication no` and `KbdInteractiveAuthentication no` in sshd_config) or ask for a second factor with
    them, and take the account out of lists that people pass around.

    ## Limits

    - A tie by name says what the list says: whether the password is still the right one is not tried.
    - A host is recognised by its name or address in the inventory; where two hosts or two accounts fit, or the customer
      is another, there is no tie. docs/password-lists.md has the rules.
    - Of a row with several passwords, or several versions of one, all count.
    - A hash says nothing of the way in: it opens the account on the console and for su(1) as well, so such a finding
      does not need a login path. Where neither the host nor the kind of file tells, only `root` of files of accounts
      is taken for root.
    - Accounts with an empty password are reported by `empty-password-login`.

    ## References

    - sshd_config(5): PasswordAuthentication, KbdInteractiveAuthentication, AuthenticationMethods
    - crypt(5), shadow(5)
    """

    id: ClassVar[str] = "password-opens-account"
    title: ClassVar[str] = "A password list leads into an account"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.ACCOUNT
    needs: ClassVar[frozenset[str]] = frozenset({"entry_accounts", "password_entries"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(6)", "BSI ORP.4.A8", "PCI DSS 4.0.1 8.3.2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each account."""
        for host, account, way, root, unsure, entries, opening, *weak, opened_by, entered_by in fleet.query(_ACCOUNTS):
            subject = account_subject(host, account)
            means, confidence = _WAYS[way]
            name = subject
            if way < _BESIDE and root and account != "root":
                name += " (root)"
            elif way < _BESIDE and unsure and not root:
                name += " (perhaps root by sudo, not proven)"
            message = f"{counted(entries, 'entry', 'entries')} of password lists {_be(entries)} for {name}{means}"
            told = ", ".join(_told(opening, weak))
            severity = Severity.MEDIUM if way >= _BESIDE else Severity.CRITICAL if root else Severity.HIGH
            yield Finding(
                self.id,
                severity,
                confidence,
                Subject(SubjectKind.ACCOUNT, subject),
                f"{message}; {told}" if told else message,
                {"entries": entries},
                Places(_PLACES, {"subject": subject}),
                tuple(_shares(opened_by, entered_by, ("root on ", "host", host) if root else ("", "account", subject))),
            )


def _shares(opened_by: list[str], entered_by: list[str], what: tuple[str, str, str]) -> Iterator[Share]:
    """What each list comes to with all the accounts that it leads to."""
    of, noun, unit = what
    for name in opened_by:
        yield Share(f"{name} opens {of}", noun, "", unit, proven=True)
    for name in entered_by:
        if name not in opened_by:
            yield Share(f"{name} holds passwords for {of}", noun, _ALONE, unit, proven=False)


def _told(opening: int, weak: list[int]) -> Iterator[str]:
    """How many of the entries open a hash, and how good they are; the verb stands with the first alone."""
    if opening:
        yield f"{opening:,} {'opens' if opening == 1 else 'open'} its hash"
    words = ("shorter than 8 characters", "easy to guess", "known from breaches", "a vendor's default")
    first = True
    for number, word in zip(weak, (*words, "used elsewhere too"), strict=True):
        if number:
            yield f"{number:,} {_be(number)} {word}" if first else f"{number:,} {word}"
            first = False


def _be(number: int) -> str:
    return "is" if number == 1 else "are"

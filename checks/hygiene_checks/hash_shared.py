"""Check: one password hash for several accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from hygiene.api import (
    UNSALTED_HASHES,
    Check,
    Confidence,
    Finding,
    Fleet,
    Places,
    Severity,
    Subject,
    SubjectKind,
    counted,
)

# Only digests of one key can be equal for equal hashes. A file that is said to be of a host that was read too tells of
# the same account once more; a line without an account is a thing of its own.
_SHARED: Final = """
WITH held AS (
    SELECT host, NULL AS list, NULL AS row, account, scheme, cost, state, digest_key, digest
    FROM host_hashes WHERE digest IS NOT NULL
    UNION ALL BY NAME
    SELECT host, list, row, account, scheme, cost, state, digest_key, digest
    FROM list_hashes WHERE digest IS NOT NULL
), things AS (
    SELECT *, (host IS NULL, coalesce(host, list)) AS place,
        (host IS NULL, coalesce(host, list), coalesce(account, list || ' ' || row)) AS thing
    FROM held
    QUALIFY row_number() OVER (PARTITION BY thing, digest_key, digest ORDER BY list NULLS FIRST, row) = 1
), copies AS (
    SELECT digest_key, digest, count(*) AS size, min(thing) AS first FROM things
    GROUP BY digest_key, digest HAVING count(*) >= 2
), numbered AS (
    SELECT digest_key, digest, size, row_number() OVER (ORDER BY size DESC, first, digest_key) AS number FROM copies
), shared AS (
    SELECT things.*, size, number, uid, coalesce(uid = 0, account = 'root') AS root
    FROM things JOIN numbered USING (digest_key, digest) LEFT JOIN (SELECT host, account, uid FROM accounts)
        USING (host, account)
), named AS (
    SELECT DISTINCT coalesce(account, list) AS subject, account IS NULL AS unnamed, number FROM shared
)
"""
_SUBJECTS: Final = (
    _SHARED  # noqa: S608  both parts are ours
    + """
, roots AS (
    SELECT number, account AS subject, count(DISTINCT place) AS hosts FROM shared
    WHERE root AND state = 'set' GROUP BY number, account
)
SELECT subject, unnamed, count(DISTINCT number) AS hashes, count(*) AS accounts,
    count(DISTINCT place) FILTER (host IS NOT NULL) AS hosts, count(DISTINCT place) FILTER (host IS NULL) AS lists,
    max(size) AS largest, count(*) FILTER (account IS DISTINCT FROM subject AND NOT unnamed) AS others,
    count(*) FILTER (state <> 'set') AS locked, bool_and(scheme IN (SELECT unnest($unsalted::VARCHAR[]))) AS unsalted,
    coalesce(max(roots.hosts), 0) AS root_hosts
FROM named JOIN shared USING (number) LEFT JOIN roots USING (number, subject)
GROUP BY subject, unnamed ORDER BY subject, unnamed
"""
)
_PLACES: Final = (
    _SHARED
    + """
SELECT subject, host, list, row, account, uid, scheme, cost, state, number AS hash, size AS accounts
FROM named JOIN shared USING (number) WHERE subject = $subject AND unnamed = $nobody
ORDER BY hash, host, list, row, account
"""
)


@dataclass(frozen=True, slots=True)
class HashShared(Check):
    """One password hash stands for several accounts.

    ## What it looks for

    Hash strings that are equal over the accounts of all hosts, and of the files of hashes handed in. The subject is the
    name of the account; accounts of other names that have the same hash stand among its places, those of the same host
    too. It is high, critical where the hash is that of root (uid 0) on several hosts, and medium where at most one of
    the accounts is not locked.

    ## Why it matters

    A hash has a salt, so equal passwords give different hashes. Equal ones were copied: by a cloned machine, an image
    with a password in it, a script that writes the same line everywhere. The password behind it, guessed or learned
    once, opens all of these accounts, and nobody has to crack anything to know that. Schemes without a salt (NT) are
    equal wherever the passwords are.

    ## Example

        host_hashes: host=web{1..3} account=root digest=0a1b digest_key=77
        host_hashes: host=web4 account=root digest=2c3d digest_key=77
        finds: critical root accounts=3 hosts=3 3 accounts on 3 of 4 hosts have one password hash: it was copied

        host_hashes: host=web1 account=root digest=0a1b digest_key=77
        host_hashes: host=web2 account=root digest=2c3d digest_key=77
        finds: nothing

    ## What to do

    Give each of these accounts a password of its own, first root's; better, lock it (`passwd -l root`) and go in by key
    and sudo. Take passwords out of images and installation files, so that new machines do not bring it back.

    ## Limits

    - A host gives a digest of each hash, made with the key of the run, and only digests of one key can be compared:
      hosts that were read with another key, or whose collector makes none, are gaps.
    - Equal passwords with different salts are not seen here; `password-reused` sees them in a list.
    - A file of hashes that is not said to be a host's (`--hashes HOST=FILE`) counts as a place of its own, also when
      that host was read too.

    ## References

    - crypt(5), shadow(5)
    - NIST SP 800-53 r5 IA-5(8), multiple system accounts
    """

    id: ClassVar[str] = "hash-shared"
    title: ClassVar[str] = "One password hash for several accounts"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.ACCOUNT
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-5(8)",
        "BSI ORP.4.A8",
        "CIS Controls 8.1 5.2",
        "PCI DSS 4.0.1 8.2.2",
    )

    min_hosts: int = field(default=2, metadata={"doc": "hosts of one root hash from which it is critical", "min": 2})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each name of an account, and one for each list with lines that name none."""
        total = fleet.hosts_total()
        for row in fleet.named(_SUBJECTS, {"unsalted": sorted(UNSALTED_HASHES)}):
            yield Finding(
                self.id,
                self._severity(row),
                Confidence.HIGH,
                Subject(SubjectKind.LIST if row["unnamed"] else SubjectKind.ACCOUNT, row["subject"]),
                _message(row, total),
                {"hosts": row["hosts"] + row["lists"], "accounts": row["accounts"]},
                Places(_PLACES, {"subject": row["subject"], "nobody": row["unnamed"]}),
            )

    def _severity(self, row: Mapping[str, Any]) -> Severity:
        if row["root_hosts"] >= self.min_hosts:
            return Severity.CRITICAL
        return Severity.HIGH if row["accounts"] - row["locked"] >= 2 else Severity.MEDIUM


def _message(row: Mapping[str, Any], total: int) -> str:
    hosts, lists, hashes = row["hosts"], row["lists"], row["hashes"]
    where = f"on {hosts:,} of {counted(total, 'host')}" if hosts else ""
    if lists:
        where += f"{' and ' if where else ''}in {counted(lists, 'list')}"
    message = f"{row['accounts']:,} accounts {where} have "
    message += "one password hash" if hashes == 1 else f"{hashes:,} password hashes between them"
    if hashes > 1:
        message += f", {row['largest']:,} of them the same one"
    message += (
        ": equal passwords without a salt" if row["unsalted"] else ": it was copied" if hashes == 1 else ": copied"
    )
    if row["others"]:
        message += f"; {row['others']:,} of them under another name"
    if row["locked"]:
        message += f"; {row['locked']:,} of them locked"
    return message

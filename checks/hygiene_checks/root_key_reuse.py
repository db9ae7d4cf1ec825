"""Check: one key opens root on many hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import certainty, graded, unproven

_KEYS: Final = """
WITH by_host AS (
    SELECT fingerprint, host, any_value(tenant) AS tenant, bool_or(NOT restricted) AS free,
        bool_or(root_proven AND NOT restricted) AS proven
    FROM openings WHERE root AND NOT is_authority AND NOT auditor
    GROUP BY fingerprint, host
)
SELECT fingerprint, count(*) FILTER (free) AS hosts, count(*) FILTER (proven) AS proven,
    count(DISTINCT tenant) FILTER (free) AS tenants, count(*) FILTER (NOT free) AS restricted
FROM by_host GROUP BY fingerprint HAVING count(*) FILTER (free) >= $least ORDER BY fingerprint
"""
_PLACES: Final = """
SELECT fingerprint, host, tenant, account, file, line, daemon, root_proven AS proven
FROM openings
WHERE fingerprint = $fingerprint AND root AND NOT restricted AND NOT is_authority AND NOT auditor
ORDER BY host, account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class RootKeyReuse(Check):
    """One key opens root on several hosts.

    ## What it looks for

    Keys that open an unrestricted root on more than one host: a grant for an account with uid 0, or for one that
    may do everything as root through sudo without a password. Hosts are counted, not lines. A grant that is limited
    by `from=` is told beside and not counted; one with a forced command does not open root.

    A grant counts when sshd accepts it, and also when that, or what the account may do as root, could not be
    established: what is not known is not clean. The message says how many hosts are not proven, and the confidence
    is medium when these decide the severity.

    ## Why it matters

    Whoever gets the private half of this key, from a laptop, a backup or a build server, is root on all of these
    hosts at once. The more hosts one key opens, the more it is worth stealing, and the harder it is to take back.

    ## Example

        grants: host=web{1..10} account=root fingerprint=SHA256:ops opens_root=yes
        grants: host=db1 account=root fingerprint=SHA256:ops opens_root=yes restricted=yes from_patterns=10.0.0.1
        finds: high SHA256:ops root_hosts=10 1 key opens root on 10 of 11 hosts; limited by from= on 1 more

        grants: host=web{1..10} account=root fingerprint=SHA256:backup opens_root=no restricted=yes command=/bin/backup
        finds: nothing

    ## What to do

    Give each person and each job a key of its own, and take this one out of the files that are listed. What must
    reach many hosts as root should do so through one guarded host: limit the key with `from="ADDRESS"` to it, and
    with `restrict` and a forced command (`command="..."`) to what it is for. A certificate authority that signs for
    hours is the better tool where people need root on many hosts.

    ## Limits

    - Host names are counted: one machine in the inventory under two names counts twice.
    - Two different keys that lie in one place are two subjects, although they are stolen together.
    - Authorities (`cert-authority`, `TrustedUserCAKeys`) and the auditor's own key are judged by checks of their
      own.
    - A grant through a program (`AuthorizedKeysCommand`) is a gap, not a grant: such a key is not seen here.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `from`, `restrict`, `command`
    - NIST IR 7966, Security of Interactive and Automated Access Management Using Secure Shell (SSH)
    """

    id: ClassVar[str] = "root-key-reuse"
    title: ClassVar[str] = "One key opens root on several hosts"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-6(9)",
        "NIST SP 800-53 r5 IA-5(8)",
        "BSI ORP.4.A2",
        "PCI DSS 4.0.1 8.3.11",
    )

    medium: int = field(default=2, metadata={"doc": "hosts from which it is medium", "min": 1})
    high: int = field(default=10, metadata={"doc": "hosts from which it is high", "min": 1})
    critical: int = field(default=100, metadata={"doc": "hosts from which it is critical", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        steps = ((Severity.MEDIUM, self.medium), (Severity.HIGH, self.high), (Severity.CRITICAL, self.critical))
        of_hosts = counted(fleet.hosts_total(), "host")
        least = min(count for _, count in steps)
        for fingerprint, hosts, proven, tenants, restricted in fleet.query(_KEYS, {"least": least}):
            severity = graded(hosts, steps)
            if severity is None:
                continue
            message = f"1 key opens root on {hosts:,} of {of_hosts}{unproven(hosts - proven)}"
            if tenants:
                message += f", {counted(tenants, 'tenant')}"
            if restricted:
                message += f"; limited by from= on {restricted:,} more"
            yield Finding(
                self.id,
                severity,
                certainty(severity, graded(proven, steps)),
                Subject(SubjectKind.KEY, fingerprint),
                message,
                {"root_hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

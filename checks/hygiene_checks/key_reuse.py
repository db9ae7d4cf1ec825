"""Check: one key opens accounts on many hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import certainty, graded, unproven

_KEYS: Final = """
WITH by_account AS (
    SELECT fingerprint, host, account, bool_or(proven) AS proven, bool_or(root AND NOT restricted) AS root
    FROM openings WHERE NOT is_authority AND NOT auditor
    GROUP BY fingerprint, host, account
), by_host AS (
    SELECT fingerprint, host, count(*) AS accounts, bool_or(proven) AS proven, bool_or(root) AS root
    FROM by_account GROUP BY fingerprint, host
)
SELECT fingerprint, count(*) AS hosts, count(*) FILTER (proven) AS proven, sum(accounts)::BIGINT AS accounts
FROM by_host GROUP BY fingerprint
HAVING count(*) >= $least AND count(*) FILTER (root) < $root_hosts
ORDER BY fingerprint
"""
_PLACES: Final = """
SELECT fingerprint, host, tenant, account, file, line, daemon, restricted, proven
FROM openings WHERE fingerprint = $fingerprint AND NOT is_authority AND NOT auditor
ORDER BY host, account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class KeyReuse(Check):
    """One key opens accounts on several hosts.

    ## What it looks for

    Keys with which one gets into any account on more than one host, restricted or not. Hosts are counted, not
    lines. Where `root-key-reuse` speaks about the same key, this check is silent: one fact, one check.

    A grant counts when sshd accepts it, and also when that could not be established; the message says how many
    hosts are not proven, and the confidence is medium when these decide the severity.

    ## Why it matters

    The reach of a stolen key is the number of hosts that take it. An account without root rights is where an attack
    begins: it reads what lies there, finds the next key, and waits for the next flaw of the kernel.

    ## Example

        grants: host=web{1..3} account=deploy fingerprint=SHA256:deploy
        finds: low SHA256:deploy hosts=3 accounts=3 1 key opens 3 accounts on 3 of 3 hosts

        grants: host=web{1..3} account=deploy fingerprint=SHA256:deploy accepted=no
        finds: nothing

    ## What to do

    Give each person and each job a key of its own, and each group of hosts that belongs together a key of its own
    for a job. Limit keys of jobs with `from="ADDRESS"` and `restrict`. Take the key out of the files where nobody
    needs it.

    ## Limits

    - Host names are counted: one machine in the inventory under two names counts twice.
    - `root_hosts` repeats the first threshold of `root-key-reuse`; a policy that changes one changes both. It is
      silent for these keys also where the policy ignores `root-key-reuse`.
    - A person's own key on many hosts is reported too: the list does not say whose key it is.
    - Authorities and the auditor's own key are judged by checks of their own.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT
    - NIST IR 7966, Security of Interactive and Automated Access Management Using Secure Shell (SSH)
    """

    id: ClassVar[str] = "key-reuse"
    title: ClassVar[str] = "One key opens accounts on several hosts"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(8)", "BSI ORP.4.A1", "PCI DSS 4.0.1 8.3.11")

    low: int = field(default=2, metadata={"doc": "hosts from which it is low", "min": 1})
    medium: int = field(default=50, metadata={"doc": "hosts from which it is medium", "min": 1})
    root_hosts: int = field(
        default=2, metadata={"doc": "root hosts from which `root-key-reuse` speaks instead", "min": 1}
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        steps = ((Severity.LOW, self.low), (Severity.MEDIUM, self.medium))
        of_hosts = counted(fleet.hosts_total(), "host")
        asked = {"least": min(self.low, self.medium), "root_hosts": self.root_hosts}
        for fingerprint, hosts, proven, accounts in fleet.query(_KEYS, asked):
            severity = graded(hosts, steps)
            if severity is None:
                continue
            yield Finding(
                self.id,
                severity,
                certainty(severity, graded(proven, steps)),
                Subject(SubjectKind.KEY, fingerprint),
                f"1 key opens {counted(accounts, 'account')} on {hosts:,} of {of_hosts}{unproven(hosts - proven)}",
                {"hosts": hosts, "accounts": accounts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

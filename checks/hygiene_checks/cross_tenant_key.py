"""Check: one key opens accounts of several tenants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import certainty, graded, unproven

_KEYS: Final = """
WITH by_host AS (
    SELECT fingerprint, host, any_value(tenant) AS tenant, bool_or(proven) AS proven,
        bool_or(root AND NOT restricted) AS root, bool_or(root_proven AND NOT restricted) AS root_proven
    FROM openings WHERE tenant IS NOT NULL AND NOT is_authority AND NOT auditor
    GROUP BY fingerprint, host
), by_tenant AS (
    SELECT fingerprint, tenant, count(*) AS hosts, bool_or(proven) AS proven, bool_or(root) AS root,
        bool_or(root_proven) AS root_proven
    FROM by_host GROUP BY fingerprint, tenant
)
SELECT fingerprint, count(*) AS tenants, count(*) FILTER (proven) AS proven, count(*) FILTER (root) AS root,
    count(*) FILTER (root_proven) AS root_proven, sum(hosts)::BIGINT AS hosts
FROM by_tenant GROUP BY fingerprint HAVING count(*) >= $least ORDER BY fingerprint
"""
_PLACES: Final = """
SELECT fingerprint, host, tenant, account, file, line, daemon, restricted, root, proven
FROM openings WHERE fingerprint = $fingerprint AND tenant IS NOT NULL AND NOT is_authority AND NOT auditor
ORDER BY tenant, host, account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class CrossTenantKey(Check):
    """One key opens accounts of several tenants.

    ## What it looks for

    Keys with which one gets into any account on hosts of more than one tenant, as the inventory names them,
    restricted or not. It is critical when the key opens an unrestricted root (uid 0, or sudo for everything without
    a password) in several of them.

    A grant counts when sshd accepts it, and also when that, or what the account may do as root, could not be
    established; the message says how many tenants are not proven, and the confidence is medium when these decide
    the severity.

    ## Why it matters

    Tenants are promised to be apart. A key that opens several of them ties their fates together: what is stolen at
    one opens the others, and one customer's incident has to be told to all.

    ## Example

        hosts: host=a1 tenant=acme
        hosts: host=b1 tenant=bravo
        grants: host=a1 account=deploy fingerprint=SHA256:deploy
        grants: host=b1 account=deploy fingerprint=SHA256:deploy
        finds: high SHA256:deploy tenants=2 1 key opens accounts of 2 tenants, on 2 hosts

        hosts: host=a1 tenant=acme
        hosts: host=a2 tenant=acme
        grants: host=a1 account=deploy fingerprint=SHA256:deploy
        grants: host=a2 account=deploy fingerprint=SHA256:deploy
        finds: nothing

    ## What to do

    Give each tenant keys of its own, and take this one out of the files of all tenants but one. Where one team
    looks after many tenants, let it enter through a guarded host with a short-lived certificate for one tenant at a
    time.

    ## Limits

    - Only hosts that the inventory gives a tenant are looked at (`tenant=X`, `hygiene_tenant`, the column
      `tenant`).
    - Keys of the provider that are on purpose on all tenants' hosts are reported too: that is what they are.
    - Authorities and the auditor's own key are judged by checks of their own.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT
    """

    id: ClassVar[str] = "cross-tenant-key"
    title: ClassVar[str] = "One key opens accounts of several tenants"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(8)", "NIST SP 800-53 r5 AC-6", "BSI ORP.4.A2")

    high: int = field(default=2, metadata={"doc": "tenants from which it is high", "min": 2})
    critical: int = field(default=2, metadata={"doc": "tenants with root from which it is critical", "min": 2})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        least = min(self.high, self.critical)
        for fingerprint, tenants, proven, root, root_proven, hosts in fleet.query(_KEYS, {"least": least}):
            severity = self._severity(tenants, root)
            if severity is None:
                continue
            message = f"1 key opens accounts of {counted(tenants, 'tenant')}{unproven(tenants - proven)}"
            if root:
                message += f", root in {root:,} of them{unproven(root - root_proven)}"
            yield Finding(
                self.id,
                severity,
                certainty(severity, self._severity(proven, root_proven)),
                Subject(SubjectKind.KEY, fingerprint),
                f"{message}, on {counted(hosts, 'host')}",
                {"tenants": tenants},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

    def _severity(self, tenants: int, root: int) -> Severity | None:
        return graded(root, ((Severity.CRITICAL, self.critical),)) or graded(tenants, ((Severity.HIGH, self.high),))

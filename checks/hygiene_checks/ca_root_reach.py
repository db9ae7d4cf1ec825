"""Check: an authority that can sign for root on many hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import certainty, graded, unproven

# an authority is `bare` for an account where a certificate needs no name but that of the account
_ROOTS: Final = """
WITH roots AS (
    SELECT fingerprint, host, account, file, line, daemon, principals, restricted,
        coalesce(list_contains(principals, account), true) AS bare,
        accepted = 'yes' AND opens_root = 'yes' AS proven
    FROM grants WHERE is_authority AND accepted <> 'no' AND opens_root <> 'no' AND fingerprint IS NOT NULL
)
"""
_KEYS: Final = (
    _ROOTS  # noqa: S608  both parts are ours
    + """
, by_host AS (
    SELECT fingerprint, host, bool_or(NOT restricted) AS free, bool_or(NOT restricted AND proven) AS proven,
        bool_or(NOT restricted AND bare) AS bare, bool_or(NOT restricted AND bare AND proven) AS bare_proven
    FROM roots GROUP BY fingerprint, host
)
SELECT fingerprint, count(*) FILTER (free) AS hosts, count(*) FILTER (proven) AS proven,
    count(*) FILTER (bare) AS bare, count(*) FILTER (bare_proven) AS bare_proven,
    count(*) FILTER (NOT free) AS restricted
FROM by_host GROUP BY fingerprint ORDER BY fingerprint
"""
)
_PLACES: Final = (
    _ROOTS
    + """
SELECT fingerprint, host, h.tenant, account, file, line, daemon, principals, proven
FROM roots LEFT JOIN hosts AS h USING (host)
WHERE fingerprint = $fingerprint AND NOT restricted ORDER BY host, account, file, line, daemon
"""
)


@dataclass(frozen=True, slots=True)
class CaRootReach(Check):
    """One certificate authority can sign for root on several hosts.

    ## What it looks for

    Authorities whose certificates open root (an account with uid 0, or one that may do everything as root through
    sudo without a password), from `TrustedUserCAKeys` or from a line with `cert-authority`. Hosts are counted. A
    line that is limited by `from=` is told beside and not counted; one with a forced command does not open root.

    It is high where the authority is trusted without principals of its own: neither `principals="..."` in the line
    nor `AuthorizedPrincipalsFile` asks for a name that only certificates for this purpose hold. Then every
    certificate that names the account, `root`, is enough, and one that was signed for one host opens them all. A
    list of principals that holds the account's own name is the same.

    An authority counts when sshd takes its certificates, and also when that, or what the account may do as root,
    could not be established. The message says how many hosts are not proven, and the confidence is medium when
    these decide the severity.

    ## Why it matters

    Who has the authority's private key, or can make it sign, is root on all of these hosts, with certificates that
    no list shows. Principals for each group of hosts keep a certificate to what it was meant for.

    ## Example

        grants: host=web{1..3} account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes
            file=/etc/ssh/ca.pub
        finds: high SHA256:ca root_hosts=3
            1 authority can sign for root on 3 of 3 hosts; on 3 of them the account's name in the certificate is enough

        grants: host=web{1..3} account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes
            file=/etc/ssh/ca.pub principals=root-web
        finds: medium SHA256:ca root_hosts=3 1 authority can sign for root on 3 of 3 hosts

        grants: host=web1 account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes
        finds: nothing

    ## What to do

    Keep the authority's private key in hardware or in a signing service that asks who wants what, signs for hours,
    and writes down what it signed. Set `AuthorizedPrincipalsFile /etc/ssh/principals/%u` and name in it, for root,
    principals that stand for a group of hosts (`root-web`), not the account. Better still, sign for people's own
    accounts only and let them go on with sudo.

    ## Limits

    - Which certificates an authority has signed, and for how long, is not seen on the hosts.
    - Host names are counted: one machine in the inventory under two names counts twice.
    - What `AuthorizedPrincipalsCommand` would say is not known; `dynamic-keys` reports it.
    - The auditor's own key is judged here like any other, where it is an authority.

    ## References

    - sshd_config(5): TrustedUserCAKeys, AuthorizedPrincipalsFile
    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `cert-authority`, `principals`
    - ssh-keygen(1), CERTIFICATES
    """

    id: ClassVar[str] = "ca-root-reach"
    title: ClassVar[str] = "One authority can sign for root on several hosts"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-6",
        "NIST SP 800-53 r5 AC-6(2)",
        "BSI ORP.4.A2",
        "PCI DSS 4.0.1 8.6.1",
    )

    medium: int = field(default=2, metadata={"doc": "hosts from which it is medium", "min": 1})
    high: int = field(
        default=2, metadata={"doc": "hosts where the account's name is enough, from which it is high", "min": 1}
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each authority."""
        of_hosts = counted(fleet.hosts_total(), "host")
        for fingerprint, hosts, proven, bare, bare_proven, restricted in fleet.query(_KEYS):
            severity = self._graded(hosts, bare)
            if severity is None:
                continue
            message = f"1 authority can sign for root on {hosts:,} of {of_hosts}{unproven(hosts - proven)}"
            if bare:
                message += f"; on {bare:,} of them the account's name in the certificate is enough"
            if restricted:
                message += f"; limited by from= on {restricted:,} more"
            yield Finding(
                self.id,
                severity,
                certainty(severity, self._graded(proven, bare_proven)),
                Subject(SubjectKind.KEY, fingerprint),
                message,
                {"root_hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

    def _graded(self, hosts: int, bare: int) -> Severity | None:
        return graded(bare, ((Severity.HIGH, self.high),)) or graded(hosts, ((Severity.MEDIUM, self.medium),))

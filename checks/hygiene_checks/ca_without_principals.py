"""Check: certificates that name nobody open accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

# sshd(8): option names are case-insensitive. OpenSSH 10.3 refuses a certificate without principals
_LINES: Final = """
WITH releases AS (
    SELECT host, tenant, sshd_version,
        try_cast(regexp_extract(sshd_version, '^([0-9]+)[.]([0-9]+)', 1) AS BIGINT) AS major,
        try_cast(regexp_extract(sshd_version, '^([0-9]+)[.]([0-9]+)', 2) AS BIGINT) AS minor
    FROM hosts
), lines AS (
    SELECT fingerprint, host, tenant, account, file, line, daemon, restricted, sshd_version,
        accepted = 'yes' AND major IS NOT NULL AS proven
    FROM grants JOIN releases USING (host)
    WHERE is_authority AND accepted <> 'no' AND fingerprint IS NOT NULL
        AND list_contains(list_transform(options, lambda o: lower(o)), 'cert-authority')
        AND len(list_filter(options, lambda o: starts_with(lower(o), 'principals='))) = 0
        AND coalesce(major < 10 OR (major = 10 AND minor < 3), true)
)
"""
_KEYS: Final = (
    _LINES
    + """
SELECT fingerprint, count(DISTINCT host) AS hosts, count(DISTINCT host) FILTER (proven) AS proven,
    count(DISTINCT (host, account)) AS accounts
FROM lines GROUP BY fingerprint ORDER BY fingerprint
"""
)
_PLACES: Final = (
    _LINES
    + """
SELECT fingerprint, host, tenant, account, file, line, daemon, restricted, sshd_version, proven
FROM lines WHERE fingerprint = $fingerprint ORDER BY host, account, file, line, daemon
"""
)


@dataclass(frozen=True, slots=True)
class CaWithoutPrincipals(Check):
    """Certificates that name nobody open accounts.

    ## What it looks for

    Lines of authorized_keys with `cert-authority` and without `principals="..."`, on hosts whose OpenSSH is older
    than 10.3. There, a certificate whose list of principals is empty counts as one for everybody: it opens every
    account that has such a line. Authorities in `TrustedUserCAKeys` never worked like this.

    A line counts when sshd takes its certificates, and also when that, or the version of sshd, could not be
    established. The message says how many hosts are not proven.

    ## Why it matters

    `ssh-keygen -s` makes such a certificate when `-n` is forgotten, for a host or for a test, and it says nothing.
    Whoever holds it opens every one of these accounts, on every one of these hosts.

    ## Example

        hosts: host=web{1..2} sshd_version=9.2p1
        grants: host=web{1..2} account=root fingerprint=SHA256:ca is_authority=yes options=cert-authority
        finds: high SHA256:ca hosts=2 certificates of 1 authority that name nobody open 2 accounts on 2 of 2 hosts

        hosts: host=web1 sshd_version=10.3p1
        grants: host=web1 account=root fingerprint=SHA256:ca is_authority=yes options=cert-authority
        finds: nothing

    ## What to do

    Say in the line which names a certificate must hold (`cert-authority,principals="root-web"`), or trust the
    authority by `TrustedUserCAKeys` instead. Look through what the authority has signed for certificates without
    principals (`ssh-keygen -L -f CERTIFICATE` prints `(none)`), and revoke them (`RevokedKeys`).

    ## Limits

    - Whether such a certificate was ever signed is not seen on the hosts.
    - A vendor that brought the change of 10.3 to an older version is not known: its hosts are reported too.

    ## References

    - OpenSSH 10.3, release notes: certificates with an empty principals section
    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `cert-authority`, `principals`
    """

    id: ClassVar[str] = "ca-without-principals"
    title: ClassVar[str] = "Certificates that name nobody open accounts"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-6",
        "NIST SP 800-53 r5 IA-2",
        "BSI ORP.4.A2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each authority."""
        of_hosts = counted(fleet.hosts_total(), "host")
        for fingerprint, hosts, proven, accounts in fleet.query(_KEYS):
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.KEY, fingerprint),
                f"certificates of 1 authority that name nobody open {counted(accounts, 'account')} "
                f"on {hosts:,} of {of_hosts}{unproven(hosts - proven)}",
                {"hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

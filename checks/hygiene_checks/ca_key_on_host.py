"""Check: the private key of a user authority lies on a host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

# PROTOCOL.u2f: the file of an sk key holds a handle, the secret stays in the token
_LYING: Final = """
WITH authorities AS (
    SELECT fingerprint, count(DISTINCT host) AS hosts, count(DISTINCT host) FILTER (proven) AS proven
    FROM openings WHERE is_authority
        AND fingerprint NOT IN (SELECT fingerprint FROM keys WHERE starts_with(type, 'sk-'))
    GROUP BY fingerprint
), lying AS (
    SELECT host, account, path, kind, encrypted, mode, fingerprint, hosts AS trusted_by, proven
    FROM private_keys JOIN authorities USING (fingerprint)
)
"""
_HOSTS: Final = (
    _LYING
    + """
SELECT host, count(DISTINCT fingerprint) AS keys,
    max(trusted_by) AS widest, arg_max(proven, trusted_by) AS widest_proven,
    max(proven) > 0 AS proven, count(DISTINCT fingerprint) FILTER (encrypted = 'no') AS bare
FROM lying GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _LYING
    + """
SELECT host, h.tenant, account, path AS file, kind, encrypted, mode, fingerprint, trusted_by
FROM lying LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY file, kind, fingerprint
"""
)


@dataclass(frozen=True, slots=True)
class CaKeyOnHost(Check):
    """The private key of a user authority lies on a host.

    ## What it looks for

    Files with private keys whose public half is trusted, on any host that was scanned, as an authority that signs
    for users (`TrustedUserCAKeys`, `cert-authority`), with or without a passphrase. It counts when sshd takes the
    authority's certificates, and also when that could not be established. Authorities whose key is in a token
    (`sk-...`) have no secret in a file, and are none.

    ## Why it matters

    Who reads this file makes certificates for any account that trusts the authority, on all of these hosts, for as
    long as they like; no list shows them, and no log but that of the login. The host that signs is worth as much as
    all hosts together.

    ## Example

        private_keys: host=build1 account=ci path=/home/ci/ca fingerprint=SHA256:ca encrypted=no
        grants: host=web{1..3} account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes
        finds: critical build1 keys=1
            build1 holds the private key of 1 user authority that 3 hosts trust, without a passphrase

        private_keys: host=build1 account=ci path=/home/ci/ca fingerprint=SHA256:other encrypted=no
        grants: host=web{1..3} account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes
        finds: nothing

    ## What to do

    Take the key off the host. Make a new authority in hardware (a token, an HSM: `ssh-keygen -s` signs through
    PKCS#11 and through an agent), or in a signing service of its own; trust the new one on the hosts, then take the
    old one out everywhere and put it into `RevokedKeys`: a copy of it may lie in every backup. Where this host is
    the signing service, let nothing else run there.

    ## Limits

    - Only the places that the collector looks at: home folders, /root and /etc/ssh, not every file of the host.
    - Where a key's public half is not known (encrypted, in an old format, no .pub file), it is not recognised.
    - Authorities that sign for hosts (`@cert-authority` in known_hosts) are not known here.

    ## References

    - ssh-keygen(1), CERTIFICATES: -s, -D, -U
    - sshd_config(5): TrustedUserCAKeys, RevokedKeys
    """

    id: ClassVar[str] = "ca-key-on-host"
    title: ClassVar[str] = "A user authority's private key lies on a host"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 SC-12",
        "NIST SP 800-53 r5 IA-5(2)",
        "BSI CON.1.A4",
        "PCI DSS 4.0.1 8.6.2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, keys, widest, widest_proven, proven, bare in fleet.query(_HOSTS):
            trust = f"{counted(widest, 'host')}{unproven(widest - widest_proven)}"
            if keys == 1:
                message = f"{host} holds the private key of 1 user authority that {trust} "
                message += f"{'trusts' if widest == 1 else 'trust'}{', without a passphrase' if bare else ''}"
            else:
                message = f"{host} holds the private keys of {keys:,} user authorities, the widest trusted by {trust}"
                message += f"; {bare:,} of them without a passphrase" if bare else ""
            yield Finding(
                self.id,
                Severity.CRITICAL,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                message,
                {"keys": keys},
                Places(_PLACES, {"host": host}),
            )

"""Check: a key was revoked on some hosts and still opens others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

# a list of revoked keys may hold hashes that name no fingerprint: the lines that it killed tell these. Where the key
# is revoked, only a line that is proven to let in counts (the list may hold for some sources only).
_LEFT: Final = """
WITH revoked AS (
    SELECT fingerprint, host, daemon FROM revoked_keys
    UNION
    SELECT fingerprint, host, daemon FROM grants
    WHERE accepted = 'no' AND cause = 'revoked' AND fingerprint IS NOT NULL
), taken AS (
    SELECT * FROM openings AS o
    WHERE fingerprint IN (SELECT fingerprint FROM revoked)
        AND (proven OR NOT EXISTS (
            FROM revoked AS r WHERE r.fingerprint = o.fingerprint AND r.host = o.host AND r.daemon = o.daemon
        ))
)
"""
_KEYS: Final = (
    _LEFT  # noqa: S608  both parts are ours
    + """
SELECT fingerprint, count(*) AS hosts, count(*) FILTER (proven) AS proven, count(*) FILTER (root) AS root,
    any_value(revoking) AS revoking
FROM (
    SELECT fingerprint, host, bool_or(proven) AS proven, bool_or(root_proven) AS root FROM taken
    GROUP BY fingerprint, host
)
JOIN (SELECT fingerprint, count(DISTINCT host) AS revoking FROM revoked GROUP BY fingerprint) USING (fingerprint)
GROUP BY fingerprint ORDER BY fingerprint
"""
)
_PLACES: Final = (
    _LEFT
    + """
SELECT fingerprint, host, tenant, account, file, line, daemon, is_authority, root, proven
FROM taken WHERE fingerprint = $fingerprint
ORDER BY host, account, file, line, daemon
"""
)


@dataclass(frozen=True, slots=True)
class RevokedKeyAccepted(Check):
    """A key was revoked on some hosts and still opens others.

    ## What it looks for

    Keys and authorities that stand in the `RevokedKeys` of at least one host, or whose lines a list of revoked keys
    kills there, and that some other host, or another daemon of the same host, still takes. Hosts that take the key
    are counted, also where that could not be established; the message says how many are not proven, and on how many
    the key opens root.

    ## Why it matters

    A key is revoked because it was lost, stolen, or belongs to somebody who left. Each host that was forgotten is
    open to exactly those for whom the list was made.

    ## Example

        revoked_keys: host=web{1..2} fingerprint=SHA256:lost
        grants: host=web{1..2} account=root fingerprint=SHA256:lost accepted=no cause=revoked
        grants: host=db1 account=root fingerprint=SHA256:lost opens_root=yes
        finds: high SHA256:lost hosts=1
            1 key that is revoked on 2 hosts still opens accounts on 1 of 3 hosts, root on 1

        revoked_keys: host=web1 fingerprint=SHA256:lost
        grants: host=web1 account=root fingerprint=SHA256:lost accepted=no cause=revoked
        finds: nothing

    ## What to do

    Take the key out of all files that are listed, today, and bring the list of revoked keys to every host
    (`RevokedKeys FILE`, readable for sshd: without the file it refuses every key). Look through the logs of these
    hosts for logins with it since it was revoked.

    ## Limits

    - The word of one host is enough. Who has become root on it can name any key; ask who revoked this one.
    - Certificates that were revoked by serial number or name are not followed: the key of their authority is
      looked at, not what it signed.
    - Keys that a list of revoked keys names by a hash alone are known only where a line with them is seen.

    ## References

    - sshd_config(5): RevokedKeys
    - ssh-keygen(1), KEY REVOCATION LISTS
    """

    id: ClassVar[str] = "revoked-key-accepted"
    title: ClassVar[str] = "A revoked key still opens hosts"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-2(3)",
        "NIST SP 800-53 r5 IA-5(2)",
        "BSI ORP.4.A2",
        "PCI DSS 4.0.1 8.2.5",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        of_hosts = counted(fleet.hosts_total(), "host")
        for fingerprint, hosts, proven, root, revoking in fleet.query(_KEYS):
            message = f"1 key that is revoked on {counted(revoking, 'host')} still opens accounts on {hosts:,} of "
            message += f"{of_hosts}{unproven(hosts - proven)}"
            if root:
                message += f", root on {root:,}"
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.KEY, fingerprint),
                message,
                {"hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

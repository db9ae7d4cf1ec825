"""Check: private keys that lie on hosts without a passphrase."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

_LYING: Final = """
WITH roots AS (
    SELECT fingerprint, count(*) AS hosts, count(*) FILTER (proven) AS proven
    FROM (SELECT fingerprint, host, bool_or(root_proven) AS proven FROM openings WHERE root GROUP BY fingerprint, host)
    GROUP BY fingerprint
), lying AS (
    SELECT host, account, path, kind, encrypted, mode, fingerprint, roots.hosts AS root_hosts, roots.proven
    FROM private_keys AS p LEFT JOIN roots USING (fingerprint)
    WHERE encrypted <> 'yes' AND NOT starts_with(path, '/etc/ssh/ssh_host_')
        AND NOT EXISTS (FROM host_keys AS k WHERE k.host = p.host AND k.fingerprint = p.fingerprint)
)
"""
_HOSTS: Final = (
    _LYING
    + """
SELECT host, count(*) FILTER (encrypted = 'no') AS keys,
    count(*) FILTER (encrypted = 'no' AND root_hosts > 0) AS root_keys,
    max(root_hosts) FILTER (encrypted = 'no') AS widest,
    arg_max(proven, root_hosts) FILTER (encrypted = 'no') AS widest_proven,
    coalesce(max(proven) FILTER (encrypted = 'no'), 0) > 0 AS proven,
    count(*) FILTER (encrypted = 'unknown') AS unclear
FROM lying GROUP BY host HAVING count(*) FILTER (encrypted = 'no') > 0 ORDER BY host
"""
)
_PLACES: Final = (
    _LYING
    + """
SELECT host, h.tenant, account, path AS file, kind, mode, fingerprint, root_hosts
FROM lying LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND encrypted = 'no' ORDER BY file, kind, fingerprint
"""
)


@dataclass(frozen=True, slots=True)
class PrivateKeyUnencrypted(Check):
    """Private keys lie on a host without a passphrase.

    ## What it looks for

    Files with private keys that anybody who reads them can use: no passphrase protects them. It is high when such a
    key opens root somewhere in the fleet, with or without a limit by `from=`. Keys of the host itself
    (`/etc/ssh/ssh_host_*`, and any key that sshd shows as its own) are none: they have to be like this.

    ## Why it matters

    Who gets onto this host, by a flaw of the web shop or through its backup, takes the key along and goes on to
    wherever it opens. Lateral movement lives on such files.

    ## Example

        private_keys: host=build1 account=ci path=/home/ci/.ssh/id_ed25519 fingerprint=SHA256:ci encrypted=no
        grants: host=web{1..3} account=root fingerprint=SHA256:ci opens_root=yes
        finds: high build1 keys=1 build1 holds 1 unencrypted private key, which opens root on 3 hosts

        private_keys: host=build1 account=ci path=/home/ci/.ssh/id_ed25519 fingerprint=SHA256:ci encrypted=yes
        finds: nothing

    ## What to do

    Remove the file where a person left it behind: agent forwarding is not needed to go on from here, `ssh -J` is.
    Give a job's key to one account, limit it where it is taken (`from=`, `restrict`, a forced command), and keep it
    where the job fetches it when it runs. A key that lay open is best replaced. A passphrase is put on with
    `ssh-keygen -p -f FILE`.

    ## Limits

    - Only the places that the collector looks at: home folders, /root and /etc/ssh, not every file of the host.
    - Where a key's public half is not known (no .pub file, and an old format), what it opens is not known either.
    - A file of which it is unclear whether it is encrypted is a gap; the message counts these beside.
    - Who may read the file is in the column `mode`; root, and who becomes root, always can.

    ## References

    - ssh-keygen(1): -p, -N
    - NIST IR 7966, Security of Interactive and Automated Access Management Using Secure Shell (SSH)
    """

    id: ClassVar[str] = "private-key-unencrypted"
    title: ClassVar[str] = "Private keys lie on hosts unencrypted"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-5(2)",
        "NIST SP 800-53 r5 IA-5(7)",
        "BSI CON.1.A4",
        "STIG RHEL 9 V2R9 RHEL-09-611190",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, keys, root_keys, widest, widest_proven, proven, unclear in fleet.query(_HOSTS):
            message = f"{host} holds {counted(keys, 'unencrypted private key')}"
            if root_keys:
                where = f"{counted(widest, 'host')}{unproven(widest - widest_proven)}"
                message += f", {_openers(keys, root_keys)} on {where}"
            if unclear:
                message += f"; whether {unclear:,} more {'is' if unclear == 1 else 'are'} encrypted is not known"
            yield Finding(
                self.id,
                Severity.HIGH if root_keys else Severity.MEDIUM,
                Confidence.MEDIUM if root_keys and not proven else Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                message,
                {"keys": keys},
                Places(_PLACES, {"host": host}),
            )


def _openers(keys: int, root_keys: int) -> str:
    if root_keys > 1:
        return f"{root_keys:,} of them open root, the widest"
    return "which opens root" if keys == 1 else "1 of them opens root"

"""Check: one host key on different machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_KEYS: Final = """
SELECT fingerprint, count(DISTINCT host) AS hosts,
    greatest(count(DISTINCT machine_id), count(DISTINCT boot_id)) AS machines
FROM host_keys JOIN hosts USING (host)
GROUP BY fingerprint
HAVING greatest(count(DISTINCT machine_id), count(DISTINCT boot_id)) >= 2
ORDER BY fingerprint
"""
_PLACES: Final = """
SELECT DISTINCT k.fingerprint, k.host, h.tenant, h.address, h.machine_id, h.boot_id, k.type
FROM host_keys AS k JOIN hosts AS h USING (host)
WHERE k.fingerprint = $fingerprint ORDER BY host, type
"""


@dataclass(frozen=True, slots=True)
class HostKeyShared(Check):
    """Different machines show the same host key.

    ## What it looks for

    Host keys that several hosts show, when these are different machines for certain: their machine-id differs, or
    they run at the same time under different boot ids. Hosts that show neither do not prove a difference; they are
    counted with the others once two different machines are proven.

    ## Why it matters

    A host key proves to a client that it talks to the right machine. Whoever is root on one of these can pass for
    any of the others: read the passwords that are typed there, and answer in their place. It mostly comes from
    images that were copied with their keys inside.

    ## Example

        hosts: host=web1 machine_id=aaaa
        hosts: host=web2 machine_id=bbbb
        host_keys: host=web{1..2} fingerprint=SHA256:image
        finds: high SHA256:image hosts=2 1 host key is shown by 2 hosts, at least 2 different machines

        hosts: host=www machine_id=aaaa
        hosts: host=web1 machine_id=aaaa
        host_keys: host=www fingerprint=SHA256:own
        host_keys: host=web1 fingerprint=SHA256:own
        finds: nothing

    ## What to do

    Make new host keys on all of these machines but one (`rm /etc/ssh/ssh_host_*_key*; ssh-keygen -A`, then restart
    sshd), and tell the clients: known_hosts, or better a host certificate authority. Take the keys out of the
    image, so that each machine makes its own at its first start (cloud-init: `ssh_deletekeys: true`).

    ## Limits

    - A cluster whose nodes share one host key on purpose, behind one address, is reported too.
    - A machine in the inventory under two names that was restarted between the scans of the two looks like two
      machines.
    - Machines copied together with their machine-id, of which the boot id could not be read, look like one.

    ## References

    - machine-id(5); random(4): /proc/sys/kernel/random/boot_id
    - ssh-keygen(1): -A
    """

    id: ClassVar[str] = "host-key-shared"
    title: ClassVar[str] = "Different machines show one host key"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 SC-12", "BSI CON.1.A4")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        for fingerprint, hosts, machines in fleet.query(_KEYS):
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.KEY, fingerprint),
                f"1 host key is shown by {counted(hosts, 'host')}, at least {machines:,} different machines",
                {"hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

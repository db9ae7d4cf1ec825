"""The demo fleet, up: hosts that speak SSH on loopback addresses, and the files that an audit of them takes."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hygiene.demo.plan import DemoHost, Kind, Plan, plan
from hygiene.demo.roots import AUDITOR, Keyring, inventory, keyring, password_list, write_host
from hygiene.testing.hosts import Fault, SshHost, public_host_key, serving

_BANNER = "OpenSSH_9.2p1 Debian-2+deb12u7"


@dataclass(frozen=True, slots=True)
class DemoFleet:
    """What to hand to `hygiene audit`, and what it must find."""

    plan: Plan
    inventory: Path
    passwords: Path
    key: Path
    known_hosts: Path
    user: str = AUDITOR


@contextlib.contextmanager
def demo_fleet(hosts: int) -> Iterator[DemoFleet]:
    """Plant so many hosts in a temporary folder and serve them; with the block all of it goes."""
    made = plan(hosts)
    keys = keyring(made)
    seed = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="hygiene-demo-") as name:
        folder = Path(name)
        clone = next((host.address for host in made.hosts if host.cloned), None)
        served = [_plant(host, keys, seed, clone, folder) for host in made.hosts if host.kind is not Kind.DEAD]
        with serving(served, seed) as fleet:
            yield DemoFleet(
                plan=made,
                inventory=_write(folder / "hosts.csv", inventory(made, fleet.port).encode()),
                passwords=_write(folder / "passwords.csv", password_list(made.rows)),
                key=_write(folder / "auditor_key", keys.auditor.file()),
                known_hosts=_write(folder / "known_hosts", fleet.known_hosts().encode()),
            )


def _plant(host: DemoHost, keys: Keyring, seed: str, clone: str | None, folder: Path) -> SshHost:
    key_of = clone if host.cloned else None
    root, manifest = folder / f"host-{host.number}", folder / f"host-{host.number}.mtree"
    root.mkdir(mode=0o700)
    write_host(host, keys, public_host_key(seed, key_of or host.address), root, manifest)
    return SshHost(
        address=host.address,
        logins={AUDITOR: (" ".join(keys.auditor.public.split()[:2]),)},
        root=root,
        owners=manifest,
        installed=True,
        banner=_BANNER,
        key_of=key_of,
        fault=Fault.WRONG_HOST_KEY if host.kind is Kind.CHANGED else Fault.NONE,
    )


def _write(path: Path, data: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path

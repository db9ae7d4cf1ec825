"""Keys, known hosts and hosts on the loopback for the tests of collecting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest

from hygiene.collect.host import HostCollector, Way
from hygiene.collect.identity import Identity, from_file
from hygiene.collect.known_hosts import KnownHosts
from hygiene.testing.hosts import ServedFleet
from hygiene.testing.server import Servers

from .exchange import EXCHANGE

SEED = "tests"
NONCE = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class KeyFile:
    """A key made for one test: its file, its public line and its identities."""

    def __init__(self, path: Path, kind: str = "ssh-ed25519") -> None:
        key = asyncssh.generate_private_key(kind)
        key.write_private_key(str(path))
        path.chmod(0o600)
        self.path = path
        self.key = key
        self.public = " ".join(key.export_public_key().decode().split()[:2])
        self.fingerprint = key.get_fingerprint()

    @property
    def identities(self) -> tuple[Identity, ...]:
        return from_file(self.path)


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "auditor")


@pytest.fixture
def make_key(tmp_path: Path) -> Callable[[str], KeyFile]:
    return lambda name: KeyFile(tmp_path / name)


def known_hosts_of(servers: Servers) -> KnownHosts:
    known_hosts = KnownHosts()
    text = ServedFleet(servers.hosts, servers.port, servers.seed).known_hosts()
    known_hosts.add("known_hosts", text.encode())
    return known_hosts


def collector(identities: Sequence[Identity], known_hosts: KnownHosts, **way: object) -> HostCollector:
    return HostCollector(
        "scan-1",
        Way(user="root", identities=identities, known_hosts=known_hosts, **way),
        EXCHANGE,
        clock=lambda: NOW,
        new_nonce=lambda: NONCE,
    )

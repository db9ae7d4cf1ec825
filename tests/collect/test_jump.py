"""One jump host: hosts behind it are dialled through one shared connection, which comes back when it is lost."""

from __future__ import annotations

import asyncio
import socket

import asyncssh

from hygiene.collect.fleet import FleetOptions, run
from hygiene.collect.known_hosts import KnownHosts
from hygiene.collect.ssh import Deadlines
from hygiene.model import Evidence, Login, Status, Target
from hygiene.testing.hosts import Fault, ServedFleet, SshHost
from hygiene.testing.server import Servers

from .conftest import SEED, KeyFile, collector
from .exchange import ANSWER

JUMP = "127.65.0.1"
HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
BEHIND = [f"127.65.1.{number}" for number in range(1, 11)]


class JumpServer:
    """An SSH server that lets anyone with a key connect onwards, and counts who came."""

    def __init__(self, key: KeyFile) -> None:
        self.key = key
        self.connections: list[asyncssh.SSHServerConnection] = []
        self.port = 0

    async def __aenter__(self) -> JumpServer:
        outer = self
        listening = socket.socket()
        listening.bind((JUMP, self.port))

        class Login(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                outer.connections.append(conn)

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                line = " ".join(key.export_public_key().decode().split()[:2])
                return (username, line) == ("gate", outer.key.public)

            def connection_requested(self, *_: object) -> bool:
                return True

        self._listener = await asyncssh.listen(
            sock=listening, config=None, server_factory=Login, server_host_keys=[HOST_KEY]
        )
        self.port = self._listener.get_port()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()


def known(jump: JumpServer, servers: Servers, *, trusted: bool = True) -> KnownHosts:
    known_hosts = KnownHosts()
    known_hosts.add("kh", ServedFleet(servers.hosts, servers.port, SEED).known_hosts().encode())
    if trusted:
        line = " ".join(HOST_KEY.export_public_key().decode().split()[:2])
        known_hosts.add("kh", f"[{JUMP}]:{jump.port} {line}\n".encode())
    return known_hosts


def hosts(key: KeyFile, fault: Fault = Fault.NONE, fault_at: int = 0) -> list[SshHost]:
    return [
        SshHost(address, {"root": [key.public]}, answer=ANSWER, fault=fault, fault_at=fault_at) for address in BEHIND
    ]


def targets(port: int) -> list[Target]:
    return [Target(address, address, port) for address in BEHIND]


def test_ten_hosts_through_one_connection(key: KeyFile) -> None:
    kept: list[Evidence] = []

    async def go() -> int:
        async with JumpServer(key) as jump, Servers(hosts(key), SEED) as servers:
            gate = Target("gate", JUMP, jump.port, user="gate")
            one = collector(key.identities, known(jump, servers), jump=gate)
            await run(targets(servers.port), one.collect, kept.append, FleetOptions("scan-1"))
            await one.close()
            return len(jump.connections)

    assert asyncio.run(go()) == 1
    assert {(e.target.host, e.status, e.login) for e in kept} == {
        (address, Status.COMPLETE, Login("root", key.fingerprint)) for address in BEHIND
    }


def test_a_lost_connection_is_opened_again_and_what_was_in_flight_is_tried_once_more(key: KeyFile) -> None:
    kept: list[Evidence] = []

    async def go() -> tuple[int, int]:
        async with JumpServer(key) as jump, Servers(hosts(key, Fault.HANGS_IN_STREAM, 50), SEED) as servers:
            gate = Target("gate", JUMP, jump.port, user="gate")
            deadlines = Deadlines(login_s=20, collect_s=1, host_s=30)
            one = collector(key.identities, known(jump, servers), jump=gate, deadlines=deadlines)
            collecting = asyncio.create_task(
                run(targets(servers.port), one.collect, kept.append, FleetOptions("scan-1"))
            )
            while servers.commands < len(BEHIND):
                await asyncio.sleep(0.01)
            jump.connections[0].abort()
            await collecting
            await one.close()
            return servers.commands, len(jump.connections)

    assert asyncio.run(go()) == (2 * len(BEHIND), 2)
    assert {(e.target.host, e.status, e.reason) for e in kept} == {
        (address, Status.PARTIAL, "collection did not end within 1 s; the output has no end") for address in BEHIND
    }


def test_a_jump_host_that_is_not_known_ends_every_host_with_its_reason(key: KeyFile) -> None:
    kept: list[Evidence] = []

    async def go() -> int:
        async with JumpServer(key) as jump, Servers(hosts(key), SEED) as servers:
            gate = Target("gate", JUMP, jump.port, user="gate")
            one = collector(key.identities, known(jump, servers, trusted=False), jump=gate)
            await run(targets(servers.port), one.collect, kept.append, FleetOptions("scan-1"))
            return len(jump.connections)

    assert asyncio.run(go()) == 1
    reason = (
        f"jump host gate: host key is not in known_hosts (ssh-ed25519 {HOST_KEY.get_fingerprint()}); "
        "compare it on the console, then add it, or pass --known-hosts FILE"
    )
    assert {(e.status, e.stage, e.reason) for e in kept} == {(Status.UNREACHABLE, "connect", reason)}
    assert len(kept) == len(BEHIND)


def test_a_host_that_the_jump_host_cannot_reach(key: KeyFile) -> None:
    async def go() -> Evidence:
        async with JumpServer(key) as jump, Servers(hosts(key), SEED) as servers:
            gate = Target("gate", JUMP, jump.port, user="gate")
            one = collector(key.identities, known(jump, servers), jump=gate)
            try:
                return (await one.collect(Target("dead", "127.65.9.9", servers.port))).evidence
            finally:
                await one.close()

    evidence = asyncio.run(go())
    assert (evidence.status, evidence.stage) == (Status.UNREACHABLE, "connect")
    assert evidence.reason.startswith(f"the jump host cannot connect to 127.65.9.9 port {evidence.target.port}: ")

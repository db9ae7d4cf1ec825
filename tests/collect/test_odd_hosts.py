"""Hosts that go beyond what an honest sshd does, and the bounds that hold against them."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import asyncssh
import paramiko
import pytest

from hygiene.collect.fleet import FleetOptions, run
from hygiene.collect.host import HostCollector, Way
from hygiene.collect.known_hosts import KnownHosts
from hygiene.collect.session import Limits
from hygiene.collect.ssh import Deadlines
from hygiene.model import Evidence, Login, Status, Target
from hygiene.testing.hosts import Fault, SshHost
from hygiene.testing.server import Servers

from .conftest import SEED, KeyFile, collector, known_hosts_of
from .exchange import ANSWER, EXCHANGE

ADDRESS = "127.66.0.1"


def test_endless_output_is_cut_off_at_the_limit(key: KeyFile) -> None:
    async def go() -> Evidence:
        async with Servers([SshHost(ADDRESS, {"root": [key.public]}, fault=Fault.ENDLESS)], SEED) as servers:
            one = collector(key.identities, known_hosts_of(servers), limits=Limits(stdout_bytes=100_000))
            return (await one.collect(Target("web1", ADDRESS, servers.port))).evidence

    evidence = asyncio.run(go())
    assert (evidence.status, evidence.stage, evidence.reason) == (
        Status.PARTIAL,
        "collect",
        "the host was cut off: it said more than 100,000 bytes",
    )
    assert len(evidence.stream) == 100_000


def test_full_memory_cuts_off_those_that_hold_most_of_it(key: KeyFile) -> None:
    """Nine hosts without an end beside one that says little, with room for ten times its share."""
    hosts = [SshHost(f"127.66.1.{number}", {"root": [key.public]}, fault=Fault.ENDLESS) for number in range(1, 10)]
    hosts.append(SshHost("127.66.1.10", {"root": [key.public]}, answer=ANSWER))
    kept: list[Evidence] = []

    async def go() -> None:
        async with Servers(hosts, SEED) as servers:
            limits = Limits(together_bytes=1_000_000)
            one = collector(key.identities, known_hosts_of(servers), limits=limits)
            targets = [Target(host.address, host.address, servers.port) for host in hosts]
            await run(targets, one.collect, kept.append, FleetOptions("scan-1"))

    asyncio.run(go())
    assert {e.target.host: e.status for e in kept} == {
        host.address: Status.COMPLETE if host.answer else Status.PARTIAL for host in hosts
    }
    endless = [e for e in kept if e.status is Status.PARTIAL]
    assert all(e.reason.endswith("bytes when memory was full; collect fewer at a time with --jobs") for e in endless)
    assert sum(len(e.stream) for e in endless) < 20_000_000


@pytest.mark.parametrize("fault", [Fault.REFUSES_LOGIN, Fault.NO_PUBLIC_KEY_LOGIN])
def test_no_password_is_ever_sent(key: KeyFile, fault: Fault) -> None:
    async def go() -> tuple[Evidence, int]:
        async with Servers([SshHost(ADDRESS, {"root": [key.public]}, fault=fault)], SEED) as servers:
            one = collector(key.identities, known_hosts_of(servers))
            return (await one.collect(Target("web1", ADDRESS, servers.port))).evidence, servers.passwords_tried

    evidence, passwords = asyncio.run(go())
    assert (evidence.status, evidence.stage, evidence.login, passwords) == (Status.REFUSED, "login", None, 0)


def test_the_reason_names_the_key_that_was_denied(key: KeyFile) -> None:
    async def go() -> Evidence:
        host = SshHost(ADDRESS, {"root": [key.public]}, fault=Fault.REFUSES_LOGIN)
        async with Servers([host], SEED) as servers:
            one = collector(key.identities, known_hosts_of(servers))
            return (await one.collect(Target("web1", ADDRESS, servers.port, user="audit"))).evidence

    assert asyncio.run(go()).reason == f"login as audit denied; offered {key.fingerprint} ({key.path})"


def test_a_name_that_does_not_resolve(key: KeyFile) -> None:
    one = collector(key.identities, KnownHosts())
    evidence = asyncio.run(one.collect(Target("web1", "no-such-host.invalid"))).evidence
    assert (evidence.status, evidence.stage, evidence.reason) == (
        Status.UNREACHABLE,
        "connect",
        "the name no-such-host.invalid does not resolve; correct it in the inventory",
    )


@pytest.mark.parametrize("address", ["a" * 300, "web..example.org", "\udcff", "-oProxyCommand=x"])
def test_a_name_that_is_none(key: KeyFile, address: str) -> None:
    one = collector(key.identities, KnownHosts())
    evidence = asyncio.run(one.collect(Target("web1", address))).evidence
    assert (evidence.status, evidence.stage) == (Status.UNREACHABLE, "connect")
    assert evidence.reason.endswith("does not resolve; correct it in the inventory")


def test_a_reason_is_one_printable_line(key: KeyFile) -> None:
    one = collector(key.identities, KnownHosts())
    evidence = asyncio.run(one.collect(Target("web1", "web\x00\x1b[31m\n"))).evidence
    assert evidence.reason == "cannot connect to web  [31m port 22: embedded null character"


def test_our_own_fault_is_named_and_ends_one_host_only(key: KeyFile) -> None:
    def command(nonce: str, sudo: bool) -> str:
        raise ZeroDivisionError(f"{nonce} {sudo}")

    async def go() -> Evidence:
        async with Servers([SshHost(ADDRESS, {"root": [key.public]}, answer=ANSWER)], SEED) as servers:
            way = Way("root", key.identities, known_hosts_of(servers))
            one = HostCollector("scan-1", way, replace(EXCHANGE, command=command))
            return (await one.collect(Target("web1", ADDRESS, servers.port))).evidence

    evidence = asyncio.run(go())
    assert (evidence.status, evidence.stage, evidence.reason) == (
        Status.PARTIAL,
        "collect",
        "internal error: ZeroDivisionError",
    )


class Odd(paramiko.ServerInterface):
    """Another SSH implementation, as a host that asks for two factors, or does things to its client."""

    def __init__(self, *, partial: str = "", grabs: bool = False) -> None:
        self.partial = partial  # what it asks for besides a key
        self.passed_one = False
        self.grabs = grabs
        self.shown: list[str] = []  # each method once

    def get_allowed_auths(self, *_: object) -> str:
        return self.partial if self.passed_one else "publickey,password,keyboard-interactive"

    def _show(self, method: str) -> None:
        if method not in self.shown:
            self.shown.append(method)

    def check_auth_none(self, *_: object) -> int:
        self._show("none")
        return paramiko.AUTH_FAILED

    def check_auth_password(self, *_: object) -> int:
        self._show("password")
        return paramiko.AUTH_FAILED

    def check_auth_interactive(self, *_: object) -> int:
        self._show("keyboard-interactive")
        return paramiko.AUTH_FAILED

    def check_auth_publickey(self, *_: object) -> int:
        self._show("publickey")
        self.passed_one = bool(self.partial)
        return paramiko.AUTH_PARTIALLY_SUCCESSFUL if self.partial else paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, *_: object) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=self._answer, args=(channel, command.split()[-1]), daemon=True).start()
        return True

    def _answer(self, channel: paramiko.Channel, nonce: bytes) -> None:
        refused = b""
        if self.grabs:
            for kind in ("session", "x11", "auth-agent@openssh.com"):
                try:
                    channel.get_transport().open_channel(kind, src_addr=("127.0.0.1", 1), timeout=5)
                except paramiko.ChannelException as error:
                    refused += b"%d " % error.code
        channel.sendall(refused + b"\n" + ANSWER.replace(b"NONCE", nonce))
        # the exit status is sent and the channel stays open, as when a child in the background holds the output
        channel.send_exit_status(0)


@contextmanager
def odd_host(server: Odd) -> Iterator[int]:
    with socket.create_server((ADDRESS, 0)) as listening:
        transports = []

        def serve() -> None:
            client, _ = listening.accept()
            transport = paramiko.Transport(client)
            transports.append(transport)
            transport.add_server_key(paramiko.Ed25519Key(file_obj=io.StringIO(HOST_KEY.export_private_key().decode())))
            transport.start_server(threading.Event(), server)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)
        for transport in transports:
            transport.close()
            transport.join(10)


HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")


def collect_odd(key: KeyFile, server: Odd) -> Evidence:
    known_hosts = KnownHosts()
    known_hosts.add("kh", b"* " + HOST_KEY.export_public_key())
    one = collector(key.identities, known_hosts, deadlines=Deadlines(login_s=20, collect_s=60, host_s=60))
    with odd_host(server) as port:
        return asyncio.run(one.collect(Target("web1", ADDRESS, port))).evidence


@pytest.mark.parametrize(
    ("more", "besides"),
    [
        pytest.param("keyboard-interactive,password", "keyboard-interactive or password", id="one of two"),
        pytest.param("password", "password", id="one"),
        pytest.param("hostbased", "something else", id="one that we do not know how to give"),
    ],
)
def test_a_key_that_is_not_enough_alone(key: KeyFile, more: str, besides: str) -> None:
    server = Odd(partial=more)
    evidence = collect_odd(key, server)
    assert server.shown == ["none", "publickey"]
    ours = f"our key {key.fingerprint} ({key.path})"
    assert (evidence.status, evidence.stage, evidence.reason) == (
        Status.REFUSED,
        "login",
        f"login as root denied: {ours} was accepted, and {besides} is asked for besides",
    )


def test_a_child_that_holds_the_output_open_is_not_waited_for(key: KeyFile) -> None:
    evidence = collect_odd(key, Odd())
    assert (evidence.status, evidence.reason) == (Status.COMPLETE, "")
    assert evidence.login == Login("root", key.fingerprint)


def test_channels_that_the_host_opens_are_refused(key: KeyFile) -> None:
    evidence = collect_odd(key, Odd(grabs=True))
    assert evidence.status is Status.COMPLETE
    # RFC 4254: 1 administratively prohibited, 2 connect failed
    assert evidence.stream.split(b"\n")[0] == b"1 2 2 "

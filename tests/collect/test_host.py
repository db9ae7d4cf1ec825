"""One host: how each way to fail is told apart, and what a good host gives."""

from __future__ import annotations

import asyncio

import pytest

from hygiene.collect.ssh import Deadlines
from hygiene.model import Evidence, Login, Status, Target
from hygiene.testing.hosts import Fault, SshHost, public_host_key
from hygiene.testing.server import Servers

from .conftest import NONCE, NOW, SEED, KeyFile, collector, known_hosts_of
from .exchange import ANSWER

ADDRESS = "127.61.0.1"
SHORT = Deadlines(login_s=0.7, collect_s=0.7, host_s=5)
WHOLE = ANSWER.replace(b"NONCE", NONCE.encode())


def collect_one(key: KeyFile, host: SshHost, **way: object) -> Evidence:
    async def run() -> Evidence:
        async with Servers([host], SEED) as servers:
            one = collector(key.identities, known_hosts_of(servers), **way)
            return (await one.collect(Target("web1", host.address, servers.port))).evidence

    return asyncio.run(run())


def test_good_host_gives_all_that_was_said_and_how_we_got_in(key: KeyFile) -> None:
    evidence = collect_one(key, SshHost(ADDRESS, {"root": [key.public]}, answer=ANSWER))
    assert evidence == Evidence(
        scan="scan-1",
        target=Target("web1", ADDRESS, evidence.target.port),
        status=Status.COMPLETE,
        stage="done",
        reason="",
        started_at=NOW,
        finished_at=NOW,
        nonce=NONCE,
        login=Login("root", key.fingerprint),
        server_version="hygiene_testing",
        host_key=public_host_key(SEED, ADDRESS),
        stream=WHOLE,
    )


FAULTS = [
    pytest.param(
        Fault.HANGS_BEFORE_BANNER,
        0,
        Status.UNREACHABLE,
        "connect",
        "no SSH banner within 0.7 s: the port accepts connections and says nothing",
        id="a-port-that-says-nothing",
    ),
    pytest.param(
        Fault.CLOSES_BEFORE_BANNER,
        0,
        Status.UNREACHABLE,
        "connect",
        "connection dropped before the SSH banner (MaxStartups, PerSourcePenalties, a ban or a firewall); "
        "try again later",
        id="sshd-penalty-or-maxstartups",
    ),
    pytest.param(
        Fault.ENDLESS_BANNER,
        0,
        Status.UNREACHABLE,
        "connect",
        "what answers at this port does not speak SSH 2",
        id="endless-lines-before-the-banner",
    ),
    pytest.param(
        Fault.NOT_SSH,
        0,
        Status.UNREACHABLE,
        "connect",
        "what answers at this port does not speak SSH 2",
        id="a-web-server",
    ),
    pytest.param(
        Fault.HANGS_IN_KEY_EXCHANGE,
        0,
        Status.UNREACHABLE,
        "connect",
        "the key exchange did not end within 0.7 s",
        id="banner-and-then-nothing",
    ),
    pytest.param(
        Fault.HANGS_AT_LOGIN,
        0,
        Status.REFUSED,
        "login",
        "login as root did not end within 0.7 s",
        id="slow-pam-or-ldap",
    ),
    pytest.param(
        Fault.CLOSES_AT_LOGIN,
        0,
        Status.REFUSED,
        "login",
        "connection closed while logging in as root: Connection lost",
        id="closed-while-logging-in",
    ),
    pytest.param(
        Fault.NO_PUBLIC_KEY_LOGIN,
        0,
        Status.REFUSED,
        "login",
        "login as root denied: the host does not offer public key login",
        id="passwords-only",
    ),
    pytest.param(
        Fault.NO_COMMANDS,
        0,
        Status.PARTIAL,
        "collect",
        "no POSIX shell: the host runs no commands (hygiene_testing)",
        id="appliance-that-refuses-exec",
    ),
    pytest.param(
        Fault.CLOSES_AT_COMMAND,
        0,
        Status.PARTIAL,
        "collect",
        "connection lost before the collector began",
        id="closed-at-the-command",
    ),
    pytest.param(
        Fault.WINDOWS,
        0,
        Status.PARTIAL,
        "collect",
        "no POSIX shell: this is Windows (hygiene_testing)",
        id="windows-by-its-words",
    ),
    pytest.param(
        Fault.APPLIANCE,
        0,
        Status.PARTIAL,
        "collect",
        "no POSIX shell: this looks like an appliance (hygiene_testing): % Invalid input detected at '^' marker.",
        id="appliance-by-its-words",
    ),
    pytest.param(
        Fault.NO_SHELL,
        0,
        Status.PARTIAL,
        "collect",
        "the account's shell or a forced command runs nothing for us: This account is currently not available.",
        id="nologin",
    ),
    pytest.param(
        Fault.SUDO_DENIED,
        0,
        Status.PARTIAL,
        "collect",
        "sudo does not let this account run the collector: sudo: a password is required",
        id="sudo-wants-a-password",
    ),
    pytest.param(
        Fault.OTHER_COMMAND,
        0,
        Status.PARTIAL,
        "collect",
        "the host ran something else than the collector (a forced command, or a login script that ends the shell): "
        "backup finished: 0 files",
        id="forced-command-that-is-not-ours",
    ),
    pytest.param(Fault.NOISE, 0, Status.COMPLETE, "done", "", id="noise-of-bashrc-and-motd"),
    pytest.param(
        Fault.WRONG_NONCE,
        0,
        Status.PARTIAL,
        "collect",
        "the host ran something else than the collector (a forced command, or a login script that ends the shell): "
        f"@BEGIN {'0' * 32}",
        id="an-older-answer",
    ),
    pytest.param(Fault.CUT, 60, Status.PARTIAL, "collect", "the output has no end", id="closed-mid-stream"),
    pytest.param(
        Fault.HANGS_IN_STREAM,
        60,
        Status.PARTIAL,
        "collect",
        "collection did not end within 0.7 s; the output has no end",
        id="hangs-mid-stream",
    ),
    pytest.param(
        Fault.TRICKLES,
        0,
        Status.PARTIAL,
        "collect",
        "collection did not end within 0.7 s; the collector did not begin",
        id="a-byte-at-a-time",
    ),
    pytest.param(Fault.LINGERS, 0, Status.COMPLETE, "done", "", id="a-child-holds-the-output-open"),
]


@pytest.mark.parametrize(("fault", "at", "status", "stage", "reason"), FAULTS)
def test_each_fault_has_its_own_words(
    key: KeyFile, fault: Fault, at: int, status: Status, stage: str, reason: str
) -> None:
    host = SshHost(ADDRESS, {"root": [key.public]}, answer=ANSWER, fault=fault, fault_at=at)
    evidence = collect_one(key, host, deadlines=SHORT)
    assert (evidence.status, evidence.stage, evidence.reason) == (status, stage, reason)


def test_every_fault_is_in_a_table() -> None:
    elsewhere = {Fault.NONE, Fault.WRONG_HOST_KEY, Fault.REFUSES_LOGIN, Fault.ENDLESS}
    assert {row.values[0] for row in FAULTS} == set(Fault) - elsewhere

"""The hosts for testing themselves: other clients get in, they listen on the loopback alone, and end when told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import asyncssh
import paramiko
import pytest

from hygiene.collect import script
from hygiene.evidence.stream import decode
from hygiene.testing.hosts import Fault, SshHost, public_host_key, read_order, serving, write_order
from hygiene.testing.server import Servers

NONCE = "feedfacefeedfacefeedface"
SCRIPT = b'printf \'root %s of %s\\n\' "$2" "$3"; cat "$2/etc/hostname"\n'


@pytest.fixture
def key() -> paramiko.Ed25519Key:
    private = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    return paramiko.Ed25519Key(file_obj=io.StringIO(private.decode()))


def line(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


def root(folder: Path, name: str) -> Path:
    image = folder / name
    (image / "etc").mkdir(parents=True)
    (image / "etc/hostname").write_text(f"{name}\n")
    (image / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    return image


def ask(address: str, port: int, seed: str, key: paramiko.PKey, payload: bytes) -> tuple[bytes, int]:
    """Run the collector's command by paramiko, with the host key checked strictly."""
    with paramiko.SSHClient() as client:
        kind, _, blob = public_host_key(seed, address).partition(" ")
        known = paramiko.Ed25519Key(data=base64.b64decode(blob))
        client.get_host_keys().add(f"[{address}]:{port}", kind, known)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(address, port, "root", pkey=key, look_for_keys=False, allow_agent=False, timeout=20)
        stdin, stdout, _ = client.exec_command(script.remote_command(NONCE, sudo=True), timeout=60)
        stdin.write(payload)
        stdin.channel.shutdown_write()
        return stdout.read(), stdout.channel.recv_exit_status()


def test_paramiko_gets_in_and_each_host_runs_what_it_receives_over_its_own_root(
    key: paramiko.PKey, tmp_path: Path
) -> None:
    hosts = [
        SshHost(f"127.71.0.{number}", {"root": [line(key)]}, root=root(tmp_path, f"web{number}")) for number in (1, 2)
    ]
    with serving(hosts, "seed") as fleet:
        said = [ask(host.address, fleet.port, "seed", key, SCRIPT) for host in hosts]
    assert said == [(f"root {host.root} of {NONCE}\n{host.root.name}\n".encode(), 0) for host in hosts]


def test_an_installed_collector_ignores_what_it_is_told_to_run(key: paramiko.PKey, tmp_path: Path) -> None:
    host = SshHost("127.71.0.3", {"root": [line(key)]}, root=root(tmp_path, "web3"), installed=True)
    with serving([host], "seed") as fleet:
        stream, status = ask(host.address, fleet.port, "seed", key, f": {NONCE}\nexit 9\n".encode())
    transcript = decode(stream, NONCE)
    assert (transcript.mode, status) == ("offline", 0)
    passwd = transcript.file("passwd", b"/etc/passwd")
    assert passwd is not None
    assert passwd.data.startswith(b"root:")


def test_a_key_that_is_not_listed_does_not_get_in(key: paramiko.PKey) -> None:
    other = paramiko.Ed25519Key(
        file_obj=io.StringIO(asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())
    )
    host = SshHost("127.71.0.4", {"root": [line(other)], "audit": [line(key)]}, answer=b"NONCE")
    with serving([host], "seed") as fleet, pytest.raises(paramiko.AuthenticationException):
        ask(host.address, fleet.port, "seed", key, b"")


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh of openssh-client")
def test_openssh_gets_in_with_the_known_hosts_that_the_fleet_gives(tmp_path: Path) -> None:
    private = asyncssh.generate_private_key("ssh-ed25519")
    identity = tmp_path / "key"
    private.write_private_key(str(identity))
    identity.chmod(0o600)
    public = " ".join(private.export_public_key().decode().split()[:2])
    host = SshHost("127.71.0.5", {"root": [public]}, answer=b"@BEGIN NONCE\n")
    with serving([host], "seed") as fleet:
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(fleet.known_hosts())
        options = ["BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={known_hosts}"]
        options += ["GlobalKnownHostsFile=none", "IdentityAgent=none", "IdentitiesOnly=yes"]
        command = ["ssh", "-F", "none", "-i", identity, "-p", str(fleet.port), "-l", "root"]
        command += [part for option in options for part in ("-o", option)]
        answer = subprocess.run(
            [*command, host.address, f"x {NONCE}"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    assert (answer.stdout, answer.returncode) == (f"@BEGIN {NONCE}\n".encode(), 0), answer.stderr


def test_listens_on_the_loopback_addresses_of_its_hosts_alone() -> None:
    hosts = [SshHost("127.71.0.6", {}), SshHost("127.71.0.7", {}, fault=Fault.NOT_SSH)]
    with serving(hosts, "seed") as fleet:
        listening = set(
            re.findall(rf": ([0-9A-F]{{8}}):{fleet.port:04X} 0+:0000 0A", Path("/proc/net/tcp").read_text())
        )
    assert listening == {socket.inet_aton(host.address)[::-1].hex().upper() for host in hosts}


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "128.0.0.1"])
def test_refuses_other_addresses(address: str) -> None:
    with pytest.raises(ValueError, match=r"hosts for testing listen on 127\.0\.0\.0/8 only"):
        Servers([SshHost(address, {})], "seed")


def test_the_port_is_free_on_every_address() -> None:
    """A port that is taken on the second address is not chosen, and one that was asked for is an error."""

    async def go() -> None:
        with socket.create_server(("127.71.0.9", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(OSError, match="in use"):
                async with Servers([SshHost("127.71.0.8", {}), SshHost("127.71.0.9", {})], "seed", port):
                    pass
            async with Servers([SshHost("127.71.0.8", {}), SshHost("127.71.0.9", {})], "seed") as servers:
                assert servers.port not in (0, port)

    asyncio.run(go())


def test_the_serving_process_ends_when_the_one_that_started_it_is_killed() -> None:
    starter = (
        "import os, sys\n"
        "from hygiene.testing.hosts import SshHost, serving\n"
        "with serving([SshHost('127.71.0.10', {})], 'seed') as fleet:\n"
        "    print(fleet.port, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        socket.create_connection(("127.71.0.10", port), 10).close()
        process.kill()
        # the last holder of that output is the serving process: its end is the end of the pipe
        assert process.stdout.read() == ""
    # a process that ends closes its output a moment before its sockets; one that goes on runs into the time limit
    with contextlib.suppress(ConnectionRefusedError):
        while True:
            socket.create_connection(("127.71.0.10", port), 10).close()


def test_an_order_survives_its_way_to_the_serving_process() -> None:
    hosts = [
        SshHost(
            "127.71.0.11", {"root": ("ssh-ed25519 AAAA",)}, root=Path("/r"), owners=Path("/o"), banner="OpenSSH_9.2"
        ),
        SshHost("127.71.0.12", {}, installed=True, answer=bytes(range(256)), fault=Fault.CUT, fault_at=7),
    ]
    stream = io.StringIO()
    write_order(stream, hosts, "seed", 2222)
    assert read_order(stream.getvalue()) == (hosts, "seed", 2222)


def test_a_host_key_is_the_same_for_the_same_seed_and_address_only() -> None:
    keys = {public_host_key(seed, address) for seed in "ab" for address in ("127.0.0.1", "127.0.0.2")}
    assert len(keys) == 4
    assert public_host_key("a", "127.0.0.1") == public_host_key("a", "127.0.0.1")


def test_no_agent_and_no_home_are_needed(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "none")}
    starter = (
        "from hygiene.testing.hosts import SshHost, serving\n"
        "with serving([SshHost('127.71.0.13', {})], 'seed') as fleet:\n"
        "    print(fleet.port > 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", starter], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("True\n", "")

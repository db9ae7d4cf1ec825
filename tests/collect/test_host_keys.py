"""Strict host keys on real connections: unknown, changed and revoked are told apart, and types are negotiated."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import asyncssh
import pytest

from hygiene.collect.known_hosts import KnownHosts
from hygiene.collect.ssh import client_version
from hygiene.model import Evidence, Status, Target
from hygiene.testing.hosts import Fault, SshHost, public_host_key
from hygiene.testing.server import Servers

from .conftest import SEED, KeyFile, collector
from .exchange import ANSWER

ADDRESS = "127.64.0.1"
OFFERED = public_host_key(SEED, ADDRESS)
OTHER = public_host_key(SEED, "another")
FINGERPRINT = asyncssh.import_public_key(OFFERED).get_fingerprint()


def known(text: str) -> KnownHosts:
    known_hosts = KnownHosts()
    known_hosts.add("kh", text.encode())
    return known_hosts


def collect(key: KeyFile, lines: str, fault: Fault = Fault.NONE) -> Evidence:
    async def run() -> Evidence:
        async with Servers([SshHost(ADDRESS, {"root": [key.public]}, answer=ANSWER, fault=fault)], SEED) as servers:
            one = collector(key.identities, known(lines.replace("HERE", f"[{ADDRESS}]:{servers.port}")))
            return (await one.collect(Target("web1", ADDRESS, servers.port))).evidence

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(
            "",
            f"host key is not in known_hosts (ssh-ed25519 {FINGERPRINT}); compare it on the console, then add it, "
            "or pass --known-hosts FILE",
            id="unknown",
        ),
        pytest.param(
            f"# mine\nHERE {OTHER}\n",
            f"host key has changed: offered ssh-ed25519 {FINGERPRINT}, kh:2 has another; "
            "find out why on the console before changing that line",
            id="changed",
        ),
        pytest.param(
            f"HERE {OFFERED}\n@revoked * {OFFERED}\n",
            f"host key is revoked (ssh-ed25519 {FINGERPRINT}, kh:2); give the host a new key and record that one",
            id="revoked",
        ),
    ],
)
def test_a_host_key_that_is_not_known_is_refused_before_login(key: KeyFile, lines: str, reason: str) -> None:
    evidence = collect(key, lines)
    assert (evidence.status, evidence.stage, evidence.reason) == (Status.REFUSED, "login", reason)
    assert (evidence.login, evidence.host_key) == (None, OFFERED)


def test_a_host_with_another_key_than_its_line_is_refused(key: KeyFile) -> None:
    evidence = collect(key, f"HERE {OFFERED}\n", Fault.WRONG_HOST_KEY)
    assert evidence.status is Status.REFUSED
    assert evidence.reason.startswith("host key has changed: offered ssh-ed25519 SHA256:")
    assert evidence.host_key == public_host_key(SEED, f"not {ADDRESS}")


@pytest.mark.parametrize("line", [f"web1 {OFFERED}\n", f"{ADDRESS} {OFFERED}\n", f"127.64.* {OFFERED}\n"])
def test_other_lines_that_name_the_host(key: KeyFile, line: str) -> None:
    assert collect(key, line).status is Status.COMPLETE


async def _serve(answer: Callable[[asyncssh.SSHServerProcess], object], **options: object):
    listening = socket.socket()
    listening.bind((ADDRESS, 0))

    class Login(asyncssh.SSHServer):
        def validate_public_key(self, *_: object) -> bool:
            return True

        def public_key_auth_supported(self) -> bool:
            return True

    return await asyncssh.listen(
        sock=listening, config=None, server_factory=Login, process_factory=answer, encoding=None, **options
    )


async def _say(process: asyncssh.SSHServerProcess) -> None:
    await process.stdin.read()
    process.stdout.write(ANSWER.replace(b"NONCE", process.command.split()[-1].encode()))
    process.exit(0)


def collect_from(key: KeyFile, lines: Callable[[str], str], **options: object) -> Evidence:
    async def run() -> Evidence:
        async with await _serve(_say, **options) as listener:
            port = listener.get_port()
            one = collector(key.identities, known(lines(f"[{ADDRESS}]:{port}")))
            return (await one.collect(Target("web1", ADDRESS, port))).evidence

    return asyncio.run(run())


RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
ECDSA = asyncssh.generate_private_key("ecdsa-sha2-nistp256")


def line(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key().decode().split()[:2])


def test_the_known_type_is_asked_for_first(key: KeyFile) -> None:
    """A host with an ECDSA and an RSA key, of which known_hosts has the one that we would ask for last."""
    evidence = collect_from(key, lambda name: f"{name} {line(RSA)}\n", server_host_keys=[ECDSA, RSA])
    assert (evidence.status, evidence.host_key) == (Status.COMPLETE, line(RSA))


class Sha1Only:
    """The server's RSA key as an sshd of 2015 uses it: no signature but the one with SHA-1."""

    def __new__(cls) -> asyncssh.SSHKeyPair:
        (pair,) = asyncssh.load_keypairs(RSA)
        pair.host_key_algorithms = pair.sig_algorithms = (b"ssh-rsa",)
        return pair


def test_a_host_with_sha1_signatures_alone_is_asked_again_if_its_rsa_key_is_known(key: KeyFile) -> None:
    evidence = collect_from(key, lambda name: f"{name} {line(RSA)}\n", server_host_keys=[Sha1Only()])
    assert (evidence.status, evidence.host_key) == (Status.COMPLETE, line(RSA))


def test_a_host_with_sha1_signatures_alone_is_not_asked_again_if_its_key_is_unknown(key: KeyFile) -> None:
    evidence = collect_from(key, lambda name: f"{name} {line(ECDSA)}\n", server_host_keys=[Sha1Only()])
    assert (evidence.status, evidence.stage, evidence.host_key) == (Status.UNREACHABLE, "connect", None)
    assert evidence.reason.startswith("the key exchange failed: ")


def test_another_type_than_the_known_one_is_a_change_that_names_both(key: KeyFile) -> None:
    evidence = collect_from(key, lambda name: f"{name} {line(RSA)}\n", server_host_keys=[ECDSA])
    assert (evidence.status, evidence.reason) == (
        Status.REFUSED,
        (
            f"host key has changed: offered {ECDSA.get_algorithm()} {ECDSA.get_fingerprint()}, "
            "kh:1 has only a ssh-rsa key; "
            "find out why on the console before changing that line"
        ),
    )


def test_a_host_certificate_of_a_known_authority(key: KeyFile) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519")
    certificate = authority.generate_host_certificate(ECDSA, "web1", principals=[ADDRESS])
    evidence = collect_from(
        key, lambda _: f"@cert-authority 127.64.* {line(authority)}\n", server_host_keys=[(ECDSA, certificate)]
    )
    assert evidence.status is Status.COMPLETE


def test_a_host_certificate_for_another_name_is_refused(key: KeyFile) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519")
    certificate = authority.generate_host_certificate(ECDSA, "web1", principals=["web2"])
    evidence = collect_from(
        key, lambda _: f"@cert-authority * {line(authority)}\n", server_host_keys=[(ECDSA, certificate)]
    )
    assert (evidence.status, evidence.stage, evidence.reason) == (
        Status.REFUSED,
        "login",
        f"the host's certificate does not hold: Certificate principal mismatch for host {ADDRESS}",
    )


def test_no_cipher_in_common(key: KeyFile) -> None:
    evidence = collect_from(
        key, lambda name: f"{name} {line(ECDSA)}\n", server_host_keys=[ECDSA], encryption_algs=["aes128-cbc"]
    )
    assert (evidence.status, evidence.stage) == (Status.UNREACHABLE, "connect")
    assert evidence.reason.startswith("the key exchange failed: ")


def test_the_client_names_itself(key: KeyFile) -> None:
    seen = []

    async def note(process: asyncssh.SSHServerProcess) -> None:
        seen.append(process.get_extra_info("client_version"))
        process.exit(0)

    async def run() -> None:
        async with await _serve(note, server_host_keys=[ECDSA]) as listener:
            one = collector(key.identities, known(f"* {line(ECDSA)}\n"))
            await one.collect(Target("web1", ADDRESS, listener.get_port()))

    asyncio.run(run())
    assert seen == [f"SSH-2.0-{client_version()}"]
    assert client_version().startswith("hygiene_")

"""The keys we log in with: what is loaded from where, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import pytest

from hygiene.collect.identity import Identity, PassphraseNeededError, from_agent, from_file
from hygiene.errors import InputError
from hygiene.model import Evidence, Login, Status, Target
from hygiene.testing.hosts import SshHost
from hygiene.testing.server import Servers

from .conftest import SEED, KeyFile, collector, known_hosts_of
from .exchange import ANSWER

ADDRESS = "127.63.0.1"
PASSPHRASE = b"correct horse"


def names(identities: tuple[Identity, ...]) -> list[tuple[str, str]]:
    return [(each.fingerprint, each.source) for each in identities]


def test_a_key_file(key: KeyFile) -> None:
    assert names(from_file(key.path)) == [(key.fingerprint, str(key.path))]


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
def test_an_encrypted_key_file_and_its_passphrase(key: KeyFile, form: str) -> None:
    key.key.write_private_key(str(key.path), form, passphrase=PASSPHRASE.decode(), rounds=50)
    assert names(from_file(key.path, PASSPHRASE)) == [(key.fingerprint, str(key.path))]
    with pytest.raises(PassphraseNeededError, match=r"is encrypted; give its passphrase with --passphrase-file"):
        from_file(key.path)
    with pytest.raises(InputError, match="the passphrase does not open this private key") as wrong:
        from_file(key.path, b"battery staple")
    assert "battery" not in str(wrong.value)


def test_a_certificate_beside_the_key_is_offered_first(key: KeyFile) -> None:
    authority = asyncssh.generate_private_key("ssh-ed25519")
    certificate = authority.generate_user_certificate(key.key, "auditor", principals=["root"])
    certificate.write_certificate(f"{key.path}-cert.pub")
    loaded = from_file(key.path)
    assert names(loaded) == [(key.fingerprint, str(key.path))] * 2
    assert [each.for_one_login().has_cert for each in loaded] == [True, False]


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        pytest.param(
            lambda path: path.unlink(), "cannot read the private key: No such file or directory", id="missing"
        ),
        pytest.param(lambda path: path.write_text("no key"), "not a private key that can be used", id="no-key"),
        pytest.param(lambda path: path.write_text(""), "not a private key that can be used", id="empty"),
        pytest.param(
            lambda path: path.chmod(0o644), "mode 0644 lets others read this private key; chmod 600", id="open"
        ),
        pytest.param(lambda path: os.truncate(path, 2 << 20), "2,097,152 bytes is no private key", id="huge"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(key: KeyFile, prepare: Callable[[Path], object], message: str) -> None:
    prepare(key.path)
    with pytest.raises(InputError) as error:
        from_file(key.path)
    assert str(error.value).startswith(f"{key.path}: {message}")


def test_the_repr_of_an_identity_shows_no_key(key: KeyFile) -> None:
    identity = key.identities[0]
    assert repr(identity) == f"Identity(fingerprint='{key.fingerprint}', source='{key.path}')"


@contextmanager
def agent(folder: Path, keys: list[KeyFile]) -> Iterator[str]:
    """A real ssh-agent that holds these keys and ends with the block."""
    socket = folder / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it says where it listens once it does
        for key in keys:
            environment = {"SSH_AUTH_SOCK": str(socket), "PATH": os.environ["PATH"]}
            subprocess.run(["ssh-add", "-q", key.path], env=environment, check=True, stdin=subprocess.DEVNULL)
        try:
            yield str(socket)
        finally:
            process.terminate()


def through_agent(socket: str, authorized: str) -> Evidence:
    async def run() -> Evidence:
        host = SshHost(ADDRESS, {"root": [authorized]}, answer=ANSWER)
        async with Servers([host], SEED) as servers, from_agent(socket) as identities:
            one = collector(identities, known_hosts_of(servers))
            return (await one.collect(Target("web1", ADDRESS, servers.port))).evidence

    return asyncio.run(run())


def test_an_agent_logs_in_and_the_key_that_did_is_recorded(tmp_path: Path, make_key: Callable[[str], KeyFile]) -> None:
    keys = [make_key(f"key{number}") for number in range(3)]
    with agent(tmp_path, keys) as socket:
        evidence = through_agent(socket, keys[2].public)
    assert (evidence.status, evidence.login) == (Status.COMPLETE, Login("root", keys[2].fingerprint))


def test_at_most_three_keys_are_offered_and_the_message_says_so(
    tmp_path: Path, make_key: Callable[[str], KeyFile]
) -> None:
    keys = [make_key(f"key{number}") for number in range(5)]
    with agent(tmp_path, keys) as socket:
        evidence = through_agent(socket, keys[3].public)
    offered = ", ".join(f"{key.fingerprint} (agent)" for key in keys[:3])
    assert (evidence.status, evidence.stage, evidence.reason) == (
        Status.REFUSED,
        "login",
        f"login as root denied; offered {offered}; 2 more keys were not offered, name the right one with --key",
    )
    assert evidence.login is None


def test_an_agent_that_does_not_answer_is_named(tmp_path: Path) -> None:
    async def ask() -> None:
        async with from_agent(str(tmp_path / "nobody")):
            pass

    with pytest.raises(InputError, match=r"nobody: the agent does not answer; start it, or name a key with --key FILE"):
        asyncio.run(ask())

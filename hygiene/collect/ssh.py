"""One SSH connection: strict host keys, public keys only, nothing forwarded.

What happened on the way is written into a Client as it happens, so that a failure can be told apart later
by how far the connection came and not by the words of an exception.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import asyncssh

from hygiene.collect.identity import MOST_KEYS, Identity
from hygiene.collect.known_hosts import HostKeyState, HostKeyVerdict, KnownHosts
from hygiene.model import Target
from hygiene.openssh.keys import fingerprint

_CLOSE_S = 2.0

# In this order, but those of the keys that known_hosts has for a host come first, as in ssh
# (order_hostkeyalgs in sshconnect2.c). ssh-rsa with SHA-1 is not among them, as since OpenSSH 8.8.
_HOST_KEY_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_SIGNATURES_OF = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}
_LEGACY = ("ssh-rsa", "ssh-dss")
_KEYBOARD, _PASSWORD = _NEVER_GIVEN = ("keyboard-interactive", "password")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each stage may take before the host is given up."""

    login_s: float = 20.0  # connect and log in
    collect_s: float = 180.0
    host_s: float = 240.0


def client_version() -> str:
    """`hygiene_<version>`, so that a watching team can tell our logins from others."""
    try:
        return f"hygiene_{version('ssh-hygiene')}"
    except PackageNotFoundError:  # run from a tree that was never installed
        return "hygiene_0"


def build_options() -> asyncssh.SSHClientConnectionOptions:
    """The options that all connections of a run share; building them costs more than a key exchange."""
    return asyncssh.SSHClientConnectionOptions(
        config=None,
        username="unset",
        client_version=client_version(),
        known_hosts=([], [], []),  # Client asks the index instead
        client_keys=None,  # Client offers them, so that the key that let us in is known
        agent_path=None,
        x509_trusted_certs=None,
        gss_kex=False,
        gss_auth=False,
        host_based_auth=False,
        # Client is told when the host asks for one of these, and gives none
        kbdint_auth=True,
        password_auth=True,
        preferred_auth=["publickey", *_NEVER_GIVEN],
        agent_forwarding=False,
        x11_forwarding=False,
        request_pty=False,
        send_env=[],
        env={},
        command=None,
        canonicalize_hostname=False,
        compression_algs=["none"],
        encryption_algs=[
            "aes128-gcm@openssh.com",
            "aes256-gcm@openssh.com",
            "chacha20-poly1305@openssh.com",
            "aes256-ctr",
            "aes192-ctr",
            "aes128-ctr",
        ],
        login_timeout=0,  # our own deadlines hold
        keepalive_interval=0,
        encoding=None,
    )


class Client(asyncssh.SSHClient):
    """What happened on one connection, step by step."""

    def __init__(self, target: Target, known_hosts: KnownHosts, identities: Sequence[Identity]) -> None:
        self.target = target
        self.known_hosts = known_hosts
        self.connected = False
        self.host_key: str | None = None  # `type base64` as offered
        self.host_key_fingerprint: str | None = None
        self.verdict: HostKeyVerdict | None = None  # None: no key was offered yet
        self.asked_for_key = False
        self.exhausted = False  # every key was refused
        self.asked_besides: list[str] = []  # other methods that the host offered when public keys were done with
        self.authenticated = False
        self.offered: list[Identity] = []
        self._left = list(identities[:MOST_KEYS])
        self.not_offered = len(identities) - len(self._left)
        self._connection: asyncssh.SSHClientConnection | None = None

    @property
    def server_version(self) -> str | None:
        """The banner without `SSH-2.0-`; None while it was not read."""
        banner = self._connection.get_extra_info("server_version") if self._connection else None
        if banner is None:
            return None
        for prefix in ("SSH-2.0-", "SSH-1.99-"):
            banner = banner.removeprefix(prefix)
        return str(banner)

    @property
    def accepted(self) -> Identity | None:
        """The key that let us in; None when the host asked for none."""
        return self.offered[-1] if self.authenticated and self.offered else None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.connected = True
        self._connection = conn

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        return self._judge(self.known_hosts.check, key)

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        return self._judge(self.known_hosts.check_authority, key)

    def _judge(self, check: Callable[[bytes, str, int, str], HostKeyVerdict], key: asyncssh.SSHKey) -> bool:
        blob = key.public_data
        self.host_key = f"{key.get_algorithm()} {base64.b64encode(blob).decode()}"
        self.host_key_fingerprint = fingerprint(blob)
        self.verdict = check(blob, self.target.address, self.target.port, self.target.host)
        return self.verdict.state is HostKeyState.KNOWN

    def public_key_auth_requested(self) -> asyncssh.SSHKeyPair | None:
        self.asked_for_key = True
        if not self._left:
            self.exhausted = True
            return None
        self.offered.append(self._left.pop(0))
        return self.offered[-1].for_one_login()

    def kbdint_auth_requested(self) -> str | None:
        self.asked_besides.append(_KEYBOARD)
        return None

    def password_auth_requested(self) -> str | None:
        self.asked_besides.append(_PASSWORD)
        return None

    def auth_completed(self) -> None:
        self.authenticated = True


def host_key_algorithms(known_hosts: KnownHosts, target: Target, *, legacy: bool = False) -> list[str]:
    """What we ask a host to prove itself with: known types first, certificates only where an authority is known.

    With `legacy` only the SHA-1 signatures of a known RSA or DSA key, for a host that has no better.
    """
    types = known_hosts.key_types(target.address, target.port, target.host)
    if legacy:
        return [each for each in types if each in _LEGACY]
    first = [name for each in types for name in _SIGNATURES_OF.get(each, (each,)) if name in _HOST_KEY_ALGORITHMS]
    plain = list(dict.fromkeys((*first, *_HOST_KEY_ALGORITHMS)))
    if not known_hosts.has_authority(target.address, target.port, target.host):
        return plain
    return [_certificate_algorithm(name) for name in plain] + plain


def _certificate_algorithm(name: str) -> str:
    return f"{name.removesuffix('@openssh.com')}-cert-v01@openssh.com"


async def connect(
    client: Client,
    user: str,
    options: asyncssh.SSHClientConnectionOptions,
    algorithms: Sequence[str],
    tunnel: asyncssh.SSHClientConnection | None = None,
) -> asyncssh.SSHClientConnection:
    """Connect and log in; what asyncssh and the system raise goes through."""
    return await asyncssh.connect(
        client.target.address,
        client.target.port,
        config=None,
        options=options,
        tunnel=tunnel or (),
        username=user,
        client_factory=lambda: client,
        server_host_key_algs=list(algorithms),
    )


async def close(connection: asyncssh.SSHClientConnection) -> None:
    """Say goodbye, and hang up on a host that does not listen."""
    connection.close()
    try:
        async with asyncio.timeout(_CLOSE_S):
            await connection.wait_closed()
    except TimeoutError:
        connection.abort()

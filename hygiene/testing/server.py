"""SSH servers in this process, one listener for each address, all at the same port."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import asyncssh
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hygiene.testing import shells
from hygiene.testing.hosts import Fault, SshHost, host_key

_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
_TRIES_FOR_A_PORT = 20
_BACKLOG = 128
_BANNER_FAULTS = (
    Fault.HANGS_BEFORE_BANNER,
    Fault.CLOSES_BEFORE_BANNER,
    Fault.ENDLESS_BANNER,
    Fault.NOT_SSH,
    Fault.HANGS_IN_KEY_EXCHANGE,
)


class Servers:
    """Serve hosts from the running event loop: `async with Servers(hosts, seed) as servers: servers.port`.

    With a port of 0 one is found that is free on all the addresses.
    """

    def __init__(self, hosts: Sequence[SshHost], seed: str, port: int = 0) -> None:
        for host in hosts:
            if ipaddress.ip_address(host.address) not in _LOOPBACK:
                raise ValueError(f"{host.address}: hosts for testing listen on 127.0.0.0/8 only")
        self.hosts = tuple(hosts)
        self.seed = seed
        self.port = port
        self.passwords_tried = 0
        self.commands = 0  # run on all hosts so far
        # a shell is a process: more of them at once than this only wait for each other
        self._shells = asyncio.Semaphore(2 * (os.cpu_count() or 1))
        self._listeners: list[asyncio.AbstractServer | asyncssh.SSHAcceptor] = []

    async def __aenter__(self) -> Self:
        sockets = _bind_all([host.address for host in self.hosts], self.port)
        self.port = sockets[0].getsockname()[1] if sockets else 0
        for host, listening in zip(self.hosts, sockets, strict=True):
            self._listeners.append(await self._listen(host, listening))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            listener.close()

    async def _listen(self, host: SshHost, listening: socket.socket) -> asyncio.AbstractServer | asyncssh.SSHAcceptor:
        if host.fault in _BANNER_FAULTS:
            return await asyncio.start_server(lambda r, w: _speak_badly(host, r, w), sock=listening, backlog=_BACKLOG)
        address = host.key_of or host.address
        if host.fault is Fault.WRONG_HOST_KEY:
            address = f"not {address}"
        key = host_key(self.seed, address).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())

        async def answer(process: asyncssh.SSHServerProcess[bytes]) -> None:
            self.commands += 1
            await shells.answer(host, process, self._shells)

        options = asyncssh.SSHServerConnectionOptions(
            config=None,
            server_host_keys=[asyncssh.import_private_key(key)],
            server_version=host.banner,
            server_factory=lambda: _Login(host, self),
            process_factory=None if host.fault is Fault.NO_COMMANDS else answer,
            host_based_auth=False,
            kbdint_auth=False,
            gss_kex=False,
            gss_auth=False,
            gss_host=None,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            line_editor=False,
            compression_algs=["none"],
            encoding=None,
        )
        return await asyncssh.listen(sock=listening, options=options, backlog=_BACKLOG, config=None)


class _Login(asyncssh.SSHServer):
    """Who may log in to one host."""

    def __init__(self, host: SshHost, servers: Servers) -> None:
        self._host = host
        self._servers = servers
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    async def begin_auth(self, username: str) -> bool:
        del username
        if self._host.fault is Fault.HANGS_AT_LOGIN:
            await asyncio.Event().wait()
        if self._host.fault is Fault.CLOSES_AT_LOGIN and self._connection is not None:
            self._connection.abort()
        return True

    def public_key_auth_supported(self) -> bool:
        return self._host.fault is not Fault.NO_PUBLIC_KEY_LOGIN

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        if self._host.fault is Fault.REFUSES_LOGIN:
            return False
        offered = " ".join(key.export_public_key().decode().split()[:2])
        return offered in self._host.logins.get(username, ())

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        del username, password
        self._servers.passwords_tried += 1
        return False


def _bind_all(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Bind one port on all addresses, a free one when it is 0."""
    for _ in range(_TRIES_FOR_A_PORT):
        sockets: list[socket.socket] = []
        wanted = port
        try:
            for address in addresses:
                each = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                sockets.append(each)
                each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                each.bind((address, wanted))
                each.setblocking(False)
                wanted = each.getsockname()[1]
        except OSError as error:
            for each in sockets:
                each.close()
            if error.errno != errno.EADDRINUSE or port:
                raise
        else:
            return sockets
    raise OSError(errno.EADDRINUSE, f"no port is free on all of {len(addresses):,} addresses")


async def _speak_badly(host: SshHost, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What a host does that never gets as far as a key exchange."""
    try:
        match host.fault:
            case Fault.NOT_SSH:
                writer.write(b"HTTP/1.1 400 Bad Request\r\n" * 2000)
            case Fault.ENDLESS_BANNER:
                while not writer.is_closing():
                    writer.write(b"Authorised use only.\r\n" * 100)
                    await writer.drain()
            case Fault.HANGS_IN_KEY_EXCHANGE:
                writer.write(f"SSH-2.0-{host.banner}\r\n".encode())
        if host.fault is not Fault.CLOSES_BEFORE_BANNER:
            while await reader.read(1 << 16):
                pass
    except ConnectionError:
        pass
    finally:
        writer.close()

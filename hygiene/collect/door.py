"""An SSH connection up to the door: the library's transport with one host key, few messages, and bounds on all else.

Nothing here sends a password or opens a channel, and a signature only where it is told to. Whatever the other side
does ends within the bounds of the wire: the library itself would wait without end for a service that is never granted,
and read packets of any size.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import paramiko
from paramiko.auth_handler import AuthOnlyHandler
from paramiko.common import MSG_SERVICE_REQUEST, MSG_USERAUTH_REQUEST
from paramiko.message import Message
from paramiko.packet import Packetizer
from paramiko.transport import ServiceRequestingTransport

from hygiene.collect.ssh import client_version

_SIGNATURES_OF = {
    **{name: (name,) for name in ("ssh-ed25519", *(f"ecdsa-sha2-nistp{bits}" for bits in (256, 384, 521)))},
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
_CONNECTION = range(80, 128)  # numbers of requests and channels, which come after a login (RFC 4250, section 4.1.1)
_MOST_METHODS = 16
_LONGEST_METHOD = 64
_LATER_S = 3600.0  # the wire is over before
_LOOK_S = 0.2  # how soon a wire that waits sees that it is to stop

# RFC 8731 gives both names to one algorithm; the library knows the older
_CURVE = "curve25519-sha256@libssh.org"
# the stubs leave out what has no public name
_LIBRARY_KEX: dict[str, type] = ServiceRequestingTransport._kex_info  # type: ignore[attr-defined]
_KEX = {**_LIBRARY_KEX, "curve25519-sha256": _LIBRARY_KEX[_CURVE]}
# no group exchange: there the host would choose how much we have to compute
_KEX_NAMES = (
    *("curve25519-sha256", _CURVE, "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521"),
    *("mlkem768x25519-sha256", "diffie-hellman-group16-sha512", "diffie-hellman-group14-sha256"),
)

OUT_OF_TURN = "it answered what it was not asked"
_OTHER_KEY = "its host key is not the one that the collection saw"


class DoorError(Exception):
    """The conversation is over; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Served:
    """The host is ready to be asked."""


@dataclass(frozen=True, slots=True)
class Refused:
    """SSH_MSG_USERAUTH_FAILURE."""

    methods: tuple[str, ...]
    partial: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """SSH_MSG_USERAUTH_PK_OK: a signature with this key would be accepted (RFC 4252, section 7)."""

    algorithm: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Entered:
    """SSH_MSG_USERAUTH_SUCCESS."""


Heard = Served | Refused | Accepted | Entered


def signatures(key_type: str) -> tuple[str, ...]:
    """The signatures with which a host can prove that it has a key of this type. DoorError when we know none."""
    found = _SIGNATURES_OF.get(key_type)
    if found is None:
        raise DoorError(f"its host key is a {key_type}, which cannot be checked here")
    return found


class Wire(socket.socket):
    """A connected socket that ends when its time or its bytes are used up, or when the run stops."""

    def __init__(self, connected: socket.socket, most_bytes: int, stop: threading.Event) -> None:
        super().__init__(fileno=connected.detach())
        self.ends_at = time.monotonic()
        self.over = ""  # why it ended
        self._left = most_bytes
        self._most = most_bytes
        self._stop = stop

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As of any socket, and nothing when it is over."""
        if self._is_over():
            return b""
        data = super().recv(min(size, self._left), flags)
        self._left -= len(data)
        return data

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]  # the library sends bytes alone
        """As of any socket; EOFError when it is over."""
        if self._is_over():
            raise EOFError
        return super().send(data, flags)

    def _is_over(self) -> bool:
        if self._stop.is_set():
            self.over = "the run was stopped"
        elif self._left <= 0:
            self.over = f"it said more than {self._most:,} bytes"
        elif time.monotonic() > self.ends_at:
            self.over = "it took too long to answer"
        return bool(self.over)


class _Packets(Packetizer):
    def start_handshake(self, timeout: float) -> None:
        """Nothing: the wire has a deadline, and the library's timer would outlive the connection."""


class _Handler(AuthOnlyHandler):
    """Hands on what the host says, when it was asked."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._door = door

    def wait_for_response(self, event: threading.Event) -> list[str]:  # noqa: ARG002
        """Nothing: `Door.ask` waits for what is heard, and misses no answer that came at once."""
        return []

    def abort(self) -> None:
        self._door.lost()

    def _parse_userauth_success(self, m: Message) -> None:  # noqa: ARG002
        self._door.hear(Entered())

    def _parse_userauth_failure(self, m: Message) -> None:
        names = m.get_binary().split(b",")
        if len(names) > _MOST_METHODS or any(len(name) > _LONGEST_METHOD or not name.isascii() for name in names):
            self._door.fail("it offers methods that are none")
        methods = tuple(text for name in names if (text := name.decode()) and text.isprintable())
        self._door.hear(Refused(methods, m.get_boolean()))

    def _parse_userauth_banner(self, m: Message) -> None:
        pass

    def _parse_userauth_info_request(self, m: Message) -> None:
        # the number 60 has a meaning for each method: of publickey it is PK_OK (RFC 4252, section 6)
        self._door.hear(Accepted(m.get_binary(), m.get_binary()))


class Door(ServiceRequestingTransport):
    """A connection on which one side asks and the other answers; `host_key` is the only one that is taken."""

    # what the stubs leave out
    active: bool
    session_id: bytes
    _handler_table: dict[int, Callable[[Message], None]]
    _send_message: Callable[[Message], None]

    _kex_info = _KEX
    _preferred_kex = tuple(name for name in _KEX_NAMES if name in _KEX)
    _preferred_ciphers = (
        *("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"),
    )
    _preferred_macs = (
        *("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"),
    )
    _preferred_compression = ("none",)

    def __init__(self, wire: Wire, key_type: str, host_key: bytes) -> None:
        self._wanted = host_key
        self._wire = wire
        self._fault = ""
        self._open = False  # something was asked and not answered
        self._heard: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
        self._preferred_keys = signatures(key_type)
        super().__init__(wire, packetizer_class=_Packets)
        self.local_version = f"SSH-2.0-{client_version()}"
        self.banner_timeout = _LATER_S
        self.auth_handler = self._asking = _Handler(self)
        # no channels and no requests: what is asked of us here is none of the host's business
        self._handler_table |= dict.fromkeys(_CONNECTION, self._unwanted)

    # ------------------------------------------------------------ what we do

    def shake_hands(self) -> None:
        """Exchange keys and ask for the service. DoorError when that does not come about."""
        done = threading.Event()
        self.start_client(event=done)
        done.wait(max(0.0, self._wire.ends_at - time.monotonic()) + _LOOK_S)
        if not self.initial_kex_done or not self.active:
            raise DoorError(self._why("the key exchange failed"))
        if self.get_remote_server_key().asbytes() != self._wanted:
            raise DoorError(_OTHER_KEY)

    def serve(self) -> None:
        """Ask to be asked: SSH_MSG_SERVICE_REQUEST."""
        request = Message()
        request.add_byte(bytes([MSG_SERVICE_REQUEST]))
        request.add_string("ssh-userauth")
        self._open = True
        self._send_message(request)
        if self._next() != Served():
            raise DoorError(OUT_OF_TURN)

    def ask(self, user: str, key: tuple[str, bytes] | None = None) -> Heard:
        """Ask which methods are offered, or whether a signature with the key would be accepted."""

        def finish(message: Message) -> None:
            if key is not None:
                message.add_boolean(False)
                message.add_string(key[0])
                message.add_string(key[1])

        return self._request(user, "none" if key is None else "publickey", finish)

    def sign(self, user: str, key: tuple[str, bytes], sign: Callable[[bytes, float], bytes]) -> Heard:
        """Begin to log in with a key; `sign` gets what is to be signed, and for how many seconds one waits for it."""
        algorithm, blob = key
        # RFC 4252, section 7: the signature is of this connection, of this account, and of nothing else
        signed = Message()
        signed.add_string(self.session_id)
        signed.add_byte(bytes([MSG_USERAUTH_REQUEST]))
        for text in (user, "ssh-connection", "publickey"):
            signed.add_string(text)
        signed.add_boolean(True)
        signed.add_string(algorithm)
        signed.add_string(blob)
        signature = sign(signed.asbytes(), max(0.0, self._wire.ends_at - time.monotonic()))

        def finish(message: Message) -> None:
            message.add_boolean(True)
            for field in (algorithm, blob, signature):
                message.add_string(field)

        return self._request(user, "publickey", finish)

    def _request(self, user: str, method: str, finish: Callable[[Message], None]) -> Heard:
        """Send one SSH_MSG_USERAUTH_REQUEST and give its answer."""
        if not self._heard.empty():
            raise DoorError(self._why(OUT_OF_TURN))
        self._open = True
        self._asking.send_auth_request(user, method, finish)
        return self._next()

    def _next(self) -> Heard:
        try:
            heard = self._heard.get(timeout=max(0.0, self._wire.ends_at - time.monotonic()) + 2 * _LOOK_S)
        except queue.Empty:
            raise DoorError("it took too long to answer") from None
        if heard is None:
            raise DoorError(self._why("it closed the connection"))
        return heard

    def _why(self, otherwise: str) -> str:
        return self._fault or self._wire.over or otherwise

    # ------------------------------------------------------------ what the library's thread does

    def hear(self, heard: Heard) -> None:
        """Take an answer. Another than the one that is waited for ends the connection."""
        if not self._open:
            self.fail(OUT_OF_TURN)
        self._open = False
        self._heard.put(heard)

    def lost(self) -> None:
        """The connection is over."""
        self._heard.put(None)

    def fail(self, fault: str) -> None:
        """End the connection for what the host has done."""
        self._fault = fault
        raise paramiko.SSHException(fault)

    def _parse_service_accept(self, m: Message) -> None:  # noqa: ARG002
        self.hear(Served())

    def _unwanted(self, m: Message) -> None:  # noqa: ARG002
        self.fail(OUT_OF_TURN)

    def _verify_key(self, host_key: bytes, sig: bytes) -> None:
        # before anything is computed with it
        if host_key != self._wanted:
            self.fail(_OTHER_KEY)
        super()._verify_key(host_key, sig)  # type: ignore[misc]  # the stubs leave out what has no public name

    def _log(self, *args: object) -> None:
        """Nothing: what a host says would go to standard error."""

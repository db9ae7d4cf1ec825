"""Ask one host what it would accept, on one connection: public keys, methods offered, and what our own key opens.

A query names a public key and carries no signature (RFC 4252, section 7): the host says whether one would be accepted,
by its own files, permissions and settings. The only credential that is shown is our own key, last of all and where a
question wants it: then the connection ends, whatever came of it. No password is ever sent, and no session is opened.
"""

from __future__ import annotations

import binascii
import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never

import paramiko

from hygiene.collect.door import OUT_OF_TURN, Accepted, Door, DoorError, Entered, Refused, Served, Wire, signatures
from hygiene.model import AfterKey, Answers, KeyAnswer, Query, Question, Target

MOST_QUERIES = 3  # each that is refused is logged, and counts for MaxAuthTries, PerSourcePenalties and fail2ban

Connect = Callable[[Target, float], socket.socket]
# the key, what to sign and for how many seconds at most; ValueError when the key is not at hand or does not sign
Sign = Callable[[Query, bytes, float], bytes]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a host may take, and how much it may say."""

    connect_s: float = 20.0  # connect and exchange keys
    whole_s: float = 30.0
    most_bytes: int = 256 << 10


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def ask(
    target: Target,
    host_key: str | None,
    question: Question,
    *,
    bounds: Bounds | None = None,
    stop: threading.Event | None = None,
    clock: Callable[[], datetime] = now,
    connect: Connect | None = None,
    sign: Sign | None = None,
) -> Answers:
    """Ask a host once. Nothing that it does raises here; `problem` of the answers says what kept it from answering.

    `host_key` is the one that the collection saw, as `type base64`; another ends it before anything is asked. `stop`
    ends it soon. Without `sign` no login is begun.
    """
    said = _Said(Answers(clock()))
    wires = _Wires(bounds or Bounds(), stop or threading.Event(), connect or dial)
    try:
        _converse(target, host_key, question, said, wires, sign)
    except DoorError as error:
        said.answers = replace(said.answers, problem=str(error))
    except (socket.gaierror, UnicodeError):
        said.answers = replace(said.answers, problem="its name does not resolve")
    except OSError as error:
        what = os.strerror(error.errno) if error.errno else "no answer in time"
        said.answers = replace(said.answers, problem=f"cannot connect: {what}")
    # One host's surprise must not end the run: beside the two that collect and check, this asks
    except Exception as error:  # noqa: BLE001
        said.answers = replace(said.answers, problem=f"the connection broke: {type(error).__name__}")
    return said.answers


@dataclass(slots=True)
class _Said:
    """What is known so far: kept also when the rest goes wrong."""

    answers: Answers


@dataclass(frozen=True, slots=True)
class _Wires:
    """How a connection comes about and ends."""

    bounds: Bounds
    stop: threading.Event
    connect: Connect


def _converse(
    target: Target, host_key: str | None, question: Question, said: _Said, wires: _Wires, sign: Sign | None
) -> None:
    key_type, wanted = _decoded(host_key)
    ends_at = time.monotonic() + wires.bounds.whole_s
    with _opened(target, key_type, wanted, wires) as (wire, door):
        door.shake_hands()
        wire.ends_at = ends_at
        door.serve()
        said.answers = replace(said.answers, user=question.user)
        offered = door.ask(question.user)
        match offered:
            case Refused(methods, False):
                said.answers = replace(said.answers, methods=methods)
            case Entered():
                said.answers = replace(said.answers, entered=True)
                return
            case Refused() | Accepted() | Served():
                raise DoorError(OUT_OF_TURN)
            case _:
                assert_never(offered)
        if "publickey" not in methods:
            return  # each query would be refused, whatever key it names
        for query in question.queries[:MOST_QUERIES]:
            heard = door.ask(question.user, (query.algorithm, query.blob))
            match heard:
                case Accepted(_, blob) if blob == query.blob:
                    accepted = True
                case Refused(_, False):
                    accepted = False
                case _:
                    raise DoorError(OUT_OF_TURN)
            said.answers = replace(said.answers, keys=(*said.answers.keys, (query.fingerprint, accepted)))
        if question.signed is not None and sign is not None:
            said.answers = replace(said.answers, signed=_with_our_key(door, question.user, question.signed, sign))


def _with_our_key(door: Door, user: str, query: Query, sign: Sign) -> KeyAnswer:
    """Begin a login with our own key: the last thing that is said, for behind a login we want nothing."""
    try:
        heard = door.sign(user, (query.algorithm, query.blob), lambda data, left_s: sign(query, data, left_s))
    except ValueError:
        raise DoorError("our own key did not sign") from None
    match heard:
        case Entered():
            return KeyAnswer(query.fingerprint, AfterKey.ENTERED)
        case Refused(methods, partial):
            return KeyAnswer(query.fingerprint, AfterKey.MORE if partial else AfterKey.REFUSED, methods)
        case Accepted() | Served():
            raise DoorError(OUT_OF_TURN)
        case _:
            assert_never(heard)


@contextlib.contextmanager
def _opened(target: Target, key_type: str, host_key: bytes, wires: _Wires) -> Iterator[tuple[Wire, Door]]:
    ends_at = time.monotonic() + wires.bounds.connect_s
    wire = Wire(wires.connect(target, ends_at), wires.bounds.most_bytes, wires.stop)
    try:
        wire.ends_at = ends_at
        door = Door(wire, key_type, host_key)
        try:
            yield wire, door
        finally:
            door.close()
    except (EOFError, paramiko.SSHException):
        raise DoorError(wire.over or "it closed the connection") from None
    finally:
        wire.close()


def dial(target: Target, ends_at: float) -> socket.socket:
    """Connect to the first of its addresses that answers, all within one deadline of the monotonic clock."""
    failed: OSError = TimeoutError()
    for family, kind, protocol, _, address in socket.getaddrinfo(target.address, target.port, type=socket.SOCK_STREAM):
        left_s = ends_at - time.monotonic()
        if left_s <= 0:
            break
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.settimeout(left_s)
            connecting.connect(address)
        except OSError as error:
            connecting.close()
            failed = error
            continue
        return connecting
    raise failed


def _decoded(host_key: str | None) -> tuple[str, bytes]:
    key_type, _, text = (host_key or "").partition(" ")
    try:
        blob = binascii.a2b_base64(text)
    except ValueError:
        blob = b""
    if not blob:
        raise DoorError("the collection saw no host key")
    signatures(key_type)  # a connection that cannot come about is not begun
    return key_type, blob

"""Asking a host what it would accept: hosts that answer, and hosts that do what they can to hurt who asks."""

from __future__ import annotations

import base64
import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

import asyncssh
import paramiko
import pytest
from paramiko.auth_handler import AuthHandler
from paramiko.message import Message

from hygiene.collect.door import OUT_OF_TURN, Wire
from hygiene.collect.probe import Bounds, Sign, ask
from hygiene.collect.ssh import client_version
from hygiene.model import AfterKey, Answers, KeyAnswer, Query, Question, Target

ADDRESS = "127.0.0.1"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NOT_LONG = Bounds(connect_s=1.0, whole_s=1.5, most_bytes=64 << 10)
LONG = Bounds(connect_s=30, whole_s=60)
HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
HOST_LINE = f"ssh-ed25519 {base64.b64encode(HOST_KEY.public_data).decode()}"
KEYS = [asyncssh.generate_private_key("ssh-ed25519") for _ in range(4)]
QUERIES = tuple(Query(key.get_fingerprint(), "ssh-ed25519", key.public_data) for key in KEYS)
OF_ONE = Question("root", QUERIES[:1])
METHODS = ("publickey", "password")
BLANK = Answers(NOW)
ASKED = Answers(NOW, "root", METHODS)
TOO_LONG = "it took too long to answer"
TOO_MUCH = "it said more than 65,536 bytes"

SUCCESS, FAILURE, BANNER, PK_OK = 52, 51, 53, 60


def message(number: int, *fields: bytes | bool | int) -> Message:
    made = Message()
    made.add_byte(bytes([number]))
    for each in fields:
        if isinstance(each, bool):
            made.add_boolean(each)
        elif isinstance(each, int):
            made.add_int(each)
        else:
            made.add_string(each)
    return made


REFUSED = message(FAILURE, b"publickey,password", False)


def pk_ok(key: asyncssh.SSHKey) -> Message:
    return message(PK_OK, b"ssh-ed25519", key.public_data)


class Scripted(AuthHandler):
    """Answers the n-th request with the n-th messages of a script; None hangs up. Keeps what it was asked."""

    def __init__(
        self, transport: paramiko.Transport, script: Sequence[Sequence[Message] | None], greeted: bool
    ) -> None:
        super().__init__(transport)
        self.script = list(script)
        self.greeted = greeted
        self.asked: list[tuple[str, ...]] = []

    def _parse_service_request(self, m: Message) -> None:
        if self.greeted:
            super()._parse_service_request(m)  # type: ignore[misc]

    def _parse_userauth_request(self, m: Message) -> None:
        user, service, method = m.get_text(), m.get_text(), m.get_text()
        signed = str(m.get_boolean()) if method == "publickey" else ""
        rest = len(m.get_remainder())
        self.asked.append((user, service, method, signed, "" if method == "publickey" else str(rest)))
        answers = self.script.pop(0) if self.script else ()
        if answers is None:
            self.transport.close()
        for answer in answers or ():
            self.transport._send_message(answer)  # type: ignore[attr-defined]


@contextmanager
def ssh_host(
    script: Sequence[Sequence[Message] | None], *, greeted: bool = True, key: asyncssh.SSHKey = HOST_KEY
) -> Iterator[tuple[Target, Callable[[], list[tuple[str, ...]]]]]:
    """A host of another implementation; gives where it is, and what it was asked in its only connection."""
    with socket.create_server((ADDRESS, 0)) as listening:
        transports: list[paramiko.Transport] = []
        versions: list[str] = []

        def serve() -> None:
            client, _ = listening.accept()
            transport = paramiko.Transport(client)
            transport.add_server_key(paramiko.Ed25519Key(file_obj=io.StringIO(key.export_private_key().decode())))
            transport.auth_handler = Scripted(transport, script, greeted)
            transports.append(transport)
            with suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=paramiko.ServerInterface())
            versions.append(transport.remote_version)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

        def asked() -> list[tuple[str, ...]]:
            thread.join(20)
            (transport,) = transports
            transport.close()
            transport.join(20)
            handler = transport.auth_handler
            assert isinstance(handler, Scripted)
            assert versions == [f"SSH-2.0-{client_version()}"]
            return handler.asked

        yield Target("web1", ADDRESS, listening.getsockname()[1]), asked


def put(target: Target, question: Question, bounds: Bounds = LONG, host_key: str | None = HOST_LINE) -> Answers:
    return ask(target, host_key, question, bounds=bounds, clock=lambda: NOW, sign=sign)


def sign(query: Query, data: bytes, left_s: float) -> bytes:
    assert 0 < left_s < 61
    return KEYS[[each.fingerprint for each in QUERIES].index(query.fingerprint)].sign(data, b"ssh-ed25519")


NONE = ("root", "ssh-connection", "none", "", "0")
QUERY = ("root", "ssh-connection", "publickey", "False", "")
SIGNED = ("root", "ssh-connection", "publickey", "True", "")
OURS = QUERIES[3]
WITH_OURS = Question("root", QUERIES[:1], OURS)
MORE = message(FAILURE, b"keyboard-interactive,password", True)


def became(what: AfterKey, *methods: str) -> Answers:
    """What is known when a query was refused and then our own key was shown."""
    keys = ((QUERIES[0].fingerprint, False),)
    return replace(ASKED, keys=keys, signed=KeyAnswer(OURS.fingerprint, what, methods))


@pytest.mark.parametrize(
    ("script", "question", "expected", "asked"),
    [
        pytest.param(
            [[REFUSED], [REFUSED], [REFUSED], [pk_ok(KEYS[2])]],
            Question("root", QUERIES[:3]),
            replace(ASKED, keys=tuple((each.fingerprint, n == 2) for n, each in enumerate(QUERIES[:3]))),
            [NONE, QUERY, QUERY, QUERY],
            id="keys are asked about without a signature",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [REFUSED], [REFUSED]],
            Question("root", QUERIES),
            replace(ASKED, keys=tuple((each.fingerprint, False) for each in QUERIES[:3])),
            [NONE, QUERY, QUERY, QUERY],
            id="never more than three",
        ),
        pytest.param(
            [[message(FAILURE, b"keyboard-interactive", False)]],
            OF_ONE,
            replace(ASKED, methods=("keyboard-interactive",)),
            [NONE],
            id="no key where keys are not offered",
        ),
        pytest.param(
            [[message(FAILURE, b"", False)]], OF_ONE, replace(ASKED, methods=()), [NONE], id="nothing offered"
        ),
        pytest.param([[REFUSED]], Question("root"), ASKED, [NONE], id="the methods alone"),
        pytest.param(
            [[message(BANNER, b"keep out\n", b""), REFUSED], [REFUSED]],
            OF_ONE,
            replace(ASKED, keys=((QUERIES[0].fingerprint, False),)),
            [NONE, QUERY],
            id="a greeting is no answer",
        ),
        pytest.param(
            [[message(SUCCESS)]],
            OF_ONE,
            replace(BLANK, user="root", entered=True),
            [NONE],
            id="open to whoever names it: nothing more is asked",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [message(SUCCESS)]],
            WITH_OURS,
            became(AfterKey.ENTERED),
            [NONE, QUERY, SIGNED],
            id="our key enters, and nothing comes after it",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [MORE]],
            WITH_OURS,
            became(AfterKey.MORE, "keyboard-interactive", "password"),
            [NONE, QUERY, SIGNED],
            id="our key is not enough",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [message(BANNER, b"one more\n", b""), MORE]],
            WITH_OURS,
            became(AfterKey.MORE, "keyboard-interactive", "password"),
            [NONE, QUERY, SIGNED],
            id="a greeting between the factors",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [REFUSED]],
            WITH_OURS,
            became(AfterKey.REFUSED, *METHODS),
            [NONE, QUERY, SIGNED],
            id="our key is refused",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [message(FAILURE, b"", True)]],
            WITH_OURS,
            became(AfterKey.MORE),
            [NONE, QUERY, SIGNED],
            id="more is wanted, and nothing is offered",
        ),
        pytest.param(
            [[message(FAILURE, b"password", False)]],
            WITH_OURS,
            replace(ASKED, methods=("password",)),
            [NONE],
            id="no signature where keys are not offered",
        ),
        pytest.param(
            [[message(SUCCESS)]],
            WITH_OURS,
            replace(BLANK, user="root", entered=True),
            [NONE],
            id="no signature where nothing is needed",
        ),
    ],
)
def test_answers(
    script: Sequence[Sequence[Message]], question: Question, expected: Answers, asked: list[tuple[str, ...]]
) -> None:
    with ssh_host(script) as (target, heard):
        assert put(target, question) == expected
        assert heard() == asked


@pytest.mark.parametrize(
    ("script", "question", "expected"),
    [
        pytest.param(
            [[REFUSED], [message(SUCCESS)]], OF_ONE, replace(ASKED, problem=OUT_OF_TURN), id="a login for a query"
        ),
        pytest.param(
            [[REFUSED], [message(FAILURE, b"password", True)]],
            OF_ONE,
            replace(ASKED, problem=OUT_OF_TURN),
            id="a partial login for a query",
        ),
        pytest.param(
            [[message(FAILURE, b"password", True)]],
            OF_ONE,
            replace(BLANK, user="root", problem=OUT_OF_TURN),
            id="a partial login for nothing",
        ),
        pytest.param(
            [[pk_ok(KEYS[0])]], OF_ONE, replace(BLANK, user="root", problem=OUT_OF_TURN), id="a key for no key"
        ),
        pytest.param(
            [[REFUSED], [pk_ok(KEYS[1])]],
            OF_ONE,
            replace(ASKED, problem=OUT_OF_TURN),
            id="yes to another key than asked",
        ),
        pytest.param([[REFUSED], [message(PK_OK)]], OF_ONE, replace(ASKED, problem=OUT_OF_TURN), id="yes to no key"),
        pytest.param(
            [[REFUSED], [pk_ok(KEYS[0]), pk_ok(KEYS[0])], [REFUSED]],
            Question("root", QUERIES[:2]),
            replace(ASKED, keys=((QUERIES[0].fingerprint, True),), problem=OUT_OF_TURN),
            id="the same answer twice",
        ),
        pytest.param(
            [[message(FAILURE, b",".join([b"x"] * 1000), False)]],
            OF_ONE,
            replace(BLANK, user="root", problem="it offers methods that are none"),
            id="a thousand methods",
        ),
        pytest.param(
            [[message(FAILURE, b"\xff\x1b[31m", False)]],
            OF_ONE,
            replace(BLANK, user="root", problem="it offers methods that are none"),
            id="methods that are no text",
        ),
        pytest.param(
            [None], OF_ONE, replace(BLANK, user="root", problem="it closed the connection"), id="hangs up when asked"
        ),
        pytest.param(
            [[REFUSED], None],
            OF_ONE,
            replace(ASKED, problem="it closed the connection"),
            id="hangs up at a key: what was learned stays",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [pk_ok(KEYS[3])], [message(SUCCESS)]],
            WITH_OURS,
            replace(ASKED, keys=((QUERIES[0].fingerprint, False),), problem=OUT_OF_TURN),
            id="a signature is asked for once more",
        ),
        pytest.param(
            [[REFUSED], [MORE]],
            WITH_OURS,
            replace(ASKED, problem=OUT_OF_TURN),
            id="a partial login before our key",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], [message(FAILURE, b",".join([b"x"] * 1000), True)]],
            WITH_OURS,
            replace(ASKED, keys=((QUERIES[0].fingerprint, False),), problem="it offers methods that are none"),
            id="a thousand methods behind our key",
        ),
        pytest.param(
            [[REFUSED], [REFUSED], None],
            WITH_OURS,
            replace(ASKED, keys=((QUERIES[0].fingerprint, False),), problem="it closed the connection"),
            id="hangs up at our key",
        ),
        pytest.param(
            [[message(90, b"session", 0, 1, 1)]],
            OF_ONE,
            replace(BLANK, user="root", problem=OUT_OF_TURN),
            id="opens a channel",
        ),
    ],
)
def test_answers_that_are_none(
    script: Sequence[Sequence[Message] | None], question: Question, expected: Answers
) -> None:
    with ssh_host(script) as (target, _):
        found = put(target, question)
    assert found == expected


@pytest.mark.parametrize(
    ("script", "greeted", "expected"),
    [
        pytest.param([], False, replace(BLANK, problem=TOO_LONG), id="no service"),
        pytest.param([[]], True, replace(BLANK, user="root", problem=TOO_LONG), id="no word to nothing"),
        pytest.param([[REFUSED], []], True, replace(ASKED, problem=TOO_LONG), id="no word to a key"),
        pytest.param(
            [[REFUSED], [REFUSED], []],
            True,
            replace(ASKED, keys=((QUERIES[0].fingerprint, False),), problem=TOO_LONG),
            id="no word to our key",
        ),
        pytest.param(
            [[message(BANNER, b"x" * 30_000, b"")] * 5],
            True,
            replace(BLANK, user="root", problem=TOO_MUCH),
            id="a greeting without end",
        ),
    ],
)
def test_a_host_that_hangs(script: Sequence[Sequence[Message]], greeted: bool, expected: Answers) -> None:
    began = time.monotonic()
    with ssh_host(script, greeted=greeted) as (target, _):
        question = WITH_OURS if len(script) == 3 else OF_ONE
        assert put(target, question, replace(NOT_LONG, connect_s=30, whole_s=2.5)) == expected
    assert time.monotonic() - began < 20


@contextmanager
def raw_host(says: bytes, forever: bool) -> Iterator[Target]:
    """A host that says this, once or without end, and then nothing until it is left alone."""
    with socket.create_server((ADDRESS, 0)) as listening:

        def serve() -> None:
            client, _ = listening.accept()
            with client, suppress(OSError):
                client.sendall(says)
                while forever:
                    client.sendall(says)
                while client.recv(1 << 16):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Target("web1", ADDRESS, listening.getsockname()[1])
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("says", "forever", "problem"),
    [
        pytest.param(b"", False, TOO_LONG, id="no banner"),
        pytest.param(b"SSH-2.0-x\r\n", False, TOO_LONG, id="no key exchange"),
        pytest.param(b"SSH-2.0-x\r\n\xff\xff\xff\xff", False, TOO_LONG, id="a packet of 4 GB that does not come"),
        pytest.param(b"SSH-2.0-x\r\n\x7f\xff\xff\xfc", True, TOO_MUCH, id="a packet of 2 GB that does"),
        pytest.param(b"x", True, TOO_MUCH, id="a line without end"),
        pytest.param(b"x" * 3000 + b"\r\n", True, TOO_MUCH, id="lines without end"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n" * 200, False, "the key exchange failed", id="no SSH"),
        pytest.param(b"SSH-1.5-x\r\n", False, "the key exchange failed", id="SSH 1"),
        pytest.param(b"\xff\xfe\r\n", False, "the key exchange failed", id="no text"),
    ],
)
def test_a_host_that_speaks_no_ssh(says: bytes, forever: bool, problem: str) -> None:
    began = time.monotonic()
    with raw_host(says, forever) as target:
        assert put(target, OF_ONE, NOT_LONG) == replace(BLANK, problem=problem)
    assert time.monotonic() - began < 15


def test_what_is_signed_is_this_login_alone() -> None:
    signed: list[bytes] = []

    def keep(query: Query, data: bytes, left_s: float) -> bytes:
        signed.append(data)
        return sign(query, data, left_s)

    with ssh_host([[REFUSED], [MORE]]) as (target, asked):
        ask(target, HOST_LINE, Question("root", (), OURS), bounds=LONG, clock=lambda: NOW, sign=keep)
        assert asked() == [NONE, SIGNED]
    (data,) = signed
    said = Message(data)
    session = said.get_string()
    assert len(session) in (32, 48, 64)
    assert (said.get_byte(), said.get_text(), said.get_text(), said.get_text()) == (
        bytes([50]),
        "root",
        "ssh-connection",
        "publickey",
    )
    assert (said.get_boolean(), said.get_text(), said.get_string(), said.get_remainder()) == (
        True,
        "ssh-ed25519",
        OURS.blob,
        b"",
    )


@pytest.mark.parametrize(
    ("signing", "problem"),
    [
        pytest.param(None, "", id="nobody may sign"),
        pytest.param(lambda *_: (_ for _ in ()).throw(ValueError), "our own key did not sign", id="the key does not"),
    ],
)
def test_no_signature(signing: Sign | None, problem: str) -> None:
    with ssh_host([[REFUSED], [MORE]]) as (target, asked):
        found = ask(target, HOST_LINE, Question("root", (), OURS), bounds=LONG, clock=lambda: NOW, sign=signing)
        assert (found, asked()) == (replace(ASKED, problem=problem), [NONE])


def test_another_host_key_is_asked_nothing() -> None:
    with ssh_host([[REFUSED]], key=KEYS[3]) as (target, asked):
        problem = "its host key is not the one that the collection saw"
        assert put(target, OF_ONE) == replace(BLANK, problem=problem)
        assert asked() == []


@pytest.mark.parametrize(
    ("host_key", "problem"),
    [
        pytest.param(None, "the collection saw no host key", id="none"),
        pytest.param("ssh-ed25519", "the collection saw no host key", id="a type alone"),
        pytest.param("ssh-ed25519 AAA", "the collection saw no host key", id="cut"),
        pytest.param("ssh-dss AAAA", "its host key is a ssh-dss, which cannot be checked here", id="an old type"),
    ],
)
def test_a_host_key_that_cannot_be_compared(host_key: str | None, problem: str) -> None:
    # nobody is called: the name has no address
    assert put(Target("web1", "no-such-host.invalid"), OF_ONE, host_key=host_key) == replace(BLANK, problem=problem)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        pytest.param("no-such-host.invalid", "its name does not resolve", id="no such name"),
        pytest.param("a" * 300, "its name does not resolve", id="no name at all"),
        pytest.param("127.0.0.1", "cannot connect: Connection refused", id="nothing there"),
    ],
)
def test_a_host_that_is_not_there(address: str, problem: str) -> None:
    with socket.create_server((ADDRESS, 0)) as listening:
        port = listening.getsockname()[1]
    assert put(Target("web1", address, port), OF_ONE) == replace(BLANK, problem=problem)


def test_a_run_that_stops_waits_for_nobody() -> None:
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    with raw_host(b"", False) as target:
        found = ask(target, HOST_LINE, OF_ONE, bounds=LONG, stop=stop, clock=lambda: NOW)
    assert found == replace(BLANK, problem="the run was stopped")
    assert time.monotonic() - began < 10


def test_a_host_leaves_nothing_behind(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    for says in (b"\x1b[31mSSH-9\r\n" * 200, b"SSH-2.0-x\r\n\xff\xff\xff\xff", b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14"):
        with raw_host(says, False) as target:
            put(target, OF_ONE, NOT_LONG)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    # the library's own timer of the key exchange would keep the process for 15 s
    assert [each for each in threading.enumerate() if isinstance(each, threading.Timer)] == []


def test_no_room_is_made_for_what_a_host_only_announces() -> None:
    ours, theirs = socket.socketpair()
    with theirs, Wire(ours, 10, threading.Event()) as wire:
        wire.ends_at = time.monotonic() + 60
        theirs.sendall(b"0123456789ABC")
        assert (wire.recv(1 << 60), wire.recv(1 << 60), wire.over) == (b"0123456789", b"", "it said more than 10 bytes")

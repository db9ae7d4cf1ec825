"""Hostile configurations: linear time, and never an exception."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hygiene.openssh.config import read
from hygiene.openssh.connection import Connection
from hygiene.openssh.version import Vendor, Version

from .configs import MAIN, SINGLE
from .random_configs import case

ETC = "/etc/ssh/sshd_config"
BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
VERSIONS = (
    Version(7, 2, 2, Vendor.UBUNTU),
    Version(8, 3),
    BOOKWORM,
    Version(9, 9),
    Version(10, 6, 1, Vendor.DEBIAN),
    None,
)
BOB = Connection("bob", frozenset(("bob", "ops")), "10.1.2.3", None, "10.0.0.1", 22)


def _full(line: bytes, size: int) -> bytes:
    return line * (size // len(line))


def _numbered(text: str, size: int) -> bytes:
    """The text with a number for each `#`, over and over."""
    return b"".join(text.replace("#", str(number)).encode() for number in range(size // (len(text) + 3)))


def _hostile(size: int) -> dict[str, bytes]:
    ports = b"".join(b"Port %d\n" % number for number in range(1, 250))
    return {
        "match-lines-of-users": _numbered("Match User u#\nX11Forwarding yes\n", size),
        "match-lines-of-patterns": _numbered("Match User a*b#*\nX11Forwarding yes\n", size),
        "long-patterns": _numbered(f"Match User {'a*' * 1000}#\nX11Forwarding yes\n", size),
        "networks": _numbered("Match Address 10.0.0.0/8,::#\nX11Forwarding yes\n", size),
        "one-list-of-networks": b"Match Address " + _full(b"10.0.0.0/8,", size) + b"::1\nX11Forwarding yes\n",
        "patterns-of-hosts": _numbered("Match Host *#*.#\nX11Forwarding yes\n", size),
        "one-line": b"AllowUsers " + _full(b"a ", size) + b"\n",
        "one-word": b"Banner /" + _full(b"a", size) + b"\n",
        "quotes": b"Banner " + _full(b'"', size) + b"\n",
        "backslashes": b"Banner " + _full(b"\\", size) + b"\n",
        "equals-signs": _full(b"=", size),
        "stars": b"Match User " + _full(b"*", size) + b"\nX11Forwarding yes\n",
        "algorithms": b"PubkeyAcceptedAlgorithms -" + _numbered("*#*,", size) + b"a\n",
        "lines": _full(b"\n", size),
        "subsystems": _numbered("Subsystem s# a\n", size),
        "includes": _full(b"Include a\n", size),
        "addresses": ports + _full(b"ListenAddress ::1\n", size),
        "time": b"LoginGraceTime " + _full(b"1s", size) + b"\n",
        "digits": b"MaxSessions " + _full(b"1", size) + b"\n",
        "variables": b"SetEnv " + _numbered("A#=1 ", size) + b"\n",
        "noise": random.Random(1).randbytes(size).replace(b"\0", b""),
    }


def _ask(text: bytes) -> None:
    included = {"/etc/ssh/a": b"X11Forwarding yes\n" * 1000}
    config = read({ETC: text, **included}, {"/etc/ssh": (MAIN, "a")}, BOOKWORM)
    for source in config.sources(["10.0.0.0/8"]):
        config.settings(source.connection("bob", BOB.groups))
    assert config.class_of("bob", BOB.groups) == config.class_of("bob", BOB.groups)


# what is not linear would not come back in the time that a test has
@pytest.mark.parametrize("kind", _hostile(1))
def test_hostile_files_take_linear_time(kind: str) -> None:
    _ask(_hostile(100_000)[kind])


@pytest.mark.prove
@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", _hostile(1))
def test_a_hostile_megabyte(kind: str) -> None:
    _ask(_hostile(1_000_000)[kind])


def test_classes_of_a_hundred_thousand_accounts_are_cheap() -> None:
    text = b"".join(b"Match User u%d Group g%d\nX11Forwarding yes\n" % (n, n) for n in range(1000))
    config = read({ETC: text + b"Match User adm* Group *,!staff\nX11Forwarding no\n"}, {}, BOOKWORM)
    classes = {config.class_of(f"u{n}", frozenset((f"g{n % 50}", "staff"))) for n in range(100_000)}
    assert len(classes) == 1000 + 50  # the users that are named, and of the others one class for each group


_SEEN = sorted({word for text in SINGLE.values() for word in text.split()})
_SPECIAL = [
    b"Match",
    b"User",
    b"Group",
    b"Address",
    b"Host",
    b"all",
    b"LocalPort",
    b"Include",
    b"*",
    b"!a,*",
    b"10.0.0.0/8",
]
_SIGNS = [b'"', b"'", b"\\", b"=", b"#", b"\xff", b"\r", b"\f", b"\0", b"-", b"+", b"^", b",", b"@", b"/", b"~"]
_WORDS = st.sampled_from([*_SEEN, *_SPECIAL, *_SIGNS])
_LINES = st.lists(st.lists(_WORDS, max_size=6).map(b" ".join) | st.binary(max_size=40), max_size=12).map(b"\n".join)


_GIVEN = (_LINES, _LINES, st.sampled_from(VERSIONS), st.lists(st.text(max_size=20), max_size=2))


@settings(max_examples=60, deadline=None)
@given(*_GIVEN)
def test_nothing_raises(text: bytes, included: bytes, version: Version | None, options: list[str]) -> None:
    _read_and_ask(text, included, version, options)


@pytest.mark.prove
@pytest.mark.timeout(1800)
@settings(max_examples=10_000, deadline=None)
@given(*_GIVEN)
def test_nothing_raises_ever(text: bytes, included: bytes, version: Version | None, options: list[str]) -> None:
    _read_and_ask(text, included, version, options)


def _read_and_ask(text: bytes, included: bytes, version: Version | None, options: list[str]) -> None:
    files = {ETC: text, "/etc/ssh/a": included}
    config = read(files, {"/etc/ssh": (MAIN, "a")}, version, options=options)
    for connection in (None, BOB, Connection("x", None)):
        config.settings(connection)
    config.sources(["*,!x", "a@b"])


@pytest.mark.parametrize("number", range(60))
def test_files_that_are_cut_or_damaged_raise_nothing(number: int) -> None:
    chance = random.Random(number)
    version = chance.choice(VERSIONS)
    tree = case(number, version or BOOKWORM, 1).tree
    data = bytearray(tree[MAIN].replace(b"{}", b"/etc/ssh"))
    for _ in range(chance.randrange(5)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    del data[chance.randrange(len(data) + 1) :]
    read({ETC: bytes(data)}, {"/etc/ssh": (MAIN,)}, version).settings(BOB)

"""AuthorizedPrincipalsFile: who is named, as sshd reads it."""

from __future__ import annotations

import pytest

from hygiene.model import Cause
from hygiene.openssh.options import Options
from hygiene.openssh.principals import Principal, read
from hygiene.openssh.version import Vendor, Version

from .material import utc

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
UBUNTU_18 = Version(7, 6, 1, Vendor.UBUNTU)
_NO_PTY = Options(texts=("no-pty",), pty=False)
_BEFORE = "; what stands before a principal's name are its options"


def _unknown(option: str, version: str = "9.2p1") -> str:
    return f'the option "{option}" is not known to OpenSSH {version}{_BEFORE}'


def _twice(line: int) -> str:
    return f"line {line} names the same principal, and sshd looks at the first alone"


LINES: dict[str, tuple[bytes, list[Principal]]] = {
    "name": (b"alice", [Principal(1, "alice")]),
    "names": (b"alice\nbob\n", [Principal(1, "alice"), Principal(2, "bob")]),
    "blanks-around": (b" \t alice \t\n", [Principal(1, "alice")]),
    "comments-and-blank-lines": (b"# alice\n\n \t\n  #\nbob # alice\n", [Principal(5, "bob")]),
    "comment-without-a-blank": (b"alice#bob", [Principal(1, "alice")]),
    "not-utf8": (b"caf\xe9", [Principal(1, "caf\\xe9")]),
    "nul": (b"alice\0bob", [Principal(1, "alice")]),
    "flag": (b"no-pty alice", [Principal(1, "alice", _NO_PTY)]),
    "flag-and-tab": (b"no-pty\talice", [Principal(1, "alice", _NO_PTY)]),
    "what-stands-between-is-not-read": (b"no-pty bob\tcarol alice", [Principal(1, "alice", _NO_PTY)]),
    "the-last-blank-counts-before-a-tab": (b"no-pty bob\tcarol", [Principal(1, "bob\tcarol", _NO_PTY)]),
    "command": (
        b'command="a b" alice',
        [Principal(1, "alice", Options(texts=('command="a b"',), command="a b"))],
    ),
    "command-cut-by-a-comment-sign": (b'command="a # b" alice', [Principal(1, 'command="a')]),
    "quote-that-is-not-closed": (
        b'command="a alice',
        [Principal(1, "alice", dead="a double quote in the options is not closed", cause=Cause.TYPO)],
    ),
    "two-names": (
        b"alice bob",
        [Principal(1, "bob", Options(texts=("alice",)), _unknown("alice"), Cause.TYPO)],
    ),
    "names-with-commas": (
        b"alice, bob",
        [Principal(1, "bob", Options(texts=("alice",)), _unknown("alice"), Cause.TYPO)],
    ),
    "principals-option": (
        b'principals="x" alice',
        [
            Principal(
                1,
                "alice",
                Options(texts=('principals="x"',)),
                f"principals= stands on a key that is no authority{_BEFORE}",
                Cause.TYPO,
            )
        ],
    ),
    "cert-authority": (
        b"cert-authority alice",
        [
            Principal(
                1,
                "alice",
                Options(texts=("cert-authority",), cert_authority=True),
                "cert-authority says nothing here, and sshd refuses the line",
                Cause.TYPO,
            )
        ],
    ),
    "carriage-return": (
        b"alice\r\n\r\nbob",
        [
            Principal(1, "alice\r", dead='the name is "alice\\x0d": a carriage return is part of it', cause=Cause.TYPO),
            Principal(3, "bob"),
        ],
    ),
    "twice": (
        b"alice\nno-pty alice\nbob",
        [
            Principal(1, "alice"),
            Principal(2, "alice", _NO_PTY, _twice(1), Cause.TYPO),
            Principal(3, "bob"),
        ],
    ),
    "twice-and-the-first-is-dead": (
        b"no-such alice\nalice",
        [Principal(1, "alice", Options(texts=("no-such",)), _unknown("no-such"), Cause.TYPO), Principal(2, "alice")],
    ),
    "star-is-a-name": (b"*", [Principal(1, "*")]),
}


@pytest.mark.parametrize(("data", "expected"), LINES.values(), ids=LINES)
def test_lines(data: bytes, expected: list[Principal]) -> None:
    assert list(read(data, BOOKWORM)) == expected


def test_old_versions_take_each_line_that_passes() -> None:
    assert [(line.number, line.dead) for line in read(b"alice\nno-pty alice\ncert-authority bob", UBUNTU_18)] == [
        (1, None),
        (2, None),
        (3, None),
    ]
    assert [line.dead for line in read(b"alice a\0\nbob\ncarol", UBUNTU_18)] == [
        "there is a NUL byte in the line, which OpenSSH 7.6p1 skips",
        "OpenSSH 7.6p1 skips the line behind one with a NUL byte",
        None,
    ]


def test_without_a_version_a_line_lives_that_any_version_takes() -> None:
    found = list(read(b'command="a",command="b" alice\nverify-required bob\nno-such carol', None))
    assert [(line.name, line.dead) for line in found] == [
        ("alice", None),
        ("bob", None),
        ("carol", _unknown("no-such", "10.5")),
    ]


def test_an_expiry_is_left_to_the_clock() -> None:
    (line,) = read(b'expiry-time="20200101Z" alice', BOOKWORM)
    assert line.dead is None
    assert line.options.expires is not None
    assert line.options.expires.at == utc(2020, 1, 1)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a" * 1_000_000, id="name"),
        pytest.param(b" a" * 500_000, id="blanks"),
        pytest.param(b'"' * 1_000_000 + b" a", id="quotes"),
        pytest.param(b"a\n" * 50_000, id="the-same-name"),
        pytest.param(b"#" * 1_000_000, id="comment-signs"),
        pytest.param(bytes(range(256)) * 1000, id="random"),
    ],
)
def test_hostile_files_take_linear_time(data: bytes) -> None:
    assert all(line.number for line in read(data, None))

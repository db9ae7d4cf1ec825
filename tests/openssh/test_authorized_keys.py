"""authorized_keys: every line has the verdict of sshd, whatever stands in the file."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES
from lab.spec import AccountSpec, File, HostSpec
from lab.tree import ensure_tree

from hygiene.model import Cause
from hygiene.openssh import keys
from hygiene.openssh.authorized_keys import Content, Line, parse
from hygiene.openssh.curves import P256
from hygiene.openssh.options import Expiry, Options
from hygiene.openssh.version import Vendor, Version

from . import material
from .asked import EVERY_RELEASE, installed, settings_for_tests
from .lines import LINES
from .material import ECDSA, ED, ED_BLOB, ED_LINE, RSA, RSA_BLOB, RSA_LINE, RSA_PADDED, b64, fields

BOOKWORM = Version(9, 2, 1, Vendor.DEBIAN)
UBUNTU_18 = Version(7, 6, 1, Vendor.UBUNTU)
UBUNTU_16 = Version(7, 2, 2, Vendor.UBUNTU)


@pytest.mark.parametrize(("line", "dead"), LINES.values(), ids=LINES)
def test_a_line_lives_or_has_a_reason(line: bytes, dead: str | None) -> None:
    found = [read.dead for read in parse(line + b"\n", BOOKWORM)]
    assert found == ([] if dead == "comment" else [dead])


def _environments(count: int) -> bytes:
    return b",".join(b'environment="A%d=x"' % number for number in range(count))


_DSS = b"ssh-dss " + b64(b"ssh-dss", b"\3" * 128, b"\5" * 20, b"\2", b"\7" * 128)
_MLDSA = b"ssh-mldsa44-ed25519@openssh.com " + b64(b"ssh-mldsa44-ed25519@openssh.com", b"k" * 1344)
_SK = b"sk-ssh-ed25519@openssh.com " + b64(b"sk-ssh-ed25519@openssh.com", b"k" * 32, b"ssh:")
_RSA_768 = b"ssh-rsa " + b64(b"ssh-rsa", b"\3", b"\0" + b"\x91" * 96)
_SHORT_INSIDE = b"ssh-rsa " + material.RSA_NAMED_SHORT
# on the curve, and its x is 5: nobody has its private key, and up to 10.2 the point was refused
_EDGE = b"ecdsa-sha2-nistp256 " + b64(
    b"ecdsa-sha2-nistp256",
    b"nistp256",
    b"\4" + (5).to_bytes(32, "big") + pow(125 - 15 + P256.b, (P256.p + 1) // 4, P256.p).to_bytes(32, "big"),
)
_NO_KEY = "there is no key in the line"
_ENVIRONMENT = "environment= does not hold NAME=value with letters, digits and _ in the name"
_TOOK, _TAKES = "; OpenSSH {} took the line", "; OpenSSH {} takes the line"
VERSIONS: dict[str, tuple[bytes, Version | None, str | None]] = {
    "short-type-before-7.7": (b"ed25519 " + ED_BLOB, UBUNTU_18, None),
    "short-type-in-capitals-before-7.7": (b"RSA " + RSA_BLOB, UBUNTU_16, None),
    "short-type-since-7.7": (b"ed25519 " + ED_BLOB, Version(7, 7), _NO_KEY + _TOOK.format("7.6")),
    "short-type-unknown-version": (b"ed25519 " + ED_BLOB, None, None),
    "short-type-of-a-later-version": (_SK.replace(b"sk-ssh-ed25519@openssh.com", b"ed25519-sk", 1), UBUNTU_18, _NO_KEY),
    # the name ECDSA says no curve, for which sshkey_read gives up
    "short-ecdsa-before-7.7": (material.ECDSA_LINE.replace(b"ecdsa-sha2-nistp256", b"ecdsa"), UBUNTU_18, _NO_KEY),
    "short-ecdsa-unknown-version": (material.ECDSA_LINE.replace(b"ecdsa-sha2-nistp256", b"ECDSA"), None, _NO_KEY),
    "short-type-inside-9.8": (_SHORT_INSIDE, Version(9, 8), None),
    "short-type-inside-since-9.9": (
        _SHORT_INSIDE,
        Version(9, 9),
        "the key names its type in short, which OpenSSH 9.9 does not know" + _TOOK.format("9.8"),
    ),
    "short-type-inside-unknown-version": (_SHORT_INSIDE, None, None),
    "tab-before-7.7": (ED_LINE.replace(b" ", b"\t"), UBUNTU_18, _NO_KEY + _TAKES.format("7.7")),
    "two-blanks-before-7.7": (ED_LINE.replace(b" ", b"  "), UBUNTU_18, _NO_KEY + _TAKES.format("7.7")),
    "tab-behind-the-key-before-7.7": (ED_LINE + b"\t", UBUNTU_18, None),
    "tab-unknown-version": (ED_LINE.replace(b" ", b"\t"), None, None),
    "expiry-before-7.7": (
        b'expiry-time="20990101" ' + ED_LINE,
        UBUNTU_18,
        'the option "expiry-time" is not known to OpenSSH 7.6p1' + _TAKES.format("7.7"),
    ),
    "expiry-7.7": (b'expiry-time="20990101" ' + ED_LINE, Version(7, 7), None),
    "expiry-with-zone-before-9.1": (
        b'expiry-time="20990101Z" ' + ED_LINE,
        Version(9, 0),
        "expiry-time with a zone is not known to OpenSSH 9.0" + _TAKES.format("9.1"),
    ),
    "expiry-minute-cut-by-a-zone-9.0": (b'expiry-time="20990101000Z" ' + ED_LINE, Version(9, 0), None),
    "expiry-minute-cut-by-a-zone-9.1": (
        b'expiry-time="20990101000Z" ' + ED_LINE,
        Version(9, 1),
        'expiry-time is "20990101000Z", not a date like 20270630' + _TOOK.format("9.0"),
    ),
    "expiry-day-40-9.0": (b'expiry-time="20990140" ' + ED_LINE, Version(9, 0), None),
    "expiry-hour-with-a-letter": (
        b'expiry-time="209901011x00" ' + ED_LINE,
        Version(9, 0),
        'expiry-time is "209901011x00", not a date like 20270630',
    ),
    "expiry-1969-10.3": (
        b'expiry-time="19690101" ' + ED_LINE,
        Version(10, 3),
        'expiry-time is "19690101", not a date like 20270630' + _TAKES.format("10.4"),
    ),
    "expiry-1969-10.4": (b'expiry-time="19690101" ' + ED_LINE, Version(10, 4), None),
    "permitlisten-before-7.8": (
        b'permitlisten="80" ' + ED_LINE,
        Version(7, 7),
        'the option "permitlisten" is not known to OpenSSH 7.7' + _TAKES.format("7.8"),
    ),
    "permitopen-service-before-7.9": (
        b'permitopen="host:ssh" ' + ED_LINE,
        Version(7, 8),
        'permitopen is "host:ssh", not host:port' + _TAKES.format("7.9"),
    ),
    "many-permits-before-8.1": (b'permitopen="h:1",' * 4098 + b" " + ED_LINE, Version(8, 0), None),
    "many-permits-8.1": (
        b'permitopen="h:1",' * 4098 + b" " + ED_LINE,
        Version(8, 1),
        "there are more than 4096 permitopen= options" + _TOOK.format("8.0"),
    ),
    "most-permits-8.1": (b'permitopen="h:1",' * 4097 + b" " + ED_LINE, Version(8, 1), None),
    "many-environments-before-8.7": (_environments(1026) + b" " + ED_LINE, Version(8, 6), None),
    "many-environments-8.7": (
        _environments(1026) + b" " + ED_LINE,
        Version(8, 7),
        "there are more than 1024 environment= options" + _TOOK.format("8.6"),
    ),
    "most-environments-8.7": (_environments(1025) + b" " + ED_LINE, Version(8, 7), None),
    "no-touch-required-before-8.2": (
        b"no-touch-required " + ED_LINE,
        Version(8, 1),
        'the option "no-touch-required" is not known to OpenSSH 8.1' + _TAKES.format("8.2"),
    ),
    "verify-required-before-8.4": (
        b"verify-required " + ED_LINE,
        Version(8, 3),
        'the option "verify-required" is not known to OpenSSH 8.3' + _TAKES.format("8.4"),
    ),
    "restrict-before-7.2": (
        b"restrict " + ED_LINE,
        Version(6, 6),
        'the option "restrict" is not known to OpenSSH 6.6' + _TAKES.format("7.7"),
    ),
    "no-pty-before-7.2": (b"no-pty " + ED_LINE, Version(6, 6), None),
    "pty-before-7.2": (
        b"pty " + ED_LINE,
        Version(6, 6),
        'the option "pty" is not known to OpenSSH 6.6' + _TAKES.format("7.7"),
    ),
    "two-commands-before-7.7": (b'command="a",command="b" ' + ED_LINE, UBUNTU_18, None),
    "principals-on-a-plain-key-before-7.7": (b'principals="a" ' + ED_LINE, UBUNTU_18, None),
    "bad-environment-before-7.7": (b'environment="A-B=c" ' + ED_LINE, UBUNTU_18, None),
    "environment-with-underscore-7.7": (
        b'environment="A_B=c" ' + ED_LINE,
        Version(7, 7),
        _ENVIRONMENT + _TAKES.format("7.8"),
    ),
    "environment-without-a-name-7.8": (b'environment="=c" ' + ED_LINE, Version(7, 8), None),
    "two-from-one-broken-before-7.7": (
        b'from="10.0.0.1/8",from="*" ' + ED_LINE,
        UBUNTU_18,
        "from= holds the network 10.0.0.1/8, whose host bits are set, so it never matches",
    ),
    "ed25519-before-6.5": (
        ED_LINE,
        Version(5, 3),
        "OpenSSH 5.3 does not know the type ssh-ed25519" + _TAKES.format("7.7"),
    ),
    "sk-before-8.2": (
        _SK,
        Version(8, 1),
        "OpenSSH 8.1 does not know the type sk-ssh-ed25519@openssh.com" + _TAKES.format("8.2"),
    ),
    "rsa-768-before-7.6": (_RSA_768, Version(7, 4), None),
    "rsa-768": (
        _RSA_768,
        BOOKWORM,
        "the RSA key has 768 bits, fewer than the 1024 that sshd needs" + _TOOK.format("7.5"),
    ),
    "rsa-768-unknown-version": (_RSA_768, None, None),
    "dss-9.2": (_DSS, BOOKWORM, None),
    "dss-9.8": (_DSS, Version(9, 8), "OpenSSH 9.8 does not know the type ssh-dss" + _TOOK.format("9.7")),
    "dss-10.0": (_DSS, Version(10, 0), "OpenSSH 10.0 does not know the type ssh-dss" + _TOOK.format("9.7")),
    "dss-unknown-version": (_DSS, None, None),
    "post-quantum-10.4": (_MLDSA, Version(10, 4), None),
    "post-quantum-9.2": (
        _MLDSA,
        BOOKWORM,
        "OpenSSH 9.2p1 does not know the type ssh-mldsa44-ed25519@openssh.com" + _TAKES.format("10.4"),
    ),
    "point-at-the-edge-10.3": (_EDGE, Version(10, 3), None),
    "point-at-the-edge-10.2": (
        _EDGE,
        Version(10, 2),
        "the point of the key is too near the edge of the curve for OpenSSH 10.2" + _TAKES.format("10.3"),
    ),
    "dead-everywhere": (b"no-such-thing " + ED_LINE, None, 'the option "no-such-thing" is not known to OpenSSH 10.5'),
}


@pytest.mark.parametrize(("line", "version", "dead"), VERSIONS.values(), ids=VERSIONS)
def test_versions_differ(line: bytes, version: Version | None, dead: str | None) -> None:
    cause = None
    if dead is not None:
        cause = Cause.VERSION if "takes the line" in dead or "took the line" in dead else Cause.TYPO
    assert [(read.dead, read.cause) for read in parse(line, version)] == [(dead, cause)]


_WITH_NUL = "there is a NUL byte in the line, which OpenSSH 7.6p1 skips"
_BEHIND = "OpenSSH 7.6p1 skips the line behind one with a NUL byte"
_LONG = "the line is longer than 16382 bytes, which OpenSSH 7.6p1 skips"
HIDDEN: dict[str, tuple[list[bytes], list[str | None]]] = {
    "nul-hides-the-next-line-too": ([ED_LINE + b" a\0b", ED_LINE, ED_LINE], [_WITH_NUL, _BEHIND, None]),
    "nul-in-the-last-line-without-an-end": ([ED_LINE, ED_LINE + b" a\0b"], [None, None]),
    "nul-in-front-hides-itself-only": ([b"\0" + ED_LINE, ED_LINE], ["the line starts with a NUL byte", None]),
    "nul-hides-a-comment": ([ED_LINE + b"\0", b"# comment", ED_LINE], [_WITH_NUL, None]),
    "nul-in-a-comment": ([b"# \0", ED_LINE, ED_LINE], [_BEHIND, None]),
    "longest": ([(ED_LINE + b" ").ljust(16382, b"x"), ED_LINE], [None, None]),
    "too-long-by-one": ([ED_LINE.ljust(16383), ED_LINE], [_LONG, None]),
    "nul-in-front-of-a-full-buffer": ([b"\0" + b"x" * 16382 + ED_LINE, ED_LINE], [None, None]),
    "nul-in-front-of-less": ([b"\0" + b"x" * 16381 + ED_LINE, ED_LINE], ["there is no key in the line", None]),
    "too-long-and-nul": ([ED_LINE + b" \0" + b"x" * 16384, ED_LINE], [_LONG, None]),
}


@pytest.mark.parametrize(("rows", "dead"), HIDDEN.values(), ids=HIDDEN)
def test_an_old_sshd_loses_lines(rows: list[bytes], dead: list[str | None]) -> None:
    data = b"\n".join(rows)
    assert [read.dead for read in parse(data, UBUNTU_18)] == dead
    assert {read.cause for read in parse(data, UBUNTU_18)} <= {None, Cause.VERSION, Cause.TYPO}
    assert [read.cause for read in parse(data, UBUNTU_18) if read.dead in (_WITH_NUL, _BEHIND, _LONG)] == [
        Cause.VERSION for reason in dead if reason in (_WITH_NUL, _BEHIND, _LONG)
    ]


def test_a_file_gives_a_row_for_each_line_that_is_neither_blank_nor_a_comment() -> None:
    data = b"\n".join(
        [
            b"# keys",
            ED_LINE + b" alice",
            b"",
            b"  \t",
            b"\r",
            b"  # also a comment",
            b'restrict,command="a,b",from="10.0.0.0/8" ' + RSA_LINE + b" backup \xff",
            b"nonsense",
        ]
    )
    ed = keys.decode(material.blob(ED))
    rsa = keys.decode(material.blob(RSA))
    assert list(parse(data, BOOKWORM)) == [
        Line(2, Content(ed, Options(), "alice")),
        Line(
            7,
            Content(
                rsa,
                Options(
                    texts=("restrict", 'command="a,b"', 'from="10.0.0.0/8"'),
                    command="a,b",
                    from_patterns=("10.0.0.0/8",),
                    limits_source=True,
                    restrict=True,
                    port_forwarding=False,
                    agent_forwarding=False,
                    x11_forwarding=False,
                    pty=False,
                    user_rc=False,
                ),
                "backup \\xff",
            ),
        ),
        Line(8, Content(dead="there is no key in the line", cause=Cause.TYPO)),
    ]


OPTIONS: dict[str, tuple[bytes, Options]] = {
    "later-flags-win": (
        b"restrict,pty",
        Options(
            texts=("restrict", "pty"),
            restrict=True,
            port_forwarding=False,
            agent_forwarding=False,
            x11_forwarding=False,
            user_rc=False,
        ),
    ),
    "restrict-last": (
        b"pty,restrict",
        Options(
            texts=("pty", "restrict"),
            restrict=True,
            port_forwarding=False,
            agent_forwarding=False,
            x11_forwarding=False,
            pty=False,
            user_rc=False,
        ),
    ),
    "authority": (
        b'cert-authority,principals="a,b"',
        Options(texts=("cert-authority", 'principals="a,b"'), cert_authority=True, principals=("a", "b")),
    ),
    "quotes-are-taken-off-the-command": (
        b'command="say \\"hi\\" \\n"',
        Options(texts=('command="say \\"hi\\" \\n"',), command='say "hi" \\n'),
    ),
    "from-star-does-not-limit": (
        b'from="*"',
        Options(texts=('from="*"',), from_patterns=("*",), limits_source=False),
    ),
    "from-names-only": (
        b'from="*.example.com"',
        Options(texts=('from="*.example.com"',), from_patterns=("*.example.com",), limits_source=True, names_only=True),
    ),
    "earliest-expiry": (
        b'expiry-time="20990101",expiry-time="209801010203"',
        Options(
            texts=('expiry-time="20990101"', 'expiry-time="209801010203"'),
            expires=Expiry(material.utc(2098, 1, 1, 2, 3), exact=False),
        ),
    ),
    "expiry-in-utc": (
        b'expiry-time="20980101010203z"',
        Options(
            texts=('expiry-time="20980101010203z"',), expires=Expiry(material.utc(2098, 1, 1, 1, 2, 3), exact=True)
        ),
    ),
    "everything-else": (
        b",".join(
            [
                b'environment="A=1"',
                b'environment="A=2"',
                b'environment="B=3"',
                b'permitopen="h:1",permitopen="h:http"',
                b'permitlisten="2"',
                b'tunnel="any"',
                b"verify-required,no-touch-required",
            ]
        ),
        Options(
            texts=(
                'environment="A=1"',
                'environment="A=2"',
                'environment="B=3"',
                'permitopen="h:1"',
                'permitopen="h:http"',
                'permitlisten="2"',
                'tunnel="any"',
                "verify-required",
                "no-touch-required",
            ),
            environment=("A=1", "B=3"),
            permitopen=("h:1", "h:http"),
            permitlisten=("*:2",),
            tunnel="any",
            verify_required=True,
            touch_required=False,
            doubt='permitopen names the service "http", and the host\'s list of them was not seen',
        ),
    ),
    "port-by-a-name-that-no-list-holds": (
        b'permitopen="h:http"',
        Options(
            texts=('permitopen="h:http"',),
            permitopen=("h:http",),
            doubt='permitopen names the service "http", and the host\'s list of them was not seen',
        ),
    ),
}


@pytest.mark.parametrize(("text", "options"), OPTIONS.values(), ids=OPTIONS)
def test_options_are_what_sshd_makes_of_them(text: bytes, options: Options) -> None:
    assert [read.options for read in parse(text + b" " + ED_LINE, BOOKWORM)] == [options]


def test_a_refused_line_keeps_its_key_and_its_options_as_text() -> None:
    line = b'command="a,b" ,no-such "x,y",\\",z ' + ED_LINE
    assert list(parse(b'no-such,command="a, b" ' + ED_LINE + b" me", BOOKWORM)) == [
        Line(
            1,
            Content(
                keys.decode(material.blob(ED)),
                Options(texts=("no-such", 'command="a, b"')),
                "me",
                'the option "no-such" is not known to OpenSSH 9.2p1',
                Cause.TYPO,
            ),
        )
    ]
    assert [read.key for read in parse(line, BOOKWORM)] == [None]


def test_zeros_and_names_inside_do_not_change_the_fingerprint() -> None:
    forms = [RSA_BLOB, RSA_PADDED, material.RSA_NAMED_SHORT, material.RSA_NAMED_SHA2]
    read = parse(b"\n".join(b"ssh-rsa " + form for form in forms), BOOKWORM)
    assert {line.key for line in read} == {keys.decode(material.blob(RSA))}


def _hostile(size: int) -> dict[str, bytes]:
    """Files of about so many bytes that cost more than they should by careless code."""
    return {
        "open-quote": b'command="' + b"a" * size,
        "backslashes": b'command="' + b"\\" * size + b" " + ED_LINE,
        "quotes": b'"' * size + b" " + ED_LINE,
        "escaped-quotes": b'command="' + b'\\"' * (size // 2),
        "quotes-and-blanks": b'" ' * (size // 2) + ED_LINE,
        "commas": b"," * size + b" " + ED_LINE,
        "options": b"no-pty," * (size // 7) + b" " + ED_LINE,
        "unknown-options": b"x," * (size // 2) + b" " + ED_LINE,
        "environment": b'environment="A=b",' * (size // 18) + b" " + ED_LINE,
        "addresses": b'from="' + b"10.0.0.1," * (size // 9) + b'10.0.0.2" ' + ED_LINE,
        "wildcards": b'from="' + b"*" * size + b'" ' + ED_LINE,
        "wildcards-and-marks": b'from="' + b"*?" * (size // 2) + b'" ' + ED_LINE,
        "wildcard-items": b'from="' + b"*," * (size // 2) + b'*" ' + ED_LINE,
        "blanks": b" " * size + ED_LINE,
        "base64": b"ssh-ed25519 " + b"A" * size,
        "padding": b"ssh-ed25519 " + b"=" * size,
        "white-space-in-the-blob": b"ssh-ed25519 " + b"A\v" * (size // 2),
        "nuls": b"\0" * size,
        "lines": b"x\n" * (size // 2),
        "rsa-of-a-megabit": b"ssh-rsa " + b64(b"ssh-rsa", b"\3", b"\x7f" + b"\xff" * 125_000),
        "long-name": b"ssh-ed25519 " + b64(b"x" * size),
        "random": bytes(range(256)) * (size // 256),
        "tiny-keys": b"ssh-ed25519 AAAA\n" * (size // 17),
        "distinct-junk": b"\n".join(b"%d" % number for number in range(size // 8)),
        "bad-options": b"\n".join(b"x%d " % number + ED_LINE for number in range(size // 90)),
        "bad-expiry": b"\n".join(b'expiry-time="%d" ' % number + ED_LINE for number in range(size // 110)),
    }


# what is not linear does not come back within the time of a test, or fills the memory
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", _hostile(100))
def test_hostile_lines_take_linear_time(name: str) -> None:
    assert all(line.dead or line.key for line in parse(_hostile(200_000)[name], None))


_MEASURED = """
import resource, sys
from openssh.test_authorized_keys import UBUNTU_16, _hostile
from hygiene.openssh.authorized_keys import parse
data = _hostile(4 << 20)[sys.argv[1]]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert all(line.dead or line.key for line in parse(data, UBUNTU_16 if sys.argv[2] == "7.2" else None))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.prove
@pytest.mark.parametrize("version", ["any", "7.2"])
@pytest.mark.parametrize("name", _hostile(100))
def test_the_largest_files_fit_into_time_and_memory(name: str, version: str) -> None:
    """4 MB is the most that a host sends of one file."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-c", _MEASURED, name, version]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 256 << 10  # KiB


def test_any_bytes_are_read_without_an_exception() -> None:
    noise = [os.urandom(60) for _ in range(2000)]
    mixed = [
        bytes(byte if at != number % len(ED_LINE) else number % 256 for at, byte in enumerate(ED_LINE))
        for number in range(3000)
    ]
    data = b"\n".join([*noise, *mixed])
    for version in (BOOKWORM, UBUNTU_16, None):
        for line in parse(data, version):
            assert line.dead or line.key


def test_a_key_of_every_field_cut_short_is_no_key() -> None:
    for key in (ED, RSA, ECDSA):
        blob = material.blob(key)
        lines = [material.line(key).split()[0] + b" " + base64.b64encode(blob[:size]) for size in range(len(blob))]
        assert {line.key for line in parse(b"\n".join(lines), BOOKWORM)} == {None}
    assert len(fields(material.blob(RSA))) == 3


@pytest.mark.real_sshd
@pytest.mark.parametrize("release", EVERY_RELEASE)
def test_sshd_gives_the_same_verdicts(release: str) -> None:
    """Each row alone in the file of an account, and each key tried: living lines open, dead ones do not."""
    files = {name: line + b"\n" for name, (line, _) in LINES.items()}
    if release != DEFAULT:
        files |= {f"version {name}": line + b"\n" for name, (line, *_) in VERSIONS.items()}
        files |= {f"hidden {name}": b"\n".join(rows) for name, (rows, _) in HIDDEN.items()}
    users = {f"u{number}": name for number, name in enumerate(files)}
    accounts = [
        AccountSpec(user, 2000 + number, files={".ssh/authorized_keys": File(files[name], 0o600)})
        for number, (user, name) in enumerate(users.items())
    ]
    verdicts, ours = {}, {}
    host = HostSpec("sshd", accounts, sshd_config=settings_for_tests(release))
    with Lab(ensure_tree(RELEASES[release]), [host]) as lab:
        version = installed(lab, "sshd")
        for user, name in users.items():
            lines = list(parse(files[name], version))
            if any(line.doubt for line in lines):
                continue
            tried = _keys_of(files[name])
            verdicts[name] = any(lab.login("sshd", user, key=key) for key in tried)
            owned = {keys.decode(material.blob(key)).fingerprint for key in tried}
            ours[name] = any(line.dead is None and line.key and line.key.fingerprint in owned for line in lines)
    assert ours == verdicts
    assert set(verdicts.values()) == {True, False}


def _keys_of(line: bytes) -> list[asyncssh.SSHKey]:
    """The private keys that may open a line; one login less for each that cannot."""
    if RSA_BLOB[:20] in line or b"rsa" in line.lower():
        return [RSA]
    return [ECDSA] if b"ecdsa" in line.lower() else [ED]

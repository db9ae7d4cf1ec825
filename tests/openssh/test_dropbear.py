"""authorized_keys of dropbear: the verdicts are those of a real one."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.spec import AccountSpec, File, HostSpec
from lab.tree import Recipe, ensure_tree, this_release

from hygiene.model import Cause
from hygiene.openssh import dropbear, keys, marks
from hygiene.openssh.authorized_keys import Content, Line
from hygiene.openssh.dropbear import Release, parse, release
from hygiene.openssh.options import Options

from . import material
from .lines import LINES
from .material import CERTIFICATE_LINE, ECDSA, ECDSA_LINE, ED, ED_BLOB, ED_LINE, RSA, RSA_BLOB, RSA_LINE, RSA_PADDED

DEBIAN_12: Release = (2022, 83)
_ED = keys.decode(material.blob(ED))
_BLANKS = "blanks, tabs, quotes or the name of its type keep dropbear 2022.83 from the key, which OpenSSH finds"
_LONG = "dropbear 2022.83 passes over so many bytes without a line end"
_NO_KEY = "there is no key in the line"
ROWS: dict[str, tuple[bytes, str | None]] = {
    "plain": (ED_LINE + b" me", None),
    "plain-rsa": (RSA_LINE, None),
    "plain-ecdsa": (ECDSA_LINE, None),
    "leading-blank": (b" " + ED_LINE, _BLANKS),
    "leading-blank-before-options": (b" \tno-pty " + ED_LINE, None),
    "two-blanks-between": (ED_LINE.replace(b" ", b"  "), _BLANKS),
    "two-blanks-behind-options": (b"no-pty  " + ED_LINE, _BLANKS),
    "tab-behind-options": (b"no-pty\t" + ED_LINE, None),
    "tab-between": (ED_LINE.replace(b" ", b"\t"), _BLANKS),
    "tab-before-the-comment": (ED_LINE + b"\tme", "there are bytes behind the key"),
    "carriage-return-ends-a-comment": (b"# off\r" + ED_LINE, None),
    "without-padding": (RSA_LINE.rstrip(b"="), None),
    "signs-in-the-base64": (ED_LINE.replace(ED_BLOB, ED_BLOB[:20] + b"-*!" + ED_BLOB[20:]), None),
    "nul": (ED_LINE + b" a\0", "there is a NUL byte in the line, which dropbear 2022.83 passes over"),
    "type-of-a-signature": (b"rsa-sha2-256 " + RSA_BLOB, _BLANKS),
    "name-of-a-signature-inside": (
        b"ssh-rsa " + material.RSA_NAMED_SHA2,
        "the key is of another type than the line says",
    ),
    "certificate": (CERTIFICATE_LINE, "dropbear 2022.83 does not know the type ssh-ed25519-cert-v01@openssh.com"),
    "too-short": (b"ssh-rsa A", _NO_KEY),
    "longest": ((ED_LINE + b" ").ljust(4199, b"x"), None),
    "flags": (b"no-port-forwarding,no-Agent-forwarding,no-X11-forwarding,NO-PTY " + ED_LINE, None),
    "restrict": (b"restrict " + ED_LINE, None),
    "empty-items": (b",no-pty,,no-pty, " + ED_LINE, None),
    "pty": (b"pty " + ED_LINE, 'the option "pty" is not known to dropbear 2022.83'),
    "from": (b'from="*" ' + ED_LINE, 'the option "from="*"" is not known to dropbear 2022.83'),
    "flag-with-more": (b"no-ptyx " + ED_LINE, 'the option "no-ptyx" is not known to dropbear 2022.83'),
    "command": (b'command="a b" ' + ED_LINE, None),
    "command-with-quotes": (b'command="say \\"ab\\"" ' + ED_LINE, None),
    "command-with-a-blank-between-quotes": (b'command="say \\"a b\\"" ' + ED_LINE, _BLANKS),
    "command-twice": (b'command="a",command="b" ' + ED_LINE, "command= is given twice, or not closed by a quote"),
    "permitopen": (b'permitopen="h:22",permitopen="[::1]:*" ' + ED_LINE, None),
    "permitopen-port-too-large": (b'permitopen="h:65536" ' + ED_LINE, None),
    "permitopen-without-host": (
        b'permitopen=":22" ' + ED_LINE,
        'permitopen is ":22", which dropbear 2022.83 does not take',
    ),
    "permitlisten": (
        b'permitlisten="80" ' + ED_LINE,
        'the option "permitlisten="80"" is not known to dropbear 2022.83',
    ),
    "verify": (b"verify-required,no-touch-required " + ED_LINE, None),
}


@pytest.mark.parametrize(("line", "dead"), ROWS.values(), ids=ROWS)
def test_a_line_lives_or_has_a_reason(line: bytes, dead: str | None) -> None:
    assert [read.dead for read in parse(line + b"\n", DEBIAN_12)] == [dead]


def test_the_rest_of_a_line_that_is_too_long_was_the_next_line() -> None:
    assert [(read.number, read.dead) for read in parse(b"x" * 4200 + ED_LINE + b"\n" + RSA_LINE, DEBIAN_12)] == [
        (1, _LONG),
        (1, None),
        (2, None),
    ]
    assert [read.dead for read in parse(b"#" * 4199 + ED_LINE, DEBIAN_12)] == [_LONG, _NO_KEY]


def test_what_a_line_comes_to() -> None:
    line = b'restrict,command="say \\"hi\\"",permitopen="h:22" ' + ED_LINE + b" me and you"
    options = Options(
        texts=("restrict", 'command="say \\"hi\\""', 'permitopen="h:22"'),
        command='say \\"hi\\"',
        restrict=True,
        port_forwarding=False,
        agent_forwarding=False,
        x11_forwarding=False,
        pty=False,
        permitopen=("h:22",),
    )
    assert list(parse(b"#\n\n" + line, DEBIAN_12)) == [Line(3, Content(_ED, options, "me and you"))]


RELEASES: dict[str, tuple[bytes, Release | None, str | None]] = {
    "ed25519-before-2020.79": (ED_LINE, (2019, 78), "dropbear 2019.78 does not know the type ssh-ed25519"),
    "restrict-before-2022.82": (
        b"restrict " + ED_LINE,
        (2020, 81),
        'the option "restrict" is not known to dropbear 2020.81',
    ),
    "restrict-2022.82": (b"restrict " + ED_LINE, (2022, 82), None),
    "permitopen-before-2022.83": (
        b'permitopen="h:1" ' + ED_LINE,
        (2022, 82),
        'the option "permitopen="h:1"" is not known to dropbear 2022.82',
    ),
    "restrict-unknown-release": (b"restrict " + ED_LINE, None, None),
    "permitlisten-2026.90": (b'permitlisten="80" ' + ED_LINE, (2026, 90), None),
    "permitopen-port-too-large-2026.92": (
        b'permitopen="h:65536" ' + ED_LINE,
        (2026, 92),
        'permitopen is "h:65536", which dropbear 2026.92 does not take',
    ),
    "longer-than-3000-2026.92": (
        (ED_LINE + b" ").ljust(3001, b"x"),
        (2026, 92),
        "the line is longer than 3000 bytes, which dropbear 2026.92 passes over",
    ),
    "longer-than-3000-unknown-release": ((ED_LINE + b" ").ljust(3001, b"x"), None, None),
    "tab-unknown-release": (
        ED_LINE.replace(b" ", b"\t"),
        None,
        _BLANKS.replace("2022.83", "2026.94"),
    ),
}


@pytest.mark.parametrize(("line", "of", "dead"), RELEASES.values(), ids=RELEASES)
def test_releases_differ(line: bytes, of: Release | None, dead: str | None) -> None:
    found = [(read.dead, read.cause) for read in parse(line, of)]
    assert found == [(dead, Cause.VERSION if dead else None)]


def test_a_new_release_reads_300_lines() -> None:
    *_, last, behind = parse((b"x" * 12 + b"\n") * 299 + ED_LINE + b"\n" + ED_LINE, (2026, 94))
    reason = "dropbear 2026.94 reads 300 lines, and none of more than 10,000 bytes or behind it"
    assert (last.dead, behind.dead, behind.cause) == (None, reason, Cause.VERSION)
    assert [read.dead for read in parse(b"#" * 10_000 + b"\n" + ED_LINE, (2026, 94))] == [reason]
    assert [read.dead for read in parse(b"#" * 10_000 + b"\n" + ED_LINE, (2022, 83))] == [_LONG, _LONG, None]


def test_causes_and_marks() -> None:
    typo, other = parse(b"no-such " + ED_LINE + b'\nfrom="10.0.0.1" ' + ED_LINE, DEBIAN_12)
    assert (typo.cause, other.cause) == (Cause.TYPO, Cause.VERSION)
    hidden, padded = parse(b"no-pty\t" + ED_LINE[:30] + b"*" + ED_LINE[30:] + b"\nssh-rsa " + RSA_PADDED, DEBIAN_12)
    assert (hidden.marks, padded.marks) == ((marks.OBFUSCATED,), (marks.OBFUSCATED,))
    assert padded.doubt == "the key stands in other bytes than clients send, which dropbear compares"


@pytest.mark.parametrize(
    ("banner", "expected"),
    [
        pytest.param("SSH-2.0-dropbear_2022.83", (2022, 83), id="identification"),
        pytest.param("dropbear_2019.78\r\n", (2019, 78), id="without-protocol"),
        pytest.param("SSH-2.0-dropbear", None, id="without-release"),
        pytest.param("SSH-2.0-OpenSSH_9.2p1", None, id="openssh"),
    ],
)
def test_releases_in_banners(banner: str, expected: Release | None) -> None:
    assert release(banner) == expected


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'"' * 1_000_000, id="quotes"),
        pytest.param(b"\r" * 300_000, id="carriage-returns"),
        pytest.param(b"a" * 1_000_000, id="one-line"),
        pytest.param(b'command="' + b"\\" * 1_000_000 + b'" ' + ED_LINE, id="backslashes"),
        pytest.param(b"x\n" * 100_000, id="lines"),
        pytest.param(b"no-pty," * 500 + b" " + ED_LINE, id="options"),
        pytest.param(b"ssh-rsa " + b"=" * 1_000_000, id="padding"),
        pytest.param(bytes(range(256)) * 4000, id="random"),
    ],
)
def test_hostile_files_take_linear_time(data: bytes) -> None:
    for of in (DEBIAN_12, (2026, 94)):
        assert all(read.number for read in parse(data, of))


@pytest.mark.real_sshd
@pytest.mark.prove
def test_a_real_dropbear_gives_the_same_verdicts() -> None:
    own = this_release()
    tree: Path = ensure_tree(Recipe(own.release, (*own.packages, "dropbear-bin"), own.sources))
    lines = {name: line for name, (line, _) in ROWS.items()}
    lines |= {f"openssh-{name}": line for name, (line, _) in LINES.items()}
    lines["behind-4200-bytes"] = b"x" * 4200 + ED_LINE
    lines["behind-4199-bytes"] = b"x" * 4199 + ED_LINE
    users = {f"u{number}": name for number, name in enumerate(lines)}
    accounts = [
        AccountSpec(user, 2000 + number, files={".ssh/authorized_keys": File(lines[name] + b"\n", 0o600)})
        for number, (user, name) in enumerate(users.items())
    ]
    host = HostSpec(
        "dropbear", accounts, files={"/etc/dropbear/empty": File(b"")}, sshd=("/usr/sbin/dropbear", "-F", "-R")
    )
    verdicts, ours = {}, {}
    with Lab(tree, [host]) as lab:
        said = lab.exec_root("dropbear", ["/usr/sbin/dropbear", "-V"]).stderr.decode()
        version = release(said.replace("Dropbear v", "dropbear_"))
        for user, name in users.items():
            tried = _keys_of(lines[name])
            verdicts[name] = any(lab.login("dropbear", user, key=key, known_hosts=None) for key in tried)
            owned = {keys.decode(material.blob(key)).fingerprint for key in tried}
            ours[name] = any(
                read.dead is None and read.doubt is None and read.key is not None and read.key.fingerprint in owned
                for read in dropbear.parse(lines[name] + b"\n", version)
            )
    assert ours == verdicts


def _keys_of(line: bytes) -> list[asyncssh.SSHKey]:
    if RSA_BLOB[:20] in line or b"rsa" in line.lower():
        return [RSA]
    return [ECDSA] if b"ecdsa" in line else [ED]

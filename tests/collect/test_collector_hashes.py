"""Digests of password hashes, made on the host: the same everywhere, and neither hash nor key is seen by anybody."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from hygiene.accounts import master, shadow
from hygiene.collect import script
from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Transcript
from hygiene.evidence.stream import decode
from hygiene.passwords.hashes.schemes import classify, unlocked
from hygiene.passwords.hashes.shared import digest

from .disk import AWKS, NONCE, SHELLS, Link, installed, make, snapshot, stream, with_awk

KEY = "00112233445566778899aabbccddeeff"
_B64 = "CANARYcanaryCANARYcanaryCANARYcanaryCANARYcanaryCANARYcanaryCANARYcanaryCANARYcanaryCANARYcanary"
FIELDS = {
    "sha512": f"$6$canarysalt${_B64[:86]}",
    "rounds": f"$6$rounds=5000$canarysalt${_B64[:86]}",
    "locked": f"!$5$canarysalt${_B64[:43]}",
    "twice": f"!!$5$canarysalt${_B64[:43]}",
    "yescrypt": f"$y$j9T$canarysaltcanarysalt1${_B64[:43]}",
    "sm3y": f"$sm3y$j9T$canarysaltcanarysalt1${_B64[:43]}",
    "bcrypt": f"$2b$12${_B64[:53]}",
    "freebsd": f"*LOCKED*$2b$04${_B64[:53]}",
    "solaris": f"*LK*$5$canarysalt${_B64[:43]}",
    "nt": "$3$$" + "CA9A47" * 5 + "0D",
    "scrypt": f"$7$CU..../....canarysaltcanarysalt1${_B64[:43]}",
    "argon2": f"$argon2id$v=19$m=65536,t=3,p=4$canarysalt${_B64[:43]}",
    "argon2-old": f"$argon2i$m=64,t=1,p=1$canarysalt${_B64[:43]}",
    "sha1": f"$sha1$24680$canary${_B64[:28]}",
    "md5": f"$1$canary${_B64[:22]}",
    "sunmd5": f"$md5,rounds=904$canary$${_B64[:22]}",
    "sunmd5-plain": f"$md5$canary$${_B64[:22]}",
    "bsdi": f"_J9..{_B64[:15]}",
    "des": _B64[:13],
    "directory": f"{{CRYPT}}$6$canarysalt2${_B64[:86]}",
    "folded": f"!{{crypt}}$1$canary2${_B64[:22]}",
    "unknown": f"$99$canary${_B64[:40]}",
    "odd": "CANARY %s %d \\n \"'`id`$(id)" + "!" * 9,
}
NO_HASH = {
    "none": "*",
    "bang": "!",
    "bangs": "!!",
    "empty": "",
    "star": "*$6$CANARY$CANARY",
    "bang-star": "!*CANARYcanary1",
}
ROOT: Mapping[str, str | bytes | Link | int] = {
    "/etc/passwd": "".join(f"{name}:x:{uid}:1::/:/bin/sh\n" for uid, name in enumerate({**FIELDS, **NO_HASH}))
    + f"old:{FIELDS['md5']}:99:1::/:/bin/sh\n",
    "/etc/group": f"users:{FIELDS['sha512']}:100:\n",
    "/etc/shadow": "".join(f"{name}:{field}:19000:0:99999:7:::\n" for name, field in {**FIELDS, **NO_HASH}.items()),
}
# an account's field with its number: passwd is read first, and the field with blanks gets no digest
NUMBERED = {1: FIELDS["md5"]} | dict(enumerate((field for name, field in FIELDS.items() if name != "odd"), 2))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("hashes"), ROOT)


def keyed(text: bytes | None = None, key: str = KEY) -> bytes:
    return f"hyg_key={key}\n".encode() + (text or script.text())


def ask(root: Path, text: bytes | None = None, shell: Sequence[str] = ("dash",)) -> Transcript:
    """What the collector with a key says, which must be whole; nothing of a hash, and no key, stands in it."""
    said = stream(root, shell, keyed(text))
    found = decode(said, NONCE)
    assert found.problem == ""
    assert_nothing_leaves(said, found)
    return found


def assert_nothing_leaves(said: bytes, found: Transcript) -> None:
    everything = said + b"\n".join(frame.data for frame in found.frames)
    for field in FIELDS.values():
        plain = hashlib.sha256(unlocked(field).encode()).hexdigest()
        assert plain[:32].encode() not in everything
        assert plain[-32:].encode() not in everything
    assert KEY.encode() not in everything
    assert b"canary" not in everything.lower()
    assert b"ca9a47" not in everything.lower()


def judge(found: Transcript) -> None:
    made = tables.digests(found)
    assert made is not None
    assert (made.program, made.by_number) == (True, {n: digest(field, KEY) for n, field in NUMBERED.items()})
    entries = shadow.parse(found.all("shadow")[0].data).entries
    assert {name: entries[name].password.number for name in entries if entries[name].password.number} == {
        name: number
        for name, field in FIELDS.items()
        for number, each in NUMBERED.items()
        if number > 1 and each == field
    }
    said = {name: (entry.password.scheme, entry.password.cost) for name, entry in entries.items()}
    assert {name: said[name] for name in FIELDS} == {
        name: (classify(field).scheme, classify(field).cost) for name, field in FIELDS.items()
    }
    assert {name: said[name] for name in NO_HASH} == dict.fromkeys(NO_HASH, (None, None))


@pytest.mark.parametrize(
    ("shell", "awk"),
    [
        # in each run every awk once, and the shells that most hosts have
        pytest.param(shell, awk, id=f"{shell}-{awk}", marks=() if usual else pytest.mark.prove)
        for shell in SHELLS
        for awk in AWKS
        for usual in [shell == "dash" or (shell in ("bash", "busybox") and awk == "mawk")]
    ],
)
def test_the_same_under_every_shell_with_every_awk(root: Path, tmp_path: Path, shell: str, awk: str) -> None:
    if not (installed(SHELLS[shell][0]) and installed(AWKS[awk].split()[0])):
        pytest.skip(f"{shell} or {AWKS[awk]} is not installed here")
    before = snapshot(root)
    judge(ask(root, with_awk(AWKS[awk], tmp_path / "bin"), SHELLS[shell]))
    assert snapshot(root) == before


PROGRAMS = b"sha256sum 'sha256 -q' 'shasum -a 256' 'openssl dgst -sha256' 'digest -a sha256'"


def with_programs(words: bytes) -> bytes:
    assert script.text().count(PROGRAMS) == 1
    return script.text().replace(PROGRAMS, words)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("busybox sha256sum", id="busybox"),
        pytest.param("shasum -a 256", id="perl"),
        pytest.param("openssl dgst -sha256", id="openssl"),
        pytest.param("openssl dgst -sha256 -r", id="hex first"),
    ],
)
def test_the_same_with_every_program(root: Path, program: str) -> None:
    if not installed(program.split()[0]):
        pytest.skip(f"{program} is not installed here")
    found = ask(root, with_programs(f"no-such-program md5sum '{program}'".encode()))
    assert found.first("digests") == Frame("digests", program.encode(), "ok")
    judge(found)


@pytest.mark.parametrize(
    "words",
    [pytest.param(b"no-such-program", id="none"), pytest.param(b"md5sum cat", id="those that make something else")],
)
def test_without_a_program_there_is_no_digest(root: Path, words: bytes) -> None:
    found = ask(root, with_programs(words))
    assert (found.first("digests"), found.all("digest")) == (Frame("digests", b"", "noprogram"), ())
    assert tables.digests(found) == tables.Digests(program=False, by_number={})
    assert all(entry.password.number is None for entry in shadow.parse(found.all("shadow")[0].data).entries.values())


@pytest.mark.parametrize(
    "key",
    ["", "0" * 31, "0" * 33, "0" * 31 + "g", "A" * 32, "0" * 32 + "$(id)"],
    ids=lambda key: f"{len(key)}{key[-1:]}",
)
def test_without_a_key_there_is_no_digest(root: Path, key: str) -> None:
    text = f"hyg_key='{key}'\n".encode() + script.text()
    said = stream(root, text=text)
    found = decode(said, NONCE)
    assert (found.problem, found.first("digests"), found.all("digest")) == ("", None, ())
    assert found.frames == decode(stream(root), NONCE).frames


def test_a_bound_on_how_many(root: Path) -> None:
    text = script.text()
    assert text.count(b"NHASH >= 2000") == 1
    made = tables.digests(ask(root, text.replace(b"NHASH >= 2000", b"NHASH >= 3")))
    assert made is not None
    assert made.by_number == {n: digest(NUMBERED[n], KEY) for n in (1, 2, 3)}


@pytest.mark.prove
def test_thousands_of_accounts(tmp_path: Path) -> None:
    """At most 2,000 get a digest; it takes some seconds and not the host's deadline."""
    fields = [f"$6$salt{n}${_B64[:86]}" for n in range(2_100)]
    found = ask(make(tmp_path, {"/etc/shadow": "".join(f"u{n}:{f}:19000::::::\n" for n, f in enumerate(fields))}))
    made = tables.digests(found)
    assert made is not None
    assert made.by_number == {n: digest(field, KEY) for n, field in enumerate(fields[:2_000], 1)}


def test_master_passwd_of_the_bsds(tmp_path: Path) -> None:
    fields = {**FIELDS, **NO_HASH, "openbsd": "*" * 13}
    root = make(
        tmp_path,
        {
            "/etc/passwd": "".join(f"{name}:*:{uid}:1::/:/bin/sh\n" for uid, name in enumerate(fields)),
            "/etc/master.passwd": "# $FreeBSD$\n"
            + "".join(
                f"{name}:{text}:{uid}:1:daemon:0:0:C & canary:/:/bin/sh\n"
                for uid, (name, text) in enumerate(fields.items())
            ),
        },
    )
    found = ask(root)
    made = tables.digests(found)
    assert made is not None
    numbered = dict(enumerate((text for name, text in FIELDS.items() if name != "odd"), 1))
    assert made.by_number == {number: digest(text, KEY) for number, text in numbered.items()}
    said = found.all("shadow")
    assert [frame.path for frame in said] == [b"/etc/master.passwd"]
    entries = master.parse(said[0].data).entries
    told = {name: (one.password.scheme, one.password.cost) for name, one in entries.items()}
    assert told == {name: (classify(text).scheme, classify(text).cost) for name, text in fields.items()}
    assert {name: one.password.number for name, one in entries.items() if one.password.number} == {
        name: number for name, text in FIELDS.items() for number, each in numbered.items() if each == text
    }


def test_what_is_no_text_gets_no_digest(tmp_path: Path) -> None:
    fields = {
        "long": "$6$canary$" + "x" * 1_015,
        "longest": "$6$canary$" + "x" * 1_014,
        "bytes": "$6$canary$\xfc" + "x" * 86,
        "control": "$6$canary$\x1b" + "x" * 86,
    }
    root = make(tmp_path, {"/etc/shadow": "".join(f"{name}:{field}:1::::::\n" for name, field in fields.items())})
    made = tables.digests(ask(root))
    assert made is not None
    assert made.by_number == {1: digest(fields["longest"], KEY)}


SPY = """#!/bin/sh
# tells when any process here shows a secret in its arguments or its environment
for one in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do
  grep -qaf {secrets} "$one" 2>/dev/null && {{ echo leak; exit; }}
done
exec sha256sum
"""


@pytest.mark.parametrize(
    "shell", [pytest.param(shell, marks=() if shell in ("dash", "bash") else pytest.mark.prove) for shell in SHELLS]
)
def test_nobody_sees_hash_or_key(tmp_path: Path, shell: str) -> None:
    if not installed(SHELLS[shell][0]):
        pytest.skip(f"{shell} is not installed here")
    hidden = secrets.token_hex(20)
    key = secrets.token_hex(16)
    (tmp_path / "secrets").write_text(f"{hidden}\n{key}\n")
    spy = tmp_path / "spy"
    spy.write_text(SPY.format(secrets=tmp_path / "secrets"))
    spy.chmod(0o755)
    root = make(tmp_path / "root", {"/etc/shadow": f"anna:$6$salt${hidden}:1::::::\n"})
    text = with_programs(f"'{spy}'".encode())
    found = decode(stream(root, SHELLS[shell], keyed(text, key)), NONCE)
    made = tables.digests(found)
    assert made is not None
    assert made.by_number == {1: digest(f"$6$salt${hidden}", key)}

"""The collector's tables: modes, dates, states and private keys."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hygiene.evidence import tables
from hygiene.evidence.frames import Transcript
from hygiene.evidence.stream import decode
from hygiene.evidence.tables import Meta, PrivateKeyFile, Status
from hygiene.model import Truth

from .streams import HEAD, NONCE, text, whole

JANUARY = datetime(2020, 1, 1, tzinfo=UTC)


def table(kind: str, *rows: bytes, head: bytes = HEAD) -> Transcript:
    body = b"".join(row + b"\n" for row in rows)
    found = decode(whole(text(b"%s ok %d \n" % (kind.encode(), len(rows)) + body), head=head), NONCE)
    assert found.complete
    return found


@pytest.mark.parametrize(
    ("row", "meta"),
    [
        pytest.param(
            b"-rw-r--r-- 0 0 12 Jan_1_2020 /a",
            Meta("-", 0o644, 0, 0, 12, False, JANUARY),
            id="file",
        ),
        pytest.param(
            b"drwxrwxrwt 1 2 3 Jan_1_2020 /a",
            Meta("d", 0o1777, 1, 2, 3, False, JANUARY),
            id="sticky",
        ),
        pytest.param(
            b"-rwsr-sr-T 0 0 0 Jan_1_2020 /a",
            Meta("-", 0o7754, 0, 0, 0, False, JANUARY),
            id="set",
        ),
        pytest.param(
            b"-rwSr-Sr-- 0 0 0 Jan_1_2020 /a",
            Meta("-", 0o6644, 0, 0, 0, False, JANUARY),
            id="set, not x",
        ),
        pytest.param(
            b"-rw-rw----+ 0 0 0 Jan_1_2020 /a",
            Meta("-", 0o660, 0, 0, 0, True, JANUARY),
            id="ACL",
        ),
        pytest.param(
            b"-rw-r--r--. 0 0 0 Jan_1_2020 /a",
            Meta("-", 0o644, 0, 0, 0, False, JANUARY),
            id="SELinux",
        ),
        pytest.param(
            b"prw-r--r-- 0 0 0 Jan_1_2020 /a",
            Meta("p", 0o644, 0, 0, 0, False, JANUARY),
            id="pipe",
        ),
        pytest.param(
            b"-rw-r--r-- 0 0 0 Jan_1_23:59 /a",
            Meta("-", 0o644, 0, 0, 0, False, datetime(2026, 1, 1, 23, 59, tzinfo=UTC)),
            id="this year",
        ),
        pytest.param(
            b"-rw-r--r-- 0 0 0 Dec_31_08:00 /a",
            Meta("-", 0o644, 0, 0, 0, False, datetime(2025, 12, 31, 8, tzinfo=UTC)),
            id="last year",
        ),
        pytest.param(b"-rw-r--r-- 0 0 0 Feb_30_2020 /a", Meta("-", 0o644, 0, 0, 0), id="no such day"),
        pytest.param(b"-rw-r--r-- 0 0 0 soon /a", Meta("-", 0o644, 0, 0, 0), id="no date"),
    ],
)
def test_metas(row: bytes, meta: Meta) -> None:
    assert tables.metas(table("meta", row)) == {b"/a": meta}


def test_metas_take_any_path_and_no_other_line() -> None:
    found = tables.metas(
        table(
            "meta", b"-rw-r--r-- 0 0 0 Jan_1_2020 /a b\t\xff", b"-rw-r--r-- 0 0 Jan_1_2020 /x", b"", b"-rw 0 0 0 J /y"
        )
    )
    assert list(found) == [b"/a b\t\xff"]


def test_states() -> None:
    assert tables.states(table("shells", b"ok /bin/sh", b"missing ", b"OK /x", b"nothing"), "shells") == {
        b"/bin/sh": "ok",
        b"": "missing",
    }


def test_a_stream_without_tables() -> None:
    found = decode(whole(), NONCE)
    assert (tables.metas(found), tables.states(found, "dirs"), tables.private_keys(found)) == ({}, {}, ())


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(b"openssh no head:AAAA -rw------- 0 0 1 /k", id="head of nothing"),
        pytest.param(b"openssh no head:b3BlbnNzaC1rZXktdjEA -rw------- 0 0 1 /k", id="head cut"),
        pytest.param(b"openssh no rsa:MIIB -rw------- 0 0 1 /k", id="numbers cut"),
        pytest.param(b"openssh no spki:MAAA -rw------- 0 0 1 /k", id="no key"),
        pytest.param(b"openssh no - -rw------- 0 0 1 /k", id="none"),
    ],
)
def test_public_parts_that_cannot_be_read(row: bytes) -> None:
    assert tables.private_keys(table("private_keys", row)) == (
        PrivateKeyFile(b"/k", "openssh", Truth.NO, None, 0o600, 0, 0),
    )


def test_public_parts() -> None:
    """Only public keys go in here, as the collector cuts them from files that hold the private ones too."""
    one, two = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())
    spki = two.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    blobs = [
        base64.b64decode(
            key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).split()[1]
        )
        for key in (one, two)
    ]
    der = one.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    head = der[: der.index(b"\x02\x03\x01\x00\x01") + 5]
    rows = [
        b"pem-rsa no rsa:" + base64.b64encode(head) + b" -rw------- 1 2 3 /rsa",
        b"pem-ec no spki:" + base64.b64encode(spki) + b" ? ? ? ? /ec",
        b"putty yes blob:" + base64.b64encode(blobs[1]) + b" -rw-r--r-- 1 2 3 /with blank",
    ]
    assert tables.private_keys(table("private_keys", *rows)) == (
        PrivateKeyFile(b"/rsa", "pem-rsa", Truth.NO, blobs[0], 0o600, 1, 2),
        PrivateKeyFile(b"/ec", "pem-ec", Truth.NO, blobs[1], None, None, None),
        PrivateKeyFile(b"/with blank", "putty", Truth.YES, blobs[1], 0o644, 1, 2),
    )


def test_enrolments() -> None:
    """What is there, and a word for what is not; a mode of small letters alone is no word."""
    rows = (
        b"-rw------- 1 2 /a b",
        b"drwxrwxrwx 0 0 /folder",
        b"absent /c",
        b"-rw-------+ 4294967295 0 /acl",
        b"-rw------- 1 /x",
        b"",
        b"lrwxrwxrwx 0 0 /link",
        b"-rw------- 0 0 relative",
    )
    assert tables.enrolments(table("enrolments", *rows)) == {
        b"/a b": Status("-", 0o600, 1, 2),
        b"/folder": Status("d", 0o777, 0, 0),
        b"/c": "absent",
        b"/acl": Status("-", 0o600, 4294967295, 0),
    }


def test_symlinks() -> None:
    """A path and its target in turn; what is not followed has none."""
    found = tables.symlinks(table("symlinks", b"/a b", b"../c -> d", b"/odd", b"", b"/cut"))
    assert found == {b"/a b": b"../c -> d", b"/odd": b""}


def test_conf_times() -> None:
    rows = (b"1767323045 /etc/ssh/a b", b"12x /no", b"123456789012 /far", b" /none", b"5", b"0 /zero")
    assert tables.conf_times(table("conf_times", *rows)) == {b"/etc/ssh/a b": 1767323045, b"/zero": 0}


def test_sysctls() -> None:
    rows = (b"fs.protected_symlinks 1", b"none", b"word x", b"far 1234567890", b" 0", b"b\xffd 0")
    assert tables.sysctls(table("sysctl", *rows)) == {"fs.protected_symlinks": 1, "": 0, "b�d": 0}

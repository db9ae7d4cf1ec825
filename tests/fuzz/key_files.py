"""What must hold for any bytes that a host may send as key files, certificates and lists: each target takes bytes.

A target raises AssertionError where something does not hold; any other exception is a fault as well. `SEEDS` are where
a fuzzer begins.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from openssh import material, test_principals, test_revoked
from openssh.lines import LINES

from hygiene.openssh import authorities, certificates, dropbear, keys, principals, revoked, signatures
from hygiene.openssh.authorized_keys import Content, parse
from hygiene.openssh.keys import KeyFormatError
from hygiene.openssh.version import Version

_VERSIONS = (Version(7, 2), Version(7, 6), Version(7, 7), Version(8, 4), Version(9, 2), Version(10, 3), Version(10, 5))


def key_file(data: bytes) -> None:
    """Every line has a key or a reason, lives unread only where some version takes it, and costs one reading."""
    anybody = {line.number: line.content for line in parse(data, None)}
    alive = {number for number, content in anybody.items() if content.dead is None}
    for number, content in anybody.items():
        _is_whole(content)
        assert 1 <= number <= data.count(b"\n") + 1
    for version in _VERSIONS:
        lines = list(parse(data, version))
        for line in lines:
            _is_whole(line.content)
            # what hides a line before 7.8 lies in other lines of the file, and may show one as well
            assert line.dead is not None or line.number in alive or b"\0" in data or len(data) > 8000
        if version.since(7, 8):
            # a NUL at the end of a line changes nothing, and keeps it from the short way
            slow = {line.number: line.content for line in parse(data.replace(b"\n", b"\0\n") + b"\0", version)}
            assert all(slow[line.number] == line.content for line in lines)


def _is_whole(content: Content) -> None:
    assert content.dead is not None or content.key is not None
    assert (content.dead is None) == (content.cause is None)
    assert all(mark.isascii() for mark in content.marks)
    options = content.options
    assert content.dead is None or options.command is None or content.key is not None


def dropbear_file(data: bytes) -> None:
    """Every line has a key or a reason."""
    for release in (None, (2017, 75), (2022, 83), (2026, 94)):
        for line in dropbear.parse(data, release):
            _is_whole(line.content)


def key_blob(data: bytes) -> None:
    """A key is written again as it was read, and a canonical one byte by byte."""
    try:
        reading = keys.inspect(data)
    except KeyFormatError:
        return
    again = keys.inspect(reading.key.blob)
    assert again.canonical
    assert again.key.fingerprint == reading.key.fingerprint
    assert (reading.key.blob == data) == (reading.canonical and not reading.form.cert)
    token = base64.b64encode(data)
    assert keys.unbase64(token) == data


def certificate(data: bytes) -> None:
    """What is no certificate is a KeyFormatError, and no signature but a good one is taken."""
    try:
        found = certificates.decode(data)
    except KeyFormatError:
        return
    assert found.key.is_certificate
    if found.is_signed():
        assert signatures.verify(found.authority, found.signature, found.signed + b"x") is False
    found.option("force-command")


def principal_file(data: bytes) -> None:
    for version in (None, *_VERSIONS):
        for line in principals.read(data, version):
            assert (line.dead is None) == (line.cause is None)
            assert line.name


def trusted_file(data: bytes) -> None:
    """An authority lives or has a reason, and behind a line that ends the file none lives."""
    for version in (None, *_VERSIONS):
        for line in authorities.read(data, version):
            assert (line.dead is None) == (line.cause is None)
            assert line.dead is not None or line.key is not None


_HELD = keys.decode(material.blob(material.ED))
_CERTIFICATE = certificates.decode(base64.b64decode(material.CERTIFICATE_LINE.split()[1]))


def revoked_file(data: bytes) -> None:
    """A list answers for any key, and one that is broken says why."""
    for version in (None, *_VERSIONS):
        found = revoked.read(data, version)
        if isinstance(found, str):
            assert found
        else:
            assert found.holds_certificate(_CERTIFICATE) or not found.holds(_HELD)
            assert all(len(fingerprint) == 50 for fingerprint in found.fingerprints)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "key-file": key_file,
    "dropbear-file": dropbear_file,
    "key-blob": key_blob,
    "certificate": certificate,
    "principal-file": principal_file,
    "trusted-file": trusted_file,
    "revoked-file": revoked_file,
}

_KEYS = [material.blob(key) for key in (material.ED, material.RSA, material.ECDSA)]
_CERTIFIED = base64.b64decode(material.CERTIFICATE_LINE.split()[1])
_LINES = [line for line, _ in LINES.values() if len(line) < 2000]
SEEDS: Mapping[str, list[bytes]] = {
    "key-file": [*_LINES, b"\n".join(_LINES[:20])],
    "dropbear-file": _LINES,
    "key-blob": [*_KEYS, _CERTIFIED, base64.b64decode(material.RSA_PADDED)],
    "certificate": [_CERTIFIED],
    "principal-file": [data for data, _ in test_principals.LINES.values()],
    "trusted-file": _LINES[:30],
    "revoked-file": [data for data, *_ in (*test_revoked.KRLS.values(), *test_revoked.TEXTS.values())],
}

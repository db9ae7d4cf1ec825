"""Key revocation lists (PROTOCOL.krl), as krl.c reads them: by version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from hygiene.openssh import key_text, keys, signatures
from hygiene.openssh.certificates import Certificate
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.version import Version
from hygiene.openssh.wire import KeyFormatError, Reader

MAGIC = b"SSHKRL\n\0"
_SERIAL_END = 1 << 64
_WHAT = "the list"

# KRL_SECTION_* in krl.h
_CERTIFICATES, _KEYS, _SHA1, _SIGNATURE, _SHA256, _EXTENSION = 1, 2, 3, 4, 5, 255
_SERIALS, _RANGE, _BITMAP, _KEY_ID, _CERT_EXTENSION = 0x20, 0x21, 0x22, 0x23, 0x39


@dataclass(slots=True)
class _Issued:
    """Which certificates of one authority, or of all, are revoked."""

    serials: set[int] = field(default_factory=set)
    ranges: list[tuple[int, int]] = field(default_factory=list)  # first and last
    bitmaps: list[tuple[int, int]] = field(default_factory=list)  # the serial of the lowest bit, and the bits
    key_ids: set[str] = field(default_factory=set)

    def holds(self, certificate: Certificate) -> bool:
        if certificate.key_id in self.key_ids:
            return True
        serial = certificate.serial  # 0, what an authority that does not count gives to all, is in no list
        return (
            serial in self.serials
            or any(first <= serial <= last for first, last in self.ranges)
            or any(serial >= base and bits >> (serial - base) & 1 for base, bits in self.bitmaps)
        )


@dataclass(frozen=True, slots=True)
class Krl:
    """What a list revokes."""

    number: int  # the list's own version
    comment: str
    keys: frozenset[bytes]  # blobs, which count only in the encoding of OpenSSH
    sha1: frozenset[bytes]  # digests of such blobs
    sha256: frozenset[bytes]
    issued: Mapping[bytes | None, _Issued]  # by the blob of the authority's key; None: of every authority

    def holds_certificate(self, certificate: Certificate) -> bool:
        """Whether the certificate is revoked by its authority's lists; ask for its keys besides."""
        found = (self.issued.get(authority) for authority in (certificate.authority.blob, None))
        return any(issued is not None and issued.holds(certificate) for issued in found)


def read(data: bytes, version: Version) -> Krl | str:
    """Read a list that begins with MAGIC; a text says why sshd cannot, and then it refuses every key."""
    try:
        return _List(data, version).read()
    except KeyFormatError as error:
        return str(error)


class _List:
    """A list while it is read."""

    def __init__(self, data: bytes, version: Version) -> None:
        self._data = data
        self._version = version
        self._keys: set[bytes] = set()
        self._sha1: set[bytes] = set()
        self._sha256: set[bytes] = set()
        self._issued: dict[bytes | None, _Issued] = {}
        self._signers: list[PublicKey] = []

    def read(self) -> Krl:
        reader = Reader(self._data, _WHAT)
        reader.take(len(MAGIC))
        if reader.number(4) != 1:
            _refuse("the list has a format that is not known")
        number = reader.number(8)
        reader.take(16)  # when it was made, and flags
        reader.string()  # reserved
        comment = reader.cstring().decode("utf-8", "backslashreplace")
        if not self._version.since(9, 4):
            self._check_signatures(reader.at)
        while reader.left():
            kind = reader.number(1)
            section = reader.string()
            if kind == _SIGNATURE:
                reader.string()  # not checked any more
            else:
                self._section(kind, section)
        krl = Krl(
            number,
            comment,
            frozenset(self._keys),
            frozenset(self._sha1),
            frozenset(self._sha256),
            self._issued,
        )
        if self._signers and all(is_listed(signer, krl) for signer in self._signers):
            _refuse("all keys that signed the list are revoked by it")
        return krl

    def _check_signatures(self, start: int) -> None:
        """Up to 9.3 signatures stand at the end, and each is checked."""
        reader = Reader(self._data, _WHAT)
        reader.at = start
        seen: set[bytes] = set()
        while reader.left():
            kind = reader.number(1)
            section = reader.string()
            if kind != _SIGNATURE:
                if seen:
                    _refuse("something stands behind a signature in the list")
                continue
            signed = self._data[: reader.at]
            signer = keys.decode(section)
            if signatures.verify(signer, reader.string(), signed) is False:
                _refuse("a signature of the list is wrong")
            if signer.blob in seen:
                _refuse("the list is signed twice with one key")
            seen.add(signer.blob)
            self._signers.append(signer)

    def _section(self, kind: int, section: bytes) -> None:
        reader = Reader(section, "a section of the list")
        if kind == _CERTIFICATES:
            self._certificates(reader)
        elif kind == _KEYS:
            _blobs(reader, self._keys, None)
        elif kind == _SHA1:
            _blobs(reader, self._sha1, 20)
        elif kind == _SHA256 and self._version.since(7, 9):
            _blobs(reader, self._sha256, 32)
        elif kind == _EXTENSION and self._version.since(9, 4):
            _extension(reader)
        else:
            _refuse(f"the list has a section of the kind {kind}, which OpenSSH {self._version} does not know")

    def _certificates(self, reader: Reader) -> None:
        blob = reader.string()
        reader.string()  # reserved
        authority = self._authority(blob) if blob else None
        while reader.left():
            kind = reader.number(1)
            section = Reader(reader.string(), "a section of the list")
            if kind == _CERT_EXTENSION and self._version.since(9, 4):
                _extension(section)
                continue
            self._certificate_section(kind, section, self._issued.setdefault(authority, _Issued()))

    def _authority(self, blob: bytes) -> bytes:
        key = keys.inspect(blob)
        by = key_text.rules(self._version)
        if key.form.name not in by.names or key_text.why_refused(key, by) is not None:
            _refuse(f"the list names an authority whose key OpenSSH {self._version} does not take")
        # what is written for a certificate is for no key that signs
        return b"" if key.form.cert else key.key.blob

    def _certificate_section(self, kind: int, reader: Reader, issued: _Issued) -> None:
        if kind == _SERIALS:
            while reader.left():
                issued.serials.add(_serial(reader.number(8)))
        elif kind == _RANGE:
            first, last = _serial(reader.number(8)), reader.number(8)
            if first > last:
                _refuse("the list revokes a range of serials that ends before it begins")
            issued.ranges.append((first, last))
        elif kind == _BITMAP:
            base, bits = reader.number(8), int.from_bytes(reader.mpint(), "big")
            if bits and base + bits.bit_length() > _SERIAL_END:
                _refuse("the list revokes serials that do not exist")
            if bits & 1:
                _serial(base)
            issued.bitmaps.append((base, bits))
        elif kind == _KEY_ID:
            while reader.left():
                issued.key_ids.add(reader.cstring().decode("utf-8", "backslashreplace"))
        else:
            _refuse(f"the list has certificates by the kind {kind}, which OpenSSH {self._version} does not know")
        if reader.left():
            _refuse("a section of the list has more in it than it should")


def is_listed(key: PublicKey, krl: Krl) -> bool:
    """Whether the plain key itself is revoked (is_key_revoked)."""
    return key.blob in krl.keys or keys.sha1(key.blob) in krl.sha1 or keys.sha256(key.blob) in krl.sha256


def _serial(number: int) -> int:
    if number == 0:
        _refuse("the list revokes the serial 0, which cannot be")
    return number


def _blobs(reader: Reader, into: set[bytes], size: int | None) -> None:
    while reader.left():
        blob = reader.string()
        if size is not None and len(blob) != size:
            _refuse("a fingerprint in the list has a wrong length")
        into.add(blob)


def _extension(reader: Reader) -> None:
    reader.cstring()
    critical = reader.number(1)
    reader.string()
    if reader.left():
        _refuse("an extension of the list has more in it than it should")
    if critical:
        _refuse("the list has an extension that is critical and not known")


def _refuse(reason: str) -> NoReturn:
    raise KeyFormatError(reason)

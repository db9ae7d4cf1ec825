"""The file format of evidence: self-checking records, in segments and bundles alike.

A file is `HYGSEG1` LF and a marker of 16 random bytes, then records. A record is

    marker     16 bytes, the file's: what a host sent cannot look like the start of a record
    lengths    of head and body, 4 bytes each, big-endian
    digest     SHA-256 of marker, lengths, head and body
    head       zlib: a JSON object whose `type` is `host`, or in bundles also `scan` (the manifest) and `end`
    body       zlib: of a host its owners file and its stream; of others empty

A record whose digest does not fit costs itself alone: reading goes on at the next marker.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from hygiene.evidence import packing
from hygiene.model import Evidence, ScanInfo

MAGIC = b"HYGSEG1\n"
_MARKER_BYTES = 16
_HEADER_BYTES = len(MAGIC) + _MARKER_BYTES
_LENGTHS = struct.Struct(">II")
_PREFIX_BYTES = _MARKER_BYTES + _LENGTHS.size + hashlib.sha256().digest_size
# a manifest of 100,000 targets is about 20 MB; a stream ends at 64 MB, an owners file at 256 MB
_LARGEST_HEAD = 128 << 20
_LARGEST_BODY = 384 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in a file."""

    path: Path
    offset: int
    head: packing.Json
    packed_head: bytes = field(repr=False)
    packed_body: bytes = field(repr=False)

    @property
    def type(self) -> str:
        return str(self.head.get("type"))

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + _PREFIX_BYTES + len(self.packed_head) + len(self.packed_body)

    def evidence(self) -> Evidence | Damage:
        """What this record of a host holds."""
        try:
            return packing.to_evidence(self.head, _inflate(self.packed_body, _LARGEST_BODY))
        except ValueError as error:
            return Damage(self.path, self.offset, str(error))


@dataclass(frozen=True, slots=True)
class Damage:
    """A place that cannot be read. `torn`: the file just ends there, as that of a writer at work or killed may."""

    path: Path
    offset: int
    reason: str
    torn: bool = False


def new_header() -> bytes:
    """The first bytes of a new file."""
    return MAGIC + secrets.token_bytes(_MARKER_BYTES)


def frame(header: bytes, packed_head: bytes, packed_body: bytes) -> bytes:
    """A record for the file that starts with `header`."""
    marker, lengths = header[len(MAGIC) :], _LENGTHS.pack(len(packed_head), len(packed_body))
    return b"".join((marker, lengths, _digest(marker, lengths, packed_head, packed_body), packed_head, packed_body))


def host_record(header: bytes, evidence: Evidence) -> bytes:
    """The record of a host."""
    return frame(header, pack(packing.from_evidence(evidence)), zlib.compress(evidence.owners + evidence.stream, 1))


def scan_record(header: bytes, scan: ScanInfo, finished: bool) -> bytes:
    """The record that begins a bundle."""
    return frame(header, pack({**packing.from_scan(scan), "finished": finished}), b"")


def end_record(header: bytes, hosts: int) -> bytes:
    """The record that ends a bundle."""
    return frame(header, pack({"type": "end", "hosts": hosts}), b"")


def pack(head: packing.Json) -> bytes:
    """JSON as it stands in a record."""
    return zlib.compress(json.dumps(head, separators=(",", ":")).encode())


def read_records(path: Path) -> Iterator[Record | Damage]:
    """Every record of a file in order, and every place that cannot be read; one record in memory at a time.

    FileNotFoundError when there is no such file; any other error of reading is a Damage.
    """
    try:
        with path.open("rb") as file:
            yield from _records(path, file)
    except FileNotFoundError:
        raise
    except OSError as error:
        yield Damage(path, 0, f"cannot be read: {error.strerror}")


def read_record(path: Path, offset: int) -> Record | Damage:
    """The one record at an offset that read_records gave."""
    try:
        with path.open("rb") as file:
            marker = file.read(_HEADER_BYTES)[len(MAGIC) :]
            return _record(path, file, marker, offset, file.seek(0, 2))
    except OSError as error:
        return Damage(path, offset, f"cannot be read: {error.strerror}")


def _records(path: Path, file: BinaryIO) -> Iterator[Record | Damage]:
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES and header[: len(MAGIC)] == MAGIC[: len(header)]:
        yield Damage(path, 0, "ends in its first bytes", torn=True)
        return
    if not header.startswith(MAGIC):
        yield Damage(path, 0, "is not evidence of this version")
        return
    marker, at, size = header[len(MAGIC) :], _HEADER_BYTES, file.seek(0, 2)
    while at < size:
        found = _record(path, file, marker, at, size)
        if isinstance(found, Record):
            yield found
            at = found.end
            continue
        at = _next(file, marker, at + 1, size)
        # a record that is cut is torn only when nothing stands behind it
        yield found if at == size else Damage(path, found.offset, found.reason)


def _record(path: Path, file: BinaryIO, marker: bytes, at: int, size: int) -> Record | Damage:
    file.seek(at)
    prefix = file.read(_PREFIX_BYTES)
    if prefix[:_MARKER_BYTES] != marker[: len(prefix)]:
        return Damage(path, at, "no record begins here")
    if len(prefix) < _PREFIX_BYTES:
        return Damage(path, at, "the record is cut", torn=True)
    lengths = prefix[_MARKER_BYTES : _MARKER_BYTES + _LENGTHS.size]
    head_bytes, body_bytes = _LENGTHS.unpack(lengths)
    if at + _PREFIX_BYTES + head_bytes + body_bytes > size:
        return Damage(path, at, "the record is cut", torn=True)
    head, body = file.read(head_bytes), file.read(body_bytes)
    if _digest(marker, lengths, head, body) != prefix[_MARKER_BYTES + _LENGTHS.size :]:
        return Damage(path, at, "the record's digest does not fit")
    try:
        data = json.loads(_inflate(head, _LARGEST_HEAD))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return Damage(path, at, "the record's head is no JSON object")
    return Record(path, at, data, head, body)


def _next(file: BinaryIO, marker: bytes, at: int, size: int) -> int:
    """Where the marker stands next, or the end of the file."""
    while at < size:
        file.seek(at)
        chunk = file.read(_CHUNK)
        if not chunk:
            return size
        found = chunk.find(marker)
        if found >= 0:
            return at + found
        at += max(len(chunk) - _MARKER_BYTES + 1, 1)
    return size


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def _inflate(data: bytes, limit: int) -> bytes:
    """What zlib holds, at most so much; ValueError when it is damaged or more."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, limit)
    except zlib.error:
        raise ValueError("the record's content is damaged") from None
    if not inflater.eof:
        raise ValueError("the record's content is cut or too large")
    return text

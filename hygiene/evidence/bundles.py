"""Bundles: the evidence of one scan in one file, to be carried to where it is judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hygiene.errors import EvidenceError
from hygiene.evidence import packing, records
from hygiene.evidence.records import Damage
from hygiene.evidence.segments import Entry, EvidenceFolder
from hygiene.evidence.writer import write_aside
from hygiene.model import ScanInfo

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What a bundle brought."""

    scan: ScanInfo
    hosts: int
    new: bool  # False: the same bundle was imported before


def write_bundle(path: Path, folder: EvidenceFolder, scan: ScanInfo) -> int:
    """Write the evidence of one scan to a file that is there whole or not at all; gives the number of hosts.

    StorageError when it cannot be written, EvidenceError when a record of it cannot be read.
    """
    entries = folder.index().of_scan(scan.id).values()
    write_aside(path, _parts(folder, scan, entries))
    return len(entries)


def import_bundle(path: Path, folder: EvidenceFolder) -> Imported:
    """Take a bundle into a folder of evidence. EvidenceError when any of it is damaged: nothing is taken then."""
    scan, finished, hosts = _check(path)
    stem = "bundle-" + _digest(path)[:24]
    target = folder.path / f"{stem}.segment"
    new = not target.exists()
    if new:
        folder.create()
        write_aside(target, _chunks(path))
        if _digest(target)[:24] != stem.removeprefix("bundle-"):
            target.unlink()
            raise EvidenceError(f"{path}: changed while it was read; import it again")
    if scan.id not in {known.id for known in folder.scans()}:
        folder.save_scan(scan)
    if finished and not folder.is_finished(scan.id):
        folder.finish_scan(scan.id)
    return Imported(scan, hosts, new)


def _parts(folder: EvidenceFolder, scan: ScanInfo, entries: Iterable[Entry]) -> Iterator[bytes]:
    header, hosts = records.new_header(), 0
    yield header
    yield records.scan_record(header, scan, folder.is_finished(scan.id))
    for entry in entries:
        record = folder.record(entry)
        yield records.frame(header, record.packed_head, record.packed_body)
        hosts += 1
    yield records.end_record(header, hosts)


def _check(path: Path) -> tuple[ScanInfo, bool, int]:
    """Manifest, whether its scan was finished, and hosts of a bundle. EvidenceError when any part is damaged."""
    scan: ScanInfo | None = None
    finished, hosts, ended = False, 0, False
    try:
        for found in records.read_records(path):
            if isinstance(found, Damage):
                raise _damaged(path, found.offset, found.reason)
            if ended or (scan is None) != (found.type == "scan"):
                raise _damaged(path, found.offset, "a record stands where none is expected")
            if found.type == "scan":
                scan, finished = packing.to_scan(found.head), found.head.get("finished") is True
            elif found.type == "host":
                evidence = found.evidence()
                if isinstance(evidence, Damage):
                    raise _damaged(path, found.offset, evidence.reason)
                if evidence.scan != scan.id if scan else True:
                    raise _damaged(path, found.offset, "the record belongs to another scan")
                hosts += 1
            elif found.type == "end" and found.head.get("hosts") == hosts:
                ended = True
            else:
                raise _damaged(path, found.offset, "the number of hosts does not fit")
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise EvidenceError(f"{path}: cannot be read as a bundle: {reason}") from None
    if scan is None or not ended:
        raise EvidenceError(f"{path}: ends too early; copy the bundle again, or write it anew with --bundle")
    return scan, finished, hosts


def _damaged(path: Path, offset: int, reason: str) -> EvidenceError:
    return EvidenceError(f"{path}: at byte {offset}: {reason}; copy the bundle again, or write it anew with --bundle")


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror}") from error


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()

"""The evidence of all scans, in a folder beside the database: what hosts said, kept as they said it.

    SCAN.scan        the manifest of a scan: which targets it was meant to have; written once
    SCAN.finished    an empty file: that scan came to its end
    NAME.part        a segment that a writer is at; each writer has its own, so several can write side by side
    NAME.segment     a full segment (200 hosts); never changes

A host counts once its record is written whole. A killed run loses the hosts in flight and nothing else; after a power
cut at most the last second is missing. The folder is 0700, files are 0600: together they are a map of the fleet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hygiene.errors import EvidenceError
from hygiene.evidence import packing, records
from hygiene.evidence.records import Damage, Record
from hygiene.evidence.writer import SegmentWriter, write_aside, writing
from hygiene.model import Evidence, ScanInfo, Status

RESUME_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one host's evidence of one scan lies."""

    host: str
    scan: str
    status: Status
    started_at: datetime
    finished_at: datetime
    path: Path
    offset: int
    asked_at: datetime | None = None  # when it was asked what it would accept, after the collection

    @property
    def collected(self) -> bool:
        """Whether the host said something that facts can come from."""
        return self.status in (Status.COMPLETE, Status.PARTIAL)


@dataclass(frozen=True, slots=True)
class Newest:
    """What is known of a host: `current` (None: never seen) tells how it is, `attempt` how its last scan ended."""

    current: Entry | None
    attempt: Entry


@dataclass(frozen=True, slots=True)
class Index:
    """All records of a folder, without what they hold; about 400 bytes for each."""

    entries: tuple[Entry, ...]  # oldest first
    problems: tuple[Damage, ...]  # records that cannot be read; the torn end of a .part is none

    def newest(self) -> dict[str, Newest]:
        """For each host the newest evidence with something in it, and the newest of any status."""
        found: dict[str, Newest] = {}
        for entry in self.entries:
            known = found.get(entry.host)
            current = entry if entry.collected else known.current if known else None
            found[entry.host] = Newest(current, entry)
        return found

    def of_scan(self, scan: str) -> dict[str, Entry]:
        """The newest entry of each host in one scan: what a resumed run need not do again."""
        return {entry.host: entry for entry in self.entries if entry.scan == scan}


class EvidenceFolder:
    """The folder of segments that belongs to a database. Reading needs no lock, also while others write."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, database: Path) -> EvidenceFolder:
        """`X.evidence` for `X.duckdb`."""
        return cls(database.with_suffix(".evidence"))

    def create(self) -> None:
        """Make the folder, closed to others."""
        with writing(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)

    def writer(self) -> SegmentWriter:
        """A writer of its own, to be closed when the run ends; the folder is made with the first host."""
        return SegmentWriter(self.path)

    def save_scan(self, scan: ScanInfo) -> None:
        """Keep the manifest of a scan that begins."""
        self.create()
        write_aside(self._scan_path(scan.id, "scan"), [json.dumps(packing.from_scan(scan)).encode()])

    def finish_scan(self, scan: str) -> None:
        """Mark that a scan came to its end."""
        write_aside(self._scan_path(scan, "finished"), [b""])

    def is_finished(self, scan: str) -> bool:
        return self._scan_path(scan, "finished").exists()

    def scans(self) -> tuple[ScanInfo, ...]:
        """All manifests, oldest first. EvidenceError names one that cannot be read."""
        found = []
        for path in sorted(self.path.glob("*.scan")):
            try:
                data = json.loads(path.read_bytes())
                if not isinstance(data, dict):
                    raise ValueError("no JSON object")
                found.append(packing.to_scan(data))
            except (OSError, ValueError, RecursionError) as error:
                raise EvidenceError(
                    f"{path}: the manifest of a scan cannot be read ({error}); move it away to go on without that scan"
                ) from None
        return tuple(sorted(found, key=lambda scan: (scan.started_at, scan.id)))

    def unfinished(self, targets_digest: str, now: datetime) -> ScanInfo | None:
        """The newest scan of these targets that was begun in the last 24 hours and did not end: a run resumes it."""
        for scan in reversed(self.scans()):
            if scan.targets_digest == targets_digest and timedelta(0) <= now - scan.started_at < RESUME_WITHIN:
                return None if self.is_finished(scan.id) else scan
        return None

    def index(self) -> Index:
        """Read all records once and keep where they lie; their digests are checked on the way."""
        entries: list[Entry] = []
        problems: list[Damage] = []
        scans: dict[str, str] = {}
        for found in self._records():
            if isinstance(found, Damage):
                problems.append(found)
            elif found.type == "host":
                try:
                    host, scan, status, started_at, finished_at, asked_at = packing.summary(found.head)
                except ValueError as error:
                    problems.append(Damage(found.path, found.offset, str(error)))
                    continue
                scan = scans.setdefault(scan, scan)
                entries.append(Entry(host, scan, status, started_at, finished_at, found.path, found.offset, asked_at))
        # the same evidence with the answers that came after it is the newer
        entries.sort(key=lambda entry: (entry.started_at, entry.finished_at, entry.asked_at is not None))
        return Index(tuple(entries), tuple(problems))

    def load(self, entry: Entry) -> Evidence:
        """The evidence of an entry. EvidenceError when it can no longer be read."""
        found = self.record(entry).evidence()
        if isinstance(found, Damage):
            raise _unreadable(found)
        return found

    def record(self, entry: Entry) -> Record:
        """The record of an entry as it lies in its file."""
        path = entry.path
        found = records.read_record(path, entry.offset)
        if isinstance(found, Damage) and path.suffix == ".part":
            # closed by its writer since
            found = records.read_record(path.with_suffix(".segment"), entry.offset)
        if isinstance(found, Damage):
            raise _unreadable(found)
        return found

    def replay(self, entries: Iterable[Entry]) -> Iterator[Evidence]:
        """Their evidence again, one at a time, in the order given."""
        for entry in entries:
            yield self.load(entry)

    def _records(self) -> Iterator[Record | Damage]:
        names = {path.stem: path for path in self.path.glob("*.part")}
        names |= {path.stem: path for path in self.path.glob("*.segment")}
        for stem in sorted(names):
            for path in (names[stem], names[stem].with_suffix(".segment")):
                try:
                    for found in records.read_records(path):
                        if isinstance(found, Record) or not (found.torn and path.suffix == ".part"):
                            yield found
                    break
                except FileNotFoundError:
                    continue  # its writer closed it meanwhile

    def _scan_path(self, scan: str, suffix: str) -> Path:
        if not scan or not all(char.isascii() and (char.isalnum() or char in "-_") for char in scan):
            raise EvidenceError(f"scan id {scan!r}: expected letters, digits, - and _")
        return self.path / f"{scan}.{suffix}"


def _unreadable(damage: Damage) -> EvidenceError:
    return EvidenceError(f"{damage.path}: at byte {damage.offset}: {damage.reason}; collect that host again")

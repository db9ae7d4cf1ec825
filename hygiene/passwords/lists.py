"""Lists of passwords to scored entries: the room's only door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hygiene.model import BreachLookup, EntryAccount, ListHash, PasswordEntry, PasswordList, Truth
from hygiene.passwords.against import Against
from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.hashes.trial import Watcher, try_all
from hygiene.passwords.intake import Intake
from hygiene.passwords.read import open_hashes, open_list
from hygiene.passwords.read.exposure import NO_FILE, Exposure
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.score.pool import Pool
from hygiene.passwords.score.protect import forbid_core_dumps, forbid_memory_access


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `distinct` grows while lists are read; scoring is over when `scored` equals it."""

    entries: int
    distinct: int
    scored: int
    kept: int = 0  # entries in the database, where they go last


@dataclass(frozen=True, slots=True)
class ListInfo:
    """What was read of one list."""

    name: str  # as in the table: the file's name, or the path where two lists share that
    path: str
    format: str
    rows: int  # all rows, the header included
    entries: int
    encoding: str | None  # None where the format fixes it
    notes: tuple[str, ...]  # for a person; nothing is missing
    unread: tuple[str, ...]  # what was not read or perhaps not as typed; each is worth a gap
    hashes: int = 0  # lines and cells with a hash, or with what says that there is none
    exposure: Exposure = NO_FILE
    encrypted: bool = False
    encryptable: bool = False  # the format has encryption

    def record(self) -> PasswordList:
        """The row of `password_lists`."""
        return PasswordList(
            list=self.name,
            path=self.path,
            format=self.format,
            rows=self.rows,
            entries=self.entries,
            hashes=self.hashes,
            encoding=self.encoding,
            mode=self.exposure.mode,
            readable_by=self.exposure.readable_by,
            encrypted=Truth.YES if self.encrypted else Truth.NO,
            encryptable=self.encryptable,
        )


@dataclass(frozen=True, slots=True)
class PasswordAudit:
    """Entries in the order of the lists and their rows; 10^6 of them are held as columns, not as records."""

    entries: Sequence[PasswordEntry]
    lists: tuple[ListInfo, ...]
    failed: int = 0  # entries that the reference broke on: their scores are 0, which says nothing of them
    lookup: BreachLookup | None = None  # None: nothing was given to look them up in
    lookup_failures: tuple[str, ...] = ()  # why some were not answered
    hashes: Sequence[ListHash] = ()
    ties: Iterable[EntryAccount] | None = None  # entries that open hashes; None: none was tried
    unmatched: tuple[str, ...] = ()  # what was not tried on hashes, besides what the lists say
    distinct: int = 0  # passwords that were scored, and once more each that was judged with the words of an entry


def score_lists(
    paths: Sequence[Path],
    progress: Callable[[Progress], None] | None = None,
    *,
    processes: int | None = None,
    against: Against | None = None,
    reading: Reading | None = None,
    hashes: Sequence[HashFile] = (),
    watcher: Watcher | None = None,
) -> PasswordAudit:
    """Read and score lists: entries in the order of the lists, equal passwords grouped over all of them.

    A file given twice is read once. ListError when one cannot be read: then nothing is returned of any.
    `hashes`: files that must be ones of hashes, after the lists; others are told among `paths` by what is in them.
    `processes`: scoring processes, by default one for each core. `against`: what they are held against.
    `reading`: what is told about the lists, such as the passphrase of a vault. Memory is about 60 bytes an entry
    beside names that are new, 400 for each distinct password, and for a moment at the end up to 100 MB for the search
    for similar ones; passwords themselves are held only while they wait for their score,
    unless they are to be tried on hashes (`against.match_budget_s`): then up to 1,000,000 distinct ones of 64 MiB stay
    to the end, and `watcher` is told of that.
    """
    forbid_core_dumps()
    forbid_memory_access()
    # what is said of a file of hashes holds when it is given as a list too
    files = {file.path.resolve(): file for file in hashes}
    chosen = {path.resolve(): path for path in reversed((*paths, *(file.path for file in hashes)))}
    names = [path.name for path in chosen.values()]
    against = against or Against()

    def told(entries: int, distinct: int, scored: int) -> None:
        if progress is not None:
            progress(Progress(entries, distinct, scored))

    with Pool(processes, against.knowledge) as pool:
        intake = Intake(pool, against, told)
        infos = [
            _read(
                intake,
                path.name if names.count(path.name) == 1 else str(path),
                path,
                files.get(resolved),
                reading or Reading(),
            )
            for resolved, path in reversed(chosen.items())
        ]
        scored = intake.finish()
    trial = None
    if intake.candidates is not None and against.match_budget_s is not None:
        trial = try_all(intake.candidates, intake.hashes, scored.entries, against.match_budget_s, watcher)
        intake.hashes.set_tried(trial.tried)
    unknown = trial.unknown if trial is not None else {}
    return PasswordAudit(
        scored.entries,
        tuple(replace(info, unread=(*info.unread, *unknown.get(info.name, ()))) for info in infos),
        scored.entries.failed,
        scored.lookup,
        scored.lookup_failures,
        intake.hashes.rows,
        trial.ties if trial is not None else None,
        unknown.get(None, ()),
        scored.distinct,
    )


def _read(intake: Intake, name: str, path: Path, file: HashFile | None, reading: Reading) -> ListInfo:
    """Read one list; `file`: it was handed in as one of hashes."""
    entries, hashes = len(intake.entries), len(intake.hashes.rows)
    with open_list(path, reading) if file is None else open_hashes(path) as reader:
        intake.take(name, file.host if file is not None else None, reader)
    tally = reader.tally
    return ListInfo(
        name,
        str(path),
        reader.format,
        tally.rows,
        len(intake.entries) - entries,
        reader.encoding,
        tally.notes(),
        (*tally.unread(), *intake.hashes.doubts(hashes)),
        len(intake.hashes.rows) - hashes,
        reader.source.exposure,
        reader.encrypted,
        reader.encryptable,
    )

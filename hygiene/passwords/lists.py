"""Lists of passwords to scored entries: the room's only door."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hygiene.model import BreachLookup, EntryAccount, ListHash, PasswordEntry, PasswordList, Truth
from hygiene.passwords.against import Against
from hygiene.passwords.breach.lookup import Lookup
from hygiene.passwords.entries import ScoredEntries
from hygiene.passwords.hashes.listed import HashFile, ListedHashes
from hygiene.passwords.hashes.trial import Candidates, Watcher, try_all
from hygiene.passwords.read import open_hashes, open_list
from hygiene.passwords.read.exposure import NO_FILE, Exposure
from hygiene.passwords.read.reader import HashLine, RawEntry
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.score import context
from hygiene.passwords.score.batch import Batch
from hygiene.passwords.score.judgement import SCORED_CHARACTERS
from hygiene.passwords.score.length import band_index
from hygiene.passwords.score.pool import Job, Pool
from hygiene.passwords.score.protect import forbid_core_dumps, forbid_memory_access, give_memory_back
from hygiene.passwords.similar.clusters import Clusters
from hygiene.passwords.similar.owners import Owners

_DIGEST_BYTES = 16
_HASH_KEY_BYTES = 16
_ROWS_BETWEEN_REPORTS = 10_000


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
    with Pool(processes, against.knowledge) as pool:
        run = _Run(pool, progress, against, reading or Reading())
        infos = tuple(
            run.read(path.name if names.count(path.name) == 1 else str(path), path, files.get(resolved))
            for resolved, path in reversed(chosen.items())
        )
        run.finish()
    failures = run.lookup.failures if run.lookup is not None else ()
    audit = PasswordAudit(
        run.entries,
        infos,
        run.entries.failed,
        run.looked_up,
        failures,
        run.hashes.rows,
        distinct=run.scored,
    )
    if run.candidates is None or against.match_budget_s is None:
        return audit
    trial = try_all(run.candidates, run.hashes, run.entries, against.match_budget_s, watcher)
    run.hashes.set_tried(trial.tried)
    return replace(
        audit,
        lists=tuple(replace(info, unread=(*info.unread, *trial.unknown.get(info.name, ()))) for info in infos),
        hashes=run.hashes.rows,
        ties=trial.ties,
        unmatched=trial.unknown[None],
    )


class _Run:
    """One run over some lists: from plaintext to slots, each distinct password sent to be scored once."""

    def __init__(
        self, pool: Pool, progress: Callable[[Progress], None] | None, against: Against, reading: Reading
    ) -> None:
        self._reading = reading
        self.entries = ScoredEntries()
        self._batch = Batch(pool, self.entries.set_judgement, self._report)
        self._progress = progress
        # dies with the run, and with it every way to compare a digest
        self._key = os.urandom(32)
        self._clusters = Clusters(os.urandom(32))
        self._defaults = against.defaults
        self.lookup = Lookup(against.breaches) if against.breaches is not None else None
        self.looked_up: BreachLookup | None = None
        matching = against.match_budget_s is not None
        self.hashes = ListedHashes(against.digest_key or secrets.token_hex(_HASH_KEY_BYTES), keep=matching)
        self.candidates = Candidates() if matching else None
        self._slots: dict[bytes, int] = {}
        self._context_slots: dict[bytes, int] = {}

    def read(self, name: str, path: Path, file: HashFile | None = None) -> ListInfo:
        """Read one list; `file`: it was handed in as one of hashes."""
        self.entries.begin_list(name)
        before, hashes = len(self.entries), len(self.hashes.rows)
        host = file.host if file is not None else None
        with open_list(path, self._reading) if file is None else open_hashes(path) as reader:
            for entry in reader:
                if isinstance(entry, HashLine):
                    self.hashes.add(name, host, entry)
                    continue
                self._take(entry)
                if len(self.entries) % _ROWS_BETWEEN_REPORTS == 0:
                    self._report()
        tally = reader.tally
        count = len(self.entries) - before
        return ListInfo(
            name,
            str(path),
            reader.format,
            tally.rows,
            count,
            reader.encoding,
            tally.notes(),
            (*tally.unread(), *self.hashes.doubts(hashes)),
            len(self.hashes.rows) - hashes,
            reader.source.exposure,
            reader.encrypted,
            reader.encryptable,
        )

    @property
    def scored(self) -> int:
        return self._batch.scored

    def finish(self) -> None:
        """Wait for all scores, and look through all entries for similar ones."""
        self._batch.finish()
        self._slots.clear()
        self._context_slots.clear()
        self._key = b""
        if self.lookup is not None:
            self.looked_up = self.lookup.finish()
            self.entries.mark_breached(self.lookup.answers)
        self.entries.number_groups()
        self.entries.mark_similar(self._clusters.finish(Owners(self.entries.slots, *self.entries.names)))
        # the digests are gone
        give_memory_back()
        self._report()

    def _take(self, entry: RawEntry) -> None:
        # surrogatepass: a text that is not valid is still equal to itself only
        data = entry.password.encode("utf-8", "surrogatepass")
        scored = entry.password[:SCORED_CHARACTERS]
        digest = self._digest(data)
        slot = self._slots.get(digest)
        if slot is None:
            slot = self._slots[digest] = self._queue(band_index(entry.password), (scored, ()))
            self._clusters.learn(slot, entry.password)
            if self.lookup is not None:
                self.lookup.put(slot, entry.password)
            if self.candidates is not None:
                self.candidates.add(slot, data)
        context_slot = None
        words = context.words_in(scored, entry.account, entry.system, entry.tenant)
        if words:
            # each word is ended by a NUL that no word holds, the password comes last: no two pairs are alike
            digest = self._digest("".join(f"{word}\0" for word in words).encode() + b"\0" + data)
            context_slot = self._context_slots.get(digest)
            if context_slot is None:
                context_slot = self._context_slots[digest] = self._queue(0, (scored, words))
        names = (entry.account, entry.system, entry.tenant)
        default = self._defaults.hit(entry.account, entry.password)
        self.entries.add(entry.row, names, slot, context_slot, entry.sheet, default=default)

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def _queue(self, band: int, job: Job) -> int:
        slot = self.entries.new_slot(band)
        self._batch.put(slot, job)
        return slot

    def _report(self) -> None:
        if self._progress is not None:
            scored = self._batch.scored
            self._progress(Progress(len(self.entries), scored + self._batch.waiting, scored))

"""From plaintext to numbers: each entry of a run is taken once, each distinct password sent to be scored once."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hygiene.model import BreachLookup
from hygiene.passwords.against import Against
from hygiene.passwords.breach.lookup import Lookup
from hygiene.passwords.entries import ScoredEntries
from hygiene.passwords.hashes.listed import ListedHashes
from hygiene.passwords.hashes.trial import Candidates
from hygiene.passwords.read.reader import HashLine, RawEntry
from hygiene.passwords.score import context
from hygiene.passwords.score.batch import Batch
from hygiene.passwords.score.judgement import SCORED_CHARACTERS
from hygiene.passwords.score.length import band_index
from hygiene.passwords.score.pool import Job, Pool
from hygiene.passwords.score.protect import give_memory_back
from hygiene.passwords.similar.clusters import Clusters
from hygiene.passwords.similar.owners import Owners

_DIGEST_BYTES = 16
_HASH_KEY_BYTES = 16
_ROWS_BETWEEN_REPORTS = 10_000


@dataclass(frozen=True, slots=True)
class Scored:
    """What came of the entries of a run."""

    entries: ScoredEntries
    distinct: int  # passwords that were scored, and once more each that was judged with the words of an entry
    lookup: BreachLookup | None  # None: nothing was given to look them up in
    lookup_failures: tuple[str, ...]  # why some were not answered


class Intake:
    """Takes the lists of one run. Of a password it keeps digests whose keys die with the run, and numbers.

    `candidates` keeps passwords too: they are there only where these are to be tried on hashes.
    """

    def __init__(self, pool: Pool, against: Against, told: Callable[[int, int, int], None]) -> None:
        """`told` is called now and then: entries that were taken, distinct passwords, how many of these are scored."""
        self.entries = ScoredEntries()
        self._batch = Batch(pool, self.entries.set_judgement, self._report)
        self._told = told
        # dies with the run, and with it every way to compare a digest
        self._key = os.urandom(32)
        self._clusters = Clusters(os.urandom(32))
        self._defaults = against.defaults
        self._lookup = Lookup(against.breaches) if against.breaches is not None else None
        matching = against.match_budget_s is not None
        self.hashes = ListedHashes(against.digest_key or secrets.token_hex(_HASH_KEY_BYTES), keep=matching)
        self.candidates = Candidates() if matching else None
        self._slots: dict[bytes, int] = {}
        self._context_slots: dict[bytes, int] = {}

    def take(self, name: str, host: str | None, items: Iterable[RawEntry | HashLine]) -> None:
        """Take what a list of this name holds; `host`: whose hashes they are, where that was said."""
        self.entries.begin_list(name)
        for item in items:
            if isinstance(item, HashLine):
                self.hashes.add(name, host, item)
                continue
            self._take(item)
            if len(self.entries) % _ROWS_BETWEEN_REPORTS == 0:
                self._report()

    def finish(self) -> Scored:
        """What came of all that was taken, once it is scored. The last step: digests are forgotten."""
        self._slots.clear()
        self._context_slots.clear()
        self._key = b""
        # what does not need the scores, while the last of them are made
        self.entries.number_groups()
        self.entries.mark_similar(self._clusters.finish(Owners(self.entries.slots, *self.entries.names)))
        looked_up = None
        if self._lookup is not None:
            looked_up = self._lookup.finish()
            self.entries.mark_breached(self._lookup.answers)
        self._batch.finish()
        give_memory_back()
        self._report()
        failures = self._lookup.failures if self._lookup is not None else ()
        return Scored(self.entries, self._batch.scored, looked_up, failures)

    def _take(self, entry: RawEntry) -> None:
        password, account, system, tenant = entry.password, entry.account, entry.system, entry.tenant
        # surrogatepass: a text that is not valid is still equal to itself only
        data = password.encode("utf-8", "surrogatepass")
        scored = password[:SCORED_CHARACTERS]
        digest = self._digest(data)
        slot = self._slots.get(digest)
        if slot is None:
            slot = self._slots[digest] = self._queue(band_index(password), (scored, ()))
            self._clusters.learn(slot, password)
            if self._lookup is not None:
                self._lookup.put(slot, password)
            if self.candidates is not None:
                self.candidates.add(slot, data)
        context_slot = None
        words = context.words_in(scored, account, system, tenant)
        if words:
            # each word is ended by a NUL that no word holds, the password comes last: no two pairs are alike
            digest = self._digest("".join(f"{word}\0" for word in words).encode() + b"\0" + data)
            context_slot = self._context_slots.get(digest)
            if context_slot is None:
                context_slot = self._context_slots[digest] = self._queue(0, (scored, words))
        default = self._defaults.hit(account, password)
        self.entries.add(entry.row, (account, system, tenant), slot, context_slot, entry.sheet, default=default)

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def _queue(self, band: int, job: Job) -> int:
        slot = self.entries.new_slot(band)
        self._batch.put(slot, job)
        return slot

    def _report(self) -> None:
        scored = self._batch.scored
        self._told(len(self.entries), scored + self._batch.waiting, scored)

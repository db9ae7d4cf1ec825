"""Scored entries of a run in little memory: 10^6 of them as columns, each a record only while it is looked at."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import NamedTuple, overload

from hygiene.model import PasswordEntry
from hygiene.passwords.breach.lookup import TRUTHS, Answer
from hygiene.passwords.score.judgement import Judgement, Mark
from hygiene.passwords.score.length import BANDS
from hygiene.passwords.similar.clusters import Similar
from hygiene.passwords.similar.skeletons import Change

_NAMES_KNOWN = 200_000
_NOT_RESCORED = 0
_NAMES = ("account", "system", "tenant")
_TRUTHS = [TRUTHS.get(answer) for answer in Answer]
_AT_ONCE = 4096  # records made together


class ScoredEntries(Sequence[PasswordEntry]):
    """The rows of `password_entries`, in the order of the lists and their rows. Its repr shows the number alone.

    A slot is a distinct password, or a password judged with the words of an entry; it holds numbers only.
    """

    def __init__(self) -> None:
        self._lists: list[str] = []
        self._list = array("I")
        self._row = array("I")
        self._names: tuple[list[str | None], ...] = ([], [], [])
        self._sheets: list[str | None] = [None]
        self._sheet = array("I")  # of each entry, in `_sheets`
        self._slot = array("I")
        self._context_slot = array("I")  # one more than the slot; 0: not rescored
        self._default = bytearray()  # by entry
        self._similar: Similar | None = None
        # equal names become one object, as long as there are not too many of them
        self._known: dict[str | None, str | None] = {}
        self._one: Callable[[str | None, str | None], str | None] = self._known.setdefault
        self._judged = array("H")  # packed judgements by slot
        self._band = bytearray()  # by slot
        self._members = array("I")  # entries by slot
        self._group = array("I")  # by slot, 0: alone
        self._breached = bytearray()  # an `Answer` by slot; shorter: nothing was looked up from there on

    # -- filled while reading

    def new_slot(self, band: int) -> int:
        self._judged.append(0)
        self._band.append(band)
        self._members.append(0)
        return len(self._judged) - 1

    def set_judgement(self, slot: int, judged: Judgement) -> None:
        self._judged[slot] = judged.pack()

    def begin_list(self, name: str) -> None:
        self._lists.append(name)

    def add(
        self,
        row: int,
        names: tuple[str | None, str | None, str | None],
        slot: int,
        context_slot: int | None,
        sheet: str | None = None,
        *,
        default: bool = False,
    ) -> None:
        self._list.append(len(self._lists) - 1)
        self._row.append(row)
        accounts, systems, tenants = self._names
        account, system, tenant = names
        one = self._one
        accounts.append(one(account, account))
        systems.append(one(system, system))
        tenants.append(one(tenant, tenant))
        if len(self._known) > _NAMES_KNOWN:
            self._one = self._known.get
        if sheet != self._sheets[-1]:  # entries come sheet by sheet
            self._sheets.append(sheet)
        self._sheet.append(len(self._sheets) - 1)
        self._slot.append(slot)
        self._context_slot.append(_NOT_RESCORED if context_slot is None else context_slot + 1)
        self._members[slot] += 1
        self._default.append(default)

    def number_groups(self) -> None:
        """Number the sets of equal passwords from 1, in the order of their first entries. The last step."""
        self._group = array("I", bytes(len(self._judged) * array("I").itemsize))
        number = 0
        for slot in self._slot:
            if self._members[slot] > 1 and not self._group[slot]:
                number += 1
                self._group[slot] = number
        self._known.clear()

    def mark_similar(self, similar: Similar) -> None:
        """Keep of each entry which others it is like."""
        self._similar = similar

    def mark_breached(self, answers: bytearray) -> None:
        """Keep of each slot what came of looking its password up: an `Answer` each."""
        self._breached = answers

    @property
    def failed(self) -> int:
        """How many entries the reference broke on."""
        broken = {slot for slot, packed in enumerate(self._judged) if Mark.FAILED in Judgement.unpack(packed).marks}
        return sum(slot in broken for slot in self._slot) if broken else 0

    # -- read afterwards

    def members(self, slot: int) -> int:
        """How many entries have this password."""
        return self._members[slot]

    @property
    def slots(self) -> Sequence[int]:
        """The slot of each entry."""
        return self._slot

    @property
    def names(self) -> tuple[Sequence[str | None], Sequence[str | None], Sequence[str | None]]:
        """The account, the system and the tenant of each entry."""
        accounts, systems, tenants = self._names
        return accounts, systems, tenants

    def owners(self) -> Iterator[tuple[str | None, int]]:
        """The account and the slot of each entry."""
        return zip(self._names[0], self._slot, strict=True)

    def places(self, slots: set[int]) -> dict[int, list[tuple[str, int, str | None]]]:
        """For each of these slots the entries that have its password: list, row and sheet."""
        found: dict[int, list[tuple[str, int, str | None]]] = {slot: [] for slot in slots}
        for at, slot in enumerate(self._slot):
            if slot in found:
                place = (self._lists[self._list[at]], self._row[at], self._sheets[self._sheet[at]])
                found[slot].append(place)
        return found

    def __len__(self) -> int:
        return len(self._row)

    @overload
    def __getitem__(self, index: int) -> PasswordEntry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PasswordEntry, ...]: ...
    def __getitem__(self, index: int | slice) -> PasswordEntry | tuple[PasswordEntry, ...]:
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        at = range(len(self))[index]
        return next(self._records(at, at + 1))

    def __iter__(self) -> Iterator[PasswordEntry]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self._records(start, start + _AT_ONCE)

    def __repr__(self) -> str:
        return f"ScoredEntries({len(self):,})"

    def _records(self, start: int, stop: int) -> Iterator[PasswordEntry]:
        columns = self.columns(start, stop)
        return map(PasswordEntry, *(columns[field.name] for field in fields(PasswordEntry)))

    def columns(self, start: int, stop: int) -> dict[str, Sequence[object]]:
        """The fields of the records from one place to another (not included), without making the records."""
        slots = self._slot[start:stop]
        sizes = [self._members[slot] for slot in slots]
        similar = self._similar
        numbers = [None] * len(slots) if similar is None else [*map(similar.number, range(start, start + len(slots)))]
        answers = self._breached
        answered = [answers[slot] if slot < len(answers) else Answer.NOT_LOOKED_UP for slot in slots]
        judged = self._judged
        told = [
            *map(
                _told,
                [judged[slot] for slot in slots],
                [judged[slot - 1] if slot != _NOT_RESCORED else None for slot in self._context_slot[start:stop]],
                [self._band[slot] for slot in slots],
                self._default[start:stop],
                [size > 1 for size in sizes],
                [number is not None for number in numbers],
                answered,
            )
        ]
        return {
            "list": [self._lists[number] for number in self._list[start:stop]],
            "row": self._row[start:stop].tolist(),
            **{name: column[start:stop] for name, column in zip(_NAMES, self._names, strict=True)},
            "length_band": [one.length_band for one in told],
            "zxcvbn_score": [one.zxcvbn_score for one in told],
            "score": [one.score for one in told],
            "group_id": [self._group[slot] or None for slot in slots],
            "group_size": sizes,
            "reasons": [one.reasons for one in told],
            "sheet": [self._sheets[number] for number in self._sheet[start:stop]],
            "similar_id": numbers,
            "similar_size": [1 if similar is None or number is None else similar.size(number) for number in numbers],
            "similar_by": [
                () if similar is None or number is None else _words(similar.changes(number)) for number in numbers
            ],
            "breached": [_TRUTHS[answer] for answer in answered],
        }


class _Told(NamedTuple):
    length_band: str | None
    zxcvbn_score: int
    score: int
    reasons: tuple[str, ...]


@cache
def _told(
    packed: int, packed_with_context: int | None, band: int, default: int, reused: bool, similar: bool, answer: int
) -> _Told:
    """What a report tells of an entry besides its place: the same for many."""
    judged = Judgement.unpack(packed)
    marks, score = judged.marks, judged.score
    if packed_with_context is not None:
        with_context = Judgement.unpack(packed_with_context)
        marks |= with_context.marks & Mark.CONTEXT
        score = min(score, with_context.score)
    given = (
        ("short", band < len(BANDS) - 1),
        ("common", marks & Mark.COMMON),
        ("pattern", marks & Mark.PATTERN),
        ("context", marks & Mark.CONTEXT),
        ("default", default),
        ("reused", reused),
        ("similar", similar),
        ("breached", answer == Answer.YES),
    )
    # what the password is made of tells the word, and then its length says which
    length_told = not (default or marks & Mark.CONTEXT)
    reasons = tuple(word for word, holds in given if holds)
    return _Told(BANDS[band] if length_told else None, judged.zxcvbn_score, score, reasons)


@cache
def _words(changes: Change) -> tuple[str, ...]:
    return changes.words()

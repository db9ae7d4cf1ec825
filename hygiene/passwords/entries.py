"""Scored entries of a run in little memory: 10^6 of them as columns, each a record only while it is looked at."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from typing import overload

from hygiene.model import PasswordEntry
from hygiene.passwords.breach.lookup import TRUTHS, Answer
from hygiene.passwords.score.judgement import Judgement, Mark
from hygiene.passwords.score.length import BANDS
from hygiene.passwords.similar.clusters import Similar
from hygiene.passwords.similar.skeletons import Change

_INTERNED = 200_000
_NOT_RESCORED = 0


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
        self._interned: dict[str, str] = {}
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
        for column, name in zip(self._names, names, strict=True):
            column.append(self._intern(name))
        if sheet != self._sheets[-1]:  # entries come sheet by sheet
            self._sheets.append(sheet)
        self._sheet.append(len(self._sheets) - 1)
        self._slot.append(slot)
        self._context_slot.append(_NOT_RESCORED if context_slot is None else context_slot + 1)
        self._members[slot] += 1
        self._default.append(default)

    def _intern(self, name: str | None) -> str | None:
        if name is None:
            return None
        if len(self._interned) < _INTERNED:
            return self._interned.setdefault(name, name)
        return self._interned.get(name, name)

    def number_groups(self) -> None:
        """Number the sets of equal passwords from 1, in the order of their first entries. The last step."""
        self._group = array("I", bytes(len(self._judged) * array("I").itemsize))
        number = 0
        for slot in self._slot:
            if self._members[slot] > 1 and not self._group[slot]:
                number += 1
                self._group[slot] = number
        self._interned = {}

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

    def __len__(self) -> int:
        return len(self._row)

    @overload
    def __getitem__(self, index: int) -> PasswordEntry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PasswordEntry, ...]: ...
    def __getitem__(self, index: int | slice) -> PasswordEntry | tuple[PasswordEntry, ...]:
        if isinstance(index, slice):
            return tuple(self._entry(at) for at in range(*index.indices(len(self))))
        return self._entry(range(len(self))[index])

    def __iter__(self) -> Iterator[PasswordEntry]:
        return map(self._entry, range(len(self)))

    def __repr__(self) -> str:
        return f"ScoredEntries({len(self):,})"

    def _entry(self, at: int) -> PasswordEntry:
        slot = self._slot[at]
        judged = Judgement.unpack(self._judged[slot])
        marks, score = int(judged.marks), judged.score
        if self._context_slot[at] != _NOT_RESCORED:
            with_context = Judgement.unpack(self._judged[self._context_slot[at] - 1])
            marks |= int(with_context.marks & Mark.CONTEXT)
            score = min(score, with_context.score)
        group_size = self._members[slot]
        band = self._band[slot]
        default = bool(self._default[at])
        similar = None if self._similar is None else self._similar.number(at)
        answer = self._breached[slot] if slot < len(self._breached) else Answer.NOT_LOOKED_UP
        # what the password is made of tells the word, and then its length says which
        told = not (default or marks & Mark.CONTEXT)
        account, system, tenant = (column[at] for column in self._names)
        return PasswordEntry(
            list=self._lists[self._list[at]],
            row=self._row[at],
            account=account,
            system=system,
            tenant=tenant,
            length_band=BANDS[band] if told else None,
            zxcvbn_score=judged.zxcvbn_score,
            score=score,
            group_id=self._group[slot] or None,
            group_size=group_size,
            reasons=_reasons(band < len(BANDS) - 1, marks, default, group_size > 1, similar, answer == Answer.YES),
            sheet=self._sheets[self._sheet[at]],
            similar_id=similar,
            similar_size=1 if self._similar is None or similar is None else self._similar.size(similar),
            similar_by=() if self._similar is None or similar is None else _words(self._similar.changes(similar)),
            breached=TRUTHS.get(answer),
        )


@cache
def _words(changes: Change) -> tuple[str, ...]:
    return changes.words()


@cache
def _reasons(short: bool, marks: int, default: bool, reused: bool, similar: bool, breached: bool) -> tuple[str, ...]:
    given = (
        ("short", short),
        ("common", marks & Mark.COMMON),
        ("pattern", marks & Mark.PATTERN),
        ("context", marks & Mark.CONTEXT),
        ("default", default),
        ("reused", reused),
        ("similar", similar),
        ("breached", breached),
    )
    return tuple(word for word, holds in given if holds)

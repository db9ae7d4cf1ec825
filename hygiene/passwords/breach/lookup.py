"""Looks each distinct password of a run up once: by its digest, in batches that die when they are answered."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from hygiene.model import BreachLookup, Truth
from hygiene.passwords.breach.breaches import BATCH, Breaches
from hygiene.passwords.breach.online import RangeApi


class Answer(IntEnum):
    """What a slot knows of its password; one byte of it is held."""

    NOT_LOOKED_UP = 0
    NO = 1
    YES = 2
    UNANSWERED = 3


TRUTHS: Final = {Answer.NO: Truth.NO, Answer.YES: Truth.YES, Answer.UNANSWERED: Truth.UNKNOWN}


class Lookup:
    """The look-ups of one run. `answers` holds an `Answer` by slot, and is complete after `finish`."""

    def __init__(self, breaches: Breaches | RangeApi) -> None:
        self._breaches = breaches
        self._digest = breaches.kind.digest
        self._slots: list[int] = []
        self._digests: list[bytes] = []
        self.answers = bytearray()
        self._counts = [0] * len(Answer)

    def put(self, slot: int, password: str) -> None:
        """Look a password up, now or with the batch; each slot once. InputError where the list is damaged."""
        self._slots.append(slot)
        self._digests.append(self._digest(password))
        if len(self._slots) == BATCH:
            self._answer()

    def _answer(self) -> None:
        slots, digests = self._slots, self._digests
        self._slots, self._digests = [], []
        if not slots:
            return
        answers = self.answers
        answers.extend(bytes(max(0, max(slots) + 1 - len(answers))))
        for slot, number in zip(slots, self._breaches.count(digests), strict=True):
            answers[slot] = Answer.UNANSWERED if number is None else Answer.YES if number else Answer.NO
            self._counts[answers[slot]] += 1

    def finish(self) -> BreachLookup:
        """Look the last batch up; what came of all of them."""
        self._answer()
        return BreachLookup(
            source=self._breaches.source,
            kind=self._breaches.kind.value,
            passwords=sum(self._counts),
            breached=self._counts[Answer.YES],
            unanswered=self._counts[Answer.UNANSWERED],
            online=isinstance(self._breaches, RangeApi),
        )

    @property
    def failures(self) -> tuple[str, ...]:
        """Why some were not answered, a line for each kind of failure."""
        return tuple(self._breaches.failures) if isinstance(self._breaches, RangeApi) else ()

"""What scoring says of a password: two numbers and coarse marks, none of which states it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache

# no attacker counts on, and zxcvbn's time grows with the square of, what comes after
SCORED_CHARACTERS = 250


class Mark(enum.IntFlag):
    COMMON = 1  # a known word or password, whole or nearly
    PATTERN = 2  # keys in a row, a sequence, repeats, a date
    CONTEXT = 4  # made of what is known of the entry
    FAILED = 8  # the reference broke on it; both scores are 0


@dataclass(frozen=True, slots=True)
class Judgement:
    zxcvbn_score: int
    score: int  # never higher
    marks: Mark

    def pack(self) -> int:
        """All three in one small number, for the pipe between processes."""
        return self.zxcvbn_score | self.score << 3 | int(self.marks) << 6

    @classmethod
    @cache
    def unpack(cls, number: int) -> Judgement:
        return cls(number & 7, number >> 3 & 7, Mark(number >> 6))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known for a whole run: the present year, and words of the organisation, the likeliest first."""

    year: int
    words: tuple[str, ...] = ()

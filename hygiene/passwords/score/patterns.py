"""Patterns of a password that no dictionary holds: walks over keys, sequences, repeats. As zxcvbn finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import repeat
from math import comb
from operator import and_, eq, or_, sub

from zxcvbn import scoring
from zxcvbn.adjacency_graphs import ADJACENCY_GRAPHS

from hygiene.passwords.score import german

Match = tuple[int, int, float]  # from, to (not included), guesses
Graph = Mapping[str, list[str | None]]  # a key -> what its neighbours write, by direction: plain, then shifted

_SHIFTED = frozenset('~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?')
# how many keys, and neighbours of one on average
_LETTERS: tuple[int, float] = scoring.KEYBOARD_STARTING_POSITIONS, scoring.KEYBOARD_AVERAGE_DEGREE
_PAD: tuple[int, float] = scoring.KEYPAD_STARTING_POSITIONS, scoring.KEYPAD_AVERAGE_DEGREE
_LONGEST_STEP = 5
_SHORTEST = re.compile(r"(.+?)\1+")
_LONGEST = re.compile(r"(.+)\1+")
_PERIOD = re.compile(r"^(.+?)\1+$")


class Keyboards:
    """Walks over the keys of some keyboards: three keys and more, each beside the one before."""

    def __init__(self, graphs: Mapping[str, tuple[Graph, frozenset[str]]]) -> None:
        """`graphs`: each with the characters that a shift key makes where a walk begins; none on a pad of digits."""
        # two characters -> in which graphs the second lies beside the first, a bit for each
        self._beside: dict[str, int] = {}
        self._graphs: list[tuple[int, frozenset[str], dict[str, tuple[int, int]]]] = []
        for number, (graph, shifted) in enumerate(graphs.values()):
            steps: dict[str, tuple[int, int]] = {}
            for key, neighbours in graph.items():
                for direction, cell in enumerate(neighbours):
                    for shift, character in enumerate(cell or ""):
                        steps.setdefault(key + character, (direction, shift))
            for pair in steps:
                self._beside[pair] = self._beside.get(pair, 0) | 1 << number
            self._graphs.append((1 << number, shifted, steps))

    def near(self, pairs: list[str]) -> int:
        """On which keyboards there may be a walk, a bit for each."""
        beside = list(map(self._beside.get, pairs, repeat(0)))
        return reduce(or_, map(and_, beside, beside[1:]), 0)

    def walks(self, password: str, pairs: list[str], keyboards: int) -> Iterator[Match]:
        """The walks on these keyboards, each by itself."""
        for bit, shifted, steps in self._graphs:
            if keyboards & bit:
                yield from self._walks_of(shifted, steps, password, pairs)

    def _walks_of(
        self, shifted_keys: frozenset[str], steps: Mapping[str, tuple[int, int]], password: str, pairs: list[str]
    ) -> Iterator[Match]:
        letters = bool(shifted_keys)
        start, last = 0, len(pairs)
        while start < last:
            at, heading, turns = start, -1, 0
            shifted = 1 if password[start] in shifted_keys else 0
            while at < last and (step := steps.get(pairs[at])) is not None:
                direction, shift = step
                shifted += shift
                if direction != heading:
                    turns += 1
                    heading = direction
                at += 1
            if at - start >= 2:
                yield start, at + 1, _walk_guesses(letters, at + 1 - start, turns, shifted)
            start = at + 1


@lru_cache(maxsize=4096)
def _walk_guesses(letters: bool, length: int, turns: int, shifted: int) -> float:
    """scoring.spatial_guesses, whose inner sum over lengths is one binomial coefficient: it takes seconds for 250."""
    keys, degree = _LETTERS if letters else _PAD
    guesses: float = keys * sum(
        (comb(length, turn) - 1) * degree**turn for turn in range(1, min(turns, length - 1) + 1)
    )
    if not shifted:
        return guesses
    return guesses * (spread(shifted, length - shifted) if shifted < length else 2)


def spread(some: int, others: int) -> float:
    """In how many ways the rarer of two kinds of characters may lie among all."""
    return float(sum(comb(some + others, count) for count in range(1, min(some, others) + 1)))


_NO_SHIFT: frozenset[str] = frozenset()
KEYBOARDS = Keyboards(
    {
        "qwerty": (ADJACENCY_GRAPHS["qwerty"], _SHIFTED),
        "dvorak": (ADJACENCY_GRAPHS["dvorak"], _SHIFTED),
        "keypad": (ADJACENCY_GRAPHS["keypad"], _NO_SHIFT),
        "mac_keypad": (ADJACENCY_GRAPHS["mac_keypad"], _NO_SHIFT),
        "qwertz": (german.QWERTZ, german.SHIFTED),
    }
)
ZXCVBN_KEYBOARDS, GERMAN_KEYBOARD = 0b01111, 0b10000


def sequences(password: str, steps: list[int]) -> Iterator[Match]:
    """Characters at one distance from each to the next: two at a distance of 1, three and more up to 5.

    `steps` are these distances. One may begin with the last character of another, as in zxcvbn.
    """
    if 1 not in steps and -1 not in steps and True not in map(eq, steps, steps[1:]):
        return
    start, last = 0, len(steps)
    while start < last:
        step = steps[start]
        at = start + 1
        while at < last and steps[at] == step:
            at += 1
        if step and -_LONGEST_STEP <= step <= _LONGEST_STEP and (at - start > 1 or step in (1, -1)):
            yield start, at + 1, _sequence_guesses(password[start], step, at + 1 - start)
        start = at


def _sequence_guesses(first: str, step: int, length: int) -> int:
    base = 4 if first in "aAzZ019" else 10 if first.isdecimal() else 26
    return (base if step > 0 else 2 * base) * length


def distances(password: str) -> list[int]:
    codes = list(map(ord, password))
    return list(map(sub, codes[1:], codes))


def repeats(password: str, pairs: list[str], steps: list[int], guesses: Callable[[str], float]) -> Iterator[Match]:
    """Something said twice or more at once, one after the other from the left.

    `pairs` are the neighbouring characters and `steps` their distances. `guesses`: of what is repeated, alone.
    """
    at = 0
    # what is repeated is one character, or holds a pair that comes again
    while len(set(pairs[at:])) < len(pairs) - at:
        shortest = _SHORTEST.search(password, at)
        if shortest is None:
            return
        longest = _LONGEST.match(password, shortest.start())
        assert longest is not None
        found, base = shortest, shortest[1]
        if len(longest[0]) > len(shortest[0]):
            period = _PERIOD.search(longest[0])
            assert period is not None
            found, base = longest, period[1]
        start, at = found.span()
        yield start, at, guesses(base) * ((at - start) / len(base))
    # no pair comes again: what is left are characters said twice
    while 0 in steps[at:]:
        start = steps.index(0, at)
        at = start + 2
        yield start, at, guesses(password[start]) * 2

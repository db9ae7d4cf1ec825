"""Patterns of a password that no dictionary holds: walks over keys, sequences, repeats. As zxcvbn finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, reduce
from itertools import product
from math import comb
from operator import add, and_, or_

from zxcvbn import scoring
from zxcvbn.adjacency_graphs import ADJACENCY_GRAPHS

from hygiene.passwords.score import german

Match = tuple[int, int, float]  # from, to (not included), guesses
Graph = Mapping[str, list[str | None]]  # a key -> what its neighbours write, by direction: plain, then shifted
Steps = Mapping[str, tuple[int, int]]  # two characters -> the direction from one key to the other, 1 with shift

_SHIFTED = frozenset('~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?')
# how many keys, and neighbours of one on average
_LETTERS: tuple[int, float] = scoring.KEYBOARD_STARTING_POSITIONS, scoring.KEYBOARD_AVERAGE_DEGREE
_PAD: tuple[int, float] = scoring.KEYPAD_STARTING_POSITIONS, scoring.KEYPAD_AVERAGE_DEGREE
_LONGEST_STEP = 5
_SHORTEST = re.compile(r"(.+?)\1+")
_LONGEST = re.compile(r"(.+)\1+")
_PERIOD = re.compile(r"^(.+?)\1+$")
# bits of two characters: their keyboards first, then their distance from -5 to 5
_AT_A_DISTANCE = 16
_SAME = 1 << _AT_A_DISTANCE
_NEXT = _SAME << 1 | _SAME >> 1
_DISTANCES = ((1 << 2 * _LONGEST_STEP + 1) - 1 << _AT_A_DISTANCE - _LONGEST_STEP) - _SAME


class Keyboards:
    """Walks over the keys of some keyboards: three keys and more, each beside the one before."""

    def __init__(self, graphs: Mapping[str, tuple[Graph, frozenset[str]]]) -> None:
        """`graphs`: each with the characters that a shift key makes where a walk begins; none on a pad of digits."""
        # two characters -> on which keyboards the second lies beside the first, a bit for each
        self.beside: dict[str, int] = {}
        self._graphs: list[tuple[int, frozenset[str], Steps]] = []
        for number, (graph, shifted) in enumerate(graphs.values()):
            steps: dict[str, tuple[int, int]] = {}
            for key, neighbours in graph.items():
                for direction, cell in enumerate(neighbours):
                    for shift, character in enumerate(cell or ""):
                        steps.setdefault(key + character, (direction, shift))
            for pair in steps:
                self.beside[pair] = self.beside.get(pair, 0) | 1 << number
            self._graphs.append((1 << number, shifted, steps))

    def walks(self, pairs: Pairs, keyboards: int) -> Iterator[Match]:
        """The walks on these keyboards, each by itself."""
        on = 0
        for start, beside in enumerate(pairs.both):
            begun = beside & keyboards & ~on
            on = beside
            if begun:
                for bit, shifted, steps in self._graphs:
                    if begun & bit:
                        yield _walk(pairs, start, bit, shifted, steps)


def _walk(pairs: Pairs, start: int, bit: int, shifted_keys: frozenset[str], steps: Steps) -> Match:
    at, heading, turns = start, -1, 0
    shifted = 1 if pairs.written[start][0] in shifted_keys else 0
    for at in range(start, len(pairs.codes)):
        if not pairs.codes[at] & bit:
            break
        direction, shift = steps[pairs.written[at]]
        shifted += shift
        if direction != heading:
            turns += 1
            heading = direction
    else:
        at += 1
    return start, at + 1, _walk_guesses(bool(shifted_keys), at + 1 - start, turns, shifted)


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


class _Codes(dict[str, int]):
    """Two characters -> what they may be a part of: bits for the keyboards where they are beside each other, and one
    for their distance.
    """

    def __init__(self) -> None:
        ascii_pairs = map("".join, product(map(chr, range(32, 127)), repeat=2))
        for pair in (*ascii_pairs, *KEYBOARDS.beside):
            self[pair] = self.__missing__(pair) | KEYBOARDS.beside.get(pair, 0)

    def __missing__(self, pair: str) -> int:
        distance = ord(pair[1]) - ord(pair[0])
        return 1 << _AT_A_DISTANCE + distance if -_LONGEST_STEP <= distance <= _LONGEST_STEP else 0


_CODES = _Codes()


class Pairs:
    """The neighbours in a text of two characters and more, and what they may be a part of, in bits."""

    __slots__ = ("both", "codes", "common", "some", "written")

    def __init__(self, text: str) -> None:
        self.written = list(map(add, text, text[1:]))
        self.codes = list(map(_CODES.__getitem__, self.written))
        # what a pair has in common with the next one
        self.both = list(map(and_, self.codes, self.codes[1:]))
        # what any has
        self.some = reduce(or_, self.codes)
        self.common = reduce(or_, self.both, 0)


def sequences(password: str, pairs: Pairs) -> Iterator[Match]:
    """Characters at one distance from each to the next: two at a distance of 1, three and more up to 5.

    One may begin with the last character of another, as in zxcvbn.
    """
    if not (pairs.some & _NEXT or pairs.common & _DISTANCES):
        return
    codes = pairs.codes
    last, before = len(codes), 0
    for start, code in enumerate(codes):
        step = code & _DISTANCES
        if step and step != before:
            stop = start + 1
            while stop < last and codes[stop] & step:
                stop += 1
            if stop - start > 1 or step & _NEXT:
                yield start, stop + 1, _sequence_guesses(password[start], step > _SAME, stop + 1 - start)
        before = step


def _sequence_guesses(first: str, up: bool, length: int) -> int:
    base = 4 if first in "aAzZ019" else 10 if first.isdecimal() else 26
    return (base if up else 2 * base) * length


def repeats(password: str, pairs: Pairs, guesses: Callable[[str], float]) -> Iterator[Match]:
    """Something said twice or more at once, one after the other from the left. `guesses`: of what is said, alone."""
    written = pairs.written
    at = 0
    # what is said is one character, or holds a pair that comes again
    while len(set(written[at:])) < len(written) - at:
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
    if pairs.some & _SAME:
        for start in range(at, len(written)):
            # a line feed is no `.`
            if pairs.codes[start] & _SAME and written[start] != "\n\n":
                yield start, start + 2, guesses(password[start]) * 2

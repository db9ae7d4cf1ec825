"""Words in a text: zxcvbn's dictionaries and ours as one, found in a single pass, and the ways to write a word.

A word counts by its best rank in any list of zxcvbn's, so all of them are one; ours has ranks of its own beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, cast

import ahocorasick
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from hygiene.passwords.score import german
from hygiene.passwords.score.patterns import spread

_CAPITAL = re.compile(r"[A-Z]")
# zxcvbn's own: the first letter alone, the last alone, all of them
_USUAL_CAPITALS = re.compile(r"[A-Z][^A-Z]+|[^A-Z]+[A-Z]|[^a-z]+")


def best_ranks(lists: Iterable[Iterable[str]]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for words in lists:
        for rank, word in enumerate(words, 1):
            if rank < ranks.get(word, rank + 1):
                ranks[word] = rank
    return ranks


class Automaton(Protocol):
    """What of pyahocorasick's is used; it brings no types."""

    def iter(self, text: str, /) -> Iterator[tuple[int, tuple[int, int, int]]]: ...
    def get(self, word: str, default: None, /) -> tuple[int, int, int] | None: ...
    def match(self, prefix: str, /) -> bool: ...


def automaton(ranks: Mapping[str, int], ours: Mapping[str, int] | None = None) -> Automaton:
    """Finds each of these words at each place: the index of its last character, with its length and both ranks.

    A rank of 0: the word is not among these.
    """
    ours = ours or {}
    built = ahocorasick.Automaton()
    for word in {**ranks, **ours}:
        built.add_word(word, (len(word), ranks.get(word, 0), ours.get(word, 0)))
    built.make_automaton()
    return cast(Automaton, built)


_RANKS = best_ranks(FREQUENCY_LISTS.values())
LONGEST_WORD = max(map(len, _RANKS))
WORDS = automaton(_RANKS, german.RANKS)


def case_ways(token: str) -> float:
    """In how many ways an attacker has to try the capitals of a word."""
    if not _CAPITAL.search(token):
        return 1
    if _USUAL_CAPITALS.fullmatch(token):
        return 2
    return spread(sum(map(str.isupper, token)), sum(map(str.islower, token)))

"""Words in a text: zxcvbn's dictionaries and ours as one, found in a single pass, and the ways to write a word.

A word counts by its best rank in any list of zxcvbn's, so all of them are one; ours has ranks of its own beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Protocol, cast

import ahocorasick
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from hygiene.passwords.score import german
from hygiene.passwords.score.judgement import SCORED_CHARACTERS
from hygiene.passwords.score.l33t import folded
from hygiene.passwords.score.patterns import spread

_CAPITAL = re.compile(r"[A-Z]")
# zxcvbn's own: the first letter alone, the last alone, all of them
_USUAL_CAPITALS = re.compile(r"[A-Z][^A-Z]+|[^A-Z]+[A-Z]|[^a-z]+")


class _Automaton(Protocol):
    """What of pyahocorasick's is used; it brings no types."""

    def iter(self, text: str, /) -> Iterator[tuple[int, int]]: ...


class Words:
    """Words to find at each place of a text: a pass gives the index of the last character and what it is the end of.

    That is one number, of 31 bits at most: an object for each word would have to be fetched from memory each time.
    """

    def __init__(self, ranks: Mapping[str, int], ours: Mapping[str, int] | None = None) -> None:
        self.ranks = ranks
        self.ours = ours or {}
        words = [word for word in {**ranks, **self.ours} if 0 < len(word) <= SCORED_CHARACTERS]
        # in lower case: the rank or 0, whether it is one of ours, the length
        self.plain = _automaton(
            (word, ranks.get(word, 0) << 9 | (word in self.ours) << 8 | len(word)) for word in words
        )
        # a folded text (l33t.py): the index here of the words that it may be, and their length
        self.alike: list[tuple[str, ...]] = []
        numbers: dict[str, int] = {}
        for word in words:
            # no single sign is read
            if len(word) > 1:
                number = numbers.setdefault(folded(word), len(numbers))
                if number == len(self.alike):
                    self.alike.append((word,))
                else:
                    self.alike[number] += (word,)
        self.folded = _automaton((text, number << 8 | len(text)) for text, number in numbers.items())


def _automaton(values: Iterable[tuple[str, int]]) -> _Automaton:
    built = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    # an empty one cannot search; no text in lower case holds a capital
    for text, value in chain(values, [("A", 0)]):
        built.add_word(text, value)
    built.make_automaton()
    return cast(_Automaton, built)


def best_ranks(lists: Iterable[Iterable[str]]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for words in lists:
        for rank, word in enumerate(words, 1):
            if rank < ranks.get(word, rank + 1):
                ranks[word] = rank
    return ranks


WORDS = Words(best_ranks(FREQUENCY_LISTS.values()), german.RANKS)


def case_ways(token: str) -> float:
    """In how many ways an attacker has to try the capitals of a word."""
    if not _CAPITAL.search(token):
        return 1
    if _USUAL_CAPITALS.fullmatch(token):
        return 2
    return spread(sum(map(str.isupper, token)), sum(map(str.islower, token)))

"""Words in a text: zxcvbn's dictionaries as one, found in a single pass, and the ways to write a word.

A word counts by its best rank in any list, so all lists are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol, cast

import ahocorasick
from zxcvbn.frequency_lists import FREQUENCY_LISTS
from zxcvbn.matching import L33T_TABLE

from hygiene.passwords.score.patterns import spread

Substitution = Mapping[str, str]  # the sign that stands in the password -> the letter that is read

L33T = frozenset(sign for signs in L33T_TABLE.values() for sign in signs)
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

    def iter(self, text: str, start: int = ..., stop: int = ..., /) -> Iterator[tuple[int, tuple[int, int]]]: ...


def automaton(ranks: Mapping[str, int]) -> Automaton:
    """Finds each of these words at each place: the index of its last character, with its length and rank."""
    built = ahocorasick.Automaton()
    for word, rank in ranks.items():
        built.add_word(word, (len(word), rank))
    built.make_automaton()
    return cast(Automaton, built)


_RANKS = best_ranks(FREQUENCY_LISTS.values())
LONGEST_WORD = max(map(len, _RANKS))
WORDS = automaton(_RANKS)


def case_ways(token: str) -> float:
    """In how many ways an attacker has to try the capitals of a word."""
    if not _CAPITAL.search(token):
        return 1
    if _USUAL_CAPITALS.fullmatch(token):
        return 2
    return spread(sum(map(str.isupper, token)), sum(map(str.islower, token)))


@lru_cache(maxsize=2048)
def substitutions(signs: frozenset[str]) -> tuple[tuple[Substitution, dict[int, str]], ...]:
    """All ways to read these l33t signs at once, each also as a table for str.translate.

    A letter is meant by one sign at a time, a sign means one letter at a time, and a sign that two letters want may
    be left to the first of them: 736 ways at most.
    """
    ways: set[tuple[tuple[str, str], ...]] = {()}
    for letter, meant_by in L33T_TABLE.items():
        present = [sign for sign in meant_by if sign in signs]
        if not present:
            continue
        extended = set()
        for way in ways:
            read = dict(way)
            for sign in present:
                if sign in read:
                    extended.add(way)
                extended.add(tuple(sorted({**read, sign: letter}.items())))
        ways = extended
    return tuple((dict(way), str.maketrans(dict(way))) for way in sorted(ways))


def l33t_ways(token: str, substitution: Substitution) -> float:
    """In how many ways an attacker has to try the signs of a word."""
    ways = 1.0
    lower = token.lower()
    for sign, letter in substitution.items():
        if sign in token:
            signs, letters = lower.count(sign), lower.count(letter)
            ways *= spread(signs, letters) if signs and letters else 2
    return ways

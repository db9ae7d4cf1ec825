"""Words written with signs that look like letters, as zxcvbn reads them.

A letter is meant by one sign at a time and a sign means one letter at a time, all over the password. A letter takes
one of its signs where there are any, unless another letter has it: so a sign that two want may be left to the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain, product
from math import prod

from zxcvbn.matching import L33T_TABLE

from hygiene.passwords.score.patterns import spread
from hygiene.passwords.score.words import Automaton

Substitution = Mapping[str, str]  # the sign that stands in the password -> the letter that is read
_Reading = dict[str, str | None]  # the same, and None for a sign that stands for itself

_SIGNS_OF: Mapping[str, frozenset[str]] = {letter: frozenset(signs) for letter, signs in L33T_TABLE.items()}
SIGNS = frozenset().union(*_SIGNS_OF.values())
_LETTERS_OF = {sign: [letter for letter, signs in _SIGNS_OF.items() if sign in signs] for sign in SIGNS}


def _related() -> list[frozenset[str]]:
    """Signs that may be in each other's way: they mean the same letters, be it by way of others."""
    found: list[frozenset[str]] = []
    for signs in _SIGNS_OF.values():
        near = [some for some in found if some & signs]
        found = [*(some for some in found if some not in near), signs.union(*near)]
    return found


_RELATED = _related()


@lru_cache(maxsize=2048)
def choices(signs: frozenset[str]) -> int:
    """About how many substitutions there are for these signs; never more than four times as many."""
    return prod(len(meant_by & signs) or 1 for meant_by in _SIGNS_OF.values())


@lru_cache(maxsize=2048)
def substitutions(signs: frozenset[str]) -> tuple[tuple[Substitution, dict[int, str]], ...]:
    """All ways to read these signs at once, each also as a table for str.translate: 736 at most."""
    parts = [_ways(some) for related in _RELATED if (some := related & signs)]
    ways = sorted(tuple(sorted(chain.from_iterable(way))) for way in product(*parts))
    return tuple((dict(way), str.maketrans(dict(way))) for way in ways)


@cache
def _ways(signs: frozenset[str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """All ways to read some signs that mean the same letters."""
    ways: set[tuple[tuple[str, str], ...]] = {()}
    for letter, meant_by in _SIGNS_OF.items():
        present = meant_by & signs
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
    return tuple(ways)


def words_with_signs(
    words: Automaton, lower: str, signs: frozenset[str], longest: int
) -> Iterator[tuple[int, int, int, int, Substitution]]:
    """Words that some substitution of these signs makes: from, to, both ranks, what was read. For many substitutions.

    Goes from each place through the words that begin so, and tries a sign in each of its meanings on the way.
    """
    size = len(lower)
    near = size
    for start in range(size - 1, -1, -1):
        if lower[start] in signs:
            near = start
        if near >= start + longest:
            continue
        begun: list[tuple[str, _Reading]] = [("", {})]
        at = start
        while begun and at < size:
            begun = [
                (prefix, read)
                for word, before in begun
                for letter, read in _meanings(lower[at], before, signs)
                if words.match(prefix := word + letter)
            ]
            at += 1
            if at > start + 1:
                for word, read in begun:
                    found = words.get(word, None) if near < at else None
                    if found is not None and any(read.values()) and _possible(read, signs):
                        yield start, at, *found[1:], {sign: letter for sign, letter in read.items() if letter}


def _meanings(character: str, read: _Reading, signs: frozenset[str]) -> Iterator[tuple[str, _Reading]]:
    if character not in signs:
        yield character, read
    elif character in read:
        yield read[character] or character, read
    else:
        yield character, {**read, character: None}
        taken = read.values()
        for letter in _LETTERS_OF[character]:
            if letter not in taken:
                yield letter, {**read, character: letter}


def _possible(read: _Reading, signs: frozenset[str]) -> bool:
    """Whether some substitution reads these signs so: each other letter has a sign to take, be it one that is taken."""
    left = frozenset(sign for sign, letter in read.items() if letter is None)
    taken = read.values()
    return all(
        letter in taken or not (meant_by & signs) or meant_by & signs - left for letter, meant_by in _SIGNS_OF.items()
    )


def l33t_ways(token: str, substitution: Substitution) -> float:
    """In how many ways an attacker has to try the signs of a word."""
    ways = 1.0
    lower = token.lower()
    for sign, letter in substitution.items():
        if sign in token:
            signs, letters = lower.count(sign), lower.count(letter)
            ways *= spread(signs, letters) if signs and letters else 2
    return ways

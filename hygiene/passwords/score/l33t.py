"""Words written with signs that look like letters, as zxcvbn reads them.

A letter is meant by one sign at a time and a sign means one letter at a time, all over the password. A letter takes
one of its signs where there are any, unless another letter has it: so a sign that two want may be left to the first.

zxcvbn tries each such substitution, of which there may be 736. Here letters and signs that may stand for each other
become one; what then reads like a word is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache, partial
from itertools import chain

from zxcvbn.matching import L33T_TABLE

from hygiene.passwords.score.patterns import spread

Substitution = Mapping[str, str]  # the sign that stands in the password -> the letter that is read

_SIGNS_OF: Mapping[str, frozenset[str]] = {letter: frozenset(signs) for letter, signs in L33T_TABLE.items()}
SIGNS = frozenset().union(*_SIGNS_OF.values())
_MEANT = frozenset(sign + letter for letter, signs in _SIGNS_OF.items() for sign in signs)


def _related() -> dict[str, frozenset[str]]:
    """Letters with all signs that may be in each other's way: they mean the same letters, be it by way of others."""
    found: dict[str, frozenset[str]] = {}
    for letter, signs in _SIGNS_OF.items():
        near = [some for some, theirs in found.items() if theirs & signs]
        together = signs.union(*(found.pop(some) for some in near))
        found["".join((*near, letter))] = together
    return found


_RELATED = _related()
_FOLDED = str.maketrans(
    {character: letters[0] for letters, signs in _RELATED.items() for character in chain(letters, signs)}
)


def folded(lower: str) -> str:
    """The text with one letter for all signs and letters that may stand for each other."""
    return lower.translate(_FOLDED)


def reading(token: str, word: str, signs: Set[str]) -> Substitution | None:
    """What the signs of a token mean where it is read as this word of its length, None where they cannot.

    `signs`: all of the password.
    """
    read: dict[str, str] = {}
    for sign, letter in zip(token, word, strict=True):
        if sign != letter and (sign + letter not in _MEANT or read.setdefault(sign, letter) != letter):
            return None
    if len(set(read.values())) < len(read):
        return None
    if not word.isalpha() and (left := {sign for sign, letter in zip(token, word, strict=True) if sign == letter}):
        # signs may stand for themselves if each letter that is not read yet has another one
        free, letters = signs - left, read.values()
        if not left.isdisjoint(read) or not all(
            letter in letters or meant_by.isdisjoint(signs) or not meant_by.isdisjoint(free)
            for letter, meant_by in _SIGNS_OF.items()
        ):
            return None
    return read


def likeliest(read: Substitution, token: str, signs: Set[str], beside: str) -> Substitution:
    """Of the substitutions that read a token so, the one that another text has the fewest l33t ways for.

    For where the package looks at the text beside the token.
    """
    found: dict[str, str] = {}
    for related in _RELATED.values():
        here = related.intersection(token)
        ways = [way for way in _ways(related & signs) if all(way.get(sign) == read.get(sign) for sign in here)]
        found.update(min(ways, key=partial(l33t_ways, beside)))
    return found


@cache
def _ways(signs: frozenset[str]) -> tuple[Substitution, ...]:
    """All ways to read some signs that mean the same letters: 23 at most."""
    ways: list[dict[str, str]] = [{}]
    for letter, meant_by in _SIGNS_OF.items():
        present = meant_by & signs
        if present:
            # a sign that has a meaning may keep it
            kept = [way for way in ways if not present.isdisjoint(way)]
            extended = [*kept, *({**way, sign: letter} for way in ways for sign in present)]
            ways = [way for number, way in enumerate(extended) if way not in extended[:number]]
    return tuple(ways)


def l33t_ways(token: str, substitution: Substitution) -> float:
    """In how many ways an attacker has to try the signs of a word."""
    ways = 1.0
    lower = token.lower()
    for sign, letter in substitution.items():
        if sign in token:
            signs, letters = lower.count(sign), lower.count(letter)
            ways *= spread(signs, letters) if signs and letters else 2
    return ways

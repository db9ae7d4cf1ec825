"""zxcvbn's number of guesses and score, equal to the PyPI package's (4.5) on the first 250 characters of any text.

The package takes milliseconds to seconds for one password, raises on an empty one, on more than 72 characters and on
some texts with a line feed, and its result holds the password in clear. Here it gives its word lists and keyboards.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from hygiene.passwords.score.cover import CAP, Kind, Matches
from hygiene.passwords.score.dates import BREAKS_THE_PACKAGE, dates, years
from hygiene.passwords.score.judgement import SCORED_CHARACTERS
from hygiene.passwords.score.patterns import KEYBOARDS, ZXCVBN_KEYBOARDS, repeats, sequences
from hygiene.passwords.score.words import WORDS

# time_estimates.py: guesses_to_score
_SCORES = (1e3 + 5, 1e6 + 5, 1e8 + 5, 1e10 + 5)


def score_of(guesses: float) -> int:
    return bisect_right(_SCORES, guesses)


def zxcvbn_score(password: str) -> int:
    """From 0 (guessed at once) to 4; 0 for an empty password."""
    return score_of(guesses(password))


def guesses(password: str) -> float:
    """How many guesses, exact below 10^12; 10^12 stands for that many and more. 1 for an empty password."""
    return matches(password[:SCORED_CHARACTERS]).guesses() if password else 1


def matches(password: str) -> Matches:
    """All that zxcvbn finds in a password of 1 to 250 characters."""
    found = plain_matches(password)
    found.add_l33t(WORDS, found.signed(WORDS), Kind.WORD)
    return found


def plain_matches(password: str) -> Matches:
    """The same without words that have l33t signs."""
    # where the package fails on a line feed, it counts as the white space that does not end a line
    if "\n" in password and BREAKS_THE_PACKAGE.search(password):
        password = password.replace("\n", "\v")
    found = Matches(password)
    pairs = found.pairs
    if pairs is not None:
        if pairs.common & ZXCVBN_KEYBOARDS:
            found.add(KEYBOARDS.walks(pairs, pairs.common & ZXCVBN_KEYBOARDS), Kind.PATTERN)
        found.add(sequences(password, pairs), Kind.PATTERN)
        found.add(repeats(password, pairs, _guesses_again), Kind.PATTERN)
        if found.size > 3:
            found.add(years(password), Kind.PATTERN)
            found.add(dates(password), Kind.PATTERN)
    found.add_words(WORDS, Kind.WORD)
    return found


def _guesses_again(base: str) -> float:
    return _of_one(base) if len(base) == 1 else guesses(base)


@lru_cache(maxsize=256)
def _of_one(character: str) -> float:
    return guesses(character)


__all__ = ["CAP", "guesses", "matches", "score_of", "zxcvbn_score"]

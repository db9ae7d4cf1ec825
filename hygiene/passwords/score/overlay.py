"""What attackers of our readers try and zxcvbn does not know: German words, words of the organisation, habits.

It only lowers a score. A habit is one word with digits and signs before or after it, such as `Sommer2024!`: to zxcvbn
three parts that each may be anything, to those who guess one rule over a list of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from operator import itemgetter

from hygiene.passwords.score.cover import CAP, Kind, Matches
from hygiene.passwords.score.judgement import SCORED_CHARACTERS, Judgement, Knowledge, Mark
from hygiene.passwords.score.patterns import GERMAN_KEYBOARD, KEYBOARDS, Match
from hygiene.passwords.score.reference import matches, score_of
from hygiene.passwords.score.words import Automaton, automaton

_Parts = tuple[tuple[Kind, int], ...]

_YEARS_BACK = 100
_LEAST_YEARS = 20
_TWO_PARTS = 1e4  # what zxcvbn adds for a second part
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_RUNS = re.compile(r"[0-9]+|[^0-9]+")
_HABIT_WORD = 3
# what people put at the end of a password, the likeliest first
_SIGNS = {sign: rank for rank, sign in enumerate("!.?#*$-+@_&%/,", 2)}
_OTHER_SIGN = 33
_USUAL_NUMBERS = frozenset(
    {"1", "12", "123", "1234", "12345", "123456", "321", "007", "4711", "0815", "08", "01", "00"}
)
_USUAL_NUMBER = 10
_CONTEXTS_KEPT = 256
# plain numbers: looked at for each password
_WORD, _PATTERN, _CONTEXT = map(int, (Kind.WORD, Kind.PATTERN, Kind.CONTEXT))
_BY_COMMON, _BY_PATTERN, _BY_CONTEXT = map(int, (Mark.COMMON, Mark.PATTERN, Mark.CONTEXT))


class Judge:
    """Scores passwords with what is known for a run."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._year = knowledge.year
        self._own = _context(knowledge.words) if knowledge.words else None

    def judge(self, password: str, words: Sequence[str] = ()) -> Judgement:
        """Score the first 250 characters; `words` (lower case, the likeliest first) are what is known of the entry.

        Never raises on a text: where something breaks nevertheless, the answer is 0 with Mark.FAILED.
        """
        password = password[:SCORED_CHARACTERS]
        if not password:
            return Judgement(0, 0, Mark(0))
        try:
            return self._judge(password, words)
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
            return Judgement(0, 0, Mark.FAILED)

    def _judge(self, password: str, words: Sequence[str]) -> Judgement:
        found = matches(password)
        guesses, parts = found.cheapest()
        zxcvbn_score = score_of(guesses)
        if not password.isascii() and (composed := _composed(password)) != password:
            found = matches(composed)
            guesses, parts = min((guesses, parts), found.cheapest(), key=itemgetter(0))
        contexts = [self._own] if self._own is not None else []
        if words:
            contexts.append(_context(tuple(words)))
        if zxcvbn_score or contexts:
            guesses, parts = min((guesses, parts), self._lowered(found, contexts), key=itemgetter(0))
        score = score_of(guesses)
        return _judgement(zxcvbn_score, score, _marks(parts, score))

    def _lowered(self, found: Matches, contexts: list[Automaton]) -> tuple[float, _Parts]:
        before = len(found)
        if found.keyboards & GERMAN_KEYBOARD:
            found.add(KEYBOARDS.walks(found.password, found.pairs, GERMAN_KEYBOARD), Kind.PATTERN)
        if "19" in found.password or "20" in found.password:
            found.add(self._years(found.password), Kind.PATTERN)
        found.add_german()
        for words in contexts:
            found.add_words(words, Kind.CONTEXT)
            found.add_l33t(words, Kind.CONTEXT)
        cheapest: tuple[float, _Parts] = found.cheapest() if len(found) > before else (CAP, ())
        return min((cheapest, *self._habits(found)), key=itemgetter(0))

    def _years(self, password: str) -> Iterator[Match]:
        for year in _YEAR.finditer(password):
            guesses = self._year_guesses(year[0])
            if guesses is not None:
                yield year.start(), year.end(), guesses

    def _year_guesses(self, year: str) -> int | None:
        away = int(year) - self._year
        return max(abs(away), _LEAST_YEARS) if -_YEARS_BACK <= away <= 1 else None

    def _habits(self, found: Matches) -> Iterator[tuple[float, _Parts]]:
        """One word and nothing but digits and signs around it."""
        password = found.password
        letters = [at for at, character in enumerate(password) if character.isalpha()]
        if not letters:
            return
        first, last = letters[0], letters[-1] + 1
        if last - first < _HABIT_WORD:
            return
        for start, stop, guesses, kind in found.covering(first, last):
            extras = self._extra(password[:start]) * self._extra(password[stop:])
            yield 2 * guesses * extras + _TWO_PARTS, ((kind, found.size),)

    def _extra(self, text: str) -> float:
        guesses = 1.0
        for run in _RUNS.findall(text):
            guesses *= self._number(run) if run.isdecimal() else _signs(run)
        return guesses

    def _number(self, digits: str) -> float:
        if digits in _USUAL_NUMBERS or digits == digits[0] * len(digits):
            return _USUAL_NUMBER
        if len(digits) == 4 and _YEAR.fullmatch(digits) and (guesses := self._year_guesses(digits)) is not None:
            return guesses
        return 10.0 ** len(digits)


def _composed(text: str) -> str:
    """Accents joined with their letters; the one letter whose lower case is two characters loses its dot."""
    return unicodedata.normalize("NFC", text).replace("\u0130", "I")


def _signs(signs: str) -> float:
    if signs == signs[0] * len(signs):
        return float(_SIGNS.get(signs[0], _OTHER_SIGN) * len(signs))
    guesses = 1.0
    for sign in signs:
        guesses *= _SIGNS.get(sign, _OTHER_SIGN)
    return guesses


@lru_cache(maxsize=_CONTEXTS_KEPT)
def _context(words: tuple[str, ...]) -> Automaton:
    return automaton({word: rank for rank, word in reversed([*enumerate(words, 1)])})


@cache
def _judgement(zxcvbn_score: int, score: int, marks: int) -> Judgement:
    return Judgement(zxcvbn_score, score, Mark(marks))


def _marks(parts: _Parts, score: int) -> int:
    """Why it is easily guessed; coarse on purpose, and silent where it is not."""
    size = words = patterns = known = 0  # characters; of words those of the longest
    for kind, length in parts:
        size += length
        if kind == _WORD:
            words = max(words, length)
        elif kind == _PATTERN:
            patterns += length
        elif kind == _CONTEXT:
            known += length
    marks = _BY_CONTEXT if known and (score <= 2 or 2 * known >= size) else 0
    if score > 2:
        return marks
    if 3 * words >= 2 * size:
        marks |= _BY_COMMON
    if 2 * patterns >= size:
        marks |= _BY_PATTERN
    return marks

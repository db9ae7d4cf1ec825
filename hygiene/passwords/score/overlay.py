"""What attackers of our readers try and zxcvbn does not know: German words, words of the organisation, habits.

It only lowers a score. A habit is one word with digits and signs before or after it, such as `Sommer2024!`: to zxcvbn
three parts that each may be anything, to those who guess one rule over a list of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from hygiene.passwords.score.cover import Kind, Matches, Parts, Place
from hygiene.passwords.score.judgement import SCORED_CHARACTERS, Judgement, Knowledge, Mark
from hygiene.passwords.score.patterns import GERMAN_KEYBOARD, KEYBOARDS, Match
from hygiene.passwords.score.reference import matches, plain_matches, score_of
from hygiene.passwords.score.words import WORDS, Words

_YEARS_BACK = 100
_LEAST_YEARS = 20
_TWO_PARTS = 1e4  # what zxcvbn adds for a second part
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_RUNS = re.compile(r"[0-9]+|[^0-9]+")
_HABIT_WORD = 3
# how many characters may be bare below 10^10 guesses
_BARE_ALONE, _BARE_BESIDE_ONE, _BARE_BESIDE_TWO = 10, 7, 5
_NO_LETTERS = "".join(character for character in map(chr, range(128)) if not character.isalpha())
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
        contexts = [self._own] if self._own is not None else []
        if words:
            contexts.append(_context(tuple(words)))
        composed = password if password.isascii() else _composed(password)
        found = plain_matches(password)
        signed = found.signed(WORDS)
        if not contexts and composed == password and _out_of_reach(found, signed):
            return _judgement(4, 4, 0)
        found.add_l33t(WORDS, signed, Kind.WORD)
        guesses, parts = found.cheapest()
        zxcvbn_score = score_of(guesses)
        if composed != password:
            found = matches(composed)
            guesses, parts = found.cheapest(guesses, parts)
        if zxcvbn_score or contexts:
            guesses, parts = self._lowered(found, contexts, guesses, parts)
        score = score_of(guesses)
        return _judgement(zxcvbn_score, score, _marks(parts, score))

    def _lowered(self, found: Matches, contexts: list[Words], guesses: float, parts: Parts) -> tuple[float, Parts]:
        more = [*self._years(found.password)]
        if found.pairs and found.pairs.common & GERMAN_KEYBOARD:
            more += KEYBOARDS.walks(found.pairs, GERMAN_KEYBOARD)
        if more or found.german or contexts:
            found.add(more, Kind.PATTERN)
            found.add_german()
            for words in contexts:
                found.add_words(words, Kind.CONTEXT)
                found.add_l33t(words, found.signed(words), Kind.CONTEXT)
            guesses, parts = found.cheapest(guesses, parts)
        return self._as_a_habit(found, guesses, parts)

    def _years(self, password: str) -> Iterator[Match]:
        if "19" not in password and "20" not in password:
            return
        for year in _YEAR.finditer(password):
            guesses = self._year_guesses(year[0])
            if guesses is not None:
                yield year.start(), year.end(), guesses

    def _year_guesses(self, year: str) -> int | None:
        away = int(year) - self._year
        return max(abs(away), _LEAST_YEARS) if -_YEARS_BACK <= away <= 1 else None

    def _as_a_habit(self, found: Matches, best: float, parts: Parts) -> tuple[float, Parts]:
        """One word and nothing but digits and signs around it; what is given where that is no cheaper."""
        password = found.password
        if best <= _TWO_PARTS:
            return best, parts
        first, last = _letters(password)
        if last - first < _HABIT_WORD:
            return best, parts
        for start, stop, guesses, kind in found.covering(first, last):
            if 2 * guesses + _TWO_PARTS < best:
                guesses *= self._extra(password[:start]) * self._extra(password[stop:])
                if 2 * guesses + _TWO_PARTS < best:
                    best, parts = 2 * guesses + _TWO_PARTS, ((kind, found.size),)
        return best, parts

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


def _out_of_reach(found: Matches, signed: Sequence[Place]) -> bool:
    """Whether it takes 10^10 guesses whatever it is put together from: too few of its characters can be in matches.

    Told before the words at `signed` are read and anything is searched.
    """
    if found.size <= _BARE_ALONE or found.whole_kind or (found.pairs and found.pairs.common & GERMAN_KEYBOARD):
        return False
    lengths = found.lengths()
    if "19" in found.password or "20" in found.password:
        lengths.append(4)
    if _in_reach(found.size, lengths):
        return False
    lengths += (stop - start for start, stop, _ in signed)
    first, last = _letters(found.password)
    return last - first > max(lengths, default=0) and not _in_reach(found.size, lengths)


def _in_reach(size: int, lengths: list[int]) -> bool:
    """Whether so many characters may be three parts that take less than 10^10 guesses, of matches with these lengths.

    A match counts 50 at least, or 10 as a single character; bare ones count 10 each.
    """
    one, two, three = sorted((*lengths, 0, 0, 0))[:-4:-1]
    return size <= max(one + two + three, one + two + _BARE_BESIDE_TWO, one + _BARE_BESIDE_ONE)


def _letters(password: str) -> tuple[int, int]:
    """From where to where there are letters, 0 and 0 where there are none."""
    if password.isascii():
        rest = password.lstrip(_NO_LETTERS)
        return (len(password) - len(rest), len(password.rstrip(_NO_LETTERS))) if rest else (0, 0)
    letters = [at for at, character in enumerate(password) if character.isalpha()]
    return (letters[0], letters[-1] + 1) if letters else (0, 0)


def _signs(signs: str) -> float:
    if signs == signs[0] * len(signs):
        return float(_SIGNS.get(signs[0], _OTHER_SIGN) * len(signs))
    guesses = 1.0
    for sign in signs:
        guesses *= _SIGNS.get(sign, _OTHER_SIGN)
    return guesses


@lru_cache(maxsize=_CONTEXTS_KEPT)
def _context(words: tuple[str, ...]) -> Words:
    return Words({word: rank for rank, word in reversed([*enumerate(words, 1)])})


@cache
def _judgement(zxcvbn_score: int, score: int, marks: int) -> Judgement:
    return Judgement(zxcvbn_score, score, Mark(marks))


def _marks(parts: Parts, score: int) -> int:
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

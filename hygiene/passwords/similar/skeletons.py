"""What stays of a password when digits and signs around its word, case and l33t are taken away: its skeletons.

Two passwords with one skeleton are alike. How far that reaches depends on the skeleton: people who never met choose
`Sommer`, and random passwords end up with the same five letters, so such skeletons tell of one person at most.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import ascii_letters, printable
from zlib import crc32

from zxcvbn.frequency_lists import FREQUENCY_LISTS

# a text that is longer is a key or a document, whose beginnings are alike without meaning anything
LONGEST = 250
_LEAST = 4
_LEAST_LETTERS = 3
# shorter ones say too little to join strangers
_LEAST_ABROAD = 5
_LEAST_LETTERS_ABROAD = 4
# [measured on 300,000 random passwords of 8 characters: fewer than 9 characters meet by chance
# unless they are also written as people write words]
_FREE = 9
_WITH_SIGNS = 7
_MOST_SIGNS = 2
# can be spoken, as words can be and random letters mostly not
_SPEAKABLE = re.compile(r"(?!.*[^aeiouy]{5}|.*[aeiouy]{4})(?:[^aeiouy]*[aeiouy]){2}.*")
_SPELT_WITH_SIGNS = re.compile(r"(?!.*[^aeiouy]{4}|.*[aeiouy]{3})(?:[^aeiouy]*[aeiouy]){2}.*")

_EDGE = "".join(set(printable) - set(ascii_letters))
_NO_LETTERS = str.maketrans(dict.fromkeys(_EDGE))
_LETTERS_HIDDEN = str.maketrans(dict.fromkeys(ascii_letters, " "))
_LETTER = re.compile(r"[^\W\d_]")
_L33T = dict(zip("013456789@$!|+(<{[", "oieasgtbgasilcccc", strict=False)) | {"2": "z"}
_FOLD = str.maketrans(_L33T)
_SIGNS = frozenset(_L33T)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_USUAL_CASE = re.compile(r"[A-Z]?[a-z]+(?:[A-Z][a-z]+)?|[a-z]?[A-Z]+")
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)


class Reach(enum.IntEnum):
    """Between whom a skeleton makes passwords alike."""

    USER = 0  # it may meet another one by chance
    NEIGHBOURS = 1  # everybody uses it: of one user, or on one system
    ANYBODY = 2


class Change(enum.IntFlag):
    """In what similar passwords differ."""

    CASE = 1
    L33T = 2
    YEAR = 4
    SUFFIX = 8  # other digits and signs around the word
    TYPO = 16  # one character anywhere

    def words(self) -> tuple[str, ...]:
        """What reports tell of it: not whether the password holds a year, which would say half of it."""
        ending = Change.YEAR | Change.SUFFIX
        told = {"case": Change.CASE, "l33t": Change.L33T, "ending": ending, "one-sign": Change.TYPO}
        return tuple(word for word, change in told.items() if self & change)


@dataclass(frozen=True, slots=True, repr=False)
class Skeletons:
    """What a password is compared by. It holds text: it must not leave the room."""

    texts: tuple[str, ...]  # one or two: without the edges, and with a l33t sign that may be part of the word
    reach: Reach
    look: int  # four bytes, for case, l33t, year and the rest of the edges: they differ where the passwords do

    def __repr__(self) -> str:
        return "Skeletons()"


def skeletons(password: str) -> Skeletons | None:
    """The skeletons of a password, None where too little would stay: four characters, three letters, are the least."""
    if len(password) > LONGEST:
        return None
    if password.isascii():
        core = password.strip(_EDGE)
        start = password.find(core) if core else 0
    else:
        password = _without_accents(password)
        start, stop = _ends(password)
        core = password[start:stop]
    letters = core if core.isalpha() else "".join(filter(str.isalpha, core.translate(_NO_LETTERS)))
    if len(letters) < _LEAST_LETTERS:
        return None
    before, after = password[:start], password[start + len(core) :]
    words = [core]
    signs = ""  # at an edge, and perhaps part of the word
    if before and before[-1] in _SIGNS and len(before) <= 2:
        words.append(before + core)
        signs = before
    elif after and after[0] in _SIGNS:
        if not after[1:2].isdecimal():
            words.append(core + after[0])
        # two digits are a number, unless they complete a word
        elif not after[2:3].isdecimal() and (core + after[:2]).casefold().translate(_FOLD) in common():
            signs = after[:2]
            words.append(core + signs)
    texts = [word.casefold().translate(_FOLD) for word in words]
    if not _tells(texts[0]):
        del texts[0], words[0]
        if not texts or not _tells(texts[0]):
            return None
    if not common().isdisjoint(texts):
        reach = Reach.NEIGHBOURS if len(texts[-1]) >= _LEAST_ABROAD else Reach.USER
    elif len(letters) < _LEAST_LETTERS_ABROAD or len(set(texts[0])) < _LEAST_LETTERS_ABROAD:
        reach = Reach.USER
    else:
        chosen = [text for text, word in zip(texts, words, strict=True) if _distinctive(text, word, letters, before)]
        reach = Reach.ANYBODY if chosen else Reach.USER
        texts = chosen or texts
    return Skeletons(tuple(texts), reach, _look(core, letters, signs, before, after))


def _tells(text: str) -> bool:
    return len(text) >= _LEAST and len(set(text)) >= _LEAST_LETTERS


def _distinctive(text: str, word: str, letters: str, before: str) -> bool:
    """Whether random passwords do not meet in it."""
    if len(word) >= _FREE:
        return True
    if not (_USUAL_CASE.fullmatch(letters) or letters.islower() or letters.isupper() or letters.istitle()):
        return False
    if len(text) < _LEAST_ABROAD:
        return False
    if len(text) < _WITH_SIGNS:
        return len(word) == len(letters) and not before
    signs = len(word) - len(letters)
    if not signs:
        return _SPEAKABLE.fullmatch(text) is not None
    return signs <= _MOST_SIGNS and _SPELT_WITH_SIGNS.fullmatch(text) is not None


def _without_accents(text: str) -> str:
    spelt_out = unicodedata.normalize("NFC", text).translate(_UMLAUTS)
    return "".join(one for one in unicodedata.normalize("NFKD", spelt_out) if not unicodedata.combining(one))


def _ends(text: str) -> tuple[int, int]:
    first, last = _LETTER.search(text), _LETTER.search(text[::-1])
    return (first.start(), len(text) - last.start()) if first and last else (0, 0)


def _look(core: str, letters: str, signs: str, before: str, after: str) -> int:
    case = 0 if letters.islower() else 1 if letters.isupper() else 2 if letters.istitle() else 3
    if len(letters) != len(core):
        signs += core.translate(_LETTERS_HIDDEN)
    year = _YEAR.search(after) if len(after) >= 4 else None
    if year:
        after = after[: year.start()] + "\0" + after[year.end() :]
    return case | _byte(signs) << 8 | (int(year[0]) - 1899 if year else 0) << 16 | _byte(f"{before}\0{after}") << 24


def _byte(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) & 0xFF if text else 0


def changes(difference: int) -> Change:
    """What a difference (exclusive or) of two looks means."""
    found = Change(0)
    for change, byte in ((Change.CASE, 0), (Change.L33T, 8), (Change.YEAR, 16), (Change.SUFFIX, 24)):
        if difference >> byte & 0xFF:
            found |= change
    return found


@cache
def common() -> frozenset[str]:
    """Skeletons that everybody uses: words, names and known passwords."""
    lines = files("hygiene.passwords.score").joinpath("german.txt").read_text(encoding="utf-8").splitlines()
    german = (word for line in lines if not line.startswith("#") for word in line.split())
    found = set()
    for words in (*FREQUENCY_LISTS.values(), german):
        for word in words:
            word = word if word.isascii() else _without_accents(word)
            found.add(word.casefold().translate(_FOLD))
            if not word.isalpha():
                found.add(word.strip(_EDGE).casefold().translate(_FOLD))
    return frozenset(word for word in found if len(word) >= _LEAST)

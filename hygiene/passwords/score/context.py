"""What is known of an entry (user, system, tenant) as words, and whether a password may hold one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_PIECES = re.compile(r"[^\W_]++")
_WORDS = 24
_WORD_CHARACTERS = 64
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_BARE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "s"})
# parts of addresses that say nothing of the entry
_NOISE = frozenset({"http", "https", "www", "com", "net", "org"})

# signs that stand for each other become one, so that no l33t spelling escapes; hits are then judged exactly
_CLASSES = {
    "a": "4@",
    "b": "8",
    "c": "({[<",
    "e": "3",
    "g": "69",
    "i": "lt!|17+",
    "o": "0",
    "s": "$5",
    "x": "%",
    "z": "2",
}
_CANON = str.maketrans({sign: letter for letter, signs in _CLASSES.items() for sign in signs})


def words(account: str | None, system: str | None, tenant: str | None) -> tuple[str, ...]:
    """Lower-case words of 3 characters and more, the likeliest first, without repeats."""
    found = [word for cell in (account, system, tenant) if cell for word in _cell_words(cell)]
    return tuple(dict.fromkeys(found))[:_WORDS]


@lru_cache(maxsize=8192)
def _cell_words(cell: str) -> tuple[str, ...]:
    lower = cell.lower().strip()
    if lower.isalnum() and lower.isascii():
        return tuple(dict.fromkeys(word for word in (lower, lower.rstrip("0123456789")) if _tells(word)))
    pieces = [piece for piece in _PIECES.findall(lower) if piece not in _NOISE]
    found = [lower]
    for piece in (*pieces, "".join(pieces[:2])):
        for word in (piece, piece.rstrip("0123456789")):
            found += (word, word.translate(_SPELT_OUT), word.translate(_BARE))
    return tuple(dict.fromkeys(word for word in found if _tells(word)))


def _tells(word: str) -> bool:
    return (4 if word.isdecimal() else 3) <= len(word) <= _WORD_CHARACTERS


@lru_cache(maxsize=16384)
def _canon(word: str) -> str:
    return word.translate(_CANON)


def may_hold(password: str, candidates: Sequence[str]) -> bool:
    """Whether one of the words may be in the password, forwards, backwards or in l33t. Never misses, may be wrong."""
    text = password.lower().translate(_CANON)
    back = text[::-1]
    return any((word := _canon(candidate)) in text or word in back for candidate in candidates)

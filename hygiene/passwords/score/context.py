"""What is known of an entry (user, system, tenant) as words, and whether a password may hold one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PIECES = re.compile(r"[^\W_]++")
_WORDS = 24
_WORD_CHARACTERS = 64
_CELLS = 32_768  # about 500 bytes each
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
_CANON = bytes.maketrans(
    "".join(_CLASSES.values()).encode(), "".join(letter * len(signs) for letter, signs in _CLASSES.items()).encode()
)


def words(account: str | None, system: str | None, tenant: str | None) -> tuple[str, ...]:
    """Lower-case words of 3 characters and more, the likeliest first, without repeats."""
    found = [word for cell in (account, system, tenant) if cell for word in cell_words(cell)]
    return tuple(dict.fromkeys(found))[:_WORDS]


def words_in(password: str, account: str | None, system: str | None, tenant: str | None) -> tuple[str, ...]:
    """The words to judge a password of 250 characters at most with; none where it can hold none of them."""
    text = _both_ways(password)
    for cell in (account, system, tenant):
        if cell:
            for form in _cell_forms(cell):
                if form in text:
                    return words(account, system, tenant)
    return ()


def may_hold(password: str, candidates: Iterable[str]) -> bool:
    """Whether one of the words may be in the password, forwards, backwards or in l33t. Never misses, may be wrong."""
    text = _both_ways(password)
    return any(form in text for form in _forms(candidates))


def _both_ways(password: str) -> str:
    # UTF-8, which is found in UTF-8 at whole characters only, each byte as a character: a table for bytes takes a
    # tenth of the time, and a search in text a fifth of that in bytes
    lower = password.lower()
    text = lower.encode("utf-8", "surrogatepass")
    back = text[::-1] if lower.isascii() else lower[::-1].encode("utf-8", "surrogatepass")
    return (text + b"\0" + back).translate(_CANON).decode("latin-1")


@lru_cache(maxsize=_CELLS)
def _cell_forms(cell: str) -> tuple[str, ...]:
    return _forms(cell_words(cell))


def _forms(candidates: Iterable[str]) -> tuple[str, ...]:
    """What has to be in the text of a password that holds one of these: a word in another one stands for both."""
    found: list[str] = []
    forms = {word.encode("utf-8", "surrogatepass").translate(_CANON).decode("latin-1") for word in candidates}
    for form in sorted(forms, key=len):
        if not any(shorter in form for shorter in found):
            found.append(form)
    return tuple(found)


def cell_words(cell: str) -> tuple[str, ...]:
    """The words of one name or address: whole, in pieces, without digits at the end, umlauts spelt out and bare."""
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

"""The lines of an access.conf(5) table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hygiene.pam.codes import ASCII_LOWER

_LINE_MAX = 8190  # BUFSIZ without the line end and the final NUL, up to PAM 1.5
_LINES_MAX = 2000
_SPACES = " \t\n\v\f\r"

Words = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that has its three fields.

    `users` and `origins`: the words before the first EXCEPT, those before the second, and so on. `doubt`: why it is not
    known what the line says.
    """

    number: int
    grants: bool = False
    users: Words = ()
    origins: Words = ()
    doubt: str | None = None


@lru_cache(maxsize=16)
def entries(data: bytes, fields: str = ":", lists: str = ", \t") -> tuple[Entry, ...]:
    """The lines in order, as login_access (pam_access.c) takes them: a last line without an end is none.

    `fields` and `lists` hold the characters that part fields and list elements.
    """
    found: list[Entry] = []
    for number, raw in enumerate(data.split(b"\n")[:-1], 1):
        if len(found) >= _LINES_MAX:
            found.append(Entry(number, doubt=f"there are more than {_LINES_MAX:,} lines"))
            break
        if len(raw) > _LINE_MAX:
            found.append(Entry(number, doubt=f"the line has more than {_LINE_MAX:,} bytes, which PAM before 1.6 cuts"))
            continue
        if raw.startswith(b"hyg:dropped "):
            found.append(Entry(number, doubt="the line was not collected"))
            continue
        text = raw.decode("utf-8", "backslashreplace")
        if text.startswith("#") or "\0" in text:
            continue
        text = text.rstrip(_SPACES)
        permission, at = _token(text, 0, fields)
        users, at = _token(text, at, fields)
        # only a line that begins with the plus grants, whatever stands before the separators
        if users and permission[0] in "+-" and text[at:]:
            found.append(Entry(number, text[0] == "+", _words(users, lists), _words(text[at:], lists)))
    return tuple(found)


def _token(text: str, at: int, separators: str) -> tuple[str, int]:
    """strtok_r(3): the next token, empty when there is none, and where the one behind it is looked for."""
    while at < len(text) and text[at] in separators:
        at += 1
    end = at
    while end < len(text) and text[end] not in separators:
        end += 1
    return text[at:end], min(end + 1, len(text))


def _words(text: str, separators: str) -> Words:
    parts: list[list[str]] = [[]]
    at = 0
    while True:
        word, at = _token(text, at, separators)
        if not word:
            return tuple(map(tuple, parts))
        if word.translate(ASCII_LOWER) == "except":
            parts.append([])
        else:
            parts[-1].append(word)

"""How wide a visible text is on a terminal, and where it is cut."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """Give how many columns of a terminal a visible text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clip(text: str, most: int) -> str:
    """Give at most `most` characters, with a mark where the rest was left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def wrap(text: str, width: int | None) -> list[str]:
    """Cut a visible text into lines of at most `width` columns, at blanks where it can; None: one line."""
    if width is None or columns(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if columns(candidate) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, width)
        lines += full
    return [*lines, line]


def _cut(word: str, width: int) -> list[str]:
    if columns(word) <= width:
        return [word]
    parts: list[str] = []
    part, taken = "", 0
    for character in word:
        wide = _columns(character)
        if part and taken + wide > width:
            parts.append(part)
            part, taken = "", 0
        part += character
        taken += wide
    return [*parts, part]

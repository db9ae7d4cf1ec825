"""Bytes of a host's files as text and lines."""

from __future__ import annotations

from collections.abc import Iterator

LINES_MAX = 1_000_000


def lines(data: bytes) -> list[str]:
    """Lines ended by LF; bytes that are not UTF-8 appear as `\\xNN`."""
    return data.decode("utf-8", "backslashreplace").split("\n", LINES_MAX)[:LINES_MAX]


def entry_lines(data: bytes) -> Iterator[tuple[int, str]]:
    """What glibc takes for entries of passwd(5) and its kin (nss_files, files-parse.c), with the numbers of the lines.

    Blank lines, comments and blanks at the beginning are passed over.
    """
    for index, raw in enumerate(lines(data), 1):
        line = raw.lstrip(" \t\v\f\r")
        if line and not line.startswith("#"):
            yield index, line


def number(text: str) -> int | None:
    """A decimal number as strtoul(3) reads it: blanks and a sign before it, nothing behind it."""
    digits = text.lstrip(" \t\v\f\r")
    sign, digits = (digits[0], digits[1:]) if digits[:1] in ("+", "-") else ("", digits)
    # bounded: int() takes quadratic time on endless digits
    if not 0 < len(digits) <= 40 or not digits.isascii() or not digits.isdigit():
        return None
    return -int(digits) if sign == "-" else int(digits)

"""Which addresses a pattern over their text means, as ranges: what `10.0.*` or `192.168.1.?` comes to."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

Span = tuple[int, int]  # first and last address, as numbers
Spans = tuple[Span, ...]

_BITS = {4: 32, 16: 128}  # by the size of an address in bytes
_SPANS_MAX = 256  # of one pattern; `*.5` has millions
_SIX = re.compile(r"((?:[1-9a-f][0-9a-f]{0,3}:){1,7})\*++")  # no group is 0, so that nothing is shortened to `::` in it
_SHORTEST = {4: len("1.1.1.1"), 16: len("::")}


@functools.lru_cache(maxsize=4096)
def spans(pattern: str, size: int) -> Spans | None:
    """The addresses of this size, 4 or 16 bytes, whose printed form the pattern matches; None when they are too many.

    Too many ranges, or ranges that hang on how IPv6 is shortened. Addresses are printed in lower case without leading
    zeros; those of ::/96 and of ::ffff:0:0/96 are not looked at, since sshd sees the IPv4 address in the latter.
    """
    shape = re.sub(r"\*++", "*", pattern)
    if set(shape) - set("0123456789abcdef.:*?"):
        return ()
    if not set(shape) - set("*?"):
        if "*" in shape and shape.count("?") <= _SHORTEST[size]:
            return ((0, (1 << _BITS[size]) - 1),)
        if "*" not in shape and len(shape) < _SHORTEST[size]:
            return ()
    if size == 4:
        return () if ":" in shape or set(shape) & set("abcdef") else _four(shape)
    if "." in shape:
        return ()
    if shape == "*:*":
        return ((0, (1 << 128) - 1),)
    if "*" not in shape and "?" not in shape:
        return ()  # a name; an address would not have come here
    match = _SIX.fullmatch(shape)
    if match is None:
        return None
    groups = match[1].split(":")[:-1]
    rest = 128 - 16 * len(groups)
    first = int("".join(group.zfill(4) for group in groups), 16) << rest
    return ((first, first | (1 << rest) - 1),)


def _four(pattern: str) -> Spans | None:
    """The IPv4 addresses, byte by byte: bytes that leave the pattern at the same places are one case."""
    try:
        return tuple(_below(pattern, _closed(pattern, frozenset((0,))), 0))
    except _TooManyError:
        return None


class _TooManyError(Exception):
    """The pattern means more ranges than anybody wants to see."""


def _below(pattern: str, places: frozenset[int], level: int) -> list[Span]:
    found: list[Span] = []
    known: dict[frozenset[int], list[Span]] = {}
    below = 1 << 8 * (3 - level)
    for byte in range(256):
        after = _read(pattern, places, str(byte) + ("." if level < 3 else ""))
        if after not in known:
            known[after] = (
                ([(0, 0)] if len(pattern) in after else [])
                if level == 3
                else (_below(pattern, after, level + 1) if after else [])
            )
        for first, last in known[after]:
            first, last = byte * below + first, byte * below + last
            if found and found[-1][1] + 1 == first:
                found[-1] = (found[-1][0], last)
            else:
                found.append((first, last))
            if len(found) > _SPANS_MAX:
                raise _TooManyError
    return found


def _read(pattern: str, places: frozenset[int], text: str) -> frozenset[int]:
    """Where in the pattern one may be after reading the text."""
    for char in text:
        after = {
            place if pattern[place] == "*" else place + 1
            for place in places
            if place < len(pattern) and pattern[place] in ("*", "?", char)
        }
        places = _closed(pattern, after)
    return places


def _closed(pattern: str, places: Sequence[int] | set[int] | frozenset[int]) -> frozenset[int]:
    """The places, and those behind a `*` that takes nothing."""
    found = set(places)
    for place in sorted(found):
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return frozenset(found)

"""fnmatch(3) with FNM_PATHNAME, as sudoers uses it, in bounded time on hostile patterns."""

from __future__ import annotations

SEGMENT_MAX = 256


def matches(pattern: str, path: str) -> bool:
    """Does the pattern match the whole path? No wildcard matches `/`; a backslash takes the next character as it is."""
    segments, parts = pattern.split("/"), path.split("/")
    return len(segments) == len(parts) and all(map(_segment, segments, parts))


def is_pattern(text: str) -> bool:
    """Does the text hold anything that is not matched as it stands?"""
    return any(mark in text for mark in "*?[\\")


def _segment(pattern: str, text: str) -> bool:
    """Greedy matching that goes back to the last star only: time is the product of the lengths."""
    if len(pattern) > SEGMENT_MAX:
        return set(pattern) <= {"*"}
    at, here, star, mark = 0, 0, -1, 0
    while here < len(text):
        step = _one(pattern, at, text[here]) if at < len(pattern) and pattern[at] != "*" else 0
        if step:
            at, here = at + step, here + 1
        elif at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return set(pattern[at:]) <= {"*"}


def _one(pattern: str, at: int, character: str) -> int:
    """How many characters of the pattern match this one character; 0 when they do not."""
    mark = pattern[at]
    if mark == "?":
        return 1
    if mark == "\\" and at + 1 < len(pattern):
        return 2 if pattern[at + 1] == character else 0
    if mark != "[":
        return 1 if mark == character else 0
    first = at + 1
    negated = pattern[first : first + 1] in ("!", "^")
    first += negated
    end = pattern.find("]", first + 1)
    if end < 0:
        return 1 if character == "[" else 0
    found, index = False, first
    while index < end:
        if index + 2 < end and pattern[index + 1] == "-":
            found = found or pattern[index] <= character <= pattern[index + 2]
            index += 3
        else:
            found = found or pattern[index] == character
            index += 1
    return end + 1 - at if found != negated else 0

"""Patterns with `*` and `?`, and lists of them, as match.c of OpenSSH reads them."""

from __future__ import annotations


def match_pattern(text: str, pattern: str) -> bool:
    """Match `*` and `?` as match_pattern in match.c does, in time bounded by text times pattern."""
    at = star = mark = position = 0
    seen = False
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            seen, star, mark = True, at, position
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[position]):
            at += 1
            position += 1
        elif seen:
            mark += 1
            position, at = mark, star + 1
        else:
            return False
    return not pattern[at:].strip("*")


def match_list(text: str, patterns: str) -> bool:
    """True when a pattern of the comma-separated list matches and none that is negated by `!` does."""
    found = False
    for item in patterns.split(","):
        if match_pattern(text, item.removeprefix("!")):
            if item.startswith("!"):
                return False
            found = True
    return found

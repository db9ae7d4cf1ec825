"""Patterns with `*` and `?`, and lists of them, as match.c of OpenSSH reads them."""

from __future__ import annotations

LONGEST = 1022  # characters of one pattern in a list; at a longer one match_pattern_list() gives up without a match


def match_pattern(text: str, pattern: str) -> bool:
    """Match `*` and `?` as match_pattern in match.c does, in time bounded by text times pattern."""
    if "*" not in pattern and "?" not in pattern:
        return text == pattern
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
    return list_verdict(text, patterns) > 0


def list_verdict(text: str, patterns: str) -> int:
    """The value of match_pattern_list in match.c: 1 a match, -1 a pattern negated by `!` matches, 0 neither."""
    found = 0
    if not patterns:
        return 0
    for item in patterns.removesuffix(",").split(","):
        pattern = item.removeprefix("!")
        if len(pattern) > LONGEST:
            return 0
        if match_pattern(text, pattern):
            if item.startswith("!"):
                return -1
            found = 1
    return found


def host_verdict(host: str, patterns: str, folded: bool = True) -> int:
    """The value of match_hostname in match.c, which knows no case of letters: 1, 0 or -1 as above.

    Without `folded`, as before 7.6, the host is taken as it comes: then one in capitals never matches.
    """
    return list_verdict(_lower(host) if folded else host, _lower(patterns))


def _lower(text: str) -> str:
    # tolower() in the C locale knows ASCII alone; str.lower() would make other text equal as well
    return "".join(char.lower() if char.isascii() else char for char in text)

"""from=: which lists limit who may come in, and which only look as if they did."""

from __future__ import annotations

import pytest

from hygiene.openssh.patterns import match_list, match_pattern
from hygiene.openssh.sources import Sources, judge

LIMITS = Sources(None, limits=True, names_only=False)
OPEN = Sources(None, limits=False, names_only=False)
NAMES = Sources(None, limits=True, names_only=True)

LISTS = {
    "one-address": ("10.0.0.1", LIMITS),
    "network": ("10.0.0.0/8,fd00::/8", LIMITS),
    "star": ("*", OPEN),
    "stars": ("***", OPEN),
    "star-among-others": ("10.0.0.1,*", OPEN),
    "star-with-an-exception": ("!10.0.0.1,*", OPEN),
    "at-least-one-character": ("?*", OPEN),
    "all-of-ipv4": ("0.0.0.0/0", OPEN),
    "all-of-ipv4-short": ("0/0", OPEN),
    "all-of-ipv6": ("::/0", OPEN),
    "both": ("0.0.0.0/0,::/0", OPEN),
    "two-halves": ("128.0.0.0/1,0.0.0.0/1", OPEN),
    "three-parts": ("0.0.0.0/1,192.0.0.0/2,128.0.0.0/2", OPEN),
    "a-part-is-missing": ("0.0.0.0/1,192.0.0.0/2", LIMITS),
    "dots": ("*.*.*.*", OPEN),
    "colons": ("*:*", OPEN),
    "more-characters-than-the-shortest-address": ("????????*", LIMITS),
    "wildcard-of-a-network": ("10.*", LIMITS),
    "more-wildcards-than-anybody-means": (",".join("?" * n + ".*" for n in range(2, 1100)), OPEN),
    "name": ("host.example.com", NAMES),
    "name-with-a-wildcard": ("*.example.com", NAMES),
    "name-and-address": ("*.example.com,10.0.0.1", LIMITS),
    "blank-breaks-an-item": (" 10.0.0.1", NAMES),
    "mask-that-is-no-number": ("10.0.0.0/x", NAMES),
    "host-bits": (
        "10.0.0.1/8",
        Sources("from= holds the network 10.0.0.1/8, whose host bits are set, so it never matches", True, False),
    ),
    "host-bits-in-an-exception": (
        "*,!10.0.0.1/8",
        Sources("from= holds the network 10.0.0.1/8, whose host bits are set, so it never matches", True, False),
    ),
    "mask-too-long": (
        "10.0.0.0/33",
        Sources("from= holds the network 10.0.0.0/33, whose mask is too long, so it never matches", True, False),
    ),
    "mask-beyond-128-makes-a-name-of-it": ("::1/129", NAMES),
    "empty": ("", Sources("an empty item in from= makes the list invalid", True, False)),
    "empty-item": ("10.0.0.1,", Sources("an empty item in from= makes the list invalid", True, False)),
    "only-a-mark": ("!", Sources("an empty item in from= makes the list invalid", True, False)),
    "only-exceptions": ("!10.0.0.1", Sources("from= only excludes, so it never matches", True, False)),
}


@pytest.mark.parametrize(("patterns", "sources"), LISTS.values(), ids=LISTS)
def test_judge(patterns: str, sources: Sources) -> None:
    assert judge(patterns) == sources


PATTERNS = {
    "equal": ("abc", "abc", True),
    "case-counts": ("abc", "ABC", False),
    "star-of-nothing": ("abc", "abc*", True),
    "star-in-the-middle": ("abcbd", "a*bd", True),
    "mark": ("abc", "a?c", True),
    "mark-needs-a-character": ("ab", "ab?", False),
    "empty": ("", "", True),
    "star-takes-the-empty": ("", "**", True),
    "longer": ("abcd", "abc", False),
}


@pytest.mark.parametrize(("text", "pattern", "matches"), PATTERNS.values(), ids=PATTERNS)
def test_match_pattern(text: str, pattern: str, matches: bool) -> None:
    assert match_pattern(text, pattern) is matches


def test_an_exception_of_a_list_wins_wherever_it_stands() -> None:
    assert match_list("rsa-sha2-256", "ssh-*,rsa-*")
    assert not match_list("rsa-sha2-256", "rsa-*,!*-256")
    assert not match_list("rsa-sha2-256", "!*-256,rsa-*")
    assert not match_list("rsa-sha2-256", "ssh-*")

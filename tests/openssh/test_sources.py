"""from=: which lists limit who may come in, and which only look as if they did."""

from __future__ import annotations

import pytest

from hygiene.openssh.patterns import LONGEST, host_verdict, list_verdict, match_list, match_pattern
from hygiene.openssh.sources import INVALID, Sources, address_verdict, judge, matches

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


VERDICTS = {
    "match": ("rsa-sha2-256", "ssh-*,rsa-*", 1),
    "no-match": ("rsa-sha2-256", "ssh-*", 0),
    "negated": ("rsa-sha2-256", "rsa-*,!*-256", -1),
    "empty-list": ("", "", 0),
    "empty-item": ("", "a,,b", 1),
    "empty-item-at-the-end-is-none": ("", "a,", 0),
    "item-too-long-ends-the-list": ("a", f"a,{'b' * (LONGEST + 1)},a", 0),
    "longest-item": ("a", f"{'b' * LONGEST},a", 1),
}


@pytest.mark.parametrize(("text", "patterns", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_list_verdict(text: str, patterns: str, verdict: int) -> None:
    assert list_verdict(text, patterns) == verdict


def test_a_host_knows_no_case_of_letters() -> None:
    assert host_verdict("WEB.example.com", "web.EXAMPLE.*") == 1
    assert host_verdict("WEB.example.com", "web.EXAMPLE.*", folded=False) == 0


CLIENTS = {
    "network": ("10.0.0.0/8", "10.1.2.3", None, True),
    "other-network": ("10.0.0.0/8", "11.1.2.3", None, False),
    "other-family": ("0.0.0.0/0", "::1", None, False),
    "one-number-is-the-last-byte-and-more": ("10/8", "10.1.2.3", None, None),
    "network-without-all-its-bytes": ("0/0", "10.1.2.3", None, True),
    "pattern": ("10.1.*", "10.1.2.3", None, True),
    "exception": ("10.0.0.0/8,!10.1.2.3", "10.1.2.3", None, False),
    "exception-by-pattern": ("10.0.0.0/8,!10.1.*", "10.1.2.3", None, False),
    "host-bits": ("10.0.0.1/8", "10.0.0.1", None, None),
    "empty-item": ("10.0.0.1,", "10.0.0.1", None, None),
    "exception-before-an-error": ("!10.0.0.1,10.0.0.1/8", "10.0.0.1", None, False),
    "mask-of-another-kind-is-a-name": ("10.0.0.0/x", "10.0.0.0", None, False),
    "name": ("*.example.com", "10.0.0.1", "web.example.com", True),
    "name-without-a-name": ("*.example.com", "10.0.0.1", None, False),
    "name-in-capitals": ("*.EXAMPLE.com", "10.0.0.1", "web.example.com", True),
    "excluded-name": ("10.0.0.1,!web.*", "10.0.0.1", "web.example.com", False),
    "no-address": ("*", None, None, False),
    "what-is-no-address": ("*", "UNKNOWN", None, True),
}


@pytest.mark.parametrize(("patterns", "address", "host", "lets_in"), CLIENTS.values(), ids=CLIENTS)
def test_matches(patterns: str, address: str | None, host: str | None, lets_in: bool | None) -> None:
    assert matches(patterns, address, host) is lets_in


def test_a_match_line_asks_the_address_alone() -> None:
    lists = ("10.0.0.0/8", "!10.0.0.1,10.0.0.0/8", "11.*", "10.0.0.1/8", "*.example.com")
    assert [address_verdict("10.0.0.1", text) for text in lists] == [1, -1, 0, INVALID, 0]
    assert [address_verdict(None, text) for text in lists] == [0, 0, 0, INVALID, 0]

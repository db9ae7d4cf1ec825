"""The files that AuthorizedKeysFile names: tokens, homes and patterns, by version."""

from __future__ import annotations

import pytest

from hygiene.openssh.tokens import Holder, TokenError, expand, fixed_folder, is_pattern, matches, named, names
from hygiene.openssh.version import Version

ANN = Holder("ann", 1000, "/home/ann")
OLD, MODERN, GLOBBING = Version(7, 7), Version(9, 2), Version(10, 0)

EXPANDED: dict[str, tuple[str, Holder, str]] = {
    "below-the-home": (".ssh/authorized_keys", ANN, "/home/ann/.ssh/authorized_keys"),
    "absolute": ("/etc/ssh/keys", ANN, "/etc/ssh/keys"),
    "name": ("/etc/ssh/keys/%u", ANN, "/etc/ssh/keys/ann"),
    "home": ("%h/keys", ANN, "/home/ann/keys"),
    "number": ("/etc/keys/%U", ANN, "/etc/keys/1000"),
    "percent": ("/etc/%%/%%u", ANN, "/etc/%/%u"),
    "percent-and-then-a-token": ("/etc/%%%u", ANN, "/etc/%ann"),
    "a-token-in-what-a-token-gives": ("keys/%u", Holder("%u", 1, "/home/%h"), "/home/%h/keys/%u"),
    "twice": ("%u/%u", ANN, "/home/ann/ann/ann"),
    "home-with-a-slash": ("keys", Holder("ann", 1000, "/home/ann/"), "/home/ann/keys"),
    "home-is-the-root": ("keys", Holder("root", 0, "/"), "/keys"),
    "no-home": ("keys", Holder("ann", 1000, ""), "/keys"),
    "relative-home": ("keys", Holder("ann", 1000, "ann"), "/ann/keys"),
    "relative-home-by-token": ("%h/keys", Holder("ann", 1000, "ann"), "/ann/ann/keys"),
    "slashes": ("//etc///keys", ANN, "/etc/keys"),
    "tilde-is-a-name": ("~/keys", ANN, "/home/ann/~/keys"),
}


@pytest.mark.parametrize(("pattern", "holder", "path"), EXPANDED.values(), ids=EXPANDED)
def test_expand(pattern: str, holder: Holder, path: str) -> None:
    assert expand(pattern, holder, MODERN) == path


FATAL = {
    "unknown-token": ("keys/%x", MODERN, "keys/%x holds the token %x, which sshd does not know there"),
    "percent-at-the-end": ("keys%", MODERN, "keys% holds a single % at its end"),
    "number-before-7.8": ("/k/%U", OLD, "/k/%U holds the token %U, which sshd does not know there"),
    "too-long": ("k" * 4090, MODERN, f"{'k' * 40} makes a path that is too long"),
}


@pytest.mark.parametrize(("pattern", "version", "message"), FATAL.values(), ids=FATAL)
def test_a_name_that_ends_the_connection(pattern: str, version: Version, message: str) -> None:
    with pytest.raises(TokenError) as caught:
        expand(pattern, ANN, version)
    assert str(caught.value) == message


def test_names() -> None:
    assert names(".ssh/authorized_keys .ssh/authorized_keys2") == (".ssh/authorized_keys", ".ssh/authorized_keys2")
    assert names("none") == names("") == names("NONE") == ()


def test_what_stands_behind_a_fatal_name_is_not_read() -> None:
    files = named(("a", "/k/%u", "a", "%q", "b"), ANN, MODERN)
    assert (files.paths, files.fatal) == (
        ("/home/ann/a", "/k/ann"),
        "%q holds the token %q, which sshd does not know there",
    )
    assert named(("/k/%U",), ANN, None).paths == named(("/k/%U",), ANN, Version(7, 8)).paths == ("/k/1000",)


MATCHING = {
    "star": ("/k/*.pub", "/k/a.pub", True),
    "star-takes-no-slash": ("/k/*.pub", "/k/x/a.pub", False),
    "star-takes-no-hidden-name": ("/k/*", "/k/.a", False),
    "hidden-name-by-its-dot": ("/k/.*", "/k/.a", True),
    "hidden-name-by-a-quoted-dot": ("/k/\\.*", "/k/.a", True),
    "hidden-folder": ("/home/ann/.ssh/*", "/home/ann/.ssh/a", True),
    "range": ("/k/[a-c]", "/k/b", True),
    "folder": ("/k/*/keys", "/k/ann/keys", True),
    "other": ("/k/?", "/k/ab", False),
}


@pytest.mark.parametrize(("pattern", "path", "expected"), MATCHING.values(), ids=MATCHING)
def test_matches(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_patterns_are_names_before_10_0() -> None:
    there = ["/k/b.pub", "/k/B.pub", "/k/*.pub", "/k/a", "/home/ann/.ssh/a"]
    patterns = ("/k/*.pub", ".ssh/a", "/k/b.pub")
    assert named(patterns, ANN, MODERN).among(there) == ("/k/*.pub", "/home/ann/.ssh/a", "/k/b.pub")
    assert named(patterns, ANN, MODERN).patterns == ()
    assert named(patterns, ANN, GLOBBING).among(there) == ("/k/*.pub", "/k/B.pub", "/k/b.pub", "/home/ann/.ssh/a")
    assert named(patterns, ANN, GLOBBING).among([]) == ("/home/ann/.ssh/a", "/k/b.pub")
    assert named(patterns, ANN, GLOBBING).patterns == ("/k/*.pub",)
    assert named(patterns, ANN, None).among(there[:2]) == ("/k/*.pub", "/k/B.pub", "/k/b.pub", "/home/ann/.ssh/a")
    assert [is_pattern("/k/*", version) for version in (MODERN, GLOBBING, None)] == [False, True, True]


def test_fixed_folder() -> None:
    assert [fixed_folder(path) for path in ("/k/*.pub", "/k/x*/a", "/*", "/k/a[b]/c")] == ["/k", "/k", "/", "/k"]

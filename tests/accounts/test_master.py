"""/etc/master.passwd as the collector reduces it."""

from __future__ import annotations

import pytest

from hygiene.accounts.master import parse
from hygiene.accounts.shadow import UNKNOWN, Password, ShadowEntry
from hygiene.model import PasswordState, Truth

BCRYPT = Password(PasswordState.SET, "bcrypt", "08", Truth.NO, 1)
STAR = Password(PasswordState.NONE, locked=Truth.NO)


def entry(name: str, password: Password, *, judged: bool = True) -> ShadowEntry:
    return ShadowEntry(name, password, None, None, None, None, None, None, judged=judged)


@pytest.mark.parametrize(
    ("text", "entries", "problems"),
    [
        pytest.param("a:set,2b,08,1:0:0::0:0::/:/bin/sh", [entry("a", BCRYPT)], (), id="set"),
        pytest.param("# $FreeBSD$\n\na:star,,:1:1:daemon:::::", [entry("a", STAR)], (), id="comment, empty fields"),
        pytest.param("a:star,,:-2:-2::0:0::/:/x", [entry("a", STAR)], (), id="negative uid"),
        pytest.param("a:star,,:1:1::9:0::/:/x", [entry("a", STAR, judged=False)], (), id="change"),
        pytest.param("a:star,,:1:1::0:9::/:/x", [entry("a", STAR, judged=False)], (), id="expire"),
        pytest.param(
            "a:star,,:1:1::0:0::/:/x\na:set,2b,08,1:0:0::0:0::/:/x",
            [entry("a", STAR)],
            ("/etc/master.passwd:2: a second line of an account; the first one holds",),
            id="twice",
        ),
        pytest.param(
            "+@ops:::::::::",
            [],
            ("/etc/master.passwd:1: a + entry: password states of a directory, which are not listed here",),
            id="directory",
        ),
        *(
            pytest.param(
                text,
                [entry("a", UNKNOWN)],
                ("/etc/master.passwd:1: not a line of master.passwd; expected ten fields",),
                id=name,
            )
            for name, text in (
                ("nine fields", "a:star,,:1:1::0:0:/:/x"),
                ("eleven", "a:star,,:1:1::0:0:::/:/x"),
                ("name alone", "a"),
                ("a date that is none", "a:star,,:1:1::soon:0::/:/x"),
                ("endless", "a:star,,:1:1::" + "9" * 5000 + ":0::/:/x"),
                ("another field", "a:$2b$08$:1:1::0:0::/:/x"),
                ("NUL", "a:star,,:1:1::0:0::/\0:/x"),
            )
        ),
    ],
)
def test_lines(text: str, entries: list[ShadowEntry], problems: tuple[str, ...]) -> None:
    found = parse(text.encode())
    assert (list(found.entries.values()), found.problems) == (entries, problems)

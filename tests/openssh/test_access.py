"""AllowUsers and its like: sshd's order decides, and what is not known matters only where it could."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hygiene.model import Cause, Truth
from hygiene.openssh.access import allowed, matches_user
from hygiene.openssh.connection import Connection
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Entry, Settings
from hygiene.openssh.version import Version

ANN = Connection("ann", frozenset({"ann", "staff"}), "192.0.2.7")
MODERN, LAST_AT = Version(9, 2), Version(9, 9)


def no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason, Cause.SETTINGS)


def unknown(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def settings(lines: str, unresolved: tuple[str, ...] = ()) -> Settings:
    """`deny a b; allow c; ...`: each word is a pattern of a line of its own, as sshd -T prints them."""
    keywords = {"du": "denyusers", "au": "allowusers", "dg": "denygroups", "ag": "allowgroups"}
    entries = []
    for line in filter(None, lines.split("; ")):
        short, *patterns = line.split()
        entries += [Entry(keywords[short], pattern, "sshd -T") for pattern in patterns]
    return Settings(tuple(entries), False, unresolved)


DENIED, NOT_ALLOWED = no("DenyUsers holds the account"), no("AllowUsers does not hold the account")
GROUP_DENIED, NO_GROUP = no("DenyGroups holds a group of the account"), no("AllowGroups holds no group of the account")
UNNAMED = no("AllowGroups is set, and no group of the account has a name")

ROWS: dict[str, tuple[str, Connection, Judgement]] = {
    "nothing-set": ("", ANN, YES),
    "allowed": ("au ann", ANN, YES),
    "allowed-by-the-second": ("au bob ann", ANN, YES),
    "not-allowed": ("au bob", ANN, NOT_ALLOWED),
    "case-counts": ("au Ann", ANN, NOT_ALLOWED),
    "denied": ("du ann", ANN, DENIED),
    "deny-comes-first": ("au ann; du a*", ANN, DENIED),
    "wildcards": ("au ?n?", ANN, YES),
    "exclamation-mark-is-a-letter": ("au !bob", ANN, NOT_ALLOWED),
    "from-there": ("au ann@192.0.2.7", ANN, YES),
    "from-a-network": ("au ann@192.0.2.0/24", ANN, YES),
    "from-elsewhere": ("au ann@10.0.0.0/8", ANN, NOT_ALLOWED),
    "negated-network": ("au ann@!192.0.2.0/24,*", ANN, NOT_ALLOWED),
    "negated-other-network": ("au ann@!10.0.0.0/8,*", ANN, YES),
    "denied-from-there": ("du ann@192.0.2.*", ANN, DENIED),
    "denied-from-elsewhere": ("du ann@10.0.0.0/8", ANN, YES),
    "name-of-the-host": ("au ann@*.example.org", replace(ANN, host="a.example.org"), YES),
    "name-of-the-host-without-dns": ("au ann@*.example.org", ANN, NOT_ALLOWED),
    "anywhere-by-a-star": ("au ann@*", ANN, YES),
    "no-address": (
        "au ann@192.0.2.7",
        replace(ANN, address=None),
        unknown("AllowUsers asks for an address, and from where one comes is not known"),
    ),
    "no-address-and-not-asked-for": ("au ann@* bob@192.0.2.7; du bob@192.0.2.7", replace(ANN, address=None), YES),
    "other-name-from-there": ("au bob@192.0.2.7", ANN, NOT_ALLOWED),
    "group": ("ag staff", ANN, YES),
    "no-group": ("ag wheel", ANN, NO_GROUP),
    "group-by-a-wildcard": ("ag st*", ANN, YES),
    "group-denied": ("dg wheel staff", ANN, GROUP_DENIED),
    "denied-group-before-allowed-group": ("ag staff; dg ann", ANN, GROUP_DENIED),
    "users-before-groups": ("au bob; dg ann", ANN, NOT_ALLOWED),
    "both-must-allow": ("au ann; ag wheel", ANN, NO_GROUP),
    "groups-without-a-name": ("ag *", replace(ANN, groups=frozenset()), UNNAMED),
    "groups-without-a-name-and-a-denied-group": (
        "dg wheel",
        replace(ANN, groups=frozenset()),
        no("DenyGroups is set, and no group of the account has a name"),
    ),
    "groups-unknown": (
        "ag staff",
        replace(ANN, groups=None),
        unknown("AllowGroups is set, and the groups of the account are not known"),
    ),
    "groups-unknown-and-not-asked-for": ("au ann", replace(ANN, groups=None), YES),
    "groups-unknown-and-refused-before": ("au bob; ag staff", replace(ANN, groups=None), NOT_ALLOWED),
}


@pytest.mark.parametrize(("lines", "connection", "expected"), ROWS.values(), ids=ROWS)
def test_allowed(lines: str, connection: Connection, expected: Judgement) -> None:
    assert allowed(settings(lines), connection, MODERN) == expected


def test_a_list_that_is_not_known() -> None:
    unclear = unknown("AllowUsers is not known")
    assert allowed(settings("", ("allowusers",)), ANN, MODERN) == unclear
    assert allowed(settings("du ann", ("allowusers",)), ANN, MODERN) == DENIED
    assert allowed(settings("ag wheel", ("allowusers",)), ANN, MODERN) == NO_GROUP
    assert allowed(settings("", ("usepam",)), ANN, MODERN) == YES


AT: dict[str, tuple[str, str, bool, bool]] = {
    "account-of-a-directory": ("ann@corp", "ann@corp", False, False),
    "account-of-a-directory-from-there": ("ann@corp@192.0.2.7", "ann@corp", False, True),
    "account-of-a-directory-from-anywhere": ("ann@corp@*", "ann@corp", False, True),
    "name-and-network": ("ann@192.0.2.0/24", "ann", True, True),
    "list-behind-the-first": ("ann@x@y,192.0.2.7", "ann", True, False),
}


@pytest.mark.parametrize(("pattern", "user", "before", "since"), AT.values(), ids=AT)
def test_the_last_at_sign_cuts_since_9_9(pattern: str, user: str, before: bool, since: bool) -> None:
    connection = replace(ANN, user=user)
    assert matches_user(pattern, connection, MODERN) is before
    assert matches_user(pattern, connection, LAST_AT) is since
    assert matches_user(pattern, connection, None) is (before if before is since else None)


def test_several_at_signs_and_no_version() -> None:
    connection = replace(ANN, user="ann@corp")
    unclear = "holds a pattern with several @, which versions read differently"
    assert allowed(settings("au ann@corp@*"), connection, None) == unknown(f"AllowUsers {unclear}")
    assert allowed(settings("du ann@corp@*"), connection, None) == unknown(f"DenyUsers {unclear}")
    assert allowed(settings("au ann@corp@* *"), connection, None) == YES


def test_addresses_of_which_a_list_names_some() -> None:
    some = replace(ANN, unclear=frozenset({"192.0.2.0/25"}))
    unclear = unknown("AllowUsers names some of these addresses, not all")
    assert allowed(settings("au ann@192.0.2.0/25"), some, MODERN) == unclear
    assert allowed(settings("au bob@192.0.2.0/25"), some, MODERN) == NOT_ALLOWED
    assert allowed(settings("au ann@192.0.2.0/25 ann"), some, MODERN) == YES

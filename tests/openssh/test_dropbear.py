"""What dropbear makes of the modes of a key file, by its sources."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hygiene.model import Cause, Truth
from hygiene.openssh.dropbear import dropbear_opened, key_file
from hygiene.openssh.permissions import YES, Judgement, Owner

from .trees import tree

HOME, FOLDER, FILE = "/home/ann", "/home/ann/.ssh", "/home/ann/.ssh/authorized_keys"
USUAL = {HOME: "d 0755 1000 1000", FOLDER: "d 0700 1000 1000", FILE: "f 0600 1000 1000"}


def no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason, Cause.PERMISSIONS)


SOME = "/home/ann/.ssh/authorized_keys is writable by its group or by others, which some versions of dropbear refuse"
ROWS: dict[str, tuple[Mapping[str, str], str, Judgement]] = {
    "as-it-should-be": ({}, FILE, YES),
    "open-above-the-home": ({"/home": "d 0777 0 0"}, FILE, YES),
    "private-group": ({HOME: "d 0775 1000 1000"}, FILE, no(f"{HOME} is writable by its group or by others")),
    "folder-of-another": ({FOLDER: "d 0755 1001 1001"}, FILE, no(f"{FOLDER} belongs to another account")),
    "file": ({FILE: "f 0660 1000 1000"}, FILE, Judgement(Truth.UNKNOWN, SOME)),
    "unreadable": ({FILE: "f 0600 0 0"}, FILE, no("the key file cannot be read by the account")),
    "link-below-an-open-folder": (
        {FILE: "l 1000 1000 /srv/keys", "/srv": "d 0777 0 0", "/srv/keys": "f 0644 0 0"},
        FILE,
        YES,
    ),
    "folder-linked-to-an-open-one": (
        {FOLDER: "l 1000 1000 /srv/ssh", "/srv/ssh": "d 0777 0 0", "/srv/ssh/authorized_keys": "f 0644 0 0"},
        FILE,
        no(f"{FOLDER} is writable by its group or by others"),
    ),
    "outside-the-home": ({"/etc/dropbear/keys": "f 0644 0 0"}, "/etc/dropbear/keys", YES),
    "outside-the-home-below-an-open-folder": (
        {"/etc/dropbear/keys": "f 0644 0 0", "/etc": "d 0777 0 0"},
        "/etc/dropbear/keys",
        no("/etc is writable by its group or by others"),
    ),
    "unseen": ({HOME: "unseen"}, FILE, Judgement(Truth.UNKNOWN, f"the owner and mode of {HOME} were not seen")),
}


@pytest.mark.parametrize(("nodes", "path", "expected"), ROWS.values(), ids=ROWS)
def test_dropbear_opened(nodes: Mapping[str, str], path: str, expected: Judgement) -> None:
    assert dropbear_opened(path, HOME, Owner(1000, frozenset({1000})), tree(USUAL | dict(nodes))) == expected


def test_key_file() -> None:
    assert [key_file(home) for home in ("/home/ann", "/home/ann/", "/")] == [FILE, FILE, "/.ssh/authorized_keys"]

"""Permissions: who may enter, read and write on the way to a key file decides whether sshd opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hygiene.accounts import group, passwd
from hygiene.model import Cause, Truth
from hygiene.openssh.members import Members
from hygiene.openssh.permissions import (
    YES,
    Judgement,
    Owner,
    StrictModes,
    enters,
    opened,
    opened_as_root,
    opened_in_turn,
    runs,
)
from hygiene.openssh.version import Vendor
from hygiene.openssh.way import walk

from .trees import tree

PASSWD = passwd.parse(
    b"root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
    b"cid:x:1002:1001::/home/cid:/bin/sh\ndan:x:1003:1001::/home/dan:/bin/sh\n"
)
GROUPS = group.parse(b"root:x:0:\nann:x:1000:\nbob:x:1001:\nown:x:2000:ann\nteam:x:2001:ann,bob\nempty:x:2002:\n")
MEMBERS = Members.of(PASSWD, GROUPS)
ANN, BOB, CID, DAN = (
    Owner(uid, MEMBERS.gids[name]) for name, uid in (("ann", 1000), ("bob", 1001), ("cid", 1002), ("dan", 1003))
)
ROOT = Owner(0, frozenset({0}))
HOME, FOLDER, FILE = "/home/ann", "/home/ann/.ssh", "/home/ann/.ssh/authorized_keys"
USUAL = {HOME: "d 0755 1000 1000", FOLDER: "d 0700 1000 1000", FILE: "f 0600 1000 1000"}


def no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason, Cause.PERMISSIONS)


def unknown(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def strict(
    vendor: Vendor | None = Vendor.DEBIAN, members: Members | None = MEMBERS, on: bool | None = True
) -> StrictModes:
    return StrictModes(on, vendor, members)


def ask(
    nodes: Mapping[str, str],
    path: str = FILE,
    owner: Owner = ANN,
    modes: StrictModes | None = None,
    home: str | None = HOME,
) -> Judgement:
    look = tree(USUAL | dict(nodes))
    return opened(walk(path, look), owner, walk(home, look) if home else None, modes or strict())


READING: dict[str, tuple[Mapping[str, str], Judgement]] = {
    "as-it-should-be": ({}, YES),
    "world-readable": ({FILE: "f 0644 1000 1000"}, YES),
    "roots-file-that-all-read": ({FILE: "f 0644 0 0"}, YES),
    "roots-file-that-root-alone-reads": ({FILE: "f 0600 0 0"}, no("the key file cannot be read by the account")),
    "roots-folder-that-root-alone-enters": ({FOLDER: "d 0700 0 0"}, no(f"{FOLDER} cannot be entered by the account")),
    "home-that-nobody-enters": ({HOME: "d 0600 1000 1000"}, no("the home directory cannot be entered by the account")),
    "closed-far-above": ({"/home": "d 0700 0 0"}, no("/home cannot be entered by the account")),
    "mode-0000": ({FILE: "f 0000 1000 1000"}, no("the key file cannot be read by the account")),
    "readable-by-a-group-of-the-account": ({FILE: "f 0640 0 2000"}, YES),
    "readable-by-a-group-of-others": ({FILE: "f 0640 0 1001"}, no("the key file cannot be read by the account")),
    "owner-without-the-right-of-others": ({FILE: "f 0044 1000 1000"}, no("the key file cannot be read by the account")),
    "group-without-the-right-of-others": ({FILE: "f 0604 0 2000"}, no("the key file cannot be read by the account")),
    "pipe": ({FILE: "p 0600 1000 1000"}, no("the file is not a regular file")),
    "directory": ({FILE: "d 0700 1000 1000"}, no("the file is not a regular file")),
    "absent": ({FILE: "l 1000 1000 nothing"}, no("/home/ann/.ssh/nothing is not there")),
    "folder-is-a-file": ({FOLDER: "f 0700 1000 1000"}, no("/home/ann/.ssh is not a directory")),
    "file-unseen": ({FILE: "unseen"}, unknown("the owner and mode of the key file were not seen")),
    "folder-unseen": ({FOLDER: "unseen"}, unknown("the owner and mode of /home/ann/.ssh were not seen")),
    "unseen-behind-a-closed-door": (
        {HOME: "d 0600 1000 1000", FILE: "unseen"},
        no("the home directory cannot be entered by the account"),
    ),
    # access lists: the mode says what others and the owner may, the rest it hides
    "list-on-the-account's-own-file": ({FILE: "f 0640+ 1000 2000"}, YES),
    "list-on-roots-file": (
        {FILE: "f 0640+ 0 0"},
        unknown("the key file has an access list, which was not read"),
    ),
    "list-that-could-take-a-right-away": (
        {FILE: "f 0644+ 0 0"},
        unknown("the key file has an access list, which was not read"),
    ),
    "list-that-gives-nothing": ({FILE: "f 0600+ 0 0"}, no("the key file cannot be read by the account")),
}  # fmt: skip
SAFE: dict[str, tuple[Mapping[str, str], Judgement]] = {
    "file-of-another": ({FILE: "f 0644 1001 1001"}, no("the key file belongs to another account")),
    "folder-of-another": ({FOLDER: "d 0755 1001 1001"}, no("/home/ann/.ssh belongs to another account")),
    "home-of-another": ({HOME: "d 0755 1001 1001"}, no("the home directory belongs to another account")),
    "all-of-root": ({HOME: "d 0755 0 0", FOLDER: "d 0755 0 0", FILE: "f 0644 0 0"}, YES),
    "file-writable-by-others": ({FILE: "f 0602 1000 1000"}, no("the key file is writable by others")),
    "folder-writable-by-others": ({FOLDER: "d 0777 1000 1000"}, no("/home/ann/.ssh is writable by others")),
    "home-writable-by-others": ({HOME: "d 0777 1000 1000"}, no("the home directory is writable by others")),
    "sticky-does-not-help": ({FOLDER: "d 1777 1000 1000"}, no("/home/ann/.ssh is writable by others")),
    "parent-of-the-home-does-not-matter": ({"/home": "d 0777 1001 1001"}, YES),
    "list-hides-nothing-from-it": ({HOME: "d 0775+ 1000 1001"}, no("the home directory is writable by its group")),
    # links: the real path counts, up to the real home
    "link-inside-the-home": ({FILE: "l 1000 1000 keys", f"{FOLDER}/keys": "f 0600 1000 1000"}, YES),
    "link-of-another-account": ({FILE: "l 1001 1001 keys", f"{FOLDER}/keys": "f 0600 1000 1000"}, YES),
    "link-out-of-the-home": ({FILE: "l 1000 1000 /etc/keys/ann", "/etc/keys/ann": "f 0644 0 0"}, YES),
    "link-to-an-open-file": (
        {FILE: "l 1000 1000 /etc/keys", "/etc/keys": "f 0666 0 0"},
        no("/etc/keys is writable by others"),
    ),
    "link-into-a-sticky-folder": (
        {FILE: "l 1000 1000 /tmp/keys", "/tmp": "d 1777 0 0", "/tmp/keys": "f 0600 1000 1000"},
        no("/tmp is writable by others"),
    ),
    "link-to-another's-file": (
        {FILE: "l 1000 1000 /home/bob/keys", "/home/bob": "d 0755 1001 1001", "/home/bob/keys": "f 0644 1001 1001"},
        no("/home/bob/keys belongs to another account"),
    ),
    "open-folders-of-the-link-itself-do-not-matter": (
        {FILE: "l 1000 1000 /srv/a/keys", "/srv/a": "d 0777 1001 1001", "/srv/a/keys": "l 1001 1001 /etc/keys",
         "/etc/keys": "f 0644 0 0"},
        YES,
    ),
    "but-they-must-be-entered": (
        {FILE: "l 1000 1000 /srv/a/keys", "/srv/a": "d 0700 1001 1001", "/srv/a/keys": "l 1001 1001 /etc/keys",
         "/etc/keys": "f 0644 0 0"},
        no("/srv/a cannot be entered by the account"),
    ),
    "folder-is-a-link": (
        {FOLDER: "l 1000 1000 /srv/ssh/ann", "/srv/ssh/ann": "d 0700 1000 1000",
         "/srv/ssh/ann/authorized_keys": "f 0600 1000 1000"},
        YES,
    ),
    "folder-is-a-link-below-an-open-folder": (
        {FOLDER: "l 1000 1000 /srv/ssh/ann", "/srv/ssh": "d 0777 0 0", "/srv/ssh/ann": "d 0700 1000 1000",
         "/srv/ssh/ann/authorized_keys": "f 0600 1000 1000"},
        no("/srv/ssh is writable by others"),
    ),
    "home-is-a-link": (
        {HOME: "l 0 0 /srv/ann", "/srv/ann": "d 0755 1000 1000", "/srv/ann/.ssh": "d 0700 1000 1000",
         "/srv/ann/.ssh/authorized_keys": "f 0600 1000 1000", "/srv": "d 0777 0 0"},
        YES,
    ),
    "home-is-a-link-to-an-open-folder": (
        {HOME: "l 0 0 /srv/ann", "/srv/ann": "d 0777 1000 1000", "/srv/ann/.ssh": "d 0700 1000 1000",
         "/srv/ann/.ssh/authorized_keys": "f 0600 1000 1000"},
        no("the home directory is writable by others"),
    ),
    "loop": ({FILE: "l 1000 1000 authorized_keys"}, no("the key file leads over too many links")),
    "target-unknown": ({FILE: "l 1000 1000"}, unknown("the owner and mode of the key file were not seen")),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "expected"), [*READING.values(), *SAFE.values()], ids=[*READING, *SAFE])
def test_opened(nodes: Mapping[str, str], expected: Judgement) -> None:
    for vendor in (Vendor.DEBIAN, Vendor.OTHER):
        assert ask(nodes, modes=strict(vendor)) == expected


@pytest.mark.parametrize(("nodes", "expected"), READING.values(), ids=READING)
def test_reading_counts_without_strict_modes_too(nodes: Mapping[str, str], expected: Judgement) -> None:
    assert ask(nodes, modes=strict(on=False)) == expected


@pytest.mark.parametrize(("nodes", "expected"), SAFE.values(), ids=SAFE)
def test_nothing_else_does(nodes: Mapping[str, str], expected: Judgement) -> None:
    lax = ask(nodes, modes=strict(on=False))
    reached = "writable" in (expected.reason or "") or "belongs" in (expected.reason or "")
    assert lax == (YES if reached else expected)
    unclear = unknown("StrictModes is not known") if reached else expected
    assert ask(nodes, modes=strict(on=None)) == unclear


KEYS = "/etc/ssh/keys/ann"
ELSEWHERE: dict[str, tuple[Mapping[str, str], str | None, Judgement]] = {
    "outside-the-home": ({}, HOME, YES),
    "all-folders-above-count": ({"/etc": "d 0777 0 0"}, HOME, no("/etc is writable by others")),
    "of-another-account": ({"/etc/ssh/keys": "d 0755 1001 0"}, HOME, no("/etc/ssh/keys belongs to another account")),
    "home-is-gone": ({HOME: "l 0 0 gone"}, HOME, YES),
    "home-was-never-there": ({}, "/nonexistent", YES),
    "home-of-another-place-does-not-stop-it": ({"/etc": "d 0777 0 0"}, "/home/bob", no("/etc is writable by others")),
    "file-below-a-home-that-is-above": ({"/": "d 0777 0 0"}, "/etc/ssh", YES),
    "home-is-the-root": ({"/": "d 0777 0 0"}, "/", no("/ is writable by others")),
    # realpath(3) fails for the account: then nothing stops before `/`
    "home-that-cannot-be-found-by-the-account": (
        {"/": "d 0777 0 0", "/etc/ssh/homes": "d 0700 0 0", "/etc/ssh/homes/ann": "l 0 0 /etc/ssh"},
        "/etc/ssh/homes/ann",
        no("/ is writable by others"),
    ),
    "home-unseen": ({"/": "d 0777 0 0", "/home": "unseen"}, HOME,
                    unknown("the real path of the home directory was not seen")),
    "home-unseen-and-all-is-well": ({"/home": "unseen"}, HOME, YES),
    "home-unseen-and-the-folder-is-bad": ({"/home": "unseen", "/etc/ssh/keys": "d 0777 0 0"}, HOME,
                                          no("/etc/ssh/keys is writable by others")),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "home", "expected"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_files_elsewhere(nodes: Mapping[str, str], home: str | None, expected: Judgement) -> None:
    assert ask({KEYS: "f 0644 0 0"} | dict(nodes), KEYS, home=home) == expected


STICKY: dict[str, tuple[Mapping[str, str], bool]] = {
    "another's-link": ({"/tmp/keys": "l 1001 1001 /etc/keys"}, False),
    "the-account's-own-link": ({"/tmp/keys": "l 1000 1000 /etc/keys"}, True),
    "link-of-the-folder's-owner": ({"/tmp/keys": "l 0 0 /etc/keys"}, True),
    "another's-link-on-the-way-only": ({"/tmp/keys": "l 1001 1001 /srv/keys", "/srv/keys": "l 0 0 /etc/keys"}, False),
    "another's-folder-link": ({"/tmp/keys": "l 1000 1000 /tmp/etc/keys", "/tmp/etc": "l 1001 1001 /etc"}, True),
    "folder-that-is-not-sticky": ({"/tmp": "d 0777 0 0", "/tmp/keys": "l 1001 1001 /etc/keys"}, True),
}


@pytest.mark.parametrize(("nodes", "followed"), STICKY.values(), ids=STICKY)
def test_a_link_in_a_sticky_folder_may_not_be_followed(nodes: Mapping[str, str], followed: bool) -> None:
    answer = ask({"/tmp": "d 1777 0 0", "/etc/keys": "f 0644 0 0"} | dict(nodes), "/tmp/keys")
    reason = "/tmp/keys is another's link in a sticky folder, and whether the kernel follows it is not known"
    assert answer == (YES if followed else unknown(reason))


# ------------------------------------------------------------------------------------------ groups of one

GROUP = no("the key file is writable by its group")
PRIVATE = {
    "the-account's-own-primary-group": ("f 0660 1000 1000", YES),
    "listed-alone": ("f 0660 1000 2000", YES),
    "listed-with-another": ("f 0660 1000 2001", GROUP),
    "another's-primary-group": ("f 0660 1000 1001", GROUP),
    "nobody-is-in-it": ("f 0660 1000 2002", GROUP),
    "not-in-etc-group": ("f 0660 1000 4711", GROUP),
    "root's-file-in-the-account's-group": ("f 0664 0 1000", YES),
    # the only name in the list has to be the file's owner, and that is root
    "root's-file-in-a-group-that-lists-the-account": ("f 0664 0 2000", GROUP),
}


@pytest.mark.parametrize(("file", "debian"), PRIVATE.values(), ids=PRIVATE)
def test_only_debian_lets_a_group_of_one_write(file: str, debian: Judgement) -> None:
    answers = {vendor: ask({FILE: file}, modes=strict(vendor)) for vendor in Vendor}
    assert answers == {
        Vendor.DEBIAN: debian,
        Vendor.UBUNTU: debian,
        Vendor.REDHAT: GROUP,
        Vendor.OTHER: GROUP,
    }


def test_what_is_not_known_of_groups_stays_unknown() -> None:
    remote = Members.of(passwd.parse(b"ann:x:1000:1000::/home/ann:/bin/sh\n+\n"), GROUPS)
    whose = unknown("the key file is writable by its group, and who is in it is not known")
    build = unknown("the key file is writable by its group, and whose build of sshd it is is not known")
    own, team = {FILE: "f 0660 1000 1000"}, {FILE: "f 0660 1000 2001"}
    assert ask(own, modes=strict(members=None)) == whose
    assert ask(own, modes=strict(members=remote)) == whose
    assert ask(team, modes=strict(members=remote)) == GROUP
    assert ask(own, modes=strict(None)) == build
    assert ask(team, modes=strict(None)) == GROUP
    assert ask({}, modes=strict(None)) == YES
    groups = unknown("the groups of the account are not known")
    assert ask({FILE: "f 0640 0 5"}, owner=Owner(1000, None)) == groups
    assert ask({FILE: "f 0644 0 5"}, owner=Owner(1000, None)) == YES


def shared(*files: str) -> list[str]:
    return [f"/home/shared/{name}" for name in files]


TURNS: dict[str, tuple[Owner, str, Sequence[str], Sequence[bool]]] = {
    # bob, cid and dan share group 1001, in this order in passwd
    "first-in-passwd": (BOB, "d 0775 1001 1001", ["a"], [False]),
    "in-the-middle": (CID, "d 0775 1002 1001", ["a"], [False]),
    "last-and-the-third-attempt": (DAN, "d 0775 1003 1001", ["a"], [True]),
    "last-with-two-files": (DAN, "d 0775 1003 1001", ["a", "b"], [True, True]),
    "last-with-three-files-only-one-of-which-comes-third": (
        DAN,
        "d 0775 1003 1001",
        ["a", "b", "c"],
        [False, False, True],
    ),
    "two-steps-are-never-passed-at-once": (DAN, "d 0775 1003 1001", ["wide"], [False]),
}


@pytest.mark.parametrize(("owner", "home", "files", "expected"), TURNS.values(), ids=TURNS)
def test_debian_goes_on_where_it_stopped(
    owner: Owner, home: str, files: Sequence[str], expected: Sequence[bool]
) -> None:
    nodes = {"/home/shared": home} | dict.fromkeys(shared("a", "b", "c"), f"f 0644 {owner.uid} 1001")
    look = tree(nodes | {"/home/shared/wide": f"f 0664 {owner.uid} 1001"})
    ways = [walk(path, look) for path in shared(*files)]
    for vendor in Vendor:
        answers = opened_in_turn(ways, owner, walk("/home/shared", look), strict(vendor))
        debian = vendor in (Vendor.DEBIAN, Vendor.UBUNTU)
        assert [answer.answer is Truth.YES for answer in answers] == (list(expected) if debian else [False] * len(ways))
    answers = opened_in_turn(ways, owner, walk("/home/shared", look), strict(None))
    assert [answer.answer is Truth.UNKNOWN for answer in answers] == list(expected)
    one = StrictModes(True, Vendor.DEBIAN, MEMBERS, tries=1)
    answers = opened_in_turn(ways, owner, walk("/home/shared", look), one)
    assert not any(answer.answer is Truth.YES for answer in answers[:2])


# ------------------------------------------------------------------------------------------ as root, and programs


def test_root_reads_everything() -> None:
    look = tree({"/root": "d 0700 0 0", "/root/.ssh": "d 0000 0 0", "/root/.ssh/authorized_keys": "f 0000 0 0"})
    way, home = walk("/root/.ssh/authorized_keys", look), walk("/root", look)
    assert opened(way, Owner(0, None), home, strict()) == YES


AS_ROOT: dict[str, tuple[Mapping[str, str], Judgement]] = {
    "root's": ({"/etc/ca": "f 0600 0 0"}, YES),
    "anybody's": ({"/etc/ca": "f 0666 1000 1000", "/etc": "d 0777 1000 1000"}, YES),
    "link": ({"/etc/ca": "l 0 0 /srv/ca", "/srv/ca": "f 0000 5 5"}, YES),
    "absent": ({"/etc/another": "f 0644 0 0"}, no("the list is not there")),
    "dangling": ({"/etc/ca": "l 0 0 gone"}, no("/etc/gone is not there")),
    "directory": ({"/etc/ca": "d 0755 0 0"}, no("the list is a directory")),
    "pipe": ({"/etc/ca": "p 0600 0 0"}, unknown("the list is no regular file")),
    "nothing-at-all": ({"/etc/ca": "l 0 0 /dev/null", "/dev/null": "p 0666 0 0"}, YES),
    "unseen": ({"/etc/ca": "unseen"}, unknown("the owner and mode of the list were not seen")),
    "another's-link-in-a-sticky-folder": (
        {"/etc/ca": "l 0 0 /tmp/ca", "/tmp": "d 1777 0 0", "/tmp/ca": "l 5 5 /srv/ca", "/srv/ca": "f 0644 0 0"},
        unknown("/tmp/ca is another's link in a sticky folder, and whether the kernel follows it is not known"),
    ),
}


@pytest.mark.parametrize(("nodes", "expected"), AS_ROOT.values(), ids=AS_ROOT)
def test_opened_as_root(nodes: Mapping[str, str], expected: Judgement) -> None:
    assert opened_as_root(walk("/etc/ca", tree(nodes)), "the list") == expected


def test_enters() -> None:
    look = tree({"/srv/ak/x": "f 0644 0 0", "/srv/ak": "d 0711 0 0"})
    assert enters(walk("/srv/ak/x", look), ANN) == YES
    closed = tree({"/srv/ak/x": "f 0644 0 0", "/srv/ak": "d 0700 0 0"})
    assert enters(walk("/srv/ak/x", closed), ANN) == no("/srv/ak cannot be entered by the account")


PROGRAM = "/usr/local/bin/keys"
NOT_EXECUTED = no(f"{PROGRAM} cannot be executed by the account that shall run it")
RUNS: dict[str, tuple[Mapping[str, str], Owner, Judgement]] = {
    "root's": ({}, ANN, YES),
    "another's": ({PROGRAM: "f 0755 1000 0"}, ANN, no(f"{PROGRAM} belongs to another account")),
    "group-writable": ({PROGRAM: "f 0775 0 2001"}, ANN, no(f"{PROGRAM} is writable by its group")),
    "folder-writable-by-others": ({"/usr/local": "d 1777 0 0"}, ANN, no("/usr/local is writable by others")),
    "not-executable": ({PROGRAM: "f 0644 0 0"}, ANN, NOT_EXECUTED),
    "nor-for-root": ({PROGRAM: "f 0644 0 0"}, ROOT, NOT_EXECUTED),
    "executed-without-reading": ({PROGRAM: "f 0711 0 0"}, ANN, YES),
    "root-enters-what-others-cannot": ({"/usr/local": "d 0700 0 0"}, ROOT, YES),
    "closed-folder": ({"/usr/local": "d 0700 0 0"}, ANN, no("/usr/local cannot be entered by the account")),
    "directory": ({PROGRAM: "d 0755 0 0"}, ANN, no(f"{PROGRAM} is not a regular file")),
    "absent": ({PROGRAM: "l 0 0 gone"}, ANN, no("/usr/local/bin/gone is not there")),
    "unseen": ({PROGRAM: "unseen"}, ANN, unknown(f"the owner and mode of {PROGRAM} were not seen")),
    "link-to-root's": ({PROGRAM: "l 1000 1000 /opt/keys", "/opt/keys": "f 0755 0 0"}, ANN, YES),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "owner", "expected"), RUNS.values(), ids=RUNS)
def test_runs(nodes: Mapping[str, str], owner: Owner, expected: Judgement) -> None:
    look = tree({PROGRAM: "f 0755 0 0"} | dict(nodes))
    for on in (True, False, None):
        assert runs(walk(PROGRAM, look), owner, strict(on=on), PROGRAM) == expected

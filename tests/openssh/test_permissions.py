"""Permissions: who may write on the way to a key file decides whether sshd opens it."""

from __future__ import annotations

import pytest

from hygiene.accounts import group, passwd
from hygiene.model import Truth
from hygiene.openssh.permissions import YES, Component, Judgement, Kind, Owner, judge
from hygiene.openssh.version import Vendor

PASSWD = passwd.parse(
    b"root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
    b"cid:x:1002:1001::/home/cid:/bin/sh\n"
)
GROUPS = group.parse(b"root:x:0:\nann:x:1000:\nbob:x:1001:\nown:x:2000:ann\nteam:x:2001:ann,bob\nempty:x:2002:\n")
ANN = Owner(1000, frozenset({1000, 2000}))
HOME, FOLDER, FILE = "/home/ann", "/home/ann/.ssh", "/home/ann/.ssh/authorized_keys"


def no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason)


def unknown(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def chain(
    home: tuple[int, int, int] = (0o755, 1000, 1000),
    folder: tuple[int, int, int] = (0o700, 1000, 1000),
    file: tuple[int, int, int] = (0o600, 1000, 1000),
) -> list[Component]:
    """The usual way, each as mode, uid, gid."""
    return [
        Component(HOME, Kind.DIRECTORY, *home),
        Component(FOLDER, Kind.DIRECTORY, *folder),
        Component(FILE, Kind.FILE, *file),
    ]


ROWS: dict[str, tuple[list[Component], Judgement]] = {
    "as-it-should-be": (chain(), YES),
    "world-readable": (chain(file=(0o644, 1000, 1000)), YES),
    "roots-file-that-all-read": (chain(file=(0o644, 0, 0)), YES),
    "roots-file-that-root-alone-reads": (
        chain(file=(0o600, 0, 0)),
        no("the key file cannot be read by the account"),
    ),
    "roots-folder-that-root-alone-enters": (
        chain(folder=(0o700, 0, 0)),
        no("/home/ann/.ssh cannot be entered by the account"),
    ),
    "mode-0000": (chain(file=(0o000, 1000, 1000)), no("the key file cannot be read by the account")),
    "readable-by-a-group-of-the-account": (chain(file=(0o640, 0, 2000)), YES),
    "readable-by-a-group-of-others": (
        chain(file=(0o640, 0, 2001)),
        no("the key file cannot be read by the account"),
    ),
    "owner-without-the-right-that-others-have": (
        chain(file=(0o044, 1000, 1000)),
        no("the key file cannot be read by the account"),
    ),
    "file-of-another": (chain(file=(0o644, 1001, 1001)), no("the key file belongs to another account")),
    "folder-of-another": (chain(folder=(0o755, 1001, 1001)), no("/home/ann/.ssh belongs to another account")),
    "home-of-another": (chain(home=(0o755, 1001, 1001)), no("the home directory belongs to another account")),
    "file-writable-by-others": (chain(file=(0o602, 1000, 1000)), no("the key file is writable by others")),
    "folder-writable-by-others": (chain(folder=(0o777, 1000, 1000)), no("/home/ann/.ssh is writable by others")),
    "home-writable-by-others": (chain(home=(0o777, 1000, 1000)), no("the home directory is writable by others")),
    "sticky-does-not-help": (chain(folder=(0o1777, 1000, 1000)), no("/home/ann/.ssh is writable by others")),
    "link": (
        [*chain()[:2], Component(FILE, Kind.LINK, 0o777, 1000, 1000)],
        unknown("the key file is a symbolic link"),
    ),
    "home-is-a-link": (
        [Component(HOME, Kind.LINK, 0o777, 0, 0), *chain()[1:]],
        unknown("the home directory is a symbolic link"),
    ),
    "pipe": ([*chain()[:2], Component(FILE, Kind.OTHER, 0o600, 1000, 1000)], no("the file is not a regular file")),
    "directory": (
        [*chain()[:2], Component(FILE, Kind.DIRECTORY, 0o700, 1000, 1000)],
        no("the file is not a regular file"),
    ),
    "absent": ([*chain()[:2], Component(FILE, Kind.ABSENT)], no("the key file is not there")),
    "nothing-seen": ([], unknown("the permissions of the file were not seen")),
    "outside-the-home": (
        [
            Component("/", Kind.DIRECTORY, 0o755, 0, 0),
            Component("/srv", Kind.DIRECTORY, 0o777, 0, 0),
            Component("/srv/ann", Kind.FILE, 0o644, 0, 0),
        ],
        no("/srv is writable by others"),
    ),
}


@pytest.mark.parametrize(("way", "expected"), ROWS.values(), ids=ROWS)
def test_judge(way: list[Component], expected: Judgement) -> None:
    for vendor in (Vendor.DEBIAN, Vendor.OTHER):
        assert judge(way, ANN, strict_modes=True, vendor=vendor, passwd=PASSWD, groups=GROUPS) == expected


def by_group(gid: int) -> list[Component]:
    return chain(file=(0o660, 1000, gid))


GROUP = no("the key file is writable by its group")
PRIVATE = {
    "the-account's-own-primary-group": (1000, YES),
    "listed-alone": (2000, YES),
    "listed-with-another": (2001, GROUP),
    "another's-primary-group": (1001, GROUP),
    "nobody-is-in-it": (2002, GROUP),
    "not-in-etc-group": (4711, GROUP),
}


@pytest.mark.parametrize(("gid", "debian"), PRIVATE.values(), ids=PRIVATE)
def test_only_debian_lets_a_group_of_one_write(gid: int, debian: Judgement) -> None:
    answers = {
        vendor: judge(by_group(gid), ANN, strict_modes=True, vendor=vendor, passwd=PASSWD, groups=GROUPS)
        for vendor in Vendor
    }
    assert answers == {
        Vendor.DEBIAN: debian,
        Vendor.UBUNTU: debian,
        Vendor.REDHAT: GROUP,
        Vendor.OTHER: GROUP,
    }


def test_what_is_not_known_stays_unknown() -> None:
    remote = passwd.parse(b"ann:x:1000:1000::/home/ann:/bin/sh\n+\n")
    whose = unknown("the key file is writable by its group, and who is in it is not known")
    build = unknown("the key file is writable by its group, and whose build of sshd it is is not known")
    assert judge(by_group(1000), ANN, strict_modes=True, vendor=Vendor.DEBIAN) == whose
    assert judge(by_group(1000), ANN, strict_modes=True, vendor=Vendor.DEBIAN, passwd=remote, groups=GROUPS) == whose
    assert judge(by_group(1000), ANN, strict_modes=True, vendor=None, passwd=PASSWD, groups=GROUPS) == build
    assert judge(by_group(2001), ANN, strict_modes=True, vendor=None, passwd=PASSWD, groups=GROUPS) == GROUP
    assert judge(chain(), ANN, strict_modes=True, vendor=None) == YES
    groups = unknown("the groups of the account are not known")
    assert judge(chain(file=(0o640, 0, 5)), Owner(1000, None), strict_modes=True, vendor=Vendor.OTHER) == groups
    assert judge(chain(file=(0o644, 0, 5)), Owner(1000, None), strict_modes=True, vendor=Vendor.OTHER) == YES


def test_without_strict_modes_only_the_reading_counts() -> None:
    loose = chain(home=(0o777, 1001, 1001), folder=(0o777, 1001, 1001), file=(0o666, 1001, 1001))
    assert judge(loose, ANN, strict_modes=False, vendor=Vendor.OTHER) == YES
    assert judge(loose, ANN, strict_modes=None, vendor=Vendor.OTHER) == unknown("StrictModes is not known")
    assert judge(chain(), ANN, strict_modes=None, vendor=Vendor.OTHER) == YES
    unread = chain(file=(0o600, 0, 0))
    assert judge(unread, ANN, strict_modes=False, vendor=Vendor.OTHER).answer is Truth.NO


def test_root_reads_everything() -> None:
    way = [
        Component("/root", Kind.DIRECTORY, 0o700, 0, 0),
        Component("/root/.ssh", Kind.DIRECTORY, 0o000, 0, 0),
        Component("/root/.ssh/authorized_keys", Kind.FILE, 0o000, 0, 0),
    ]
    assert judge(way, Owner(0, None), strict_modes=True, vendor=Vendor.OTHER) == YES

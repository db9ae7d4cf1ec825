"""writers: whoever could put another key in the file's place, and can get there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from hygiene.accounts import group, passwd
from hygiene.openssh.members import Members
from hygiene.openssh.way import walk
from hygiene.openssh.writers import writers

from .trees import tree

PASSWD = b"root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
GROUPS = b"root:x:0:\nann:x:1000:\nbob:x:1001:\nstaff:x:50:bob\nown:x:2000:ann\nempty:x:2002:\nops:x:2003:bob,ann\n"
MEMBERS = Members.of(passwd.parse(PASSWD), group.parse(GROUPS))
PARTLY = Members.of(passwd.parse(PASSWD + b"+\n"), group.parse(GROUPS))
HOME, FOLDER, FILE = "/home/ann", "/home/ann/.ssh", "/home/ann/.ssh/authorized_keys"
USUAL = {HOME: "d 0755 1000 1000", FOLDER: "d 0755 1000 1000", FILE: "f 0600 1000 1000"}

ROWS: dict[str, tuple[Mapping[str, str], str | None]] = {
    "nobody": ({}, None),
    "root's": ({HOME: "d 0755 0 0", FOLDER: "d 0755 0 0", FILE: "f 0644 0 0"}, None),
    "file": ({FILE: "f 0666 1000 1000"}, f"others ({FILE} is writable by others)"),
    "folder": ({FOLDER: "d 0777 1000 1000"}, f"others ({FOLDER} is writable by others)"),
    "parent-of-the-home": ({"/home": "d 0777 0 0"}, "others (/home is writable by others)"),
    "sticky-parent-of-the-home": ({"/home": "d 1777 0 0"}, None),
    "writing-without-entering-does-nothing": ({FOLDER: "d 0776 1000 1000"}, None),
    "file-behind-a-closed-folder": ({FOLDER: "d 0700 1000 1000", FILE: "f 0666 1000 1000"}, None),
    "folder-behind-a-closed-home": ({HOME: "d 0700 1000 1000", FOLDER: "d 0777 1000 1000"}, None),
    "open-to-others-behind-a-group's-folder": (
        {HOME: "d 0750 1000 50", FOLDER: "d 0777 1000 1000"},
        f"group staff ({FOLDER} is writable by others)",
    ),
    "open-to-others-behind-a-private-group's-folder": ({HOME: "d 0750 1000 1000", FOLDER: "d 0777 1000 1000"}, None),
    "group-of-another": ({FILE: "f 0660 1000 50"}, f"group staff ({FILE})"),
    "group-of-both": ({FOLDER: "d 0775 1000 2003"}, f"group ops ({FOLDER})"),
    "primary-group-of-another": ({HOME: "d 0775 1000 1001"}, f"group bob ({HOME})"),
    "private-group": ({FILE: "f 0660 1000 1000", FOLDER: "d 0775 1000 2000"}, None),
    "group-of-nobody": ({FILE: "f 0660 1000 2002"}, None),
    "group-without-a-name": ({FILE: "f 0660 1000 4711"}, None),
    "group-behind-a-closed-folder": ({FOLDER: "d 0700 1000 50", FILE: "f 0660 1000 50"}, None),
    "sticky-folder-of-a-group": ({FOLDER: "d 1775 1000 50"}, None),
    "owner-of-the-folder": ({FOLDER: "d 0755 1001 1001"}, f"bob ({FOLDER})"),
    "owner-of-the-file": ({FILE: "f 0644 1001 1001"}, f"bob ({FILE})"),
    "owner-without-a-name": ({FILE: "f 0644 4711 4711"}, f"uid 4711 ({FILE})"),
    "owner-who-cannot-get-there": ({FOLDER: "d 0700 1000 1000", FILE: "f 0644 1001 1001"}, None),
    "owner-of-a-sticky-folder": ({FOLDER: "d 1755 1001 1001"}, f"bob ({FOLDER})"),
    "others-before-groups-before-owners": (
        {"/home": "d 0755 1001 0", HOME: "d 0775 1000 50", FILE: "f 0606 1000 1000"},
        f"others ({FILE} is writable by others)",
    ),
    "access-list": ({FILE: "f 0660+ 1000 1000"}, f"an access list ({FILE})"),
    "access-list-that-lets-nobody-write": ({FILE: "f 0640+ 1000 50"}, None),
    # links: whoever can turn one elsewhere
    "link's-own-folder": (
        {FILE: "l 1000 1000 /srv/a/keys", "/srv/a": "d 0777 0 0", "/srv/a/keys": "l 0 0 /etc/keys",
         "/etc/keys": "f 0644 0 0"},
        "others (/srv/a is writable by others)",
    ),
    "sticky-folder-of-another's-link": (
        {FILE: "l 1000 1000 /tmp/keys", "/tmp": "d 1777 0 0", "/tmp/keys": "l 1001 1001 /etc/keys",
         "/etc/keys": "f 0644 0 0"},
        "bob (/tmp/keys)",
    ),
    "owner-of-a-link-alone": ({FILE: "l 1001 1001 keys", f"{FOLDER}/keys": "f 0600 1000 1000"}, None),
    "nothing-there-yet-in-a-sticky-folder": (
        {FILE: "l 1000 1000 /tmp/keys", "/tmp": "d 1777 0 0"},
        "others (/tmp is writable by others)",
    ),
    "home-is-a-link-in-an-open-folder": (
        {HOME: "l 0 0 /srv/ann", "/home": "d 0777 0 0", "/srv/ann/.ssh/authorized_keys": "f 0600 1000 1000"},
        "others (/home is writable by others)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "expected"), ROWS.values(), ids=ROWS)
def test_writers(nodes: Mapping[str, str], expected: str | None) -> None:
    assert writers(walk(FILE, tree(USUAL | dict(nodes))), 1000, MEMBERS) == expected


def test_members_that_are_not_known() -> None:
    team, private = tree(USUAL | {FILE: "f 0660 1000 50"}), tree(USUAL | {FILE: "f 0660 1000 2002"})
    assert writers(walk(FILE, team), 1000, PARTLY) == f"group staff ({FILE})"
    assert writers(walk(FILE, private), 1000, PARTLY) == f"group empty ({FILE}; who is in it is not known)"
    assert writers(walk(FILE, team), 1000, None) == f"gid 50 ({FILE}; who is in it is not known)"
    other = tree(USUAL | {FILE: "f 0644 1001 1001"})
    assert writers(walk(FILE, other), 1000, None) == f"uid 1001 ({FILE})"


def test_for_root_s_files_the_account_counts_too() -> None:
    look = tree({"/usr/local/bin/keys": "f 0755 1000 0"})
    assert writers(walk("/usr/local/bin/keys", look), 0, MEMBERS) == "ann (/usr/local/bin/keys)"


# ------------------------------------------------------------------------------------------ the kernel

BOB = sorted(MEMBERS.gids["bob"])
PEOPLE = {"somebody": (60_000, [60_000]), "bob": (1001, BOB), "uid 4711": (4711, [60_000])}
TRIED = [name for name in ROWS if "access-list" not in name]
# each job becomes an account in a root folder and tries: writes a file, takes a name away, gives itself the right, puts
# something where a link leads
TRY = """
import json, os, sys
for root, uid, gids, paths in json.load(sys.stdin):
    child = os.fork()
    if child == 0:
        os.chroot(root), os.chdir("/"), os.setgroups(gids), os.setgid(gids[0]), os.setuid(uid)
        for path in paths:
            for attempt in (
                lambda: os.open(path, os.O_WRONLY | os.O_CREAT),
                lambda: os.rename(path, path + ".away"),
                lambda: os.chmod(path, 0o777),
            ):
                try:
                    attempt()
                except OSError:
                    continue
                os._exit(0)
        os._exit(1)
    print(os.waitpid(child, 0)[1])
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """Who of the people could change the way in each row; root's and the account's own rights do not count."""
    names = [(row, name) for row in TRIED for name in PEOPLE]
    jobs = []
    for row, name in names:
        root = tmp_path_factory.mktemp("root")
        jobs.append((str(root), *PEOPLE[name], _plant(root, USUAL | dict(ROWS[row][0]))))
    done = subprocess.run(
        [sys.executable, "-c", TRY], input=json.dumps(jobs), capture_output=True, text=True, check=True
    )
    found: dict[str, set[str]] = {row: set() for row in TRIED}
    for (row, name), status in zip(names, done.stdout.split(), strict=True):
        assert status in ("0", "256"), (row, name)
        if status == "0":
            found[row].add(name)
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be other accounts")
@pytest.mark.parametrize("row", TRIED)
def test_the_kernel_lets_whom_we_name(row: str, changed: Mapping[str, set[str]]) -> None:
    expected = ROWS[row][1]
    if expected is None:
        assert changed[row] == set()
    else:
        who = expected.partition(" (")[0]
        assert {"others": "somebody"}.get(who, "bob" if who.startswith("group") else who) in changed[row]


def _plant(root: Path, nodes: Mapping[str, str]) -> list[str]:
    """Make the tree without what would lie below a link; gives its paths, the longest first, and the file."""
    root.chmod(0o755)
    links = [path for path, text in nodes.items() if text.startswith("l")]
    paths = sorted({*nodes, *(str(parent) for path in nodes for parent in Path(path).parents)} - {"/"})
    paths = [path for path in paths if not any(path.startswith(f"{link}/") for link in links)]
    for path in paths:
        kind, *words = nodes.get(path, "d 0755 0 0").split()
        place = root / path[1:]
        if kind == "l":
            place.symlink_to(words[2])
            os.lchown(place, int(words[0]), int(words[1]))
            continue
        if kind == "d":
            place.mkdir()
        else:
            place.touch()
        os.chown(place, int(words[1]), int(words[2]))
        place.chmod(int(words[0], 8))
    return [*reversed(paths), FILE]

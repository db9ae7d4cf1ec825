"""Key files: where they lie, whose they are, who else could write them, and what stands there instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lab.spec import AccountSpec, Directory, Fifo, File, Link, Node

from differential.case import Case, Scene
from differential.cases import account
from differential.keys import fingerprint, fresh, line_of, pair

KEYS = ".ssh/authorized_keys"
_STRANGER = 3999  # an account of the host that is none of the cases'
_SHARED, _ALONE, _LISTED = 3500, 3501, 3502  # groups: of two, without anybody, with another as listed member


@dataclass(frozen=True)
class Laid:
    """A home and what lies about it; `@LINE@` in a file stands for the key's line."""

    files: Mapping[str, Node] = field(default_factory=dict)  # below the home
    host_files: Mapping[str, Node] = field(default_factory=dict)
    account: Mapping[str, object] = field(default_factory=dict)
    brief: bool = False
    unknowable: str | None = None


def key_file(mode: int = 0o600, uid: int | None = None, gid: int | None = None) -> File:
    return File(b"@LINE@\n", mode, uid, gid)


def case(name: str, laid: Laid) -> Case:
    """The case of a home: its key is in the files that say `@LINE@`."""
    key = fresh()
    line = line_of(key)
    return Case(
        name,
        account(**laid.account, files={path: _with(node, line) for path, node in laid.files.items()}),
        pair(key),
        fingerprint(key),
        host_files={path: _with(node, line) for path, node in laid.host_files.items()},
        brief=laid.brief,
        unknowable=laid.unknowable,
    )


def _with(node: Node, line: bytes) -> Node:
    return File(node.data.replace(b"@LINE@", line), node.mode, node.uid, node.gid) if isinstance(node, File) else node


_FILE: dict[str, Laid] = {
    "0644": Laid({KEYS: key_file(0o644)}),
    "0400": Laid({KEYS: key_file(0o400)}),
    "0444": Laid({KEYS: key_file(0o444)}),
    "0755": Laid({KEYS: key_file(0o755)}),
    "0000": Laid({KEYS: key_file(0o000)}, brief=True),
    "0200-write-only": Laid({KEYS: key_file(0o200)}),
    "0040-group-may-read": Laid({KEYS: key_file(0o040)}),
    "0666": Laid({KEYS: key_file(0o666)}),
    "0602-others-may-write": Laid({KEYS: key_file(0o602)}),
    "4600-set-uid": Laid({KEYS: key_file(0o4600)}),
    "1600-sticky": Laid({KEYS: key_file(0o1600)}),
    "0664-private-group": Laid({KEYS: key_file(0o664)}, brief=True),
    "0664-shared-group": Laid({KEYS: key_file(0o664, gid=_SHARED)}, brief=True),
    "0664-group-of-nobody": Laid({KEYS: key_file(0o664, gid=_ALONE)}),
    "0664-group-that-lists-another": Laid({KEYS: key_file(0o664, gid=_LISTED)}),
    "0664-group-without-a-name": Laid({KEYS: key_file(0o664, gid=3777)}),
    "0664-root-group": Laid({KEYS: key_file(0o664, gid=0)}),
    "0664-own-secondary-group-alone": Laid({KEYS: key_file(0o664, gid=3503)}, account={"groups": ("alone",)}),
    "0664-primary-group-is-shared": Laid({KEYS: key_file(0o664, gid=_SHARED)}, account={"gid": _SHARED}),
    "root-0600": Laid({KEYS: key_file(0o600, 0, 0)}, brief=True),
    "root-0644": Laid({KEYS: key_file(0o644, 0, 0)}, brief=True),
    "root-0640-own-group": Laid({KEYS: key_file(0o640, 0)}),
    "root-0664-own-group": Laid({KEYS: key_file(0o664, 0)}),
    "root-0660-shared-group": Laid({KEYS: key_file(0o664, 0, _SHARED)}),
    "stranger-0644": Laid({KEYS: key_file(0o644, _STRANGER, _STRANGER)}, brief=True),
    "stranger-0600": Laid({KEYS: key_file(0o600, _STRANGER, _STRANGER)}),
    "bin-0644": Laid({KEYS: key_file(0o644, 2, 2)}),
}
_FOLDERS: dict[str, Laid] = {
    "ssh-0755": Laid({".ssh": Directory(0o755), KEYS: key_file()}),
    "ssh-0777": Laid({".ssh": Directory(0o777), KEYS: key_file()}, brief=True),
    "ssh-1777-sticky": Laid({".ssh": Directory(0o1777), KEYS: key_file()}),
    "ssh-0770-private-group": Laid({".ssh": Directory(0o770), KEYS: key_file()}),
    "ssh-0770-shared-group": Laid({".ssh": Directory(0o770, gid=_SHARED), KEYS: key_file()}),
    "ssh-0500": Laid({".ssh": Directory(0o500), KEYS: key_file()}),
    "ssh-0600-not-searchable": Laid({".ssh": Directory(0o600), KEYS: key_file()}),
    "ssh-0000": Laid({".ssh": Directory(0o000), KEYS: key_file()}),
    "ssh-0100": Laid({".ssh": Directory(0o100), KEYS: key_file()}),
    "ssh-root-0700": Laid({".ssh": Directory(0o700, 0, 0), KEYS: key_file(0o644)}, brief=True),
    "ssh-root-0755": Laid({".ssh": Directory(0o755, 0, 0), KEYS: key_file(0o644)}),
    "ssh-root-0711": Laid({".ssh": Directory(0o711, 0, 0), KEYS: key_file(0o644)}),
    "ssh-stranger-0755": Laid({".ssh": Directory(0o755, _STRANGER, _STRANGER), KEYS: key_file(0o644)}),
    "ssh-2700-set-gid": Laid({".ssh": Directory(0o2700), KEYS: key_file()}),
    "home-0755": Laid({KEYS: key_file()}, account={"home_mode": 0o755}),
    "home-0777": Laid({KEYS: key_file()}, account={"home_mode": 0o777}, brief=True),
    "home-1777-sticky": Laid({KEYS: key_file()}, account={"home_mode": 0o1777}),
    "home-0770-private-group": Laid({KEYS: key_file()}, account={"home_mode": 0o770}, brief=True),
    "home-0770-shared-group": Laid(
        {".": Directory(0o770, gid=_SHARED), KEYS: key_file()}, account={"home_mode": 0o700}, brief=True
    ),
    "home-0000": Laid({KEYS: key_file()}, account={"home_mode": 0o000}),
    "home-0600-not-searchable": Laid({KEYS: key_file()}, account={"home_mode": 0o600}),
    "home-root-0755": Laid({".": Directory(0o755, 0, 0), KEYS: key_file()}),
    "home-root-0700": Laid({".": Directory(0o700, 0, 0), KEYS: key_file()}),
    "home-stranger-0755": Laid({".": Directory(0o755, _STRANGER, _STRANGER), KEYS: key_file()}),
}
_HOMES: dict[str, Laid] = {
    "parent-of-home-0777": Laid(
        {KEYS: key_file()}, {"/srv/open": Directory(0o777)}, {"home": "/srv/open/@NAME@"}, brief=True
    ),
    "parent-of-home-0700": Laid({KEYS: key_file()}, {"/srv/shut": Directory(0o700)}, {"home": "/srv/shut/@NAME@"}),
    "parent-of-home-stranger": Laid(
        {KEYS: key_file()}, {"/srv/strange": Directory(0o755, _STRANGER)}, {"home": "/srv/strange/@NAME@"}
    ),
    "home-missing": Laid(account={"home_mode": None}),
    "home-missing-no-key-file": Laid(account={"home": "/nonexistent", "home_mode": None}),
    "home-is-a-file": Laid(account={"home_mode": None}, host_files={"/home/@NAME@": File(b"")}),
    "home-with-slash": Laid({KEYS: key_file()}, account={"home": "/srv/slash/@NAME@/"}),
    "home-with-two-slashes": Laid({KEYS: key_file()}, account={"home": "/srv//slashes/@NAME@"}),
    "home-with-dot": Laid({KEYS: key_file()}, account={"home": "/srv/./dot/@NAME@"}),
    "home-with-dots": Laid(
        {KEYS: key_file()}, {"/srv/here": Directory(), "/srv/up": Directory()}, {"home": "/srv/here/../up/@NAME@"}
    ),
    "home-is-a-link": Laid(
        account={"home_mode": None},
        host_files={
            "/srv/real-@NAME@": Directory(0o755),
            "/srv/real-@NAME@/.ssh": Directory(0o755),
            "/srv/real-@NAME@/.ssh/authorized_keys": key_file(0o644),
            "/home/@NAME@": Link("/srv/real-@NAME@"),
        },
        brief=True,
    ),
    "parent-of-home-is-a-link": Laid(
        account={"home_mode": None, "home": "/srv/linked/@NAME@"},
        host_files={
            "/srv/behind/@NAME@/.ssh/authorized_keys": key_file(0o644),
            "/srv/linked": Link("behind"),
        },
    ),
}
# each on a host of its own: one that cannot be followed may leave a gap of the whole host
_ODD_HOMES: dict[str, Laid] = {
    "home-with-blank": Laid({KEYS: key_file()}, account={"home": "/srv/with blank/@NAME@"}),
    "home-with-percent": Laid({KEYS: key_file()}, account={"home": "/srv/100%/@NAME@"}),
    "home-with-percent-letter": Laid({KEYS: key_file()}, account={"home": "/srv/%u/@NAME@"}),
    "home-with-star": Laid({KEYS: key_file()}, account={"home": "/srv/st*r/@NAME@"}),
    "home-with-quote": Laid({KEYS: key_file()}, account={"home": '/srv/q"q/@NAME@'}),
    "home-with-backslash": Laid({KEYS: key_file()}, account={"home": "/srv/b\\b/@NAME@"}),
}
_LINKS: dict[str, Laid] = {
    "link-beside": Laid({".ssh/real": key_file(), KEYS: Link("real")}),
    "link-absolute-in-home": Laid({"keys": key_file(), KEYS: Link("/home/@NAME@/keys")}),
    "link-to-root-file": Laid({KEYS: Link("/srv/keys/@NAME@")}, {"/srv/keys/@NAME@": key_file(0o644)}, brief=True),
    "link-to-root-file-0600": Laid({KEYS: Link("/srv/keys/@NAME@")}, {"/srv/keys/@NAME@": key_file(0o600)}),
    "link-into-writable-folder": Laid(
        {KEYS: Link("/srv/loose/@NAME@")}, {"/srv/loose": Directory(0o777), "/srv/loose/@NAME@": key_file(0o644)}
    ),
    "link-into-sticky-folder": Laid(
        {KEYS: Link("/tmp/@NAME@")}, {"/tmp": Directory(0o1777), "/tmp/@NAME@": key_file(0o644)}, brief=True
    ),
    "link-to-stranger": Laid(
        {KEYS: Link("/srv/strangers-@NAME@")}, {"/srv/strangers-@NAME@": key_file(0o644, _STRANGER, _STRANGER)}
    ),
    "link-dangling": Laid({KEYS: Link("/nowhere/at/all")}, brief=True),
    "link-to-itself": Laid({KEYS: Link("authorized_keys")}),
    "link-chain": Laid({"a": key_file(), "b": Link("a"), ".ssh/c": Link("../b"), KEYS: Link("c")}),
    "link-owned-by-stranger": Laid({".ssh/real": key_file(), KEYS: Link("real", _STRANGER, _STRANGER)}),
    "link-to-folder": Laid({"folder": Directory(), KEYS: Link("../folder")}),
    "link-to-null": Laid({KEYS: Link("/dev/null")}),
    "link-ssh-folder": Laid(
        {".ssh": Link("/srv/ssh-@NAME@")},
        {"/srv/ssh-@NAME@": Directory(0o755), "/srv/ssh-@NAME@/authorized_keys": key_file(0o644)},
    ),
    "link-ssh-folder-in-home": Laid({"dot-ssh/authorized_keys": key_file(), ".ssh": Link("dot-ssh")}),
    "link-ssh-folder-in-loose-folder": Laid({
        "loose": Directory(0o777), "loose/ssh/authorized_keys": key_file(), ".ssh": Link("loose/ssh"),
    }),
    "link-with-dots": Laid({"deep/er": Directory(), "keys": key_file(), KEYS: Link("../deep/er/../../keys")}),
    "link-through-proc": Laid({"keys": key_file(0o644), KEYS: Link("/proc/1/root/home/@NAME@/keys")}),
}  # fmt: skip
_INSTEAD: dict[str, Laid] = {
    "no-ssh-folder": Laid(),
    "no-file": Laid({".ssh": Directory(0o700)}),
    "fifo": Laid({KEYS: Fifo()}, brief=True),
    "folder": Laid({KEYS: Directory(0o700)}),
    "ssh-is-a-file": Laid({".ssh": File(b"@LINE@\n", 0o600)}),
    "other-name": Laid({".ssh/authorized_keys.bak": key_file()}),
    "other-case": Laid({".ssh/Authorized_Keys": key_file()}),
    "second-file": Laid({".ssh/authorized_keys2": key_file()}, brief=True),
    "second-file-fifo-first": Laid({KEYS: Fifo(), ".ssh/authorized_keys2": key_file()}),
    "second-file-first-is-unsafe": Laid({KEYS: key_file(0o666), ".ssh/authorized_keys2": key_file()}),
    "both-files-first-limits": Laid({
        KEYS: File(b'command="echo first" @LINE@\n', 0o600), ".ssh/authorized_keys2": key_file(),
    }),
    "both-files-first-dead": Laid({
        KEYS: File(b"bad-option @LINE@\n", 0o600), ".ssh/authorized_keys2": File(b"no-pty @LINE@\n", 0o600),
    }),
    "three-megabytes": Laid({KEYS: File(b"# filler filler filler\n" * 136_000 + b"@LINE@\n", 0o600)}),
}  # fmt: skip

ACCOUNTS = (
    AccountSpec("stranger", _STRANGER),
    AccountSpec("mate", 3998, gid=_SHARED, home_mode=None),
    AccountSpec("listed", 3997, groups=("listing",), home_mode=None),
)
GROUPS = {"shared": _SHARED, "nobodys": _ALONE, "listing": _LISTED, "alone": 3503}


def scenes() -> Iterator[Scene]:
    """A host with StrictModes, and the same without."""
    tables = (_FILE, _FOLDERS, _HOMES, _LINKS, _INSTEAD)
    for name, config in (("files", ""), ("files-lax", "StrictModes no\n")):
        cases = [
            case(f"{name}/{title}", laid if name == "files" else Laid(laid.files, laid.host_files, laid.account))
            for table in tables
            for title, laid in table.items()
        ]
        yield Scene(name, tuple(cases), f"{config}UsePAM yes\n", ACCOUNTS, GROUPS)
    for title, laid in _ODD_HOMES.items():
        yield Scene(title, (case(f"files/{title}", laid),))
    yield from _places()


# AuthorizedKeysFile as it may be written, and a home for each
_PLACES: dict[str, tuple[str, dict[str, Laid]]] = {
    "absolute": (
        "AuthorizedKeysFile /etc/ssh/keys/%u\n",
        {
            "0644": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o644)}, brief=True),
            "0600": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o600)}),
            "own": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o644, _STRANGER)}),
            "group-writable": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o664, 0, _SHARED)}),
            "folder": Laid({}, {"/etc/ssh/keys/@NAME@": Directory(0o755)}),
            "missing": Laid(),
            "in-home-is-not-read": Laid({KEYS: key_file()}, brief=True),
            "link-into-home": Laid({"keys": key_file()}, {"/etc/ssh/keys/@NAME@": Link("/home/@NAME@/keys")}),
            "home-missing": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o644)}, {"home_mode": None}),
            "home-open": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o644)}, {"home_mode": 0o777}),
        },
    ),
    "absolute-loose": (
        "AuthorizedKeysFile /srv/loose/%u\n",
        {"plain": Laid({}, {"/srv/loose": Directory(0o777), "/srv/loose/@NAME@": key_file(0o644)})},
    ),
    "user-folder": (
        "AuthorizedKeysFile /etc/ssh/keys/%u/authorized_keys\n",
        {"plain": Laid({}, {"/etc/ssh/keys/@NAME@/authorized_keys": key_file(0o644)})},
    ),
    "by-home": ("AuthorizedKeysFile %h/.ssh/authorized_keys\n", {"plain": Laid({KEYS: key_file()})}),
    "by-home-twice": ("AuthorizedKeysFile %h/%u.keys\n", {"plain": Laid({"@NAME@.keys": key_file()})}),
    "percent": ("AuthorizedKeysFile .ssh/100%%\n", {"plain": Laid({".ssh/100%": key_file()})}),
    "relative": ("AuthorizedKeysFile keys/%u\n", {
        "plain": Laid({"keys/@NAME@": key_file()}),
        "default-is-not-read": Laid({KEYS: key_file()}),
    }),
    "dots": ("AuthorizedKeysFile .ssh/../keys\n", {
        "plain": Laid({".ssh": Directory(0o700), "keys": key_file()}),
        "no-ssh-folder": Laid({"keys": key_file()}),
    }),
    "several": ("AuthorizedKeysFile .ssh/one .ssh/two /etc/ssh/keys/%u\n", {
        "first": Laid({".ssh/one": key_file()}),
        "second": Laid({".ssh/two": key_file()}),
        "third": Laid({}, {"/etc/ssh/keys/@NAME@": key_file(0o644)}),
        "default": Laid({KEYS: key_file()}),
        "first-limits": Laid({".ssh/one": File(b'command="echo one" @LINE@\n', 0o600), ".ssh/two": key_file()}),
    }),
    "twice": ("AuthorizedKeysFile .ssh/one\nAuthorizedKeysFile .ssh/two\n", {
        "first": Laid({".ssh/one": key_file()}),
        "second": Laid({".ssh/two": key_file()}),
    }),
    "quoted": ('AuthorizedKeysFile "my keys/%u" .ssh/authorized_keys\n', {
        "blank": Laid({"my keys/@NAME@": key_file()}),
        "other": Laid({KEYS: key_file()}),
    }),
    "equals": ("AuthorizedKeysFile=.ssh/one\n", {"plain": Laid({".ssh/one": key_file()})}),
    "none": ("AuthorizedKeysFile none\n", {"plain": Laid({KEYS: key_file()})}),
    "tilde": ("AuthorizedKeysFile ~/.ssh/authorized_keys\n", {"plain": Laid({KEYS: key_file()})}),
    "star": ("AuthorizedKeysFile .ssh/keys.d/*.pub\n", {
        "one": Laid({".ssh/keys.d/a.pub": key_file()}),
        "literal": Laid({".ssh/keys.d/*.pub": key_file()}),
        "hidden": Laid({".ssh/keys.d/.a.pub": key_file()}),
        "other-suffix": Laid({".ssh/keys.d/a.txt": key_file()}),
        "second-of-two": Laid({".ssh/keys.d/a.pub": File(b"# empty\n", 0o600), ".ssh/keys.d/b.pub": key_file()}),
    }),
    "question-mark": ("AuthorizedKeysFile /etc/ssh/keys/%u.?\n", {
        "one": Laid({}, {"/etc/ssh/keys/@NAME@.1": key_file(0o644)}),
        "literal": Laid({}, {"/etc/ssh/keys/@NAME@.?": key_file(0o644)}),
    }),
    "match": ("Match User c000\nAuthorizedKeysFile .ssh/special\n", {
        "replaced": Laid({".ssh/special": key_file()}),
        "default": Laid({KEYS: key_file()}),
    }),
    "match-none": ("Match User c000\nAuthorizedKeysFile none\n", {
        "none": Laid({KEYS: key_file()}),
        "default": Laid({KEYS: key_file()}),
    }),
}  # fmt: skip


def _places() -> Iterator[Scene]:
    for title, (setting, homes) in _PLACES.items():
        cases = tuple(case(f"keys-file/{title}-{name}", laid) for name, laid in homes.items())
        # Match ends what is global: UsePAM comes first
        yield Scene(f"place-{title}", cases, f"UsePAM yes\n{setting}", ACCOUNTS, GROUPS)
    number = tuple(case(f"keys-file/number-{name}", laid) for name, laid in _NUMBERS.items())
    # %U: since 8.1? earlier sshd does not start with it
    yield Scene("place-number", number, "UsePAM yes\nAuthorizedKeysFile /etc/ssh/uids/%U\n", since=(8, 2))
    shipped = tuple(case(f"keys-file/shipped-{name}", laid) for name, laid in _SHIPPED.items())
    yield Scene("place-shipped", shipped, None, since=(8, 2))  # as the release ships it, which includes a folder


_NUMBERS: dict[str, Laid] = {"by-uid": Laid({}, {"/etc/ssh/uids/2000": key_file(0o644)})}
_SHIPPED: dict[str, Laid] = {
    "first": Laid({KEYS: key_file()}, brief=True),
    "second": Laid({".ssh/authorized_keys2": key_file()}),
}

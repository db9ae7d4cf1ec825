"""Real logins: what we say of a key, an account and a place to come from is what sshd does."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS, AccountSpec, Directory, Fifo, File, HostSpec, Link, Node

from hygiene.model import Truth
from hygiene.openssh import programs
from hygiene.openssh.authorized_keys import parse

from .logins import TRIES, Machine, answers, gets_in
from .material import ED, ED_LINE, RSA, RSA_LINE, line

pytestmark = pytest.mark.real_sshd

OTHER = asyncssh.generate_private_key("ssh-ed25519")
OTHER_LINE = line(OTHER)
KEYS = {"ed": ED, "rsa": RSA, "other": OTHER}
PUBLIC = {
    name: next(iter(parse(line, None))).key
    for name, line in (("ed", ED_LINE), ("rsa", RSA_LINE), ("other", OTHER_LINE))
}
AGES = ("19700", "0", "99999", "7", "", "1")
PLAIN = File(ED_LINE + b"\n", 0o600)
FILE, SECOND = ".ssh/authorized_keys", ".ssh/authorized_keys2"


def keys(*lines: bytes, **options: int) -> Mapping[str, File]:
    return {FILE: File(b"".join(line + b"\n" for line in lines), **({"mode": 0o600} | options))}


def link(target: str, **options: int) -> Mapping[str, Link]:
    return {FILE: Link(target, **options)}


def account(name: str, files: Mapping[str, object] | None = None, **options: object) -> AccountSpec:
    number = 1000 + len(_numbers)
    _numbers.append(name)
    planted = {FILE: PLAIN} if files is None else files
    return AccountSpec(name, options.pop("uid", number), files=planted, **options)  # type: ignore[arg-type]


_numbers: list[str] = []
ACCOUNTS: Sequence[AccountSpec] = (
    AccountSpec("root", 0, authorized_keys=[ED_LINE.decode()]),
    account("plain"),
    # the account
    account("locked", shadow="!"),
    account("locked-hash", shadow="!$y$j9T$abc$def"),
    account("starred", shadow="*"),
    account("expired", ages=AGES),
    account("no-shell-file", shell="/bin/none"),
    account("shell-not-executable", shell="/etc/passwd"),
    account("shell-is-a-folder", shell="/etc"),
    account("nologin-shell", shell="/usr/sbin/nologin"),
    account("no-shell", shell=""),
    # the file
    account("open-home", home_mode=0o777),
    account("group-home", home_mode=0o775),
    account("closed-home", home_mode=0o000),
    account("open-folder", {".ssh": Directory(0o777), FILE: PLAIN}),
    account("sticky-folder", {".ssh": Directory(0o1777), FILE: PLAIN}),
    account("open-file", keys(ED_LINE, mode=0o666)),
    account("group-file", keys(ED_LINE, mode=0o660)),
    account("shared-group-file", keys(ED_LINE, mode=0o660, gid=4)),
    account("roots-group-file", keys(ED_LINE, mode=0o664, uid=0)),
    account("unreadable", keys(ED_LINE, mode=0o000)),
    account("root-alone", keys(ED_LINE, mode=0o600, uid=0, gid=0)),
    account("roots", keys(ED_LINE, mode=0o644, uid=0, gid=0)),
    account("anothers", keys(ED_LINE, mode=0o644, uid=1000)),
    account("of-a-group", keys(ED_LINE, mode=0o640, uid=0, gid=2500), groups=["readers"]),
    account("fifo", {FILE: Fifo()}),
    account("folder", {FILE: Directory(0o700)}),
    account("second-file", {SECOND: PLAIN}),
    account("two-files", {FILE: PLAIN, SECOND: File(OTHER_LINE + b"\n", 0o600)}),
    account("no-home", {}, home_mode=None),
    account("below-a-closed-folder", home="/home/closed/x"),
    account("below-an-open-folder", home="/home/open/x"),
    # three that share a group: Debian's sshd goes on in passwd where it stopped
    account("crowd-first", gid=3000, home_mode=0o775),
    account("crowd-middle", {FILE: PLAIN, SECOND: File(OTHER_LINE + b"\n", 0o600)}, gid=3000, home_mode=0o775),
    account("crowd-last", gid=3000, home_mode=0o775),
    account("crowd-last-with-two", {FILE: PLAIN, SECOND: File(OTHER_LINE + b"\n", 0o600)}, gid=3000, home_mode=0o775),
    # links
    account("linked", link("/etc/keys")),
    account("linked-inside", {FILE: Link("keys"), ".ssh/keys": PLAIN}),
    account("linked-up", {FILE: Link("../kept/./keys"), "kept/keys": PLAIN}),
    account("linked-to-open-file", link("/srv/files/open")),
    account("linked-to-anothers", link("/srv/files/anothers")),
    account("linked-into-open-folder", link("/srv/open/keys")),
    account("linked-into-sticky-folder", link("/srv/sticky/keys")),
    account("linked-over-open-folder", link("/srv/open/link")),
    account("linked-over-closed-folder", link("/srv/closed/link")),
    account("linked-over-sticky-folder", link("/srv/sticky/link")),
    account("linked-over-a-link-in-between", link("/srv/sticky/files/fine")),
    account("linked-by-another", link("/etc/keys", uid=1000)),
    account("loop", link("authorized_keys")),
    account("dangling", link("gone")),
    account("folder-linked", {".ssh": Link("/srv/ssh")}),
    account("folder-linked-below-open", {".ssh": Link("/srv/open/ssh")}),
    account("home-linked", {}, home="/home/link", home_mode=None, uid=3500),
    account("home-linked-to-open", {}, home="/home/link-to-open", home_mode=None, uid=3501),
    # the line
    account("nameless", gid=2600),
    account("rsa", keys(RSA_LINE)),
    account("past", keys(b'expiry-time="20200101" ' + ED_LINE)),
    account("future", keys(b'expiry-time="20990101" ' + ED_LINE)),
    account("named-hosts", keys(b'from="*.example.com" ' + ED_LINE)),
    account("from-here", keys(f'from="{AUDITOR_ADDRESS}" '.encode() + ED_LINE)),
    account("from-there", keys(f'from="{OTHER_ADDRESS}" '.encode() + ED_LINE)),
    account("from-both", keys(f'from="{OTHER_ADDRESS}" '.encode() + ED_LINE, b'command="true" ' + ED_LINE)),
    account("from-not-here", keys(f'from="!{AUDITOR_ADDRESS},*" '.encode() + ED_LINE)),
    account("dead", keys(b"no-such " + ED_LINE)),
    account("dead-and-alive", keys(b"no-such " + ED_LINE, ED_LINE)),
    # uid 0 by other names
    AccountSpec("toor", 0, home="/toor", files={FILE: PLAIN}),
    AccountSpec("toor-forced", 0, home="/toor2", files=keys(b'command="true" ' + ED_LINE)),
    AccountSpec("toor-plain-first", 0, home="/toor3", files=keys(ED_LINE, b'command="true" ' + ED_LINE)),
    AccountSpec("toor-forced-first", 0, home="/toor4", files=keys(b'command="true" ' + ED_LINE, ED_LINE)),
    AccountSpec(
        "toor-from",
        0,
        home="/toor5",
        files=keys(f'from="{OTHER_ADDRESS}" '.encode() + ED_LINE, b'command="true" ' + ED_LINE),
    ),
    AccountSpec("toor-dead-first", 0, home="/toor6", files=keys(b"no-such " + ED_LINE, b'command="true" ' + ED_LINE)),
    AccountSpec(
        "toor-second-file", 0, home="/toor7", files={**keys(b'command="true" ' + ED_LINE), SECOND: PLAIN}
    ),
)  # fmt: skip
FILES = {
    "/home/closed": Directory(0o700),
    "/home/open": Directory(0o777),
    "/home/link": Link("/srv/homes/a"),
    "/home/link-to-open": Link("/srv/homes/b"),
    "/srv/homes": Directory(0o777),
    "/srv/homes/a": Directory(0o755, 3500, 3500),
    "/srv/homes/a/.ssh": Directory(0o700, 3500, 3500),
    "/srv/homes/a/.ssh/authorized_keys": File(ED_LINE, 0o600, 3500, 3500),
    "/srv/homes/b": Directory(0o777, 3501, 3501),
    "/srv/homes/b/.ssh": Directory(0o700, 3501, 3501),
    "/srv/homes/b/.ssh/authorized_keys": File(ED_LINE, 0o600, 3501, 3501),
    "/etc/keys": File(ED_LINE),
    "/srv/files/open": File(ED_LINE, 0o666),
    "/srv/files/anothers": File(ED_LINE, 0o644, 1000, 1000),
    "/srv/files/fine": File(ED_LINE),
    "/srv/ssh/authorized_keys": File(ED_LINE),
    "/srv/open": Directory(0o777),
    "/srv/open/keys": File(ED_LINE),
    "/srv/open/link": Link("/etc/keys"),
    "/srv/open/ssh/authorized_keys": File(ED_LINE),
    "/srv/closed": Directory(0o700),
    "/srv/closed/link": Link("/etc/keys"),
    "/srv/sticky": Directory(0o1777),
    "/srv/sticky/keys": File(ED_LINE),
    "/srv/sticky/link": Link("/etc/keys", 1000, 1000),
    "/srv/sticky/files": Link("/srv/files", 1000, 1000),
    "/srv/keys/no-home": File(ED_LINE),
    "/srv/keys/plain": File(ED_LINE),
    "/srv/keys/open-home": File(ED_LINE),
    "/srv/keys/closed-home": File(ED_LINE),
    "/srv/keys/below-a-closed-folder": File(ED_LINE),
}
NOLOGIN = {"/etc/nologin": File(b"closed\n")}
GROUPS = {"readers": 2500}
DEBIAN = "UsePAM yes\n"
# by host its sshd_config, and which accounts are tried there
HOSTS = {
    "debian": (DEBIAN, "*"),
    "loose": (
        DEBIAN + "StrictModes no\n",
        "open-* group-* closed-home unreadable root-alone roots anothers of-a-group fifo folder linked-* crowd-*",
    ),
    "nologin": (DEBIAN, "root plain toor locked"),
    "nologin-without-pam": ("UsePAM no\n", "root plain toor locked"),
    "without-pam": ("UsePAM no\n", "root plain *lock* star* exp* *shell*"),
    "no-root": (DEBIAN + "PermitRootLogin no\n", "root plain toor*"),
    "forced-root": (DEBIAN + "PermitRootLogin forced-commands-only\nForceCommand /bin/true\n", "root plain toor*"),
    "restricted-keys": (
        DEBIAN + "PubkeyAcceptedAlgorithms ssh-ed25519,rsa-sha2-256\nRequiredRSASize 3072\n",
        "plain rsa two-files",
    ),
    "elsewhere": (
        DEBIAN + "AuthorizedKeysFile /srv/keys/%u %h/.ssh/authorized_keys2\n",
        "no-home plain open-home closed-home below* two-files linked root",
    ),
    "fatal": (DEBIAN + "AuthorizedKeysFile .ssh/authorized_keys %x .ssh/authorized_keys2\n", "plain two-files dead"),
    "chroot": (DEBIAN + "ChrootDirectory /\n", "plain *shell*"),
    "lists": (
        DEBIAN
        + f"DenyUsers open-* two-files@{OTHER_ADDRESS}\n"
        + f"AllowUsers linked plain@10.77.0.0/30 rsa@{OTHER_ADDRESS} two-files open-file\n"
        + f"AllowUsers ro?t l*@!{AUDITOR_ADDRESS},*\n",
        "linked plain rsa two-files open-file root locked roots",
    ),
    "groups": (
        DEBIAN + "DenyGroups locked rsa\nAllowGroups readers pla* lock* rsa nameless\n",
        "plain locked locked-hash of-a-group rsa root nameless",
    ),
    "match": (
        DEBIAN
        + "AuthenticationMethods publickey,password\n"
        + f"Match Address {OTHER_ADDRESS}\nPermitRootLogin no\n"
        + "Match User linked,from-here\nPasswordAuthentication no\n"
        + "Match User two-files\nAuthorizedKeysFile .ssh/authorized_keys2\n"
        + "Match Group readers\nAuthenticationMethods password\n"
        + f"Match User plain Address {OTHER_ADDRESS}\nPubkeyAuthentication no\n"
        + "Match User rsa\nDenyUsers rsa\n",
        "root toor plain linked from-here two-files of-a-group rsa",
    ),
}
# what cannot be known from what is seen, by the reason that we give
UNDECIDED = {
    "linked-over-sticky-folder": (
        "/srv/sticky/link is another's link in a sticky folder, and whether the kernel follows it is not known"
    )
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_real_sshd_lets_in_whom_we_say(real: Lab, host: str) -> None:
    ours, theirs = asked(real, host, [AUDITOR_ADDRESS, *([OTHER_ADDRESS] if host in SEEN_FROM_TWO else [])])
    assert {name: answer for name, answer in ours.items() if isinstance(answer, str)} == {
        name: UNDECIDED[name[0]] for name, answer in ours.items() if isinstance(answer, str)
    }
    decided = {name: answer for name, answer in ours.items() if not isinstance(answer, str)}
    assert decided == {name: theirs[name] for name in decided}


SEEN_FROM_TWO = ("debian", "forced-root", "lists", "match")
Asked = tuple[str, str, str]  # account, key, address


def asked(lab: Lab, host: str, sources: Sequence[str]) -> tuple[dict[Asked, bool | str | None], dict[Asked, bool]]:
    """What we say of each key that stands in a file of an account, and what sshd does."""
    machine = Machine.of(lab, host)
    nologin = Truth.YES if "/etc/nologin" in machine.nodes else Truth.NO
    patterns = HOSTS[host][1].split()
    accounts = [spec for spec in ACCOUNTS if any(fnmatchcase(spec.name, pattern) for pattern in patterns)]
    ours: dict[Asked, bool | str | None] = {}
    for source in sources:
        settings = machine.settings([spec.name for spec in accounts], source)
        for spec in accounts:
            planted = b"".join(node.data for node in spec.files.values() if isinstance(node, File))
            names = [name for name, key in KEYS.items() if key.export_public_key().split()[1] in planted] or ["ed"]
            entries, found = machine.verdicts(spec, settings[spec.name], source, nologin)
            for name, answer in answers(entries, found, {name: PUBLIC[name] for name in names}).items():  # type: ignore[misc]
                ours[spec.name, name, source] = answer

    def one(asked: Asked) -> bool:
        name, key, source = asked
        return gets_in(lab, host, name, KEYS[key], source, TRIES if name.startswith("crowd") else 2)

    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        return ours, dict(zip(ours, pool.map(one, ours), strict=True))


# ------------------------------------------------------------------------------------------ programs

SCRIPT = f"#!/bin/sh\necho {ED_LINE.decode()}\n".encode()
# by account: the program that names its keys, who runs it, and what is planted
PROGRAMS: dict[str, tuple[str, str, Mapping[str, Node]]] = {
    "good": ("/srv/good/keys %u", "nobody", {"/srv/good/keys": File(SCRIPT, 0o755)}),
    "quoted": ('/srv/"good/keys" %u', "nobody", {}),
    "as-root": (
        "/srv/as-root/keys", "root", {"/srv/as-root": Directory(0o700), "/srv/as-root/keys": File(SCRIPT, 0o700)},
    ),
    "closed-folder": ("/srv/as-root/keys", "nobody", {}),
    "as-who-logs-in": ("/srv/good/keys", "%u", {}),
    "as-nobody-known": ("/srv/good/keys", "gone", {}),
    "owned-by-another": ("/srv/owned/keys", "nobody", {"/srv/owned/keys": File(SCRIPT, 0o755, 1000, 1000)}),
    "folder-of-another": (
        "/srv/owner/keys", "nobody",
        {"/srv/owner": Directory(0o755, 1000, 1000), "/srv/owner/keys": File(SCRIPT, 0o755)},
    ),
    "group-writable": ("/srv/group/keys", "nobody", {"/srv/group/keys": File(SCRIPT, 0o775, 0, 4)}),
    "group-of-root": ("/srv/root/keys", "nobody", {"/srv/root/keys": File(SCRIPT, 0o775, 0, 0)}),
    "open-folder": (
        "/srv/open/keys", "nobody", {"/srv/open": Directory(0o777), "/srv/open/keys": File(SCRIPT, 0o755)},
    ),
    "not-executable": ("/srv/plain/keys", "root", {"/srv/plain/keys": File(SCRIPT, 0o644)}),
    "not-executable-for-it": ("/srv/own/keys", "nobody", {"/srv/own/keys": File(SCRIPT, 0o744)}),
    "folder": ("/srv/good", "nobody", {}),
    "absent": ("/srv/gone", "nobody", {}),
    "linked": ("/srv/links/keys", "nobody", {"/srv/links/keys": Link("/srv/good/keys")}),
    "linked-from-an-open-folder": ("/srv/open/link", "nobody", {"/srv/open/link": Link("/srv/good/keys")}),
    "linked-to-an-open-folder": ("/srv/links/open", "nobody", {"/srv/links/open": Link("/srv/open/keys")}),
}  # fmt: skip
PROGRAM_FILES = {path: node for _, _, nodes in PROGRAMS.values() for path, node in nodes.items()}


def _match(name: str) -> str:
    command, user, _ = PROGRAMS[name]
    return f"Match User {name}\nAuthorizedKeysCommand {command}\nAuthorizedKeysCommandUser {user}\n"


def test_a_real_sshd_runs_the_programs_that_we_say(real: Lab) -> None:
    machine = Machine.of(real, "programs")
    ours, faults = {}, {}
    for name, settings in machine.settings(PROGRAMS, AUDITOR_ADDRESS).items():
        command, user = settings.path("authorizedkeyscommand"), settings.path("authorizedkeyscommanduser")
        assert command is not None
        program = programs.judge(command, user, machine.look, machine.strict(settings))
        ours[name] = program.works
        faults[name] = program.fault
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        runs = dict(
            zip(PROGRAMS, pool.map(lambda name: gets_in(real, "programs", name, ED, tries=1), PROGRAMS), strict=True)
        )
    assert ours == {name: Truth.YES if answer else Truth.NO for name, answer in runs.items()}
    assert faults["good"] is None
    assert faults["linked-from-an-open-folder"] == "it can be changed by others (/srv/open is writable by others)"


# ------------------------------------------------------------------------------------------ any ways at all

SEEDS = range(4)
MODES = (*[0o755] * 6, *[0o700] * 3, 0o775, 0o777, 0o1777, 0o711, 0o750, 0o770, 0o500, 0o000)
FILE_MODES = (*[0o600] * 6, *[0o644] * 3, 0o664, 0o660, 0o640, 0o666, 0o400, 0o000)


def _anyhow(seed: int) -> tuple[list[AccountSpec], dict[str, Node]]:
    """Eighty accounts whose homes, folders, links and key files are what chance makes of them."""
    chance = random.Random(seed)
    accounts, files = [], {}
    for number in range(80):
        uid = 1000 + number
        name = f"any{number}"
        home, store = f"/home/{name}", f"/srv/{name}"

        def owner(own: int = uid) -> dict[str, int]:
            user = chance.choice((*[own] * 8, 0, 0, 1000))
            return {"uid": user, "gid": chance.choice((*[own] * 4, 0, 3000, 4000, 1000))}

        def folder(**who: int) -> Directory:
            return Directory(chance.choice(MODES), **(who or owner()))

        def keys(**who: int) -> File:
            return File(ED_LINE, chance.choice(FILE_MODES), **(who or owner()))

        nodes: dict[str, Node] = {store: folder(), f"{store}/keys": keys(), f"{store}/ssh": folder()}
        nodes |= {f"{store}/ssh/authorized_keys": keys(), f"{store}/link": Link(f"{home}/keys", **owner())}
        nodes |= {home: folder(), f"{home}/keys": keys()}
        shape = chance.randrange(8)
        if shape == 0:
            nodes[f"{home}/.ssh"] = Link(f"{store}/ssh", **owner())
        else:
            targets = [f"{store}/keys", f"../../../srv/{name}/link", "../keys", f"{store}/link", "../../gone/x"]
            nodes[f"{home}/.ssh"] = folder()
            nodes[f"{home}/.ssh/authorized_keys"] = keys() if shape > 4 else Link(chance.choice(targets), **owner())
        gid = chance.choice((uid, uid, uid, 3000))
        accounts.append(AccountSpec(name, uid, gid, groups=chance.sample(["few"], gid == 3000), home_mode=None))
        files |= nodes
    return accounts, files


@pytest.mark.prove
@pytest.mark.parametrize("strict", ["yes", "no"])
def test_whatever_the_way_looks_like(lab_tree: Path, strict: str) -> None:
    hosts = []
    for seed in SEEDS:
        accounts, files = _anyhow(seed)
        config = f"{DEBIAN}StrictModes {strict}\n"
        hosts.append(HostSpec(f"any{seed}", accounts, {"few": 4000}, sshd_config=config, files=files))
    with Lab(lab_tree, hosts) as lab:
        for host in hosts:
            machine = Machine.of(lab, host.name)
            ours = {}
            settings = machine.settings_of_all()
            for spec in host.accounts:
                entries, found = machine.verdicts(spec, settings, AUDITOR_ADDRESS, Truth.NO)
                ours[spec.name] = answers(entries, found, {"ed": PUBLIC["ed"]})["ed"]  # type: ignore[dict-item]
            with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
                tried = pool.map(partial(gets_in, lab, host.name, key=ED), ours)
                theirs = dict(zip(ours, tried, strict=True))
            decided = {name: answer for name, answer in ours.items() if not isinstance(answer, str)}
            assert decided == {name: theirs[name] for name in decided}
            assert len(decided) > 0.9 * len(ours)
            assert {True, False} == set(decided.values())


@pytest.fixture(scope="module")
def real(lab_tree: Path) -> Iterator[Lab]:
    hosts = [
        HostSpec(name, ACCOUNTS, GROUPS, sshd_config=text, files=FILES | (NOLOGIN if "nologin" in name else {}))
        for name, (text, _) in HOSTS.items()
    ]
    hosts.append(
        HostSpec(
            "programs",
            [AccountSpec(name, 1000 + number) for number, name in enumerate(PROGRAMS)],
            sshd_config=DEBIAN + "AuthorizedKeysFile none\n" + "".join(map(_match, PROGRAMS)),
            files=PROGRAM_FILES,
        )
    )
    with Lab(lab_tree, hosts) as lab:
        # a group that has no name
        lab.exec_root("groups", ["/bin/sed", "-i", "/^nameless:/d", "/etc/group"])
        yield lab

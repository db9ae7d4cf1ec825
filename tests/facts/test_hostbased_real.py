"""Hosts that vouch for their users, tried at real daemons: our answer for each account is what sshd does."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS, AccountSpec, Directory, File, HostSpec, Link, Node

from hygiene.collect import script
from hygiene.facts import accounts, daemons
from hygiene.facts.files import Files
from hygiene.facts.hostbased import HostTrust
from hygiene.facts.ledger import Ledger
from hygiene.facts.pam import Pam
from hygiene.facts.places import Places
from hygiene.facts.seen import Seen
from hygiene.model import Evidence, Status, Target

pytestmark = pytest.mark.real_sshd

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NONCE = "0123456789abcdef"
NAME = "client.lab"
KEY, OTHER, RSA = (asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ssh-ed25519", "ssh-rsa"))
AUTHORITY = asyncssh.generate_private_key("ssh-ed25519")
CERTIFICATE = AUTHORITY.generate_host_certificate(KEY, "client", principals=[NAME, AUDITOR_ADDRESS])
HEAD = "LogLevel VERBOSE\nMaxStartups 300\nMaxAuthTries 20\nPermitRootLogin yes\nHostbasedAuthentication yes\n"
YES, NO, UNKNOWN = "yes", "no", "unknown"


def line(hosts: str, key: asyncssh.SSHKey = KEY, marker: str = "") -> bytes:
    """A line of known_hosts."""
    return f"{marker}{hosts} {' '.join(key.export_public_key().decode().split()[:2])} from there\n".encode()


def hashed(host: str) -> str:
    salt = bytes(range(20))
    digest = hmac.new(salt, host.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@dataclass(frozen=True)
class Case:
    """One account and what our answer for it must be."""

    id: str
    expected: str
    files: Mapping[str, Node] = field(default_factory=dict)  # below the home
    options: Mapping[str, object] = field(default_factory=dict)  # of the account


@dataclass(frozen=True)
class Site:
    """One host with accounts that differ."""

    name: str
    config: str
    files: Mapping[str, Node]
    cases: Sequence[Case]


def rhosts(text: str, name: str = ".shosts", mode: int = 0o600, **more: int) -> dict[str, Node]:
    return {name: File(text.encode(), mode, **more)}


def knows(data: bytes, name: str = ".ssh/known_hosts", mode: int = 0o600, **more: int) -> dict[str, Node]:
    return {name: File(data, mode, **more)}


SYSTEM = "/etc/ssh/ssh_known_hosts"
KNOWN = {SYSTEM: File(line(AUDITOR_ADDRESS))}
PEER = f"{AUDITOR_ADDRESS} peer\n"
SITES = [
    # the address alone is compared, and .shosts counts
    Site(
        "homes",
        "IgnoreRhosts no\n",
        KNOWN,
        [
            Case("nothing", NO),
            Case("shosts", YES, rhosts(PEER)),
            Case("rhosts", YES, rhosts(PEER, ".rhosts")),
            Case("own-name", YES, rhosts(f"{AUDITOR_ADDRESS}\n")),
            Case("no-end", YES, rhosts(AUDITOR_ADDRESS)),
            Case("tab-and-cr", YES, rhosts(f"\t{AUDITOR_ADDRESS}\tpeer\r\n")),
            Case("plus-host", YES, rhosts(f"+{AUDITOR_ADDRESS} +peer\n")),
            Case("wild-host", NO, rhosts("+ peer\n")),
            Case("wild-user", NO, rhosts(f"{AUDITOR_ADDRESS} +\n")),
            Case("wild", NO, rhosts("+ +\n")),
            Case("by-name", NO, rhosts(f"{NAME} peer\n")),
            Case("other-address", NO, rhosts(f"{OTHER_ADDRESS} peer\n")),
            Case("denied-before", NO, rhosts(f"-{AUDITOR_ADDRESS} peer\n{PEER}")),
            Case("denied-user-before", NO, rhosts(f"{AUDITOR_ADDRESS} -peer\n{PEER}")),
            Case("denied-after", YES, rhosts(f"{PEER}-{AUDITOR_ADDRESS} peer\n")),
            Case("another-denied", YES, rhosts(f"{AUDITOR_ADDRESS} -else\n{PEER}")),
            Case("denied-in-shosts-alone", YES, {**rhosts(f"-{PEER}"), **rhosts(PEER, ".rhosts")}),
            Case("three-words", NO, rhosts(f"{AUDITOR_ADDRESS} peer more\n")),
            Case("comment-behind", NO, rhosts(f"{AUDITOR_ADDRESS} peer # ours\n")),
            Case("comment", NO, rhosts(f"#{PEER}")),
            Case("no-plus", NO, rhosts(f"NO_PLUS{PEER}")),
            Case("no-plus-line", YES, rhosts(f"NO_PLUS\n{PEER}")),
            Case("nul", YES, rhosts(f"{AUDITOR_ADDRESS} peer\0 and more\n")),
            Case("nul-first", YES, rhosts(f"\0{AUDITOR_ADDRESS}\n{PEER}")),
            Case("a-long-line-is-several", UNKNOWN, rhosts(f"#{'x' * 1022}{AUDITOR_ADDRESS} peer\n")),
            Case("netgroup", UNKNOWN, rhosts("+@hosts peer\n")),
            Case("netgroup-of-people", UNKNOWN, rhosts(f"{AUDITOR_ADDRESS} @people\n")),
            Case("netgroup-and-name", YES, rhosts(f"@hosts peer\n{PEER}")),
            Case("group-writable", NO, rhosts(PEER, mode=0o620, gid=100)),
            Case("private-group-writable", YES, rhosts(PEER, mode=0o620)),
            Case("world-writable", NO, rhosts(PEER, mode=0o602)),
            Case("of-root", YES, rhosts(PEER, mode=0o644, uid=0)),
            Case("of-root-and-secret", NO, rhosts(PEER, uid=0)),
            Case("of-another", NO, rhosts(PEER, mode=0o644, uid=1)),
            Case("mode-0", NO, rhosts(PEER, mode=0)),
            Case("a-link", YES, {"real": File(PEER.encode()), ".shosts": Link("real")}),
            Case("a-loose-folder-above", YES, {
                "open": Directory(0o777), "open/real": File(PEER.encode()), ".shosts": Link("open/real"),
            }),
            Case("a-folder", NO, {".shosts": Directory(0o755)}),
            Case("loose-home", NO, rhosts(PEER), {"home_mode": 0o777}),
            Case("closed-home", YES, rhosts(PEER), {"home_mode": 0o700}),
            Case("no-home", NO, {}, {"home_mode": None}),
            Case("no-shell", YES, rhosts(PEER), {"shell": "/usr/sbin/nologin"}),
        ],
    ),
    # which keys are known
    Site(
        "keys",
        "IgnoreRhosts no\n",
        {},
        [
            Case("no-key", NO, rhosts(PEER)),
            Case("own-file", YES, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS))}),
            Case("second-file", YES, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS), ".ssh/known_hosts2")}),
            Case("another-key-in-the-first", YES, {
                **rhosts(PEER),
                **knows(line(AUDITOR_ADDRESS, OTHER)), **knows(line(AUDITOR_ADDRESS), ".ssh/known_hosts2"),
            }),
            Case("among-names", YES, {**rhosts(PEER), **knows(line(f"x,{AUDITOR_ADDRESS},y"))}),
            Case("pattern", YES, {**rhosts(PEER), **knows(line("10.*"))}),
            Case("negated", NO, {**rhosts(PEER), **knows(line(f"10.*,!{AUDITOR_ADDRESS}"))}),
            Case("hashed", YES, {**rhosts(PEER), **knows(line(hashed(AUDITOR_ADDRESS)))}),
            Case("hashed-other", NO, {**rhosts(PEER), **knows(line(hashed(OTHER_ADDRESS)))}),
            Case("name-alone", NO, {**rhosts(PEER), **knows(line(NAME))}),
            Case("with-port", NO, {**rhosts(PEER), **knows(line(f"[{AUDITOR_ADDRESS}]:22"))}),
            Case("rsa", YES, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS, RSA))}),
            Case("revoked", NO, {
                **rhosts(PEER), **knows(line(AUDITOR_ADDRESS) + line("*", marker="@revoked ")),
            }),
            Case("revoked-behind-a-tab", YES, {
                **rhosts(PEER), **knows(line(AUDITOR_ADDRESS) + line("*", marker="@revoked\t")),
            }),
            Case("revoked-by-tabs", NO, {
                **rhosts(PEER),
                **knows(line(AUDITOR_ADDRESS) + line("*", marker="@revoked ").replace(b" ", b"\t")),
            }),
            Case("authority-behind-a-tab", NO, {
                **rhosts(PEER), **knows(line(AUDITOR_ADDRESS, AUTHORITY, "@cert-authority\t")),
            }),
            Case("revoked-elsewhere", YES, {
                **rhosts(PEER), **knows(line(AUDITOR_ADDRESS) + line("x*", marker="@revoked ")),
            }),
            Case("revoked-alone", NO, {**rhosts(PEER), **knows(line("*", marker="@revoked "))}),
            Case("authority", YES, {
                **rhosts(PEER), **knows(line(AUDITOR_ADDRESS, AUTHORITY, "@cert-authority ")),
            }),
            Case("authority-as-a-key", YES, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS, AUTHORITY))}),
            Case("unknown-marker", NO, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS, marker="@other "))}),
            Case("two-markers", NO, {
                **rhosts(PEER), **knows(line(AUDITOR_ADDRESS, marker="@cert-authority @revoked ")),
            }),
            Case("blanks", YES, {
                **rhosts(PEER), **knows(b"  \t" + line(AUDITOR_ADDRESS).replace(b" ssh", b"\t \tssh")),
            }),
            Case("commented", NO, {**rhosts(PEER), **knows(b"#" + line(AUDITOR_ADDRESS))}),
            Case("cut", NO, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS)[:60])}),
            Case("group-writable", NO, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS), mode=0o620, gid=100)}),
            Case("of-another", NO, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS), mode=0o644, uid=1)}),
            Case("of-root", YES, {**rhosts(PEER), **knows(line(AUDITOR_ADDRESS), mode=0o644, uid=0)}),
            Case("loose-folder", YES, {
                **rhosts(PEER), ".ssh": Directory(0o777), **knows(line(AUDITOR_ADDRESS)),
            }),
        ],
    ),
    # the system's files, of which root's account knows nothing
    Site(
        "system",
        "",
        {**KNOWN, "/etc/hosts.equiv": File(f"-{AUDITOR_ADDRESS} peer\n{AUDITOR_ADDRESS}\n".encode(), 0o666)},
        [
            Case("root", NO),
            Case("same-name", YES),
            Case("peer", NO),
            Case("ignored", YES, rhosts(f"-{AUDITOR_ADDRESS}\n")),
        ],
    ),
    Site(
        "shosts",
        "IgnoreRhosts shosts-only\n",
        {**KNOWN, "/etc/ssh/shosts.equiv": File(f"{AUDITOR_ADDRESS} admin\n".encode(), 0o600)},
        [
            Case("root", YES, rhosts(PEER)),
            Case("by-equiv", YES),
            Case("by-rhosts", YES, rhosts(PEER, ".rhosts")),
        ],
    ),
    Site(
        "only",
        "IgnoreRhosts shosts-only\n",
        KNOWN,
        [
            Case("root", NO, rhosts(PEER, ".rhosts")),
            Case("s", YES, rhosts(PEER)),
            Case("r", NO, rhosts(PEER, ".rhosts")),
        ],
    ),
    Site("default", "", KNOWN, [Case("root", NO, rhosts(PEER)), Case("homes-are-ignored", NO, rhosts(PEER))]),
    Site(
        "packet",
        "IgnoreRhosts no\nHostbasedUsesNameFromPacketOnly yes\n",
        {SYSTEM: File(line(NAME) + line("other.lab", OTHER))},
        [
            Case("root", YES, rhosts(f"{NAME} peer\n")),
            Case("name", YES, rhosts(f"{NAME} peer\n")),
            Case("in-capitals", YES, rhosts(f"{NAME.upper()} peer\n")),
            Case("address", NO, rhosts(PEER)),
            Case("whoever-says-so", YES, rhosts("other.lab peer\n")),
        ],
    ),
    Site(
        "dns",
        "IgnoreRhosts no\nUseDNS yes\n",
        {SYSTEM: File(line(NAME)), "/etc/hosts": File(f"127.0.0.1 localhost\n{AUDITOR_ADDRESS} {NAME}\n".encode())},
        [
            Case("name", YES, rhosts(f"{NAME} peer\n")),
            Case("in-capitals", YES, rhosts(f"{NAME.upper()} peer\n")),
            Case("address", UNKNOWN, rhosts(PEER)),
            Case("other-name", NO, rhosts("other.lab peer\n")),
            Case("denied-by-address", UNKNOWN, rhosts(f"-{PEER}{NAME} peer\n")),
        ],
    ),
    Site(
        "strict",
        "IgnoreRhosts no\nStrictModes no\nIgnoreUserKnownHosts yes\nRequiredRSASize 3072\n"
        "HostbasedAcceptedAlgorithms ssh-ed25519,rsa-sha2-512\nRevokedKeys /etc/ssh/revoked\n",
        {
            SYSTEM: File(line(AUDITOR_ADDRESS) + line(OTHER_ADDRESS, RSA) + line("10.77.0.3", OTHER)),
            "/etc/ssh/revoked": File(line("", OTHER)[1:]),
        },
        [
            Case("loose", YES, rhosts(PEER, mode=0o666, uid=1), {"home_mode": 0o777}),
            Case("too-short", NO, rhosts(f"{OTHER_ADDRESS} peer\n")),
            Case("revoked", NO, rhosts("10.77.0.3 peer\n")),
            Case("user-file-ignored", NO, {**rhosts(f"{OTHER_ADDRESS} peer\n"), **knows(line(OTHER_ADDRESS))}),
        ],
    ),
    Site(
        "algorithms",
        "IgnoreRhosts no\nHostbasedAcceptedAlgorithms rsa-sha2-512\n",
        {SYSTEM: File(line(AUDITOR_ADDRESS) + line(OTHER_ADDRESS, RSA))},
        [
            Case("not-accepted", NO, rhosts(PEER)),
            Case("accepted", YES, rhosts(f"{OTHER_ADDRESS} peer\n")),
            Case("no-certificates", NO, {
                **rhosts(f"{NAME} peer\n"), **knows(line("*", AUTHORITY, "@cert-authority ")),
            }),
        ],
    ),
    Site(
        "match",
        "IgnoreRhosts no\nHostbasedAuthentication no\nMatch User let-in\n  HostbasedAuthentication yes\n",
        KNOWN,
        [Case("let-in", YES, rhosts(PEER)), Case("left-out", NO, rhosts(PEER))],
    ),
]  # fmt: skip


def accounts_of(site: Site) -> Iterator[AccountSpec]:
    for number, case in enumerate(site.cases):
        uid = 0 if case.id == "root" else 1000 + number
        yield AccountSpec(case.id, uid, files=case.files, **case.options)  # type: ignore[arg-type]


def config_of(site: Site) -> str:
    head = HEAD.replace("HostbasedAuthentication yes\n", "") if "HostbasedAuthentication" in site.config else HEAD
    return head + "UsePAM yes\n" + site.config


def answers(lab: Lab, site: Site) -> dict[str, str]:
    """What we say of each account, by what the collector brings."""
    ran = lab.exec_root(site.name, ["/bin/sh", "-s", "--", NONCE], stdin=script.text(), timeout_s=60)
    target = Target(site.name, lab.hosts[site.name].address)
    seen = Seen.of(Evidence("s", target, Status.COMPLETE, "done", "", NOW, NOW, NONCE, stream=ran.stdout))
    assert seen.transcript.complete, seen.transcript.problem
    ledger = Ledger(site.name)
    people = accounts.people(seen, ledger)
    (daemon,) = daemons.daemons(seen, ledger)
    places = Places(site.name, seen, people, daemon, Pam(seen, people, ledger))
    trust = HostTrust(seen, people, Files(seen, people), daemon)
    names = {case.id for case in site.cases}
    return {
        person.name: trust.hostbased(person, places.classes(person)[0].settings).answer.value
        for person in people.everybody
        if person.name in names
    }


async def enters(lab: Lab, site: Site, account: str) -> bool:
    """Whether some user of some host that we can play gets in: each address, name, user and key is tried."""

    async def attempt(source: str, name: str, user: str, more: Mapping[str, object]) -> bool:
        who = {"client_host": name, "client_username": user, "preferred_auth": "hostbased"}
        try:
            async with await lab.connect(site.name, account, source=source, **who, **more):
                return True
        except asyncssh.PermissionDenied:
            return False

    keys: list[Mapping[str, object]] = [
        {"client_host_keys": [KEY, OTHER, AUTHORITY, (KEY, CERTIFICATE), RSA]},
        {"client_host_keys": [RSA], "signature_algs": ["rsa-sha2-512"]},
    ]
    names = (NAME, "other.lab") if "FromPacketOnly" in site.config else (NAME,)
    for combination in itertools.product((AUDITOR_ADDRESS, OTHER_ADDRESS), names, ("peer", account, "admin"), keys):
        if await attempt(*combination):
            return True
    return False


async def observed(lab: Lab, sites: Sequence[Site]) -> dict[tuple[str, str], bool]:
    turns = asyncio.Semaphore(24)

    async def one(site: Site, case: Case) -> tuple[tuple[str, str], bool]:
        async with turns:
            return (site.name, case.id), await enters(lab, site, case.id)

    return dict(await asyncio.gather(*(one(site, case) for site in sites for case in site.cases)))


QUICK = [site for site in SITES if site.name in ("shosts", "packet", "match")]
REST = [site for site in SITES if site not in QUICK]


@pytest.mark.parametrize(
    "sites", [pytest.param(QUICK, id="a few"), pytest.param(REST, id="all others", marks=pytest.mark.prove)]
)
def test_what_real_daemons_do(lab_tree: Path, sites: Sequence[Site]) -> None:
    hosts = [
        HostSpec(site.name, tuple(accounts_of(site)), sshd_config=config_of(site), files=site.files) for site in sites
    ]
    with Lab(lab_tree, hosts) as lab:
        said = {(site.name, name): answer for site in sites for name, answer in answers(lab, site).items()}
        assert said == {(site.name, case.id): case.expected for site in sites for case in site.cases}
        does = asyncio.run(observed(lab, sites))
    assert {
        case: (said[case], entered)
        for case, entered in does.items()
        if said[case] != UNKNOWN and entered != (said[case] == YES)
    } == {}

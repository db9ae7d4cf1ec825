"""Tickets, tried at a real daemon with a realm of its own: our answer for each account is what sshd does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from lab.fleet import Lab
from lab.releases import DEFAULT, RELEASES
from lab.spec import AccountSpec, Directory, File, HostSpec, Link, Node
from lab.tree import ensure_tree

from hygiene.collect import script
from hygiene.facts import accounts, daemons
from hygiene.facts.files import Files
from hygiene.facts.hostbased import HostTrust
from hygiene.facts.ledger import Ledger
from hygiene.facts.pam import Pam
from hygiene.facts.places import Places
from hygiene.facts.seen import Seen
from hygiene.model import Evidence, Status, Target

from .test_hostbased_real import NONCE, NOW

pytestmark = [pytest.mark.real_sshd, pytest.mark.prove]

REALM = "LAB.TEST"
YES, NO, UNKNOWN = "yes", "no", "unknown"
BASE = (
    f"[realms]\n\t{REALM} = {{\n\t\tkdc = 127.0.0.1\n\t}}\n[libdefaults]\n\tdefault_realm = {REALM}\n\trdns = false\n"
)
SSH = (
    *("/usr/bin/ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "PreferredAuthentications=gssapi-with-mic", "-o", "GSSAPIAuthentication=yes"),
)

FORWARD = ("-L", "127.0.0.1:22:127.0.0.1:1")  # a port that sshd holds: the client ends when it is let in


@dataclass(frozen=True)
class Case:
    """One account, and what our answer for it must be."""

    id: str
    expected: str
    files: Mapping[str, Node] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


def k5login(text: str, mode: int = 0o600, **more: int) -> dict[str, Node]:
    return {".k5login": File(text.encode(), mode, **more)}


PEER = f"peer@{REALM}\n"
CASES = [
    Case("root", YES),
    Case("own-name", YES),
    Case("no-shell", YES, {}, {"shell": "/usr/sbin/nologin"}),
    Case("no-home", YES, {}, {"home_mode": None}),
    Case("named", YES, k5login(PEER)),
    Case("last-line", YES, k5login(f"x@{REALM}\n{PEER.strip()}")),
    Case("empty", NO, k5login("")),
    Case("another", YES, k5login(f"own-name@{REALM}\n")),
    Case("no-realm", NO, k5login("peer\n")),
    Case("cr", NO, k5login(PEER.replace("\n", "\r\n"))),
    Case("blank-behind", NO, k5login(PEER.replace("\n", " \n"))),
    # principals of such names can be made
    Case("blank", UNKNOWN, k5login(f" {PEER}")),
    Case("comment", UNKNOWN, k5login(f"#{PEER}")),
    Case("of-root", YES, k5login(PEER, 0o644, uid=0)),
    Case("of-another", NO, k5login(PEER, 0o644, uid=1)),
    Case("writable", YES, k5login(PEER, 0o666)),
    Case("linked", YES, {"real": File(PEER.encode()), ".k5login": Link("real")}),
    Case("loose-home", YES, k5login(PEER), {"home_mode": 0o777}),
    Case("a-folder", UNKNOWN, {".k5login": Directory(0o755)}),
]


@dataclass(frozen=True)
class Site:
    """A host with its configuration of Kerberos."""

    name: str
    conf: str
    cases: Sequence[Case]
    keytab: str | None = "/etc/krb5.keytab"
    files: Mapping[str, Node] = field(default_factory=dict)


FEW = [case for case in CASES if case.id in ("own-name", "named", "empty")]
SITES = [
    Site("usual", BASE, CASES),
    Site("none", BASE, [replace(case, expected=NO) for case in FEW], keytab=None),
    Site(
        "lenient",
        f"includedir /etc/krb5.conf.d\n{BASE}",
        [replace(case, expected=YES) for case in FEW],
        files={"/etc/krb5.conf.d/own.conf": File(b"[libdefaults]\n\tk5login_authoritative = false\n")},
    ),
    Site(
        "mapped",
        BASE.replace("\t}\n", "\t\tauth_to_local = RULE:[1:other-$1]\n\t}\n"),
        [replace(case, expected=UNKNOWN if case.id == "own-name" else case.expected) for case in FEW],
    ),
]


def host_of(site: Site) -> HostSpec:
    people = [
        AccountSpec(case.id, 0 if case.id == "root" else 1000 + number, files=case.files, **case.options)  # type: ignore[arg-type]
        for number, case in enumerate(site.cases)
    ]
    config = "LogLevel VERBOSE\nPermitRootLogin prohibit-password\nUsePAM yes\nGSSAPIAuthentication yes\n"
    hosts = File(f"127.0.0.1 {site.name} localhost\n".encode())
    files = {"/etc/krb5.conf": File(site.conf.encode()), "/etc/hosts": hosts, **site.files}
    return HostSpec(site.name, people, sshd_config=config, files=files)


def run(lab: Lab, site: Site, *argv: str, stdin: str = "") -> str:
    done = lab.exec_root(site.name, argv, stdin=stdin.encode(), timeout_s=60)
    assert done.returncode == 0, (argv, done.stderr)
    return done.stdout.decode()


def realm(lab: Lab, site: Site, word: str) -> None:
    """Set up the realm on the host itself, with a principal for each account and for `peer`."""
    run(lab, site, "/bin/mkdir", "-p", "/etc/krb5kdc", "/var/lib/krb5kdc")
    run(lab, site, "/usr/sbin/kdb5_util", "-r", REALM, "-P", word, "create", "-s")
    asked = "".join(f"addprinc -pw {word} {name}\n" for name in ("peer", *(case.id for case in site.cases)))
    asked += f"addprinc -randkey host/{site.name}\n"
    if site.keytab is not None:
        asked += f"ktadd -k {site.keytab} host/{site.name}\n"
    run(lab, site, "/usr/sbin/kadmin.local", "-r", REALM, stdin=asked)
    run(lab, site, "/usr/sbin/krb5kdc", "-r", REALM)


def enters(lab: Lab, site: Site, account: str, word: str) -> bool:
    """Whether a ticket of the account's own name, of `peer` or of another account opens it."""
    for principal in (account, "peer", "own-name"):
        run(lab, site, "/usr/bin/kinit", f"{principal}@{REALM}", stdin=f"{word}\n")
        # let in, the client cannot have this port, and ends
        done = lab.exec_root(
            site.name, [*SSH, "-v", "-N", "-o", "ExitOnForwardFailure=yes", *FORWARD, f"{account}@{site.name}"]
        )
        if b"Authenticated to" in done.stderr:
            return True
    return False


def answers(lab: Lab, site: Site) -> dict[str, str]:
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
        person.name: trust.gssapi(person, places.classes(person)[0].settings).answer.value
        for person in people.everybody
        if person.name in names
    }


def test_what_a_real_daemon_does_with_tickets() -> None:
    own = RELEASES[DEFAULT]
    tree = ensure_tree(replace(own, packages=(*own.packages, "krb5-kdc", "krb5-admin-server", "krb5-user")))
    word = secrets.token_hex(8)
    with Lab(tree, [host_of(site) for site in SITES]) as lab:
        said, does = {}, {}
        for site in SITES:
            realm(lab, site, word)
            said |= {(site.name, name): answer for name, answer in answers(lab, site).items()}
            does |= {(site.name, case.id): enters(lab, site, case.id, word) for case in site.cases}
    assert said == {(site.name, case.id): case.expected for site in SITES for case in site.cases}
    wrong = {case: (said[case], did) for case, did in does.items() if said[case] != UNKNOWN}
    assert {case: both for case, both in wrong.items() if both[1] != (both[0] == YES)} == {}

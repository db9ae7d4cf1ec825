"""sshd_config with Match and Include, at random: what we resolve is what `sshd -T -C` prints, keyword by keyword."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab.fleet import Lab
from lab.releases import RELEASES
from lab.spec import AccountSpec, File, HostSpec
from lab.tree import ensure_tree

from hygiene.openssh.config import Config, read
from hygiene.openssh.connection import Connection
from hygiene.openssh.settings import Settings, conflicts, read_effective
from hygiene.openssh.version import Version

from .asked import installed
from .configs import MAIN, listings, place
from .random_configs import ACCOUNTS, Case, case

pytestmark = pytest.mark.real_sshd

_KEY = "/etc/ssh/ssh_host_ed25519_key"
_BATCH = 250  # files of one host: what it prints is read at once
# the builds' own, of which nothing hangs: the lists that OpenSSL decides, and what Debian printed before 7.4
_NOT_RESOLVED = {"ciphers", "macs", "kexalgorithms", "gssapikexalgorithms"}
_GONE = {
    "protocol",
    "serverkeybits",
    "keyregenerationinterval",
    "rhostsrsaauthentication",
    "rsaauthentication",
    "uselogin",
    "useprivilegeseparation",
}
# what a version leaves to its builder, or did in one of two ways: 8.2 and Match inside Include, see config.py
_MAY_BE_UNRESOLVED: Mapping[str, set[str]] = {
    "7.2": {"compression"},
    "10.6": {
        "gssapiauthentication",
        "gssapicleanupcredentials",
        "gssapidelegatecredentials",
        "gssapikeyexchange",
        "gssapistorecredentialsonrekey",
        "gssapistrictacceptorcheck",
        "kerberosorlocalpasswd",
        "kerberosticketcleanup",
    },
}
_MAY_BE_UNRESOLVED = {**_MAY_BE_UNRESOLVED, "10.2": _MAY_BE_UNRESOLVED["10.6"]}


@dataclass(frozen=True, slots=True)
class Answer:
    """What sshd said of one connection."""

    refused: bool
    settings: Settings


def _host() -> HostSpec:
    names = dict.fromkeys(group for groups in ACCOUNTS.values() for group in groups)
    own = [name for name, groups in ACCOUNTS.items() if groups and name != "root"]
    accounts = [
        AccountSpec(name, 3000 + number, groups=ACCOUNTS[name][1:], home_mode=None) for number, name in enumerate(own)
    ]
    groups = {name: 4000 + number for number, name in enumerate(names) if name not in ACCOUNTS}
    return HostSpec("sshd", accounts=accounts, groups=groups)


def _spec(connection: Connection, version: Version) -> str:
    told = {
        "user": connection.user,
        "host": connection.host,
        "addr": connection.address,
        "laddr": connection.local_address,
        "lport": connection.local_port,
    }
    nobody = ["invalid-user"] if connection.invalid_user and version.since(9, 9) else []
    return ",".join([f"{name}={value}" for name, value in told.items()] + nobody)


def _ask(tree: Path, name: str, numbers: Sequence[int], connections: int) -> list[str]:
    """Where sshd of a release and we differ."""
    version = Version(*map(int, name.split(".")))
    cases = {number: case(number, version, connections) for number in numbers}
    files = {path: File(data) for number, one in cases.items() for path, data in place(str(number), one.tree).items()}
    jobs = "".join(
        f"{number} {at} {_spec(connection, version)}\n"
        for number, one in cases.items()
        for at, connection in enumerate(one.connections)
    )
    script = (
        "mkdir -p /run/sshd /var/run/sshd; while read number at spec; do "
        f'/usr/sbin/sshd -T -h {_KEY} -f /srv/cases/$number/{MAIN} -C "$spec" 2>/dev/null </dev/null; '
        'echo "@@ $number $at $?"; done </srv/jobs'
    )
    host = _host()
    spec = HostSpec(host.name, host.accounts, host.groups, files={**files, "/srv/jobs": File(jobs.encode())})
    with Lab(tree, [spec]) as lab:
        version = installed(lab, "sshd")
        printed = lab.exec_root("sshd", ["/bin/sh", "-c", script], timeout_s=600).stdout
    answers: dict[tuple[int, int], Answer] = {}
    text: list[bytes] = []
    for line in printed.split(b"\n"):
        if line.startswith(b"@@ "):
            number, at, code = map(int, line[3:].split())
            answers[number, at] = Answer(code != 0, read_effective(b"\n".join(text)))
            text = []
        else:
            text.append(line)
    return [line for number, one in cases.items() for line in _differences(number, one, version, name, answers)]


def _differences(
    number: int, one: Case, version: Version, name: str, answers: Mapping[tuple[int, int], Answer]
) -> list[str]:
    files = place(str(number), one.tree)
    config = read(
        files, listings(files), version, main=f"/srv/cases/{number}/{MAIN}", options=[f"-h{_KEY}"]
    )  # fmt: skip
    found = []
    for at, connection in enumerate(one.connections):
        found += [
            f"{number}: {_spec(connection, version)}: {what}"
            for what in _compared(config, connection, answers[number, at], name)
        ]
    return found


def _compared(config: Config, connection: Connection, answer: Answer, name: str) -> list[str]:
    ours = config.settings(connection)
    if answer.refused or ours.problems:
        told = ours.problems or "no problem"
        return [] if answer.refused and ours.problems else [f"sshd refused: {answer.refused}; we: {told}"]
    found = [
        f"{keyword}: sshd {answer.settings.values(keyword)}, we {ours.values(keyword)}"
        for keyword in conflicts(answer.settings, ours)
    ]
    known = {entry.keyword for entry in answer.settings.entries}
    missing = known - {entry.keyword for entry in ours.entries} - set(ours.unresolved) - _GONE
    found += [f"{keyword}: sshd prints it" for keyword in sorted(missing)]
    if name != "8.2":
        unresolved = set(ours.unresolved) - _NOT_RESOLVED - _MAY_BE_UNRESOLVED.get(name, set())
        found += [f"{keyword}: not resolved" for keyword in sorted(unresolved & known)]
    return found


def test_sixty_files(lab_tree: Path) -> None:
    assert _ask(lab_tree, "9.2", range(60), 3) == []


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(1000, 2000, _BATCH))
def test_a_thousand_files(lab_tree: Path, first: int) -> None:
    assert _ask(lab_tree, "9.2", range(first, first + _BATCH), 5) == []


@pytest.mark.prove
@pytest.mark.timeout(1800)  # the first run downloads the release
@pytest.mark.parametrize("name", [name for name in RELEASES if name != "9.2"])
def test_two_hundred_files_of_other_releases(name: str) -> None:
    assert _ask(ensure_tree(RELEASES[name]), name, range(200), 4) == []

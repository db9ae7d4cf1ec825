"""Tables of pam_access: random ones against the module, and what versions that are not here make of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from hygiene.openssh.connection import Source
from hygiene.pam.codes import Code
from hygiene.pam.modules.access import access
from hygiene.pam.modules.access_table import Entry, entries
from hygiene.pam.question import Question

from . import real
from .hosts import Host, source
from .real import Ask

PEOPLE = ("root", "alice", "bob", "carol", "nobody")
PLACES = ("192.0.2.7", "192.0.2.200", "10.1.2.3", "127.0.0.1", "2001:db8::7", "::1")
_USERS = [
    "ALL",
    "all",
    *PEOPLE,
    "Alice",
    "ops",
    "(ops)",
    "wheel",
    "(wheel)",
    "users",
    "(nope)",
    "()",
    "(",
    "@",
    "x@ALL",
]
_ORIGINS = [
    "ALL", "LOCAL", "192.0.2.", "192.0.2.7", "192.0.2.0/24", "192.0.2.0/255.255.255.128", "192.0.2.99/25", "10.",
    "10.1.2.3/32", "10.0.0.0/8", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "2001:db8::/32", "2001:DB8::7", "::/0", "::1/128",
    "::1/129", "10.0.0.0/010", "10.0.0.0/0x8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.0/ff00::", "tty1",
    ":0", ".7", ".2.7", "1.", "127.0.0.1/8", "192.0.2", "192.0.2.7.", "::ffff:192.0.2.7", "010.1.2.3",
]  # fmt: skip


def _words(random: Random, words: list[str]) -> str:
    chosen = [random.choice(words) for _ in range(random.randint(1, 4))]
    if random.random() < 0.35:
        chosen.insert(random.randint(0, len(chosen)), random.choice(["EXCEPT", "except"]))
    return random.choice([" ", ", ", "\t"]).join(chosen)


def _line(random: Random) -> str:
    if random.random() < 0.06:
        return random.choice(
            ["", "# x:y:z", " # x", "+", "+:ALL", "-:ALL:", "-::ALL", ":+:ALL:ALL", "x:ALL:ALL", "-ALL"]
        )
    blank = random.choice(["", " "])
    fields = (random.choice("+-") + blank, blank + _words(random, _USERS) + blank, blank + _words(random, _ORIGINS))
    return ":".join(fields) + random.choice(["", "", " ", "\t"])


def _table(random: Random) -> bytes:
    lines = "\n".join(_line(random) for _ in range(random.randint(1, 6)))
    return (lines + random.choice(["\n", "\n", "\n", ""])).encode()


def _compare(folder: Path, seed: int, count: int) -> None:
    random = Random(seed)
    planted = Host(security={f"t{number}": _table(random) for number in range(count)})
    services = folder / "pam.d"
    services.mkdir()
    real.plant(
        services,
        {
            f"s{number}": f"account required pam_access.so nodns accessfile=/etc/security/t{number}\n".encode()
            for number in range(count)
        },
    )
    asks = [
        Ask(f"s{number}", user=random.choice(PEOPLE), rhost=random.choice(PLACES))
        for number in range(count)
        for _ in range(8)
    ]
    said = real.answers(services, asks, planted.plant(folder / "host"))
    wrong = []
    certain = 0
    for ask, code in zip(asks, said, strict=True):
        arguments = ("nodns", f"accessfile=/etc/security/t{ask.service[1:]}")
        told = access(Question(arguments, planted.person(ask.user), source(ask.rhost), planted.conf()))
        certain += len(told) == 1
        if code not in {outcome.code for outcome in told}:
            wrong.append((planted.security[f"t{ask.service[1:]}"], ask, told))
    assert wrong == []
    assert certain > 0.9 * len(asks)
    assert set(said) == {Code.SUCCESS, Code.PERM_DENIED}


@pytest.mark.real_sshd
def test_random_tables_decide_as_the_module_does(tmp_path: Path) -> None:
    _compare(tmp_path, seed=1, count=150)


@pytest.mark.prove
@pytest.mark.real_sshd
@pytest.mark.parametrize("seed", range(2, 6))
def test_thousands_of_random_tables_decide_as_the_module_does(tmp_path: Path, seed: int) -> None:
    _compare(tmp_path, seed, count=500)


OLD, MIDDLE, NEW, ANY = (1, 1, 8), (1, 5, 3), (1, 7, 0), None


@pytest.mark.parametrize(
    ("table", "version", "expected"),
    [
        pytest.param("-:alice:bastion\n", OLD, {0}, id="names-are-not-looked-up-before-1.5.3"),
        pytest.param("-:alice:bastion\n", MIDDLE, {0, 6}, id="names-are-looked-up"),
        pytest.param("-:alice:bastion\n", ANY, {0, 6}, id="names-may-be-looked-up"),
        pytest.param("-:alice:tty1 :0 pts/3 console\n", MIDDLE, {0}, id="terminals-have-no-address"),
        pytest.param("-:1000:ALL\n", (1, 6, 1), {0}, id="a-uid-is-a-name-before-1.7"),
        pytest.param("-:1000:ALL\n", NEW, {6}, id="a-uid-since-1.7"),
        pytest.param("-:(2000):ALL\n", NEW, {6}, id="a-gid-since-1.7"),
        pytest.param("-:(100):ALL\n", NEW, {0}, id="a-gid-of-others"),
        pytest.param("-:alice@HERE:ALL\n", NEW, {6}, id="on-this-host"),
        pytest.param("-:alice@there:ALL\n", NEW, {0, 6}, id="on-a-host-that-may-be-this-one"),
        pytest.param("-:bob@there:ALL\n", NEW, {0}, id="somebody-else-on-another-host"),
        pytest.param("-:@@staff:ALL\n", NEW, {0, 6}, id="netgroup"),
        pytest.param("-:ALL:@places\n+:ALL:ALL\n", NEW, {0, 6}, id="netgroup-of-hosts"),
        pytest.param("-:ALL EXCEPT @staff:ALL\n", NEW, {0, 6}, id="not-a-netgroup"),
        pytest.param("+:@staff:ALL\n+:ALL:ALL\n-:ALL:ALL\n", NEW, {0}, id="granted-either-way"),
        pytest.param("hyg:dropped 40\n+:ALL:ALL\n", NEW, {0, 6}, id="a-line-that-was-not-collected"),
        pytest.param(f"+:ALL:{'x ' * 5000}\n", ANY, {0, 6}, id="a-long-line"),
        pytest.param("\0-:ALL:ALL\n-:alice:ALL\0\n", ANY, {0}, id="a-line-with-nul"),
    ],
)  # fmt: skip
def test_versions(table: str, version: tuple[int, ...] | None, expected: set[int]) -> None:
    planted = Host(security={"access.conf": table.encode()})
    conf = replace(planted.conf(version), hostname="here")
    told = access(Question((), planted.person("alice"), source("192.0.2.7"), conf))
    assert {int(outcome.code) for outcome in told} == expected


@pytest.mark.parametrize(
    ("place", "origin", "expected"),
    [
        pytest.param(Source("*"), "192.0.2.0/24 10. ::1 .example.org", {0}, id="an-address-that-no-word-names"),
        pytest.param(Source("*"), "0.0.0.0/0.0.0.0", {0, 6}, id="all-of-one-family"),
        pytest.param(Source("*"), "0.0.0.0/0", {0}, id="no-bits-is-one-address"),
        pytest.param(Source("x", address="192.0.2.7", host="a.example.org"), ".Example.ORG", {6}, id="domain"),
        pytest.param(Source("x", address="192.0.2.7", host="a.example.org"), "A.example.org", {6}, id="host"),
        pytest.param(Source("x", address="192.0.2.7", host="a.example.org"), "192.0.2.", {6}, id="address-of-a-name"),
        pytest.param(
            Source("x", address="192.0.2.7", host="a.example.org"), "10.0.0.0/8", {0, 6}, id="a-name-may-have-others"
        ),
        pytest.param(
            Source("x", address="192.0.2.7", host="a.example.org"), "10.", {0, 6}, id="others-by-the-first-byte"
        ),
    ],
)
def test_origins(place: Source, origin: str, expected: set[int]) -> None:
    planted = Host(security={"access.conf": f"-:ALL:{origin}\n".encode()})
    told = access(Question((), planted.person("alice"), place, planted.conf((1, 5, 2))))
    assert {int(outcome.code) for outcome in told} == expected


def test_access_d_comes_behind_the_table() -> None:
    planted = Host(security={"access.conf": b"+:bob:ALL\n", "access.d/1.conf": b"-:ALL:ALL\n"})
    asked = {
        (name, listed, version): access(
            Question((), planted.person(name), source("192.0.2.7"), replace(planted.conf(version), access_d=listed))
        )
        for name in ("alice", "bob")
        for listed in ((), ("/etc/security/access.d/1.conf",), None)
        for version in (None, (1, 3, 0))
    }
    codes = {key: {int(outcome.code) for outcome in told} for key, told in asked.items()}
    here = ("/etc/security/access.d/1.conf",)
    assert codes == {
        ("alice", (), None): {0},
        ("alice", here, None): {6},
        ("alice", None, None): {0, 6},
        ("alice", (), (1, 3, 0)): {0},
        ("alice", here, (1, 3, 0)): {0},
        ("alice", None, (1, 3, 0)): {0},
        **{("bob", listed, version): {0} for listed in ((), here, None) for version in (None, (1, 3, 0))},
    }


def test_entries() -> None:
    assert entries(b"#c\n\n + : x : y\n+:a b,c EXCEPT d : ALL:x \n-:x\n-:x:y", ":", ", ") == (
        Entry(4, True, (("a", "b", "c"), ("d",)), (("ALL:x",),)),
    )


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "table",
    [
        pytest.param(b"-:" + b"EXCEPT " * 1000 + b":ALL\n", id="excepts"),
        pytest.param(b"-:a:b\n" * 300_000, id="lines"),
        pytest.param(b"-:" + b"@" * 8000 + b"a:b\n", id="at-signs"),
        pytest.param((b"-:" + b"a@" * 4000 + b":b\n") * 100, id="hosts"),
        pytest.param(bytes(range(256)) * 2000, id="noise"),
    ],
)
def test_hostile_tables_end_soon(table: bytes) -> None:
    planted = Host(security={"access.conf": table})
    told = access(Question((), planted.person("alice"), source("192.0.2.7"), planted.conf()))
    assert {outcome.code for outcome in told} <= {Code.SUCCESS, Code.PERM_DENIED}

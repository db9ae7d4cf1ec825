"""Hashes on the hosts of a fleet, from the collector to the report: what is found, and that no hash is in anything."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from collect.older import without_digests

from hygiene.evidence.segments import EvidenceFolder
from hygiene.evidence.stream import decode
from hygiene.passwords.hashes.schemes import unlocked
from hygiene.passwords.hashes.shared import digest, key_name
from hygiene.testing.hosts import ServedFleet, SshHost, serving

from .commands import Answer, Hygiene

SEED = "hashes"
WEB = tuple(f"127.61.9.{number}" for number in range(1, 6))
# the fourth has a collector of before, the fifth is an image
_SIGNS = string.ascii_letters + string.digits
CHANGED = "2022-01-08T00:00:00Z"  # day 19000


def _some(length: int) -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(length))


@dataclass(frozen=True)
class Planted:
    """Who has which hash; made anew for each run."""

    root: str = field(default_factory=lambda: f"$6${_some(16)}${_some(86)}", repr=False)
    old: str = field(default_factory=lambda: f"$6${_some(16)}${_some(86)}", repr=False)
    md5: str = field(default_factory=lambda: f"$1${_some(8)}${_some(22)}", repr=False)
    des: str = field(default_factory=lambda: _some(13), repr=False)
    cheap: str = field(default_factory=lambda: f"$y$j75${_some(22)}${_some(43)}", repr=False)
    locked: str = field(default_factory=lambda: f"!$2b$12${_some(53)}", repr=False)

    @property
    def hosts(self) -> dict[str, dict[str, str]]:
        return {
            WEB[0]: {"root": self.root, "anna": self.md5},
            WEB[1]: {"root": self.root, "bob": self.des, "ops": self.locked},
            WEB[2]: {"root": self.root, "eve": self.cheap, "max": "", "daemon": "*"},
            WEB[3]: {"root": self.old},
            WEB[4]: {"root": "!", "ops": self.locked[1:]},
        }

    @property
    def hashes(self) -> list[str]:
        return [self.root, self.old, self.md5, self.des, self.cheap, unlocked(self.locked)]


@dataclass(frozen=True)
class World:
    planted: Planted
    fleet: ServedFleet
    image: Path
    key: bytes = field(repr=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    planted, folder = Planted(), tmp_path_factory.mktemp("hosts")
    pair = asyncssh.generate_private_key("ssh-ed25519")
    public = " ".join(pair.export_public_key().decode().split()[:2])
    older = folder / "older"
    older.write_text(without_digests())
    served = []
    for address, accounts in planted.hosts.items():
        root = folder / address
        (root / "etc").mkdir(parents=True)
        (root / "etc/nsswitch.conf").write_text("passwd: files\nshadow: files\ngroup: files\n")
        (root / "etc/group").write_text("root:x:0:\n")
        (root / "etc/passwd").write_text(
            "".join(f"{name}:x:{uid * 1000}:0::/home:/bin/sh\n" for uid, name in enumerate(accounts))
        )
        (root / "etc/shadow").write_text(
            "".join(f"{name}:{text}:19000:0:99999:7:::\n" for name, text in accounts.items())
        )
        served.append(
            SshHost(
                address,
                {"root": (public,)},
                root=root,
                # one gets the collector over the line, the others have it
                installed=address != WEB[0],
                collector=older if address == WEB[3] else None,
            )
        )
    with serving(served[:4], SEED) as fleet:
        yield World(planted, fleet, folder / WEB[4], pair.export_private_key())


def run(hygiene: Hygiene, world: World, command: str, *more: str) -> Answer:
    hygiene.write("key", world.key)
    hygiene.write("known_hosts", world.fleet.known_hosts())
    hygiene.write("hosts.txt", "".join(f"{address}:{world.fleet.port}\n" for address in WEB[:4]))
    return hygiene(
        *(command, "-i", "hosts.txt", "-u", "root", "--key", "key", "--known-hosts", "known_hosts"),
        *("--root", f"{WEB[4]}={world.image}", *more),
    )


def row(host: str, account: str, state: str, scheme: str | None, **more: Any) -> dict[str, Any]:
    return {
        "host": host, "account": account, "state": state, "scheme": scheme, "cost": None, "weakness": None,
        "changed_at": CHANGED, "never_expires": True, **more,
    }  # fmt: skip


ROWS = [
    row(WEB[0], "anna", "set", "md5", weakness="broken"),
    row(WEB[0], "root", "set", "sha512crypt"),
    row(WEB[1], "bob", "set", "des", weakness="broken"),
    row(WEB[1], "ops", "locked-hash", "bcrypt", cost="12"),
    row(WEB[1], "root", "set", "sha512crypt"),
    row(WEB[2], "daemon", "none", None),
    row(WEB[2], "eve", "set", "yescrypt", cost="j75", weakness="cheap"),
    row(WEB[2], "max", "empty", None),
    row(WEB[2], "root", "set", "sha512crypt"),
    row(WEB[3], "root", "set", "sha512crypt"),
    row(WEB[4], "ops", "set", "bcrypt", cost="12"),
    row(WEB[4], "root", "locked", None),
]
FINDINGS = {
    ("hash-weak", WEB[0]): (
        "high",
        {"accounts": 1},
        "1 account has a weak password hash (1 md5); the oldest of these was set on 2022-01-08",
    ),
    ("hash-weak", WEB[1]): (
        "high",
        {"accounts": 1},
        "1 account has a weak password hash (1 des); the oldest of these was set on 2022-01-08",
    ),
    ("hash-weak", WEB[2]): (
        "medium",
        {"accounts": 2},
        (
            "1 account has a weak password hash (1 yescrypt of too low a cost); the oldest of these was set on"
            " 2022-01-08; 1 account has an empty password"
        ),
    ),
    ("hash-shared", "root"): (
        "critical",
        {"accounts": 3, "hosts": 3},
        "3 accounts on 3 of 5 hosts have one password hash: it was copied",
    ),
    ("hash-shared", "ops"): (
        "medium",
        {"accounts": 2, "hosts": 2},
        "2 accounts on 2 of 5 hosts have one password hash: it was copied; 1 of them locked",
    ),
}
OLDER = (
    WEB[3],
    "shadow",
    (
        "the collector installed there is of an older version: 1 hash was not compared with those of others; install"
        " what `hygiene collector` prints"
    ),
)


def test_hashes_of_a_fleet(hygiene: Hygiene, world: World) -> None:
    answer = run(hygiene, world, "audit", "--format", "json", "-o", "reports")
    report = json.loads((hygiene.work / "reports/report.json").read_text())
    tables = hygiene.tables(("host_hashes", "gaps"))
    said = {
        (each["host"], each["account"]): (each.pop("digest"), each.pop("digest_key")) for each in tables["host_hashes"]
    }
    assert sorted(tables["host_hashes"], key=lambda each: (each["host"], each["account"])) == ROWS
    assert {
        (found["check"], found["subject"]["id"]): (found["severity"], found["measure"], found["message"])
        for found in report["findings"]
        if found["check"].startswith("hash-")
    } == FINDINGS
    gaps = [(gap["subject"], gap["area"], gap["reason"]) for gap in tables["gaps"] if gap["area"] == "shadow"]
    assert gaps == [OLDER]

    # one key names all, and a digest stands where a hash is
    (key,) = {key for _, key in said.values() if key is not None}
    hashed = {place for place, (made, _) in said.items() if made is not None}
    fields = {(host, name): text for host, accounts in world.planted.hosts.items() for name, text in accounts.items()}
    assert hashed == {place for place, text in fields.items() if len(text) > 9 and place[0] != WEB[3]}
    assert {place for place, (_, key) in said.items() if key is not None} == {*hashed, (WEB[3], "root")}
    equal = [place for place in hashed if said[place] == said[WEB[0], "root"]]
    assert sorted(equal) == [(address, "root") for address in WEB[:3]]
    assert said[WEB[1], "ops"] == said[WEB[4], "ops"]

    everything = _everything(hygiene, answer)
    for text in world.planted.hashes:
        for secret in (text, text.rpartition("$")[2], hashlib.sha256(text.encode()).hexdigest()[:32]):
            for form in (
                secret.encode(),
                base64.b64encode(secret.encode()).rstrip(b"="),
                secret.encode().hex().encode(),
            ):
                assert [name for name, data in everything.items() if form in data] == []
    # and no digest is told to a reader of reports
    told = [made.encode() for made, _ in said.values() if made is not None]
    read = {name: data for name, data in everything.items() if name in ("stdout", "stderr") or "reports" in name}
    assert [name for name, data in read.items() if any(made in data for made in told)] == []
    assert key.encode() not in b"".join(read.values())


def _everything(hygiene: Hygiene, answer: Answer) -> dict[str, bytes]:
    """All that the command has said and left, the evidence unpacked too."""
    found = {"stdout": answer.out.encode(), "stderr": answer.err.encode()}
    for path in hygiene.work.rglob("*"):
        if path.is_file():
            found[str(path.relative_to(hygiene.work))] = path.read_bytes()
    folder = EvidenceFolder.beside(hygiene.work / "hygiene.duckdb")
    for evidence in folder.replay(folder.index().entries):
        found[f"evidence of {evidence.target.host}"] = evidence.stream + b"".join(
            frame.data for frame in _frames(evidence.stream, evidence.nonce)
        )
    assert sum(name.startswith("evidence of") for name in found) == len(WEB)
    tables = hygiene.tables(("host_hashes", "findings", "gaps", "hosts", "accounts"))
    found["tables"] = json.dumps(tables).encode()
    return found


def _frames(stream: bytes, nonce: str) -> tuple[Any, ...]:
    return decode(stream, nonce).frames


def test_hosts_that_were_read_with_another_key_are_a_gap(hygiene: Hygiene, world: World) -> None:
    """Unless the policy names one, each run has a key of its own."""
    run(hygiene, world, "collect")
    run(hygiene, world, "collect", "--limit", WEB[2], "--fresh")
    fleet = [gap["reason"] for gap in hygiene.rows("gaps") if (gap["subject"], gap["area"]) == ("fleet", "shadow")]
    assert fleet == [
        (
            "hashes of 1 host have digests of another key than those of 3 hosts, and were not compared with these; name"
            " a file with digest_key in the policy and read all of them anew with --fresh"
        )
    ]


def test_with_a_key_of_the_policy_runs_are_compared(hygiene: Hygiene, world: World) -> None:
    named = secrets.token_bytes(32)
    hygiene.write("digest.key", named)
    hygiene.write("hygiene.toml", '[passwords]\ndigest_key = "digest.key"\n')
    run(hygiene, world, "collect")
    run(hygiene, world, "audit", "--limit", WEB[2], "--fresh")
    tables = hygiene.tables(("gaps", "host_hashes", "findings"))
    assert [gap for gap in tables["gaps"] if (gap["subject"], gap["area"]) == ("fleet", "shadow")] == []
    (root,) = {each["digest"] for each in tables["host_hashes"] if each["account"] == "root" and each["digest"]}
    key = hashlib.blake2b(named, digest_size=16).hexdigest()
    assert root == digest(world.planted.root, key)
    assert {each["digest_key"] for each in tables["host_hashes"]} == {None, key_name(key)}
    shared = [each["subject"] for each in tables["findings"] if each["check"] == "hash-shared"]
    assert sorted(shared) == ["ops", "root"]

"""Hashes on real hosts: entered as root, through a collector behind sudo, and through one that makes no digests."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from audited.plant import Key, ed25519
from audited.secrets import Search, evidence_of, files_of, of_text
from collect.older import without_digests
from lab.fleet import Lab
from lab.plan import auditor_account, join
from lab.spec import AUDITOR_ADDRESS, AccountSpec, HostSpec

from hygiene.collect import script
from hygiene.evidence.segments import EvidenceFolder
from hygiene.passwords.hashes.schemes import classify, unlocked
from hygiene.store.export import export
from hygiene.store.store import Store

pytestmark = [pytest.mark.real_sshd, pytest.mark.prove]

NAMES = ("direct", "sudo", "older", "other")


@dataclass(frozen=True)
class Seen:
    """What an audit of the hosts came to."""

    fields: dict[tuple[str, str], str] = field(repr=False)  # the password fields as they stand on the hosts
    tables: dict[str, list[dict[str, Any]]]
    left: dict[str, bytes] = field(repr=False)


@pytest.fixture(scope="module")
def seen(lab_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("hashes")
    (folder / "home").mkdir()
    key = ed25519("auditor")
    with Lab(lab_tree, _hosts(key)) as lab:
        lab.known_hosts(folder / "known_hosts")
        rows = [f"{name},{lab.hosts[name].address},{_user(name)}" for name in NAMES]
        (folder / "hosts.csv").write_text("\n".join(["host,address,user", *rows, ""]))
        (folder / "key").write_bytes(key.pair.export_private_key())
        (folder / "key").chmod(0o600)
        done = lab.hygiene(
            *("audit", "-i", "hosts.csv", "--known-hosts", "known_hosts", "--key", "key", "-v"),
            *("--format", "json", "--format", "html", "-o", "reports"),
            env={"PATH": os.defpath, "HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"},
            cwd=folder,
        )
        fields = {}
        for name in NAMES:
            for line in lab.exec_root(name, ["cat", "/etc/shadow"]).stdout.decode().splitlines():
                account, secret, *_ = line.split(":")
                fields[name, account] = secret
    found = {"output": (done.stdout + done.stderr).encode(), "files": files_of(folder)}
    found["evidence"] = evidence_of(EvidenceFolder.beside(folder / "hygiene.duckdb"))
    tables = _tables(folder)
    found["tables"] = json.dumps(tables).encode()
    return Seen(fields, tables, found)


def _user(name: str) -> str:
    return "root" if name in ("direct", "other") else "hygiene"


def _hosts(key: Key) -> list[HostSpec]:
    """All have one hash of root; the other accounts have those that mkpasswd(1) makes, and planted ones."""
    signs = "./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

    def some(length: int) -> str:
        return "".join(secrets.choice(signs) for _ in range(length))

    copied = f"$y$j9T${some(22)}${some(43)}"
    accounts = {
        "direct": [
            AccountSpec("anna", 1001, password=some(12), hash_method="md5crypt"),
            AccountSpec("bob", 1002, password=some(8), hash_method="descrypt"),
            AccountSpec("eve", 1003, shadow=f"$y$j75${some(22)}${some(43)}"),
        ],
        "sudo": [AccountSpec("max", 1004, shadow=f"!$6${some(16)}${some(86)}", ages=("0", "0", "90", "7", "", ""))],
        "older": [AccountSpec("amy", 1005, password=some(12), hash_method="sha512crypt")],
        "other": [AccountSpec("guest", 1006, shadow="")],
    }
    login = [key.public]
    found = []
    for name in NAMES:
        root = AccountSpec("root", 0, shadow=copied, authorized_keys=login if _user(name) == "root" else ())
        host = HostSpec(name, accounts=[root, *accounts[name]])
        if _user(name) != "root":
            text = script.text() if name == "sudo" else without_digests().encode()
            host = join(host, auditor_account(key.public, text, source=AUDITOR_ADDRESS))
        found.append(host)
    return found


def _tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    found = {}
    with Store.open(folder / "hygiene.duckdb", create=False, read_only=True) as store:
        fleet = store.fleet()
        for name in ("host_hashes", "findings", "gaps", "hosts"):
            with (folder / f"{name}.jsonl").open("wb") as out:
                export(fleet, name, "jsonl", out)
            found[name] = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
    return found


def test_every_field_has_its_row(seen: Seen) -> None:
    """State, scheme and cost are what the field itself says."""
    said = {
        (row["host"], row["account"]): (row["state"], row["scheme"], row["cost"]) for row in seen.tables["host_hashes"]
    }
    standings = {place: classify(secret) for place, secret in seen.fields.items()}
    assert said == {place: (one.state.value, one.scheme, one.cost) for place, one in standings.items()}
    assert {row["host"]: row["status"] for row in seen.tables["hosts"]} == dict.fromkeys(NAMES, "complete")


def test_digests_are_equal_where_hashes_are(seen: Seen) -> None:
    digests = {(row["host"], row["account"]): row["digest"] for row in seen.tables["host_hashes"]}
    hashed = [place for place, secret in seen.fields.items() if classify(secret).scheme and place[0] != "older"]
    assert {place for place, made in digests.items() if made} == set(hashed)
    for one in hashed:
        for other in hashed:
            assert (digests[one] == digests[other]) is (unlocked(seen.fields[one]) == unlocked(seen.fields[other]))


def test_both_checks_find_what_was_planted(seen: Seen) -> None:
    found = {
        (row["check"], row["subject"]): (row["severity"], json.loads(row["measure"]))
        for row in seen.tables["findings"]
        if row["check"].startswith("hash-")
    }
    assert found == {
        ("hash-weak", "direct"): ("high", {"accounts": 3}),
        ("hash-weak", "other"): ("medium", {"accounts": 1}),
        ("hash-shared", "root"): ("critical", {"hosts": 3, "accounts": 3}),
    }
    reason = (
        "the collector installed there is of an older version: 2 hashes were not compared with those of others; install"
        " what `hygiene collector` prints"
    )
    assert [(gap["subject"], gap["reason"]) for gap in seen.tables["gaps"] if gap["area"] == "shadow"] == [
        ("older", reason)
    ]


def test_no_hash_is_anywhere(seen: Seen) -> None:
    needles = {}
    for (_, account), secret in seen.fields.items():
        if classify(secret).scheme:
            bare = unlocked(secret)
            parts = [bare, bare.rpartition("$")[2], hashlib.sha256(bare.encode()).hexdigest()]
            needles[account] = [form for part in parts for form in of_text(part)]
    search = Search(needles)
    assert {place: search(data) for place, data in seen.left.items()} == {place: set() for place in seen.left}
    # the search knows them where they are
    shadow = "".join(f"{account}:{secret}:\n" for (_, account), secret in seen.fields.items())
    assert search(shadow.encode()) == set(needles)

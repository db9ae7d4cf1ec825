"""What is done once with the faulty fleet, for many tests: an audit, a bundle, all logins; and what they leave."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hygiene.evidence.bundles import import_bundle
from hygiene.evidence.segments import EvidenceFolder

from . import faulty, lists
from .hosts_keys import MARKER, PASSPHRASE
from .keys import PASSWORD_OF_PEOPLE
from .plant import ed25519_of
from .secrets import Search, evidence_of, files_of, of_file, of_pair, of_text
from .world import Login, Row, World, key_logins, password_logins, tried_logins


@dataclass(frozen=True)
class Audited:
    """The first audit of the faulty fleet."""

    done: subprocess.CompletedProcess[str]
    options: list[str]
    database: Path
    output: Path
    tables: dict[str, list[Row]]


def audit(world: World) -> Audited:
    """Audit the faulty fleet as an admin would, with a list and two reports."""
    options = world.write_fleet("faulty", world.faulty.hosts, world.faulty.keys.audit)
    book = lists.write(world.folder / lists.NAME, faulty.LISTED)
    database, output = world.folder / "faulty.duckdb", world.folder / f"out-{MARKER}"
    options += ["--passwords", str(book), "--db", str(database)]
    options += ["--format", "json", "--format", "html", "-o", str(output)]
    done = world.hygiene("audit", *options)
    return Audited(done, options, database, output, world.export(database))


@dataclass(frozen=True)
class Bundled:
    """The same fleet collected into a bundle, which is imported and judged where no host can be reached."""

    bundle: Path
    collected: subprocess.CompletedProcess[str]
    imported: subprocess.CompletedProcess[str]
    checked: subprocess.CompletedProcess[str]
    tables: dict[str, list[Row]]


def carry(world: World, audited: Audited) -> Bundled:
    """Collect the faulty fleet once more, and judge it elsewhere."""
    way_in = audited.options[: audited.options.index("--passwords")]
    bundle, database = world.folder / "fleet.bundle", world.folder / "elsewhere.duckdb"
    collected = world.hygiene("collect", *way_in, "--db", world.folder / "collected.duckdb", "--bundle", bundle)
    imported = world.hygiene("import", bundle, "--db", database)
    checked = world.hygiene("check", "--db", database)
    return Bundled(bundle, collected, imported, checked, world.export(database, ["grants", "findings"]))


@dataclass(frozen=True)
class Asked:
    """A login, what was planted of it, and what the daemon said."""

    login: Login
    planted: bool
    let_in: bool


@dataclass(frozen=True)
class Answers:
    """All logins that are planted."""

    by_key: list[Asked]
    otherwise: list[Asked]  # by certificates, from other places, at other ports, by keys that no file holds
    by_password: list[Asked]


def ask(world: World) -> Answers:
    """Try them all."""

    def each(logins: list[tuple[Login, bool]]) -> list[Asked]:
        said = world.logins([login for login, _ in logins])
        return [Asked(login, planted, answer) for (login, planted), answer in zip(logins, said, strict=True)]

    fleet = world.faulty.hosts
    return Answers(each(key_logins(fleet)), each(tried_logins(fleet)), each(password_logins(fleet)))


def planted_secrets(world: World) -> Search:
    """All that was planted and must be nowhere."""
    keys = world.faulty.keys
    needles: dict[str, list[bytes]] = {
        "the password of people": [*of_text(PASSWORD_OF_PEOPLE)],
        "the passphrase of key files": [*of_text(PASSPHRASE)],
        "the auditor's key": [*of_pair(keys.audit), *of_file(keys.audit.pair.export_private_key(), keys.audit)],
    }
    for number, entry in enumerate(faulty.LISTED, 4):
        needles[f"the password in row {number}"] = [*of_text(entry.password)]
    for host in world.faulty.hosts:
        own = ed25519_of(host.host_key.private)
        needles[f"the host key of {host.name}"] = [*of_pair(own), *of_file(host.host_key.private, own)]
        for kept in host.key_files:
            assert kept.secret is not None
            needles[f"the private key {host.name}:{kept.path}"] = [
                *of_pair(kept.secret),
                *of_file(kept.data, kept.secret),
            ]
        if host.up:
            for line in world.read(host, "cat", "/etc/shadow").splitlines():
                name, hashed = line.split(":")[:2]
                if "$" in hashed:
                    texts = (hashed.lstrip("!"), hashed.rpartition("$")[2])
                    needles[f"the hash of {host.name}:{name}"] = [form for text in texts for form in of_text(text)]
    return Search(needles)


def left_behind(world: World, audited: Audited, bundled: Bundled) -> dict[str, bytes]:
    """Everything that an audit leaves behind, unpacked."""
    fresh = EvidenceFolder(world.folder / "unpacked")
    import_bundle(bundled.bundle, fresh)
    return {
        "tables": json.dumps([audited.tables, bundled.tables]).encode(),
        "segments": evidence_of(EvidenceFolder.beside(audited.database)),
        "bundle": evidence_of(fresh),
        "log": "".join((audited.done.stdout, audited.done.stderr)).encode(),
        "report.json": (audited.output / "report.json").read_bytes(),
        "report.html": (audited.output / "report.html").read_bytes(),
        "temporary files": files_of(world.temporary),
    }

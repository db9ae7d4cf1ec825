"""Both fleets up in one lab, the files that an admin would have beside them, and the commands run on them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncssh
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS

from . import faulty, truth
from .hosts_sshd import CHANGED, CHANGES, TOLD
from .machines import Daemon, Planted
from .plant import Key, Line
from .truth_settings import Printed

HYGIENE = str(Path(sys.executable).with_name("hygiene"))
NOBODY = "10.77.200.1"  # an address of the lab's network at which nothing is
TABLES = (
    *("hosts", "areas", "accounts", "keys", "grants", "private_keys", "host_keys", "settings", "login_paths"),
    *("dynamic_sources", "revoked_keys", "key_uses", "password_entries", "identities", "findings", "gaps"),
)
_OLD_S = 4
_LISTENING = 2  # lines in its log with which a daemon says so, for IPv4 and IPv6
_LOGINS_AT_A_TIME = 8  # sshd drops the eleventh that it has not let in yet (MaxStartups)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """An attempt to get in, with exactly these credentials."""

    host: Planted
    user: str
    key: Key | None = None
    password: str | None = field(default=None, repr=False)
    source: str = AUDITOR_ADDRESS
    authority: Key | None = None  # it has signed a certificate for the key
    principals: tuple[str, ...] = ()
    port: int = 22

    @property
    def name(self) -> str:
        how = self.key.name if self.key else "a password or nothing"
        if self.authority is not None:
            how += f" signed by {self.authority.name} for {','.join(self.principals) or 'nobody'}"
        return f"{self.user}@{self.host.name}:{self.port} from {self.source} with {how}"


@dataclass(frozen=True)
class World:
    lab: Lab
    tree: Path
    faulty: faulty.Fleet
    clean: tuple[Planted, ...]
    clean_key: Key
    folder: Path
    environment: dict[str, str] = field(repr=False)

    @property
    def temporary(self) -> Path:
        return Path(self.environment["TMPDIR"])

    @property
    def base_passwd(self) -> str:
        return (self.tree / "etc/passwd").read_text()

    @property
    def system(self) -> str:
        release = (self.tree / "usr/lib/os-release").read_text()
        return next(line.split('"')[1] for line in release.splitlines() if line.startswith("PRETTY_NAME="))

    def address(self, host: Planted) -> str:
        return self.lab.hosts[host.name].address if host.up else NOBODY

    def stir(self) -> None:
        """Start the second daemons, and change the configuration of those that run."""
        for host in self.faulty.hosts:
            for daemon in host.daemons[1:] if host.up else ():
                self.read(host, *daemon.command)
        for name, text in CHANGES.items():
            host = self.faulty.named(name)
            # times count in seconds: it must have run for some before a file is newer than it
            while int(self.read(host, "sh", "-c", "ps -o etimes= -p $(cat /run/sshd.pid)")) < _OLD_S:
                pass
            self.read(host, "sh", "-c", 'printf %s "$1" >"$2"', "sh", text, CHANGED)
        told = self.faulty.named(TOLD)
        self.read(told, "sh", "-c", "kill -HUP $(cat /run/sshd.pid)")
        while sum("Server listening on" in line for line in self.lab.log(TOLD)) < 2 * _LISTENING:
            pass

    def write_fleet(self, name: str, fleet: Sequence[Planted], key: Key) -> list[str]:
        """Write inventory, known_hosts and key of a fleet; gives the options that name them."""
        folder = self.folder / name
        folder.mkdir()
        rows = ["host,address,port,user,tenant,tags"]
        for host in fleet:
            spec, tags = host.spec, " ".join(host.spec.tags)
            rows.append(f"{host.name},{self.address(host)},{spec.port},{host.user},{spec.tenant or ''},{tags}")
        (folder / "hosts.csv").write_text("\n".join([*rows, ""]))
        known = [
            f"{_place(self.address(host), host.spec.port)} {host.known_key or host.host_key.public}\n" for host in fleet
        ]
        (folder / "known_hosts").write_text("".join(known))
        (folder / "key").write_bytes(key.pair.export_private_key())
        (folder / "key").chmod(0o600)
        return [
            "-i",
            str(folder / "hosts.csv"),
            "--known-hosts",
            str(folder / "known_hosts"),
            "--key",
            str(folder / "key"),
        ]

    def hygiene(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of ours in the auditor's network."""
        return self.lab.hygiene(*map(str, arguments), env=self.environment, cwd=self.folder)

    def export(self, database: Path, tables: Iterable[str] = TABLES) -> dict[str, list[Row]]:
        """Whole tables, by `hygiene export`."""

        def one(table: str) -> list[Row]:
            done = subprocess.run(
                [HYGIENE, "export", table, "--format", "jsonl", "--db", str(database)],
                env=self.environment, cwd=self.folder, capture_output=True, check=True,
            )  # fmt: skip
            return [json.loads(line) for line in done.stdout.splitlines()]

        names = list(tables)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(names, pool.map(one, names), strict=True))

    def logins(self, asked: Sequence[Login]) -> list[bool]:
        """Whether the hosts' daemons let in, some at a time, in the order asked."""

        async def all_of_them() -> list[bool]:
            few = asyncio.Semaphore(_LOGINS_AT_A_TIME)

            async def one(login: Login) -> bool:
                async with few:
                    return await self._let_in(login)

            return await asyncio.gather(*map(one, asked))

        return asyncio.run(all_of_them())

    async def _let_in(self, login: Login) -> bool:
        """Whether a command can be run: sshd may say that authentication went well and then drop the connection.

        Whose account has expired is cut off without a word; what the command says does not count, as without a shell.
        """
        known = asyncssh.import_known_hosts(f"* {login.host.host_key.public}\n")
        how: dict[str, Any] = {"known_hosts": known, "password": login.password}
        if login.key is not None:
            how["client_keys"] = [login.key.pair]
        if login.key is not None and login.authority is not None:
            signed = login.authority.pair.generate_user_certificate(login.key.pair, "it", principals=login.principals)
            how["client_keys"] = [(login.key.pair, signed)]
        try:
            connecting = self.lab.connect(self.door(login.host, login.port), login.user, source=login.source, **how)
            async with await connecting as connection:
                await connection.run("true", stdin=asyncssh.DEVNULL)
        except (asyncssh.PermissionDenied, asyncssh.ConnectionLost):
            return False
        except asyncssh.ChannelOpenError as error:
            if error.reason != "SSH connection closed":
                raise
            return False
        return True

    def door(self, host: Planted, port: int) -> str:
        """The name under which the lab knows a daemon of a host."""
        known = self.lab.hosts[host.name]
        if port in (22, known.port):
            return host.name
        name = f"{host.name} port {port}"
        self.lab.hosts[name] = replace(known, name=name, port=port)
        return name

    def read(self, host: Planted, *argv: str) -> str:
        """What a program says on a host as root."""
        done = self.lab.exec_root(host.name, argv)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "backslashreplace")

    def sshd_files(self, host: Planted) -> dict[str, str]:
        """Every file below /etc/ssh that may be a part of the configuration, by its path."""
        names = self.read(host, "find", "/etc/ssh", "-name", "*.conf", "-o", "-name", "sshd_config").split()
        return {name: self.read(host, "cat", name) for name in names}

    def printed(self, host: Planted) -> Printed:
        """Asks the program of a host what `sshd -T` prints."""

        def ask(daemon: Daemon, connection: Mapping[str, str]) -> str:
            which = ["-C", ",".join(f"{name}={value}" for name, value in connection.items())] if connection else []
            return self.read(host, *daemon.command, "-T", *which)

        return ask


def _place(address: str, port: int) -> str:
    return address if port == 22 else f"[{address}]:{port}"


def key_logins(fleet: Sequence[Planted]) -> list[tuple[Login, bool]]:
    """Each key that is planted for an account, once, and whether one gets in with it; unknown ones are left out."""
    found = []
    for host in fleet:
        if not host.seen:
            continue
        answers: dict[tuple[str, str], list[tuple[Line, str]]] = {}
        sources = {one.name: one.source for one in host.people}
        for one, _, _, line, verdict in truth.lines(host):
            if line.key is not None and not line.authority:
                answers.setdefault((one.name, line.key.fingerprint), []).append((line, verdict.accepted))
        for (name, _), given in answers.items():
            if all(answer != "unknown" for _, answer in given):
                alive = [line for line, answer in given if answer == "yes"]
                tried = (alive or [given[0][0]])[0]
                source = OTHER_ADDRESS if sources[name] == OTHER_ADDRESS else tried.source
                found.append((Login(host, name, tried.key, source=source), bool(alive)))
    return found


def tried_logins(fleet: Sequence[Planted]) -> list[tuple[Login, bool]]:
    """The logins that are planted besides: by certificates, from other places, at other daemons."""
    return [
        (
            Login(
                host, one.user, one.key, one.password, one.source, one.authority, one.principals, one.port
            ),
            one.lets_in,
        )
        for host in fleet
        for one in host.tries
    ]  # fmt: skip


def password_logins(fleet: Sequence[Planted]) -> list[tuple[Login, bool]]:
    """Each account with a password, also an empty one, and whether one gets in with it; unknown ones are left out."""
    return [
        (
            Login(
                host,
                one.name,
                password=one.spec.password,
                source=next((way.source for way in one.ways if way.source != "*"), AUDITOR_ADDRESS),
            ),
            bool(one.ways),
        )
        for host in fleet
        if host.seen
        for one in host.people
        if (one.spec.password or one.password == "empty") and all(way.reason is None for way in one.ways)
    ]

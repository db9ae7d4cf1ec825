"""Hosts of the lab asked twice: what our rooms say of a login by what is on the host, and what its sshd does."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncssh
import paramiko
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS, AccountSpec

from hygiene.accounts import group, passwd
from hygiene.accounts.passwd import PasswdEntry
from hygiene.model import Truth
from hygiene.openssh.accept import Clock, LoginAccount, Situation
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.connection import Connection
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.members import Members
from hygiene.openssh.permissions import YES, Owner, StrictModes, opened_in_turn
from hygiene.openssh.settings import Settings, read_effective
from hygiene.openssh.standing import Entry, Login, Standing, named_files, standings
from hygiene.openssh.version import Version
from hygiene.openssh.way import Component, Kind, walk

from .asked import installed

NOW = Clock(datetime(2026, 6, 1, tzinfo=UTC))
TRIES = 6  # MaxAuthTries
_PLANTED = ("/home", "/srv", "/root", "/toor")  # where tests put files whose content counts
_PRUNED = " -o ".join(f"-path '{path}'" for path in ("/proc", "/sys", "/dev", "/usr", "/var", "/etc/*/*"))
_FIND = f"find / -xdev \\( {_PRUNED} \\) -prune -o -printf '%p|%y|%m|%U|%G|%l\\n'"
_READ = 'for file; do echo "$file $(base64 -w0 "$file")"; done'
_SHELLS = 'for shell; do [ -f "$shell" ] && [ -x "$shell" ] && echo "$shell"; done; true'
_SETTINGS = 'for user; do echo "@ $user"; sshd -T -C "user=$user,host=$0,addr=$0,laddr=127.0.0.1,lport=22"; done'
_KINDS = {"d": Kind.DIRECTORY, "f": Kind.FILE, "l": Kind.LINK}


@dataclass(frozen=True)
class Machine:
    """One host as its evidence shows it."""

    lab: Lab
    name: str
    version: Version
    nodes: Mapping[str, Component]
    files: Mapping[str, bytes]  # by real path
    people: passwd.Passwd
    groups: group.Groups
    members: Members
    shells: frozenset[str]

    @classmethod
    def of(cls, lab: Lab, name: str) -> Machine:
        def run(*argv: str) -> str:
            return lab.exec_root(name, argv).stdout.decode()

        nodes = {}
        for row in run("/bin/sh", "-c", _FIND).splitlines():
            path, kind, mode, uid, gid, target = row.split("|")
            nodes[path] = Component(
                path, _KINDS.get(kind, Kind.OTHER), int(mode, 8), int(uid), int(gid), target if kind == "l" else None
            )
        wanted = [path for path, node in nodes.items() if node.kind is Kind.FILE and path.startswith(_PLANTED)]
        wanted += ["/etc/keys", "/etc/passwd", "/etc/group"]
        rows = (row.partition(" ")[::2] for row in run("/bin/sh", "-c", _READ, "read", *wanted).splitlines())
        files = {path: base64.b64decode(text) for path, text in rows}
        people, groups = passwd.parse(files["/etc/passwd"]), group.parse(files["/etc/group"])
        shells = run("/bin/sh", "-c", _SHELLS, "shells", *{entry.login_shell for entry in people.accounts}).split()
        members = Members.of(people, groups)
        return cls(lab, name, installed(lab, name), nodes, files, people, groups, members, frozenset(shells))

    def look(self, path: str) -> Component:
        return self.nodes.get(path, Component(path, Kind.ABSENT))

    def settings(self, accounts: Iterable[str], source: str) -> dict[str, Settings]:
        """What sshd itself says that holds for these accounts from there."""
        accounts = list(accounts)
        if b"\nMatch" not in self.lab.exec_root(self.name, ["/bin/cat", "/etc/ssh/sshd_config"]).stdout:
            return dict.fromkeys(accounts, self.settings_of_all())
        asked = self.lab.exec_root(self.name, ["/bin/sh", "-c", _SETTINGS, source, *accounts])
        assert asked.returncode == 0, asked.stderr
        found = {}
        for part in asked.stdout.split(b"@ ")[1:]:
            name, _, text = part.partition(b"\n")
            found[name.decode()] = read_effective(text)
        return found

    def settings_of_all(self) -> Settings:
        """What holds outside every Match block."""
        return read_effective(self.lab.exec_root(self.name, ["/usr/sbin/sshd", "-T"]).stdout)

    def strict(self, settings: Settings) -> StrictModes:
        return StrictModes(settings.flag("strictmodes"), self.version.vendor, self.members)

    def verdicts(
        self,
        spec: AccountSpec,
        settings: Settings,
        source: str,
        nologin: Truth,
    ) -> tuple[list[Entry], tuple[Standing, ...]]:
        """The lines of one account and what becomes of them from one address."""
        entry = self.members.by_name[spec.name]
        membership = group.memberships([entry], self.groups)[spec.name]
        account = LoginAccount(
            entry.name,
            entry.uid,
            entry.home,
            shell_runs=Truth.YES if entry.login_shell in self.shells else Truth.NO,
            expired=Truth.YES if spec.ages[5] else Truth.NO,
            locked=Truth.YES if (spec.shadow or "*").startswith("!") else Truth.NO,
        )
        entries = self._entries(entry, account, settings, Owner(entry.uid, membership.gids))
        login = Login(account, self.version, YES, nologin, NOW)
        situation = Situation(Connection(entry.name, membership.names, source), settings)
        return entries, standings(entries, login, situation)

    def _entries(self, entry: PasswdEntry, account: LoginAccount, settings: Settings, owner: Owner) -> list[Entry]:
        named = named_files(settings, account, self.version)
        assert named is not None
        paths = named.among(self.nodes)
        ways = [walk(path, self.look) for path in paths]
        opened = opened_in_turn(ways, owner, walk(entry.home, self.look), self.strict(settings))
        found = []
        for path, way, judgement in zip(paths, ways, opened, strict=True):
            data = self.files.get(way.real or "", b"")
            found += [Entry(path, line, judgement) for line in parse(data, self.version)]
        return found


def answers(
    entries: Sequence[Entry], found: Sequence[Standing], keys: Mapping[str, PublicKey]
) -> dict[str, bool | str | None]:
    """By the name of the key: whether it lets in; the reason where it is not known."""
    given: dict[str, bool | str | None] = {}
    for name, key in keys.items():
        mine = [
            standing.judgement
            for entry, standing in zip(entries, found, strict=True)
            if entry.line.key is not None and entry.line.key.fingerprint == key.fingerprint
        ]
        by = {judgement.answer: judgement for judgement in reversed(mine)}
        unclear = by.get(Truth.UNKNOWN)
        given[name] = True if Truth.YES in by else unclear.reason if unclear else False
    return given


def gets_in(
    lab: Lab, host: str, user: str, key: asyncssh.SSHKey, source: str = AUDITOR_ADDRESS, tries: int = TRIES
) -> bool:
    """Whether a session opens, or the key was right and something else is asked for.

    Each attempt is signed at once, which a client may do: asking first makes a question of its own. The session counts
    because with forced-commands-only sshd 9.2 says yes, and then ends the connection; so does PAM's account stage.
    """
    private = _private(key)
    transport = paramiko.Transport(lab.dial(host, source))
    try:
        transport.start_client(timeout=20)
        for _ in range(tries):
            try:
                if transport.auth_publickey(user, private):
                    return True  # partial success
            except paramiko.AuthenticationException:
                if not transport.is_active():
                    return False
                continue
            transport.open_session(timeout=20).close()
            return True
    except (paramiko.SSHException, EOFError, ConnectionError):
        pass
    finally:
        transport.close()
    return False


def _private(key: asyncssh.SSHKey) -> paramiko.PKey:
    kinds: dict[str, Callable[..., paramiko.PKey]] = {
        "ssh-ed25519": paramiko.Ed25519Key,
        "ssh-rsa": paramiko.RSAKey,
    }
    return kinds[key.get_algorithm()](file_obj=io.StringIO(key.export_private_key().decode()))

"""/etc/passwd as glibc's `files` source reads it."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.accounts.shadow import Password, read_field
from hygiene.accounts.text import entry_lines, number
from hygiene.model import RootBy

_UID_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class PasswdEntry:
    name: str
    uid: int
    gid: int
    home: str
    shell: str  # as written; empty means /bin/sh, see `login_shell`
    password: Password | None  # None: `x`, shadow holds it
    line: int

    @property
    def login_shell(self) -> str:
        """The program that sshd starts: /bin/sh for an empty field (sshd, session.c, _PATH_BSHELL)."""
        return self.shell or "/bin/sh"

    @property
    def is_root(self) -> bool:
        """uid 0 is root by whatever name: sshd's PermitRootLogin asks for the uid."""
        return self.uid == 0


@dataclass(frozen=True, slots=True)
class Passwd:
    accounts: tuple[PasswdEntry, ...]  # the first entry of each name, as getpwnam(3) finds it
    problems: tuple[str, ...]  # each is a reason why the list may not be all
    remote: bool  # `+` or `-` entries: accounts come from a directory too, or are taken out

    def by_name(self) -> dict[str, PasswdEntry]:
        return {entry.name: entry for entry in self.accounts}


def parse(data: bytes, path: str = "/etc/passwd") -> Passwd:
    """The accounts of the file, with field 2 as the collector reduced it (`x`, empty, or `state,scheme,cost`).

    Follows glibc (nss_files, LINE_PARSER): missing trailing fields are empty, a line without two numbers is no account.
    """
    accounts: dict[str, PasswdEntry] = {}
    problems: list[str] = []
    remote = False
    for index, line in entry_lines(data):
        if line[0] in "+-":
            remote = True
            problems.append(f"{path}:{index}: a {line[0]} entry: accounts of a directory, which are not listed here")
            continue
        fields = line.split(":", 6)
        uid, gid = (number(field) for field in (*fields[2:4], *[""] * (4 - len(fields[2:4])))[:2])
        if uid is None or gid is None or not fields[0] or "\0" in line:
            problems.append(f"{path}:{index}: not a passwd line; expected name:x:uid:gid:gecos:home:shell")
            continue
        name = fields[0]
        if name in accounts:
            problems.append(
                f"{path}:{index}: a second entry of an account; the one in line {accounts[name].line} holds"
            )
            continue
        home, shell = fields[5] if len(fields) > 5 else "", fields[6] if len(fields) > 6 else ""
        password = None if fields[1] == "x" else read_field(fields[1])
        accounts[name] = PasswdEntry(name, _clamped(uid), _clamped(gid), home, shell, password, index)
    return Passwd(tuple(accounts.values()), tuple(problems), remote)


def root_by_uid(entry: PasswdEntry) -> RootBy | None:
    """UID0 for root by any name, None for all others: then sudo decides."""
    return RootBy.UID0 if entry.is_root else None


def _clamped(value: int) -> int:
    # glibc, strtou32 over strtoul(3): a minus wraps around, what is out of range becomes the largest
    return min(value % 2**64, _UID_MAX) if abs(value) < 2**64 else _UID_MAX

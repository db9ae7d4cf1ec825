"""/etc/group as glibc's `files` source reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hygiene.accounts.passwd import PasswdEntry
from hygiene.accounts.text import entry_lines, number


@dataclass(frozen=True, slots=True)
class GroupEntry:
    name: str
    gid: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    groups: tuple[GroupEntry, ...]
    problems: tuple[str, ...]
    remote: bool  # `+` or `-` entries: members come from a directory too


@dataclass(frozen=True, slots=True)
class Membership:
    """The groups of one account: by its primary gid and by the member lists."""

    names: frozenset[str]
    gids: frozenset[int]


def parse(data: bytes, path: str = "/etc/group") -> Groups:
    """All entries in order; initgroups(3) takes every line, so entries of one name are all kept."""
    groups: list[GroupEntry] = []
    problems: list[str] = []
    remote = False
    for index, line in entry_lines(data):
        if line[0] in "+-":
            remote = True
            problems.append(f"{path}:{index}: a {line[0]} entry: groups of a directory, which are not listed here")
            continue
        fields = line.split(":", 3)
        gid = number(fields[2]) if len(fields) > 2 else None
        if gid is None or gid < 0 or not fields[0] or "\0" in line:
            problems.append(f"{path}:{index}: not a group line; expected name:x:gid:member,member")
            continue
        members = fields[3].split(",") if len(fields) > 3 else []
        groups.append(GroupEntry(fields[0], gid, tuple(m for m in (member.strip() for member in members) if m)))
    return Groups(tuple(groups), tuple(problems), remote)


def memberships(accounts: Iterable[PasswdEntry], groups: Groups) -> Mapping[str, Membership]:
    """For each account the groups it is in."""
    by_gid: dict[int, set[str]] = {}
    listed: dict[str, list[GroupEntry]] = {}
    for group in groups.groups:
        by_gid.setdefault(group.gid, set()).add(group.name)
        for member in group.members:
            listed.setdefault(member, []).append(group)
    found: dict[str, Membership] = {}
    for account in accounts:
        mine = listed.get(account.name, [])
        names = by_gid.get(account.gid, set()) | {group.name for group in mine}
        found[account.name] = Membership(frozenset(names), frozenset({account.gid, *(group.gid for group in mine)}))
    return found

"""Who is in a group and who stands behind a number, for the questions that modes ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hygiene.accounts.group import GroupEntry, Groups
from hygiene.accounts.passwd import Passwd, PasswdEntry


@dataclass(frozen=True, slots=True)
class Members:
    """The accounts and groups of a host, indexed once."""

    complete: bool  # no account or group comes from elsewhere or could not be read
    by_name: Mapping[str, PasswdEntry]
    by_uid: Mapping[int, PasswdEntry]  # the first of each, as getpwuid(3) finds it
    primary: Mapping[int, tuple[tuple[int, PasswdEntry], ...]]  # by gid, with their places in passwd
    groups: Mapping[int, GroupEntry]  # the first of each, as getgrgid(3) finds it
    listed: Mapping[int, frozenset[str]]  # by gid, the names of all its lines
    gids: Mapping[str, frozenset[int]]  # by account

    @classmethod
    def of(cls, passwd: Passwd, groups: Groups) -> Members:
        by_uid: dict[int, PasswdEntry] = {}
        primary: dict[int, list[tuple[int, PasswdEntry]]] = {}
        gids: dict[str, set[int]] = {}
        for place, entry in enumerate(passwd.accounts):
            by_uid.setdefault(entry.uid, entry)
            primary.setdefault(entry.gid, []).append((place, entry))
            gids[entry.name] = {entry.gid}
        first: dict[int, GroupEntry] = {}
        listed: dict[int, set[str]] = {}
        for group in groups.groups:
            first.setdefault(group.gid, group)
            listed.setdefault(group.gid, set()).update(group.members)
            for name in group.members:
                if name in gids:
                    gids[name].add(group.gid)
        return cls(
            complete=not (passwd.remote or groups.remote or passwd.problems or groups.problems),
            by_name=passwd.by_name(),
            by_uid=by_uid,
            primary={gid: tuple(entries) for gid, entries in primary.items()},
            groups=first,
            listed={gid: frozenset(names) for gid, names in listed.items()},
            gids={name: frozenset(numbers) for name, numbers in gids.items()},
        )

    def account(self, uid: int) -> str:
        """The name of a uid, or `uid N`."""
        entry = self.by_uid.get(uid)
        return entry.name if entry is not None else f"uid {uid}"

    def group(self, gid: int) -> str:
        """The name of a gid, or `gid N`."""
        entry = self.groups.get(gid)
        return entry.name if entry is not None else f"gid {gid}"

    def of_group(self, gid: int) -> tuple[PasswdEntry, ...]:
        """The accounts that have the gid, by passwd or by group."""
        named = (self.by_name[name] for name in sorted(self.listed.get(gid, ())) if name in self.by_name)
        return tuple(
            {entry.name: entry for entry in (*(entry for _, entry in self.primary.get(gid, ())), *named)}.values()
        )

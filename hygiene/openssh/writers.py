"""Who besides the account and root could change a file that decides about logins, or put another in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.accounts.passwd import PasswdEntry
from hygiene.openssh.members import Members
from hygiene.openssh.permissions import Owner, may_pass
from hygiene.openssh.way import Component, Kind, Way

_ANYBODY = Owner(-1, frozenset())  # an account that owns nothing on the way, and is in no group of it
_STICKY = 0o1000
_MEMBERS_MAX = 1000  # of one group that are tried; with more of them one gets through


@dataclass(frozen=True, slots=True)
class _Spot:
    """Something on the way whose writing changes where it leads, and what must be entered to get at it."""

    component: Component
    before: tuple[Component, ...]
    found: Component | None = None  # what is looked up there, of a folder

    @property
    def keeps_others_off(self) -> bool:
        """A sticky folder in which something has the name already: only its owner, or the folder's, can replace it."""
        there = self.found is not None and self.found.kind is not Kind.ABSENT
        return self.component.kind is Kind.DIRECTORY and bool(self.component.mode & _STICKY) and there

    def writable(self, shift: int) -> bool:
        """For others (0), the group (3) or the owner (6); a folder must be entered too."""
        needed = 0o3 if self.component.kind is Kind.DIRECTORY else 0o2
        return self.component.mode >> shift & needed == needed


def writers(way: Way, uid: int, members: Members | None) -> str | None:
    """Name the first that could: others, else a group, else an account, with the place; None: nobody was found.

    Looked at are the file and every folder that the way leads through, those of links too, from `/` on: StrictModes
    stops at the home, and looks at the real path alone. Whoever cannot get at the place does not count.
    """
    spots = tuple(_spots(way))
    for ask in (_others, _groups, _lists, _accounts):
        for spot in spots:
            found = ask(spot, uid, members)
            if found is not None:
                return found
    return None


def _spots(way: Way) -> Iterator[_Spot]:
    entered: dict[str, Component] = {}
    for step in way.steps:
        if step.found is not None:
            yield _Spot(step.folder, tuple(entered.values()), step.found)
        entered.setdefault(step.folder.path, step.folder)
    if way.end is not None and way.end.kind is not Kind.DIRECTORY:
        yield _Spot(way.end, tuple(entered.values()))


def _others(spot: _Spot, uid: int, members: Members | None) -> str | None:
    if not spot.writable(0) or spot.keeps_others_off:
        return None
    path = spot.component.path
    if _gets_there(spot, _ANYBODY):
        return f"others ({path} is writable by others)"
    for folder in spot.before:
        if members is not None and any(
            _gets_there(spot, _owner(one, members)) for one in _of(folder.gid, uid, members)
        ):
            return f"group {members.group(folder.gid)} ({path} is writable by others)"
    return None


def _groups(spot: _Spot, uid: int, members: Members | None) -> str | None:
    if not spot.writable(3) or spot.keeps_others_off or spot.component.extended:
        return None
    gid, path = spot.component.gid, spot.component.path
    if members is None:
        return f"gid {gid} ({path}; who is in it is not known)"
    if any(_gets_there(spot, _owner(one, members)) for one in _of(gid, uid, members)):
        return f"group {members.group(gid)} ({path})"
    if members.complete:
        return None
    return f"group {members.group(gid)} ({path}; who is in it is not known)"


def _lists(spot: _Spot, _uid: int, _members: Members | None) -> str | None:
    if spot.component.extended and spot.writable(3) and not spot.keeps_others_off:
        return f"an access list ({spot.component.path})"
    return None


def _accounts(spot: _Spot, uid: int, members: Members | None) -> str | None:
    """The owner of a folder or of the file, who can give himself the right, and in a sticky folder of what is there."""
    owners = [(spot.component.uid, spot.component.path)]
    if spot.keeps_others_off and spot.found is not None:
        owners.append((spot.found.uid, spot.found.path))
    for owner, path in owners:
        if owner in (0, uid):
            continue
        known = members.by_uid.get(owner) if members is not None else None
        who = _owner(known, members) if known is not None and members is not None else Owner(owner, frozenset())
        writes = owner == spot.component.uid or spot.writable(0) or spot.writable(3)
        if writes and _gets_there(spot, who):
            return f"{known.name if known is not None else f'uid {owner}'} ({path})"
    return None


def _gets_there(spot: _Spot, who: Owner) -> bool:
    return all(may_pass(folder, who) for folder in spot.before)


def _owner(entry: PasswdEntry, members: Members) -> Owner:
    return Owner(entry.uid, members.gids[entry.name])


def _of(gid: int, uid: int, members: Members) -> tuple[PasswdEntry, ...]:
    """The members of a group without root and the account itself."""
    return tuple(entry for entry in members.of_group(gid) if entry.uid not in (0, uid))[:_MEMBERS_MAX]

"""Whether sshd opens a key file: readable by the account, and safe enough for StrictModes."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from hygiene.accounts.group import Groups
from hygiene.accounts.passwd import Passwd
from hygiene.model import Truth
from hygiene.openssh.version import Vendor


class Kind(enum.StrEnum):
    """What a path is, without following a link."""

    DIRECTORY = "dir"
    FILE = "file"
    LINK = "link"
    OTHER = "other"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Component:
    """One step of the way to a file; mode, uid and gid mean nothing where it is absent."""

    path: str
    kind: Kind
    mode: int = 0  # permission bits
    uid: int = -1
    gid: int = -1


@dataclass(frozen=True, slots=True)
class Owner:
    """The account whose file it is, as the kernel and sshd see it."""

    uid: int
    gids: frozenset[int] | None  # all of them, the primary one too; None: not known


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer, and why it is not yes."""

    answer: Truth
    reason: str | None = None


YES = Judgement(Truth.YES)


def judge(
    chain: Sequence[Component],
    owner: Owner,
    *,
    strict_modes: bool | None,
    vendor: Vendor | None,
    passwd: Passwd | None = None,
    groups: Groups | None = None,
) -> Judgement:
    """Judge the way from the home directory (for a file outside it: from `/`) to the file, both ends included.

    What stands above the first component is taken as open to all, as `/` and `/home` are. A symbolic link on the way
    is unknown, and so is an access list, which nobody can see in a mode. `strict_modes` and `vendor` None: not known.
    """
    if not chain:
        return Judgement(Truth.UNKNOWN, "the permissions of the file were not seen")
    for component in chain:
        if component.kind is Kind.LINK:
            return Judgement(Truth.UNKNOWN, f"{_name(component, chain)} is a symbolic link")
        if component.kind is Kind.ABSENT:
            return Judgement(Truth.NO, f"{_name(component, chain)} is not there")
    if chain[-1].kind is not Kind.FILE:
        return Judgement(Truth.NO, "the file is not a regular file")
    steps = [
        *(_may(component, owner, 0o1, chain) for component in chain[:-1]),
        _may(chain[-1], owner, 0o4, chain),
    ]
    if strict_modes is not False:
        safe = [_is_safe(component, owner, vendor, passwd, groups, chain) for component in reversed(chain)]
        if strict_modes is None and any(step.answer is not Truth.YES for step in safe):
            safe = [Judgement(Truth.UNKNOWN, "StrictModes is not known")]
        steps += safe
    return worst(steps)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The first no, else the first unknown, else yes."""
    for answer in (Truth.NO, Truth.UNKNOWN):
        for judgement in judgements:
            if judgement.answer is answer:
                return judgement
    return YES


def _may(component: Component, owner: Owner, right: int, chain: Sequence[Component]) -> Judgement:
    """Whether the account may read (4) or pass (1): sshd opens the file as the account, not as root."""
    if owner.uid == 0:
        return YES
    what = f"{_name(component, chain)} cannot be {'read' if right == 0o4 else 'entered'} by the account"
    by_group, by_others = bool(component.mode & right << 3), bool(component.mode & right)
    if owner.uid == component.uid:
        allowed: bool | None = bool(component.mode & right << 6)
    elif owner.gids is None:
        allowed = by_group if by_group == by_others else None
    else:
        allowed = by_group if component.gid in owner.gids else by_others
    if allowed is None:
        return Judgement(Truth.UNKNOWN, "the groups of the account are not known")
    return YES if allowed else Judgement(Truth.NO, what)


def _is_safe(
    component: Component,
    owner: Owner,
    vendor: Vendor | None,
    passwd: Passwd | None,
    groups: Groups | None,
    chain: Sequence[Component],
) -> Judgement:
    """One step of StrictModes (safe_path in misc.c; secure_permissions in Debian's user-group-modes.patch)."""
    name = _name(component, chain)
    if component.uid not in (0, owner.uid):
        return Judgement(Truth.NO, f"{name} belongs to another account")
    if component.mode & 0o002:
        return Judgement(Truth.NO, f"{name} is writable by others")
    if not component.mode & 0o020:
        return YES
    refusal = Judgement(Truth.NO, f"{name} is writable by its group")
    if vendor is not None and not vendor.takes_private_groups:
        return refusal
    private = _is_private(component, owner, passwd, groups)
    if vendor is None and private is not Truth.NO:
        return Judgement(Truth.UNKNOWN, f"{name} is writable by its group, and whose build of sshd it is is not known")
    if private is Truth.UNKNOWN:
        return Judgement(Truth.UNKNOWN, f"{name} is writable by its group, and who is in it is not known")
    return YES if private is Truth.YES else refusal


def _is_private(component: Component, owner: Owner, passwd: Passwd | None, groups: Groups | None) -> Truth:
    """Whether the group has one member, the owner, as primary group or as the only name in the list."""
    if passwd is None or groups is None:
        return Truth.UNKNOWN
    primary = [account for account in passwd.accounts if account.gid == component.gid]
    group = next((group for group in groups.groups if group.gid == component.gid), None)
    if any(account.uid != owner.uid for account in primary):
        return Truth.NO
    name = next((account.name for account in passwd.accounts if account.uid == component.uid), None)
    if group is not None and name is not None and group.members and group.members != (name,):
        return Truth.NO
    if passwd.remote or groups.remote or passwd.problems or groups.problems:
        return Truth.UNKNOWN
    if group is None or name is None:
        return Truth.NO
    return Truth.YES if primary or group.members else Truth.NO


def _name(component: Component, chain: Sequence[Component]) -> str:
    if component is chain[-1]:
        return "the key file"
    return "the home directory" if component is chain[0] and component.path != "/" else component.path

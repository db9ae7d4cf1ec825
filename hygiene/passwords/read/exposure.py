"""Who besides its owner and root can read a file: by its mode, its access list, and the folders above it.

Judged is the file that was opened. What a network file system or another system that mounts the disk allows is not
seen from here, nor are memberships that a directory does not list.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_EVERYBODY: Final = "everybody"
_ACL: Final = "system.posix_acl_access"
# linux/posix_acl_xattr.h
_ACL_VERSION: Final = 2
_ACL_ENTRY: Final = struct.Struct("<HHI")  # tag, permissions, id
_ACL_USER, _ACL_GROUP_OBJ, _ACL_GROUP, _ACL_MASK = 0x02, 0x04, 0x08, 0x10
_READ: Final = 4
_PASS: Final = 1


@dataclass(frozen=True, slots=True)
class Exposure:
    """Both None for what is no file on a disk, such as a pipe."""

    mode: str | None = None  # four octal digits
    readable_by: str | None = None  # `everybody`, `group NAME`, `user NAME`, several of them; None: nobody


NO_FILE: Final = Exposure()


def exposure(descriptor: int, path: Path) -> Exposure:
    """Who can read the open file, to which `path` leads."""
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        return NO_FILE
    readers = _allowed(found, _READ, _access_list(descriptor), {0, found.st_uid})
    # another name of the file may stand in a folder that all can enter
    if readers and found.st_nlink == 1:
        readers = _behind_folders(readers, path, found.st_uid)
    return Exposure(f"{stat.S_IMODE(found.st_mode):04o}", ", ".join(readers) or None)


def _behind_folders(readers: list[str], path: Path, owner: int) -> list[str]:
    """Those of them who can get to the file: a folder that only some can enter leaves only these."""
    try:
        folders = [(folder, folder.stat()) for folder in Path(os.path.realpath(path)).parents]
    except OSError:  # not to be looked at: as if there were none
        return readers
    for folder, found in folders:
        some = _allowed(found, _PASS, _access_list(folder), {0, owner})
        if some[:1] == [_EVERYBODY]:
            continue
        if found.st_uid not in (0, owner):
            some.append(f"user {_user(found.st_uid)}")
        if readers == [_EVERYBODY] or not some:
            readers = some
    return readers


def _allowed(found: os.stat_result, wanted: int, entries: list[tuple[int, int, int]], known: set[int]) -> list[str]:
    """Who besides these users has the permission."""
    if found.st_mode & wanted:
        return [_EVERYBODY]
    # with an access list the bits of the group are a mask for all its entries (acl(5))
    if not found.st_mode & wanted << 3:
        return []
    if not entries:
        return [] if _is_private(found.st_gid, known) else [f"group {_group(found.st_gid)}"]
    return list(dict.fromkeys(_named(found, wanted, entries, known)))


def _named(found: os.stat_result, wanted: int, entries: list[tuple[int, int, int]], known: set[int]) -> Iterator[str]:
    for tag, permissions, number in entries:
        if not permissions & wanted:
            continue
        if tag == _ACL_USER and number not in known:
            yield f"user {_user(number)}"
        gid = {_ACL_GROUP_OBJ: found.st_gid, _ACL_GROUP: number}.get(tag)
        if gid is not None and not _is_private(gid, known):
            yield f"group {_group(gid)}"


def _access_list(file: int | Path) -> list[tuple[int, int, int]]:
    """The entries of the POSIX access list; none where there is none, or the system has no such lists."""
    if not hasattr(os, "getxattr"):
        return []
    try:
        data = os.getxattr(file, _ACL)
    except OSError:
        return []
    if len(data) < 4 or int.from_bytes(data[:4], "little") != _ACL_VERSION:
        return []
    usable = (len(data) - 4) // _ACL_ENTRY.size * _ACL_ENTRY.size
    return list(_ACL_ENTRY.iter_unpack(data[4 : 4 + usable]))


def _is_private(gid: int, known: set[int]) -> bool:
    """Whether the group is one user's own: it has the name of one of these, and no other member."""
    names = {_user(uid) for uid in known}
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name in names and names.issuperset(group.gr_mem)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

"""The version of OpenSSH in the RPM database of an offline root, read without rpm and without changing anything."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from pathlib import Path
from urllib.parse import quote

# rpm 4.16 and later; older databases (Berkeley DB, ndb) are not read, and the program's own version has to do
_DATABASES = ("usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite")
_PACKAGES = ("openssh-server", "openssh")
_QUERY = "SELECT blob FROM Packages WHERE hnum IN (SELECT hnum FROM Name WHERE key = ?) LIMIT 1"
_LARGEST_DATABASE = 1 << 30
_LARGEST_HEADER = 4 << 20
_MOST_STEPS = 1000  # of 10,000 instructions each: a query of two indexes takes none of them
_MOST_LINKS = 40

# lib/rpmtag.h: tags and types
_VERSION, _RELEASE, _EPOCH = 1001, 1002, 1003
_INT32, _STRING = 4, 6


def openssh_version(root: Path) -> str | None:
    """Give `[EPOCH:]VERSION-RELEASE` of the installed OpenSSH server; None when no database tells.

    Links are followed inside the root. A database with a journal of changes that were not taken over yet is not
    believed. Nothing raises, whatever the database holds.
    """
    for name in _DATABASES:
        path = _inside(root, name)
        if path is None or not path.is_file() or path.stat().st_size > _LARGEST_DATABASE:
            continue
        journal = path.with_name(path.name + "-wal")
        if journal.is_symlink() or (journal.exists() and journal.stat().st_size):
            continue
        # OverflowError and the like: the file may hold values of any kind
        with contextlib.suppress(sqlite3.Error, ValueError, OverflowError, OSError, struct.error):
            return _ask(path)
    return None


def _ask(path: Path) -> str | None:
    # immutable: no lock, no journal, no shared memory file is made beside it
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
    steps = 0

    def stop() -> bool:
        nonlocal steps
        steps += 1
        return steps > _MOST_STEPS

    with contextlib.closing(connection):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_HEADER)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.set_progress_handler(stop, 10_000)
        for package in _PACKAGES:
            for (blob,) in connection.execute(_QUERY, (package,)):
                if isinstance(blob, bytes) and (found := read_header(blob)) is not None:
                    return found
    return None


def read_header(blob: bytes) -> str | None:
    """Give `[EPOCH:]VERSION-RELEASE` of a package header as the database holds it; None when it is none.

    Two counts, then for each entry tag, type, offset and count, all of them 32 bits, then the data (rpm's
    lib/header.c).
    """
    if len(blob) < 8:
        return None
    entries, size = struct.unpack_from(">II", blob)
    data = blob[8 + 16 * entries :]
    if entries > 0xFFFF or len(data) < size:
        return None
    found: dict[int, str] = {}
    for tag, kind, offset, count in struct.iter_unpack(">IIII", blob[8 : 8 + 16 * entries]):
        if tag in (_VERSION, _RELEASE) and kind == _STRING and offset < size:
            text = data[offset:size].partition(b"\0")[0]
            if len(text) < 100 and text.isascii() and text.decode().isprintable():
                found[tag] = text.decode()
        elif tag == _EPOCH and kind == _INT32 and count == 1 and offset + 4 <= size:
            found[tag] = str(struct.unpack_from(">I", data, offset)[0])
    if _VERSION not in found or _RELEASE not in found:
        return None
    epoch = f"{found[_EPOCH]}:" if _EPOCH in found else ""
    return f"{epoch}{found[_VERSION]}-{found[_RELEASE]}"


def _inside(root: Path, name: str) -> Path | None:
    """The file that a name means inside the root, whose links lead from its own /; None when there is no such file."""
    parts = name.split("/")[::-1]
    found: list[str] = []
    links = 0
    while parts:
        part = parts.pop()
        if part in ("", "."):
            continue
        if part == "..":
            del found[-1:]
            continue
        try:
            target = root.joinpath(*found, part).readlink()
        except OSError:  # no link, or nothing there: whoever opens it will see
            found.append(part)
            continue
        links += 1
        if links > _MOST_LINKS:
            return None
        if target.is_absolute():
            found.clear()
        parts += str(target).split("/")[::-1]
    return root.joinpath(*found)

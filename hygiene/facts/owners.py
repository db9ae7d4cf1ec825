"""Owners and modes of an offline root from an mtree file or a tar listing: an unpacked image may have lost its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# GNU tar: mode, owner/group, size (or major,minor), date, time, name
_TAR = re.compile(rb"([-dlbcph])([-rwxsStT]{9})\S?+ (\d{1,10})/(\d{1,10}) +\S++ +\S++ +\S++ (?:\./|/)?(.*)")
_ESCAPE = re.compile(rb"\\([0-7]{3}|s|t|n|\\)")
_ESCAPED = {b"s": b" ", b"t": b"\t", b"n": b"\n", b"\\": b"\\"}
_NUMBER = re.compile(rb"[0-9]{1,10}")
_ASKED = (b"uid", b"gid", b"mode", b"type")
_LONGEST_PATH = 4096  # PATH_MAX of Linux: no file has a longer one


@dataclass(frozen=True, slots=True)
class Owner:
    """None: the listing does not say."""

    uid: int | None
    gid: int | None
    mode: int | None


def parse(data: bytes) -> Mapping[bytes, Owner]:
    """Map paths from `/` on to their owners, of an mtree(5) file or of `tar -tv --numeric-owner`.

    Lines that are neither are passed over: a path that is not listed has no owner that we know.
    """
    first = data.lstrip()[:6]
    return _mtree(data) if first.startswith((b"#", b"/set", b".")) else _tar(data)


def _mtree(data: bytes) -> Mapping[bytes, Owner]:
    owners: dict[bytes, Owner] = {}
    common: dict[bytes, bytes] = {}
    folder = b""
    for raw in data.replace(b"\\\n", b" ").split(b"\n"):
        words = raw.split()
        if not words or words[0].startswith(b"#"):
            continue
        name, words = words[0], words[1:]
        given = {key: value for key, _, value in (word.partition(b"=") for word in words) if key in _ASKED}
        if name == b"/set":
            common.update(given)
        elif name == b"/unset":
            for word in words:
                common.pop(word, None)
        elif name == b"..":
            folder = folder.rpartition(b"/")[0]
        else:
            values = common | given
            name = _ESCAPE.sub(_unescape, name)
            # mtree(5): a name without a slash is relative to the folder that was entered last
            relative = b"/" not in name and name != b"."
            path = folder + b"/" + name if relative else _from_root(name)
            if len(path) > _LONGEST_PATH:
                break  # where the names below it belong could not be told any more
            owners[path] = Owner(
                _number(values.get(b"uid"), 10), _number(values.get(b"gid"), 10), _number(values.get(b"mode"), 8)
            )
            if relative and values.get(b"type") == b"dir":
                folder = path
    return owners


def _tar(data: bytes) -> Mapping[bytes, Owner]:
    owners: dict[bytes, Owner] = {}
    for line in data.split(b"\n"):
        match = _TAR.match(line)
        if match is not None:
            kind, bits, uid, gid, name = match.groups()
            if kind == b"l":
                name = name.partition(b" -> ")[0]
            elif kind == b"h":
                name = name.partition(b" link to ")[0]
            owners[_from_root(_ESCAPE.sub(_unescape, name))] = Owner(int(uid), int(gid), _mode(bits))
    return owners


def _from_root(name: bytes) -> bytes:
    """The path from `/` on, however the listing begins it: `./etc`, `etc`, `/etc`, `etc/`."""
    return b"/" + (name[1:] if name[:2] in (b".", b"./") else name).strip(b"/")


def _mode(bits: bytes) -> int:
    mode = sum(1 << (8 - place) for place, bit in enumerate(bits) if bit in b"rwxst")
    special = ((2, b"sS", 0o4000), (5, b"sS", 0o2000), (8, b"tT", 0o1000))
    return mode + sum(value for place, marks, value in special if bits[place] in marks)


def _unescape(match: re.Match[bytes]) -> bytes:
    return _ESCAPED.get(match[1]) or bytes([int(match[1], 8) & 0xFF])


def _number(text: bytes | None, base: int) -> int | None:
    if text is None or not _NUMBER.fullmatch(text) or (base == 8 and set(text) & set(b"89")):
        return None
    return int(text, base)

"""Strict host keys from OpenSSH known_hosts files, by an index of undecoded lines.

Loading 100,000 lines only splits them; a line is decoded when its host is dialled. Hashed names cannot be
looked up by name without one HMAC for each line, so they are indexed by their key: the key that a host
offers gives the few lines that can name it, and one HMAC proves the name.

The rules are those of OpenSSH (hostfile.c, match.c, check_host_key in sshconnect.c) with
StrictHostKeyChecking=yes and CheckHostIP=no:

- the name looked for is the dialled address in lower case, `[address]:port` for ports other than 22;
- a line with another key for the name means changed, whatever that key's type;
- a name with a port that no line knows is looked for without its port, where only a match counts;
- a key that a `@revoked` line of the name holds is refused, whatever else names it.

A key is also known when a line names it under the host's name in the inventory, as HostKeyAlias would have it:
whoever holds that host's key is that host.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from hygiene.errors import InputError
from hygiene.openssh import keys

_DEFAULT_PORT = 22
_CERT_AUTHORITY = b"@cert-authority"
_REVOKED = b"@revoked"


class HostKeyState(enum.StrEnum):
    """What known_hosts says of a key that a host offers."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class HostKeyVerdict:
    """The state of an offered key, and the `file:line` that decided it (None: no line did)."""

    state: HostKeyState
    place: str | None = None
    known_type: str | None = None  # of the key in that line


@dataclass(frozen=True, slots=True)
class _Entry:
    """One decoded line."""

    marker: bytes
    type: str
    blob: bytes
    place: str


@dataclass(slots=True)
class KnownHosts:
    """The lines of known_hosts files, found by the name or the key of a host."""

    _lines: list[tuple[str, int, bytes]] = field(default_factory=list, repr=False)
    _by_name: dict[bytes, list[int]] = field(default_factory=dict, repr=False)
    _by_pattern: list[tuple[list[bytes], int]] = field(default_factory=list, repr=False)
    _hashed_by_key: dict[bytes, list[int]] = field(default_factory=dict, repr=False)
    _hashed_marked: list[int] = field(default_factory=list, repr=False)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Self:
        """Index the files. An InputError names the first one that cannot be read."""
        known_hosts = cls()
        for path in paths:
            try:
                data = path.read_bytes()
            except OSError as error:
                raise InputError(
                    f"{path}: cannot read known_hosts: {error.strerror}; name the right file with --known-hosts FILE"
                ) from error
            known_hosts.add(str(path), data)
        return known_hosts

    def add(self, name: str, data: bytes) -> None:
        """Index the text of one known_hosts file; lines that are not understood match nothing, as in ssh."""
        for number, raw in enumerate(data.split(b"\n"), 1):
            parts = raw.split(None, 4)
            if len(parts) < 3 or parts[0].startswith(b"#"):
                continue
            marked = parts[0].startswith(b"@")
            if marked:
                if parts[0] not in (_CERT_AUTHORITY, _REVOKED) or len(parts) < 4:
                    continue
                del parts[0]
            index = len(self._lines)
            self._lines.append((name, number, raw))
            names = parts[0]
            if names.startswith(b"|"):
                self._hashed_by_key.setdefault(parts[2], []).append(index)
                if marked:
                    self._hashed_marked.append(index)
            elif any(wild in names for wild in (b"*", b"?", b"!")):
                self._by_pattern.append((names.lower().split(b","), index))
            else:
                for each in names.lower().split(b","):
                    self._by_name.setdefault(each, []).append(index)

    def key_types(self, address: str, port: int, host: str = "") -> list[str]:
        """The types of the keys known for a host, in the order of their lines; hashed lines are not asked."""
        for names in self._names(address, port, host):
            for name in names:
                types = [entry.type for entry in self._named(name) if not entry.marker]
                if types:
                    return list(dict.fromkeys(types))
        return []

    def has_authority(self, address: str, port: int, host: str = "") -> bool:
        """Whether a `@cert-authority` line names the host, so that its certificates are worth asking for."""
        return any(
            entry.marker == _CERT_AUTHORITY
            for names in self._names(address, port, host)
            for name in names
            for entry in (*self._named(name), *self._hashed(name, self._hashed_marked))
        )

    def check(self, blob: bytes, address: str, port: int, host: str = "") -> HostKeyVerdict:
        """Judge the plain key that a host offers; `blob` is the key in SSH wire format."""
        return self._judge(blob, address, port, host, b"")

    def check_authority(self, blob: bytes, address: str, port: int, host: str = "") -> HostKeyVerdict:
        """Judge the authority that signed the certificate that a host offers."""
        verdict = self._judge(blob, address, port, host, _CERT_AUTHORITY)
        # sshconnect.c: an authority that no line trusts says nothing about the host's own key
        return HostKeyVerdict(HostKeyState.UNKNOWN) if verdict.state is HostKeyState.CHANGED else verdict

    def _judge(self, blob: bytes, address: str, port: int, host: str, marker: bytes) -> HostKeyVerdict:
        names = list(self._names(address, port, host))
        candidates = self._hashed_by_key.get(base64.b64encode(blob), [])
        entries = [
            entry
            for group in names
            for name in group
            for entry in (*self._named(name), *self._hashed(name, candidates))
        ]
        for state, wanted in ((HostKeyState.REVOKED, _REVOKED), (HostKeyState.KNOWN, marker)):
            for entry in entries:
                if entry.marker == wanted and entry.blob == blob:
                    return HostKeyVerdict(state, entry.place, entry.type)
        # only now, for a host that fails, every hashed line is asked: to tell changed from unknown.
        # check_host_key: without its port, a name only helps when it matches
        for first, *_ in names:
            for entry in (*self._named(first), *self._hashed(first, self._all_hashed())):
                if entry.marker == marker:
                    return HostKeyVerdict(HostKeyState.CHANGED, entry.place, entry.type)
        return HostKeyVerdict(HostKeyState.UNKNOWN)

    def _all_hashed(self) -> Iterator[int]:
        for indexes in self._hashed_by_key.values():
            yield from indexes

    def _named(self, name: bytes) -> Iterator[_Entry]:
        """The lines that name a host in plain words or by a pattern."""
        for index in self._by_name.get(name, ()):
            yield from self._entry(index)
        for patterns, index in self._by_pattern:
            if _matches(name, patterns):
                yield from self._entry(index)

    def _hashed(self, name: bytes, indexes: Iterable[int]) -> Iterator[_Entry]:
        """Those of the lines whose hashed name is this one."""
        for index in indexes:
            raw = self._lines[index][2]
            parts = raw.split(None, 2)
            if _is_hash_of(parts[1] if parts[0].startswith(b"@") else parts[0], name):
                yield from self._entry(index)

    def _entry(self, index: int) -> Iterator[_Entry]:
        """The line decoded; nothing when its key is none, as ssh ignores such lines."""
        file, number, raw = self._lines[index]
        parts = raw.split(None, 4)
        marker = parts.pop(0) if parts[0].startswith(b"@") else b""
        try:
            key = keys.decode(keys.unbase64(parts[2]))
        except ValueError:
            return
        # sshkey_read: the word before the key must be the type inside it
        if key.type.encode() == parts[1]:
            yield _Entry(marker, key.type, key.blob, f"{file}:{number}")

    @staticmethod
    def _names(address: str, port: int, host: str) -> Iterator[tuple[bytes, ...]]:
        """The names to look for: those of the address first, then those of the inventory's name."""
        for each in dict.fromkeys(part.lower() for part in (address, host) if part):
            bare = each.encode("utf-8", "surrogateescape")
            yield (bare,) if port == _DEFAULT_PORT else (b"[%b]:%d" % (bare, port), bare)


def _matches(name: bytes, patterns: list[bytes]) -> bool:
    """match_pattern_list of OpenSSH: one negated pattern that matches decides, else any that matches."""
    found = False
    for pattern in patterns:
        negated = pattern.startswith(b"!")
        if _match_pattern(name, pattern[1:] if negated else pattern):
            if negated:
                return False
            found = True
    return found


def _match_pattern(name: bytes, pattern: bytes) -> bool:
    """`*` and `?` only; brackets are letters (`[host]:port`)."""
    text = pattern.decode("latin-1").replace("[", "[[]")
    return fnmatchcase(name.decode("latin-1"), text)


def _is_hash_of(names: bytes, name: bytes) -> bool:
    """Whether `|1|salt|hash` is the HMAC-SHA1 of the name (host_hash in hostfile.c)."""
    parts = names.split(b"|")
    if len(parts) != 4 or parts[1] != b"1":
        return False
    try:
        salt, digest = base64.b64decode(parts[2]), base64.b64decode(parts[3])
    except ValueError:
        return False
    return hmac.compare_digest(hmac.digest(salt, name, hashlib.sha1), digest)

"""The keys by which sshd knows other hosts: ssh_known_hosts and known_hosts (hostfile.c)."""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from hygiene.openssh.key_text import NEWEST, find_key, rules
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.patterns import host_verdict
from hygiene.openssh.version import Version

_HASH = "|1|"
_SALT_BYTES = 20
_DROPPED = b"hyg:dropped "


class Marker(enum.StrEnum):
    """What a line says of its key."""

    NONE = ""
    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


_MARKERS = {marker.value: marker for marker in Marker}


@dataclass(frozen=True, slots=True)
class Known:
    """One line with a key that can be read."""

    line: int
    marker: Marker
    hosts: str  # patterns, or one name as salt and hash
    key: PublicKey = field(repr=False)


@dataclass(slots=True)
class KnownFile:
    """One file; what is asked of it again and again is kept."""

    path: str
    lines: tuple[Known, ...]
    cut: bool = False  # lines of it were not collected
    knows: bool = False  # some line has a key that may be good
    _named: dict[str, list[Known]] = field(default_factory=dict, repr=False)  # lines that name one host plainly
    _others: list[Known] = field(default_factory=list, repr=False)
    _found: dict[str, tuple[Known, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.knows = any(line.marker is not Marker.REVOKED for line in self.lines)
        for line in self.lines:
            names = line.hosts.split(",")
            if line.hosts.startswith("|") or any(char in line.hosts for char in "*?!"):
                self._others.append(line)
            else:
                for name in names:
                    self._named.setdefault(name.lower(), []).append(line)

    @property
    def work(self) -> int:
        """How many lines have to be tried for each new name."""
        return len(self._others) + 1

    def of(self, host: str) -> tuple[Known, ...]:
        """The lines that are about a host, by a name or by an address as sshd writes it."""
        if host not in self._found:
            lines = [*self._named.get(host.lower(), ()), *(line for line in self._others if _fits(line.hosts, host))]
            self._found[host] = tuple(sorted({line.line: line for line in lines}.values(), key=lambda line: line.line))
        return self._found[host]


def read(data: bytes, path: str, version: Version | None) -> KnownFile:
    """Read a file; lines that sshd cannot read let nobody in, and are left out."""
    return KnownFile(path, tuple(_lines(data, version)), cut=data.startswith(_DROPPED) or b"\n" + _DROPPED in data)


def _lines(data: bytes, version: Version | None) -> Iterator[Known]:
    by = rules(version or NEWEST)
    for number, raw in enumerate(data.split(b"\n"), 1):
        text = raw.partition(b"\0")[0].lstrip(b" \t")
        if not text or text.startswith((b"#", _DROPPED)):
            continue
        marker = Marker.NONE
        if text.startswith(b"@"):
            word, _, rest = text.partition(b" ") if b" " in text else text.partition(b"\t")
            found = _MARKERS.get(word.decode("ascii", "replace"))
            text = rest.lstrip(b" \t")
            if found is None or text.startswith(b"@"):
                continue
            marker = found
        blank = min((at for at in (text.find(b" "), text.find(b"\t")) if at >= 0), default=-1)
        if blank < 0:
            continue
        key = find_key(text[blank:].lstrip(b" \t"), by)
        if not isinstance(key, str) and not key.reading.form.cert:
            yield Known(number, marker, text[:blank].decode("utf-8", "backslashreplace"), key.reading.key)


def _fits(hosts: str, host: str) -> bool:
    if not hosts.startswith("|"):
        return host_verdict(host, hosts) == 1
    salt, bar, digest = hosts.removeprefix(_HASH).partition("|")
    try:
        key = binascii.a2b_base64(salt, strict_mode=True)
    except ValueError:
        return False
    if not hosts.startswith(_HASH) or not bar or len(key) != _SALT_BYTES:
        return False
    own = hmac.new(key, host.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(own).decode() == digest

"""Files that name hosts and people who may come without more: hosts.equiv, shosts.equiv, .rhosts and .shosts.

Read as check_rhosts_file() in auth-rhosts.c does: the first line that fits decides, for this file alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field

from hygiene.model import Truth

_BUFFER = 1023  # bytes that fgets(3) reads at once: a longer line is several lines
_SKIPPED = b"NO_PLUS"
_DROPPED = b"hyg:dropped "


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that can decide; host and user as they are compared."""

    line: int
    host: str
    user: str | None  # None: the one with the account's own name
    denies: bool = False
    groups: bool = False  # a netgroup stands for the host or the user, so that it is not known whom the line fits


@dataclass(slots=True)
class Equiv:
    """One file; asked for one account, host and user at a time."""

    path: str
    entries: tuple[Entry, ...]
    _first: dict[tuple[str, str | None], Entry] = field(default_factory=dict, repr=False)
    _denies_by_group: int | None = None  # the first line that may deny anybody
    _allows_by_group: int | None = None
    _addresses: tuple[Entry, ...] = ()  # lines that name an address and deny
    _named: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        self._named = tuple(entry for entry in self.entries if not entry.denies)
        for entry in self.entries:
            if not entry.groups:
                self._first.setdefault((entry.host.lower(), entry.user), entry)
        self._denies_by_group = next((e.line for e in self.entries if e.groups and e.denies), None)
        self._allows_by_group = next((e.line for e in self.entries if e.groups and not e.denies), None)
        self._addresses = tuple(e for e in self.entries if not e.groups and e.denies and canonical(e.host) is not None)

    @property
    def named(self) -> tuple[Entry, ...]:
        """The lines that let somebody in, if none before them denies it."""
        return self._named

    def lets_in(self, account: str, host: str, user: str, *, address_known: bool) -> Truth:
        """Whether this user of this host may come; `host` is a name, or an address as sshd writes it.

        Without `address_known` lines that name an address may fit as well.
        """
        users = (user, None) if user == account else (user,)
        fitting = [entry for each in users if (entry := self._first.get((host.lower(), each))) is not None]
        found = min(fitting, key=lambda entry: entry.line, default=None)
        denying = self._denies_by_group
        if not address_known:
            denials = (entry.line for entry in self._addresses if entry.user in users)
            denying = min((line for line in (denying, next(denials, None)) if line is not None), default=None)
        if found is None or found.denies:
            allowing = self._allows_by_group
            unclear = allowing is not None and (found is None or allowing < found.line)
            return Truth.UNKNOWN if unclear else Truth.NO
        return Truth.UNKNOWN if denying is not None and denying < found.line else Truth.YES


def read(data: bytes, path: str) -> Equiv:
    """Read a file."""
    return Equiv(path, tuple(_entries(data)))


def canonical(host: str) -> str | None:
    """An address as sshd writes it (getnameinfo(3), NI_NUMERICHOST); None when it is none, or is written otherwise."""
    bare, percent, zone = host.partition("%")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return None  # ipv64_normalise_mapped() in canohost.c
    text = str(address)
    return f"{text}{percent}{zone}" if bare.lower() == text else None


def _entries(data: bytes) -> Iterator[Entry]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.startswith(_DROPPED):
            # not collected: it may name anybody, and say no
            yield Entry(number, "", None, denies=True, groups=True)
            yield Entry(number, "", None, groups=True)
            continue
        for start in range(0, len(line) or 1, _BUFFER):
            entry = _entry(line[start : start + _BUFFER], number)
            if entry is not None:
                yield entry


def _entry(line: bytes, number: int) -> Entry | None:
    text = line.partition(b"\0")[0]
    start = text.lstrip(b" \t")
    if not start or start.startswith((b"#", _SKIPPED)):
        return None
    words = text.split(maxsplit=2)  # isspace(3) of the C locale, as sscanf(3)
    if len(words) not in (1, 2):
        return None
    host = words[0].decode("utf-8", "backslashreplace")
    user = words[1].decode("utf-8", "backslashreplace") if len(words) == 2 else None
    denies = host.startswith("-") or (user is not None and user.startswith("-"))
    host, user = _unsigned(host), user if user is None else _unsigned(user)
    if not host or user == "":
        return None  # a bare + or -
    return Entry(number, host, user, denies, groups=host.startswith("@") or (user or "").startswith("@"))


def _unsigned(text: str) -> str:
    return text[1:] if text.startswith(("-", "+")) else text

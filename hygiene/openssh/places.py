"""Which places a configuration and lists of addresses can tell apart: one source for each class of them."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hygiene.openssh.connection import Source
from hygiene.openssh.match import Criterion
from hygiene.openssh.patterns import LONGEST
from hygiene.openssh.sources import parse_network
from hygiene.openssh.spans import Span, spans
from hygiene.openssh.words import as_bytes

_ITEMS_MAX = 500  # networks and patterns that are told apart at once
_SOURCES_MAX = 2000
_SHOWN_MAX = 8  # items in one label
_LAST = {4: (1 << 32) - 1, 16: (1 << 128) - 1}  # by the size of an address in bytes
# where nobody says anything: addresses for documentation (RFC 5737, RFC 3849), and the usual port
_ELSEWHERE = {4: int.from_bytes(socket.inet_aton("192.0.2.1"), "big"), 16: 0x20010DB8 << 96 | 1}
# IPv4 in IPv6: sshd turns such a client's address into IPv4 (ipv64_normalise_mapped in canohost.c)
_MAPPED = (0xFFFF << 32, (0xFFFF << 32) + 0xFFFFFFFF)
_PORT = 22


@dataclass(frozen=True, slots=True)
class _Item:
    """A network or pattern of a list, without its `!`."""

    text: str
    negated: bool
    spans: dict[int, tuple[Span, ...]] | None  # by the size of an address; None: sshd takes the list as an error
    vague: frozenset[int] = frozenset()  # sizes of which the pattern takes some addresses, nobody knows which
    named: bool = False  # it may be the name of a host


@dataclass(frozen=True, slots=True)
class _List:
    """A list of addresses and patterns, as the criteria or somebody else ask it."""

    text: str
    items: tuple[_Item, ...]

    def answer(self, size: int, address: int) -> bool | None:
        """Whether the list takes the address; None when the list is an error, or does not tell."""
        found: bool | None = False
        for item in self.items:
            if item.spans is None:
                return None
            if size in item.vague:
                found = None
            if any(first <= address <= last for first, last in item.spans[size]):
                if item.negated:
                    return False
                found = True if found is False else found
        return found


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of a configuration that ask for places."""

    remote: tuple[str, ...]
    hosts: tuple[str, ...]  # of Host criteria, where a client has no name but its address
    local: tuple[str, ...]
    ports: tuple[int, ...]
    domains: tuple[str, ...]
    by_name: bool  # UseDNS is on, or may be: a client may have a name
    _read: list[tuple[_List, ...]] = field(default_factory=list, compare=False)

    @classmethod
    def of(cls, criteria: Iterable[Criterion], by_name: bool = False) -> Criteria:
        """Sort the criteria of all Match lines."""
        kept = list(dict.fromkeys(criteria))
        ports = {int(one.value) for one in kept if one.name == "localport" and one.value.strip().isdecimal()}
        domains = [item for one in kept if one.name == "rdomain" for item in one.value.split(",")]
        return cls(
            tuple(one.value for one in kept if one.name == "address"),
            tuple(one.value for one in kept if one.name == "host" and not by_name),
            tuple(one.value for one in kept if one.name == "localaddress"),
            tuple(sorted(port for port in ports if 0 < port <= 65535)),
            tuple(dict.fromkeys(item for item in domains if item and not set(item) & set("*?!"))),
            by_name,
        )

    def texts(self) -> tuple[str, ...]:
        """All lists, as they stand."""
        return (*self.remote, *self.hosts, *self.local)

    def lists(self) -> tuple[tuple[_List, ...], tuple[_List, ...]]:
        """The lists that ask for the client's address, and for ours; to be asked for when there are not too many."""
        if not self._read:
            # a host is asked for in lower case, whatever the case of the pattern
            hosts = tuple(_list(text, lower=True) for text in self.hosts)
            self._read.append(tuple(_list(text) for text in self.remote) + hosts)
            self._read.append(tuple(_list(text) for text in self.local))
        return self._read[0], self._read[1]


def sources(criteria: Criteria, more: Iterable[str]) -> tuple[Source, ...]:
    """One Source for each class of places that get the same answer of all criteria and of all lists in `more`.

    `more` are from= lists and patterns `user@host` of AllowUsers and DenyUsers; give those of one account at a time,
    because classes multiply. Where lists are too many, where a pattern over the text of addresses has no ranges, or
    where UseDNS gives clients names, the lists that do not tell are in `unclear` of the sources concerned, of
    patterns `user@host` the part behind the `@`.
    """
    asked = list(dict.fromkeys(_hosts(as_bytes(text)) for text in more))
    everything = (*criteria.texts(), *asked)
    if sum(text.count(",") + 1 for text in everything) > _ITEMS_MAX:
        return (Source("*", _LAST_RESORT, unclear=frozenset(everything)),)
    by_remote, by_local = criteria.lists()
    remote = _places([*by_remote, *(_list(text) for text in asked)], criteria.by_name)
    local = _places(by_local, by_name=False) if by_local else [_Place("*", None)]
    ports: list[int | None] = [*criteria.ports, _other_port(criteria.ports)] if criteria.ports else [None]
    domains: list[str | None] = [*criteria.domains, None]
    if len(remote) * len(local) * len(ports) * len(domains) > _SOURCES_MAX:
        return (Source("*", _LAST_RESORT, unclear=frozenset(everything)),)
    found = []
    for here in remote:
        for there in local:
            for port in ports:
                for domain in domains:
                    label = _label(here, there, port if port in criteria.ports else None, domain)
                    unclear = here.unclear | there.unclear
                    source = Source(label, here.address, None, there.address, port, domain, unclear)
                    found.append(source)
    return tuple(_told_apart(found))


_LAST_RESORT = "192.0.2.1"


def _hosts(text: str) -> str:
    """The part of a pattern that is for hosts; lists in from= have no `@`."""
    return text.rpartition("@")[2]


def _other_port(ports: Sequence[int]) -> int:
    return _PORT if _PORT not in ports else next(port for port in range(1024, 65536) if port not in ports)


def _label(here: _Place, there: _Place, port: int | None, domain: str | None) -> str:
    parts = [] if here.label == "*" else [here.label]
    parts += [] if there.label == "*" else [f"local address {there.label}"]
    parts += [] if port is None else [f"local port {port}"]
    parts += [] if domain is None else [f"rdomain {domain}"]
    return " and ".join(parts) or "*"


def _told_apart(found: Sequence[Source]) -> Iterable[Source]:
    """The sources with labels of their own."""
    seen: set[str] = set()
    for source in found:
        label = source.label
        if label in seen:
            label = f"{label} ({source.address})"
        seen.add(label)
        yield source if label == source.label else replace(source, label=label)


def _list(text: str, lower: bool = False) -> _List:
    """Read a list; `lower`: as sshd reads it for hosts."""
    shown = "".join(char.lower() if char.isascii() else char for char in text) if lower else text
    return _List(text, tuple(_item(item, lower) for item in shown.split(",")))


def _item(text: str, for_hosts: bool) -> _Item:
    pattern = text.removeprefix("!")
    negated = text.startswith("!")
    network = None
    if not for_hosts:
        if not pattern:
            return _Item(pattern, negated, None)
        try:
            network = parse_network(pattern)
        except ValueError:
            return _Item(pattern, negated, None)
    if network is None and for_hosts and not set(pattern) & set("*?"):
        return _exactly(pattern, negated)
    if network is not None:
        size, first, last = network
        return _Item(pattern, negated, {4: (), 16: (), size: ((first, last),)})
    if len(pattern) > LONGEST:
        return _Item(pattern, negated, {4: (), 16: ()})
    found = {size: spans(pattern, size) for size in (4, 16)}
    named = bool(set(pattern.lower()) - set("0123456789.:")) or "*" in pattern or "?" in pattern
    return _Item(
        pattern,
        negated,
        {size: () if ranges is None else ranges for size, ranges in found.items()},
        frozenset(size for size, ranges in found.items() if ranges is None),
        named,
    )


def _exactly(text: str, negated: bool) -> _Item:
    """An item of a Host criterion: the address whose printed form it is, and no network."""
    nothing: dict[int, tuple[Span, ...]] = {4: (), 16: ()}
    try:
        network = parse_network(text)
    except ValueError:
        network = None
    if network is None or _printed(network[0], network[1]) != text:
        return _Item(text, negated, nothing)
    size, first, _ = network
    return _Item(text, negated, nothing | {size: ((first, first),)})


@dataclass(frozen=True, slots=True)
class _Place:
    label: str
    address: str | None
    unclear: frozenset[str] = frozenset()


def _places(lists: Sequence[_List], by_name: bool) -> list[_Place]:
    """The classes of addresses that the lists tell apart, those of which they say nothing at the end."""
    items = [item for one in lists for item in one.items if item.spans is not None]
    names = frozenset(one.text for one in lists if by_name and any(item.named for item in one.items))
    classes: dict[tuple[object, ...], list[tuple[int, int, int]]] = {}  # by the lists' answers: size, first, last
    for size in (4, 16):
        for first, last in _pieces(items, size):
            address = _ELSEWHERE[size] if first <= _ELSEWHERE[size] <= last else first
            key = tuple(one.answer(size, address) for one in lists)
            classes.setdefault(key, []).append((size, first, last))
    found: list[_Place] = []
    labels = [_shown(items, pieces) for pieces in classes.values()]
    for label, pieces in zip(labels, classes.values(), strict=True):
        size, address = next(
            ((size, _ELSEWHERE[size]) for size, first, last in pieces if first <= _ELSEWHERE[size] <= last),
            pieces[0][:2],
        )
        sizes = {size for size, first, last in pieces if first != last}
        vague = {one.text for one in lists if any(sizes & item.vague for item in one.items)}
        if labels.count(label) > 1:
            label = _all_of(items, pieces)
        found.append(_Place(label, _printed(size, address), names | vague))
    return sorted(found, key=lambda place: place.label == "*")


def _pieces(items: Sequence[_Item], size: int) -> list[Span]:
    """The ranges between all places where a range of an item begins or ends."""
    cuts = {0}
    for item in items:
        for first, last in (item.spans or {})[size]:
            cuts.add(first)
            cuts.add(last + 1)
    if size == 16:
        cuts.update((_MAPPED[0], _MAPPED[1] + 1))
    ordered = sorted(cut for cut in cuts if cut <= _LAST[size])
    pieces = zip(ordered, [cut - 1 for cut in ordered[1:]] + [_LAST[size]], strict=True)
    return [(first, last) for first, last in pieces if size == 4 or not _MAPPED[0] <= first <= _MAPPED[1]]


def _shown(items: Sequence[_Item], pieces: Sequence[tuple[int, int, int]]) -> str:
    """The narrowest items that hold the pieces, `*` when one piece is in none."""
    labels: list[str] = []
    for size, first, last in pieces:
        around = [
            (end - begin, item.text)
            for item in items
            for begin, end in (item.spans or {})[size]
            if begin <= first and last <= end
        ]
        if not around:
            return "*"
        narrowest = min(around)[1]
        if narrowest not in labels:
            labels.append(narrowest)
        if len(labels) > _SHOWN_MAX:
            return ",".join([*labels[:_SHOWN_MAX], "..."])
    return "*" if "*" in labels else ",".join(labels)


def _all_of(items: Sequence[_Item], pieces: Sequence[tuple[int, int, int]]) -> str:
    """All items that hold the first piece, the narrowest first, for classes that one item does not tell apart."""
    size, first, last = pieces[0]
    around = [
        (end - begin, item.text)
        for item in items
        for begin, end in (item.spans or {})[size]
        if begin <= first and last <= end
    ]
    if not around:
        return "::/0" if all(size == 16 for size, _, _ in pieces) else "*"
    return " and ".join(dict.fromkeys(text for _, text in sorted(around)))


def _printed(size: int, address: int) -> str:
    return socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, address.to_bytes(size, "big"))

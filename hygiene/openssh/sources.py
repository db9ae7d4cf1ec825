"""Lists of addresses and hosts: whether one lets an address in, and whether a from= limits anything at all."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

from hygiene.openssh.patterns import host_verdict, match_pattern

# addresses of the forms that count for a pattern without digits, by size: `*`, `*.*.*.*`, `??*`, `*:*`
_SHAPES = {
    4: ("1.1.1.1", "100.1.1.1", "1.100.1.1", "1.1.100.1", "1.1.1.100", "100.100.100.100"),
    16: ("::", "::1", "1::", "1111::1", "1111:2222:3333:4444:5555:6666:7777:8888"),
}
_SHAPES_MAX = 1000  # different wildcards in one list; with more of them nobody meant a limit
_LONGEST_SHAPE = 2 * 39 + 1  # no printed address has more than 39 characters
_LONGEST_MASK = 128  # addr_pton_cidr() in addr.c takes a greater number for no mask, and the item for a pattern

INVALID = -2


def matches(patterns: str, address: str | None, host: str | None = None) -> bool | None:
    """Whether a list lets this client in, as match_host_and_ip in match.c; None when sshd takes the list as an error.

    `host` None: the address, which is all that sshd has while UseDNS is off. This is what from= asks, where an error
    never matches, and the part behind the @ in AllowUsers and DenyUsers, where an error keeps sshd from starting (7.4
    and later; before, it ended every connection). `Match Address` asks the address alone: `address_verdict`.
    """
    verdict = address_verdict(address, patterns)
    if verdict == INVALID:
        return None
    if address is None or verdict < 0:
        return False
    by_name = host_verdict(address if host is None else host, patterns)
    return by_name >= 0 and (by_name > 0 or verdict > 0)


def address_verdict(address: str | None, patterns: str) -> int:
    """The value of addr_match_list in addrmatch.c: 1 a match, -1 a negated match, 0 neither, -2 (INVALID) an error.

    With `address` None, or no address, the list is only checked; what is behind a negated match is not looked at.
    In `Match Address` 1 is a match, and an error keeps sshd from starting (8.4 and later; before, it ended every
    connection that came to this line).
    """
    client = None if address is None else parse_address(address)
    if client is None and address is not None:
        return 0
    found = 0
    for item in patterns.split(","):
        pattern = item.removeprefix("!")
        if not pattern:
            return INVALID
        try:
            network = parse_network(pattern)
        except ValueError:
            return INVALID
        if client is None or address is None:
            continue
        if network is None:
            hit = match_pattern(address, pattern)
        else:
            size, first, last = network
            hit = len(client) == size and first <= int.from_bytes(client, "big") <= last
        if hit and item.startswith("!"):
            return -1
        found = 1 if hit else found
    return found


@dataclass(frozen=True, slots=True)
class Sources:
    """What a from= list comes to, as sshd reads it with UseDNS off."""

    broken: str | None  # why sshd takes the list as an error, which never matches
    limits: bool  # False when all of IPv4 or all of IPv6 may come in, single exceptions aside
    names_only: bool  # nothing in it is an address: without UseDNS no client matches


def judge(patterns: str) -> Sources:
    """Judge the value of a from= option (match_host_and_ip in match.c, addr_match_list in addrmatch.c)."""
    ranges: dict[int, list[tuple[int, int]]] = {4: [], 16: []}  # by the size of an address in bytes: first and last
    open_families: set[int] = set()
    wildcards: set[str] = set()
    addresses = positives = False
    for item in dict.fromkeys(patterns.split(",")):
        pattern = item.removeprefix("!")
        if not pattern:
            return Sources("an empty item in from= makes the list invalid", limits=True, names_only=False)
        try:
            network = parse_network(pattern)
        except ValueError as error:
            return Sources(f"from= holds {error}, so it never matches", limits=True, names_only=False)
        if item.startswith("!"):
            continue
        positives = True
        if network is not None:
            size, first, last = network
            ranges[size].append((first, last))
            addresses = True
        else:
            wildcards.add(re.sub(r"\*++", "*", pattern))
            addresses = addresses or _matches_an_address(pattern)
    if not positives:
        return Sources("from= only excludes, so it never matches", limits=True, names_only=False)
    if len(wildcards) > _SHAPES_MAX:
        open_families.update(_SHAPES)
    else:
        open_families.update(*map(_families, wildcards))
    open_families.update(size for size, members in ranges.items() if _covers(members, size))
    return Sources(None, limits=not open_families, names_only=not addresses)


def parse_network(pattern: str) -> tuple[int, int, int] | None:
    """Read an address or CIDR as addr_pton_cidr does: its size in bytes, first and last; None for a name or wildcard.

    ValueError for what makes sshd drop the whole list: a mask too long, or host bits that are set.
    """
    if len(pattern) >= 64:
        return None
    text, slash, mask = pattern.partition("/")
    address = parse_address(text)
    if address is None or (slash and not (mask.isascii() and mask.isdigit() and int(mask) <= _LONGEST_MASK)):
        return None
    bits = len(address) * 8
    length = int(mask) if slash else bits
    if length > bits:
        raise ValueError(f"the network {pattern}, whose mask is too long")
    first = int.from_bytes(address, "big")
    hosts = (1 << (bits - length)) - 1
    if first & hosts:
        raise ValueError(f"the network {pattern}, whose host bits are set")
    return len(address), first, first | hosts


def parse_address(text: str) -> bytes | None:
    """The bytes of an address in any form that getaddrinfo(3) takes as a number; None for a name."""
    # getaddrinfo reads `10.1` and `0x7f.1` as inet_aton does; that takes anything behind a blank
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        return socket.inet_pton(socket.AF_INET6, text) if ":" in text else socket.inet_aton(text)
    except OSError:
        return None


def _covers(ranges: list[tuple[int, int]], size: int) -> bool:
    """True when the ranges together are all addresses of this many bytes."""
    reached = 0
    for first, last in sorted(ranges):
        if first > reached:
            return False
        reached = max(reached, last + 1)
    return reached == 1 << (size * 8)


def _families(shape: str) -> set[int]:
    """The families, by the size of an address, of which every address matches this wildcard."""
    if set(shape) - set("*?.:") or len(shape) > _LONGEST_SHAPE:
        return set()
    return {size for size, shapes in _SHAPES.items() if all(match_pattern(address, shape) for address in shapes)}


def _matches_an_address(pattern: str) -> bool:
    """False for a name: it holds something that stands in no printed address, or no wildcard."""
    return not set(pattern.lower()) - set("0123456789abcdef.:*?") and ("*" in pattern or "?" in pattern)

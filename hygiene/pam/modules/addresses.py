"""Addresses, networks and host names as pam_access compares them with where a login comes from."""

from __future__ import annotations

import socket
from functools import lru_cache

from hygiene.pam.codes import ASCII_LOWER
from hygiene.pam.modules.numbers import integer


def matches(word: str, rhost: str | None, address: str | None, *, names_are_resolved: bool | None) -> bool | None:
    """Whether one word of a table stands for the remote host; None: not known.

    `rhost` is PAM_RHOST: an address, or a host name where sshd has looked it up, whose address is `address` then; None:
    an address that no word names. Follows remote_match and network_netmask_match (pam_access.c).
    """
    by_name = rhost is not None and pton(rhost) is None
    if rhost is not None and word.startswith("."):
        lower = rhost.translate(ASCII_LOWER)
        if len(rhost) > len(word) and lower.endswith(word.translate(ASCII_LOWER)):
            return True
    elif word.endswith("."):
        if rhost is None:
            return False
        if address is not None and pton(address, socket.AF_INET) and f"{address}.".startswith(word):
            return True
        return None if by_name else False  # a name may have other addresses
    text, slash, mask = word.partition("/")
    network = pton(text)
    if network is None:
        # a host name since 1.5.3: whether it has this address is DNS's to say
        named = not slash and names_are_resolved is not False and not _is_terminal(word)
        return None if named and rhost is not None else False
    bits = _mask(mask, network) if slash else b""
    if bits is None:
        return False
    if rhost is None:
        return None if bits and not any(bits) else False
    client = pton(address or rhost)
    if client is not None and _same(client, network, bits):
        return True
    return None if by_name else False


def network(word: str) -> str | None:
    """A word that names addresses as an sshd pattern: an address or `address/length`; None for all others."""
    if word.endswith(".") and 0 < word.count(".") < 4:
        parts = [*word[:-1].split("."), "0", "0", "0"][:4]
        word = f"{'.'.join(parts)}/{8 * word.count('.')}"
    text, slash, mask = word.partition("/")
    base = pton(text)
    bits = _mask(mask, base) if base is not None and slash else b""
    if base is None or bits is None:
        return None
    family = socket.AF_INET if len(base) == 4 else socket.AF_INET6
    if not bits:
        return socket.inet_ntop(family, base)
    number: int = int.from_bytes(bits, "big")
    length = number.bit_count()
    whole = 8 * len(base)
    if number != (2**length - 1) << (whole - length):
        return None  # a mask with holes
    masked = bytes(one & other for one, other in zip(base, bits, strict=True))
    return f"{socket.inet_ntop(family, masked)}/{length}"


@lru_cache(maxsize=4096)
def pton(text: str, family: int | None = None) -> bytes | None:
    """The bytes of an address, as inet_pton(3) takes it; None when it is none."""
    for one in (socket.AF_INET, socket.AF_INET6) if family is None else (family,):
        try:
            return socket.inet_pton(one, text)
        except (OSError, ValueError):
            continue
    return None


def _mask(text: str, base: bytes) -> bytes | None:
    """The bits that are compared, empty for all; None when the network matches nobody."""
    given = pton(text)
    if given is not None:
        return given if len(given) == len(base) else b""
    length = integer(text)
    if length is None or not 0 <= length <= 8 * len(base):
        return None
    if length == 0:
        return b""  # number_to_netmask: no mask, so that 0.0.0.0/0 is the one address 0.0.0.0
    whole = 8 * len(base)
    number: int = (2**length - 1) << (whole - length)
    return number.to_bytes(len(base), "big")


def _same(one: bytes, other: bytes, mask: bytes) -> bool:
    if len(one) != len(other):
        return False
    return all(not (a ^ b) & m for a, b, m in zip(one, other, mask or b"\xff" * len(one), strict=True))


def _is_terminal(word: str) -> bool:
    """Displays, terminals and what begins with a dot, which no name server knows."""
    return word.startswith((":", ".", "pts/")) or word == "console" or (word.startswith("tty") and word[3:].isalnum())

"""Equal hash strings on many accounts and hosts: a cloned password, found without guessing it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from hygiene.passwords.hashes.files import HashRecord
from hygiene.passwords.hashes.schemes import State, classify, unlocked

_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Place:
    host: str  # the host or the file that the line is of
    account: str
    row: int


@dataclass(frozen=True, slots=True)
class SharedHash:
    """The places of one hash string, in the order met. `salted`: equal by copying; else by equal passwords alone."""

    scheme: str
    salted: bool
    places: tuple[Place, ...]

    @property
    def hosts(self) -> int:
        return len({place.host for place in self.places})


class SharedHashes:
    """Fill it with `add`; it holds a keyed digest of each hash and numbers, never a hash.

    The key lives as long as this object, unless the policy names one so that runs can be compared.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = os.urandom(_KEY_BYTES) if key is None else key
        self._number: dict[bytes, int] = {}
        self._schemes: list[tuple[str, bool]] = []
        self._places: list[list[Place]] = []

    def add(self, host: str, record: HashRecord) -> None:
        standing = classify(record.field)
        if standing.state not in (State.SET, State.LOCKED_HASH) or standing.scheme is None:
            return
        number = self._number.setdefault(digest(record.field, self._key), len(self._places))
        if number == len(self._places):
            self._schemes.append((standing.scheme, standing.salted))
            self._places.append([])
        self._places[number].append(Place(host, record.account, record.row))

    def groups(self) -> tuple[SharedHash, ...]:
        """Hashes of two places or more: on the most hosts first, then of the most places, then as they were met."""
        found = [
            SharedHash(scheme, salted, tuple(places))
            for (scheme, salted), places in zip(self._schemes, self._places, strict=True)
            if len(places) > 1
        ]
        return tuple(sorted(found, key=lambda one: (-one.hosts, -len(one.places))))

    def __repr__(self) -> str:
        return f"SharedHashes({len(self._places):,})"


def shared(lines: Iterable[tuple[str, HashRecord]], key: bytes | None = None) -> tuple[SharedHash, ...]:
    """The groups of equal hash strings among (host, line) pairs."""
    hashes = SharedHashes(key)
    for host, record in lines:
        hashes.add(host, record)
    return hashes.groups()


def digest(field: str, key: bytes) -> bytes:
    """What stands for a hash in comparisons, locked or not: 16 bytes that say nothing without the key."""
    bare = unlocked(field)
    if bare.startswith("$3$$"):
        bare = bare.lower()  # hex digits: programs write either
    return blake2b(bare.encode("utf-8", "surrogatepass"), key=key, digest_size=16).digest()

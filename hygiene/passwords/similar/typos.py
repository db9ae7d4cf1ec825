"""Passwords that one character keeps apart: changed, added or left out, or moved to another place.

Two such texts are equal once one character is left out of one or both (symmetric deletion), so equal digests find them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import combinations

from hygiene.passwords.similar.meetings import Column, meetings

# one character of a short text is much of it, and a long one has a digest for each
_LEAST = 8
_MOST = 32
# of a text in any script; others are keyed anew each time
_SIGNS_KEPT = 4096


class _Signs(dict[str, str]):
    """Each character with the key before it: the hash of a tuple of them is keyed, and made fast from theirs."""

    def __init__(self, key: bytes) -> None:
        self._key = key.hex()

    def __missing__(self, sign: str) -> str:
        keyed = self._key + sign
        if len(self) < _SIGNS_KEPT:
            self[sign] = keyed
        return keyed


class Typos:
    """Told each distinct password once. Keeps no texts, and 8 bytes for each of their characters."""

    def __init__(self, key: bytes) -> None:
        self._signs = _Signs(key)
        # by length: the slots, a digest of each text, and one for each of its characters, which is left out
        self._slots = [array("I") for _ in range(_MOST + 2)]
        self._whole = [array("q") for _ in range(_MOST + 2)]
        self._without = [array("q") for _ in range(_MOST + 2)]

    def __repr__(self) -> str:
        return "Typos()"

    def learn(self, slot: int, password: str) -> None:
        """Take the next distinct password, if it is of a length that counts."""
        length = len(password)
        if not _LEAST <= length <= _MOST:
            return
        signs = tuple(map(self._signs.__getitem__, password))
        self._slots[length].append(slot)
        self._whole[length].append(hash(signs))
        self._without[length].extend(map(hash, combinations(signs, length - 1)))

    def meetings(self) -> Iterator[list[int]]:
        """For each text that is left of two slots or more: these slots."""
        for length in range(_LEAST - 1, _MOST + 1):
            longer = length + 1
            yield from meetings(
                (
                    Column(self._slots[length], self._whole[length]),
                    Column(self._slots[longer], self._without[longer], longer),
                )
            )

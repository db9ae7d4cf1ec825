"""Passwords of one owner that one character keeps apart: changed, added or left out, or moved to another place.

Two such texts are equal once one character is left out of one or both (symmetric deletion), so equal digests find them.
"""

from __future__ import annotations

from collections.abc import Iterator

# one character of a short text is much of it, and a long one has a digest for each
_LEAST = 8
_MOST = 32
# about 100 bytes each
_DIGESTS = 500_000


class Typos:
    """Finds them while the entries come, up to a fixed number of digests. Keeps no texts."""

    def __init__(self, key: bytes, most: int = _DIGESTS) -> None:
        # Python's own hash is keyed too (SipHash, 64 bits), and a dozen of them take no longer than one of the others;
        # like those they stay in this process and end with the run
        self._key = key.hex()
        self._most = most
        self._first: dict[int, int] = {}
        self.unsearched = 0  # entries that came when the number was reached

    def take(self, password: str, owner: int, entry: int) -> Iterator[int]:
        """The earlier entries of this owner, one for each digest they share, equal passwords too."""
        if not _LEAST <= len(password) <= _MOST:
            return
        if len(self._first) >= self._most:
            self.unsearched += 1
            return
        key = self._key
        # a text and what is left of a longer one have to meet, so neither says how many were left out
        for text in {password, *(password[:at] + password[at + 1 :] for at in range(len(password)))}:
            first = self._first.setdefault(hash(key + text) ^ owner, entry)
            if first != entry:
                yield first

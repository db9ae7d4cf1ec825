"""Passwords of one owner that one character keeps apart: changed, added or left out, or moved to another place.

Two such texts are equal once one character is left out of one or both (symmetric deletion), so equal digests find them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

# one character of a short text is much of it, and a long one has a digest for each
_LEAST = 8
_MOST = 32
# about 90 bytes each
_DIGESTS = 1_000_000


class Typos:
    """Finds them while the entries come, up to a fixed number of digests. Keeps no texts."""

    def __init__(self, digest: Callable[[str], int], most: int = _DIGESTS) -> None:
        self._digest = digest
        self._most = most
        self._first: dict[int, int] = {}
        self._seen: set[int] = set()
        self.unsearched = 0  # entries that came when the number was reached

    def take(self, password: str, owner: int, entry: int) -> Iterator[int]:
        """The earlier entries of this owner, one for each digest they share, equal passwords too."""
        if not _LEAST <= len(password) <= _MOST:
            return
        if len(self._first) >= self._most:
            self.unsearched += 1
            return
        # a text and what is left of a longer one have to meet, so neither says how many were left out
        for text in {password, *(password[:at] + password[at + 1 :] for at in range(len(password)))}:
            first = self._first.setdefault(self._digest("\1" + text) ^ owner, entry)
            if first != entry:
                yield first

"""What every list of breached passwords offers, and the words in which it is refused."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hygiene.errors import InputError
from hygiene.passwords.breach.kind import Kind
from hygiene.passwords.breach.leading import tops

# digests held at once: neighbours in a sorted batch lie on the same pages of the file
BATCH: Final = 50_000
# HASH:COUNT and a line end, where counts stay below 10^12
LINE_MAX: Final = 40 + 1 + 12 + 2
COUNT: Final = re.compile(rb"[0-9]{1,12}")

_GET: Final = "expected the Pwned Passwords list as its downloader writes it, sorted by hash"


def refused(path: Path, what: str, remedy: str | None = None) -> InputError:
    """One line about a list that cannot be used. `what` never holds anything that was looked up."""
    return InputError(f"{path}: {what}; {_GET}" + (f"; {remedy}" if remedy else ""))


class Breaches(ABC):
    """One open list, to be used inside `with`."""

    kind: Kind
    source: str  # the file's or folder's name
    counted: bool = True  # False: a hit counts 1, how often it was seen is not known

    def count(self, digests: Iterable[bytes]) -> Iterator[int]:
        """How often each digest stands in the list, in the order given; 0: it does not.

        A batch at a time is held, and looked up in its own order. InputError where the list turns out to be damaged or
        not sorted; nothing was answered then for the batch.
        """
        rest = iter(digests)
        while batch := list(islice(rest, BATCH)):
            if set(map(len, batch)) != {self.kind.size}:
                raise ValueError(f"a digest of another size than {self.kind.value} has")
            yield from self._batch(batch)

    def _batch(self, batch: Sequence[bytes]) -> list[int]:
        """The counts of at most `BATCH` digests of the right size."""
        # three bytes put them in order, but for a few: comparing numbers this small takes half the time
        order = sorted(range(len(batch)), key=tops(b"".join(batch), self.kind.size).tolist().__getitem__)
        found = self._counts([batch[at] for at in order])
        counts = [0] * len(batch)
        for at, number in zip(order, found, strict=True):
            counts[at] = number
        return counts

    @abstractmethod
    def _counts(self, digests: Sequence[bytes]) -> list[int]:
        """The counts of digests that are ordered by their first 3 bytes."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class TextSource(Breaches):
    """A list as the downloader wrote it, which an index can be made of."""

    path: Path

    @abstractmethod
    def blocks(self) -> Iterator[bytes]:
        """All of the list in order, in blocks of whole lines `HASH:COUNT`, each ended by LF."""

    @abstractmethod
    def signature(self) -> bytes:
        """16 bytes that tell this list from another one: of its size and of samples."""

    @abstractmethod
    def size_bytes(self) -> int:
        """About how much `blocks` gives, for progress."""

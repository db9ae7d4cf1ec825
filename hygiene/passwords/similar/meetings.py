"""Which passwords have a digest in common, found at the end of a run: only those need a look at whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count
from typing import NamedTuple

# counted together, about 90 bytes each
_AT_ONCE = 2**20


class Column(NamedTuple):
    """Digests by slot, the same number for each; 0 is none."""

    slots: Sequence[int]
    digests: Sequence[int]
    each: int = 1


def meetings(columns: Sequence[Column], at_once: int = _AT_ONCE) -> Iterator[list[int]]:
    """For each digest that two slots or more have: these slots, in order. The digests go in parts through memory."""
    parts = sum(len(column.digests) for column in columns) // at_once + 1
    for part in range(parts):
        counts: Counter[int] = Counter()
        for column in columns:
            counts.update(column.digests if parts == 1 else _part(column.digests, part, parts))
        met: dict[int, list[int]] = {digest: [] for digest, times in counts.items() if times > 1 and digest}
        counts.clear()
        for slots, digests, each in columns:
            for at in compress(count(), map(met.__contains__, digests)):
                met[digests[at]].append(slots[at // each])
        for found in met.values():
            if len(different := set(found)) > 1:
                yield sorted(different)


def _part(digests: Iterable[int], part: int, parts: int) -> Iterator[int]:
    return (digest for digest in digests if digest % parts == part)

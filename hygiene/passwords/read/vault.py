"""What every vault keeps: items with a password now, with older ones, perhaps in the bin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.passwords.read.reader import HashLine, RawEntry, Tally
from hygiene.passwords.read.rows import found, name


@dataclass(slots=True, repr=False)
class Item:
    """One item as it is gathered from a vault; empty texts where something is missing. Its repr shows nothing of it."""

    passwords: list[str]
    older: list[str]
    account: str = ""
    system: str = ""
    title: str = ""
    deleted: bool = False

    def __repr__(self) -> str:
        return "Item()"


def entries(number: int, item: Item, tally: Tally) -> Iterator[RawEntry | HashLine]:
    """The entries of one item: all have its number, the older versions too."""
    tally.rows = number
    if not (item.passwords or item.older):
        tally.empty += 1
        return
    account, system = name(item.account), name(item.system) or name(item.title)
    tally.deleted += item.deleted
    for is_older, passwords in ((False, item.passwords), (True, item.older)):
        for password in passwords:
            if (entry := found(number, password, account, system, None, tally)) is not None:
                tally.older += is_older
                yield entry

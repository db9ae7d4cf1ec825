"""What one line sets: a value for each slot, and what it does to the lines before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hygiene.openssh.keywords import Taking
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class Part:
    """A value for one slot: the keyword itself, or `keyword/part` where a line sets several values of their own."""

    slot: str
    values: tuple[str | None, ...]  # None: a value that cannot be told here
    taking: Taking = Taking.FIRST
    unless: str = ""  # a slot: when it is set, this part is not taken


Parts = tuple[Part, ...]
# of the arguments, the rest of the line as it stands, and the version; ValueRefusedError for what it does not take
Rule = Callable[[Sequence[str], str, Version], Parts]

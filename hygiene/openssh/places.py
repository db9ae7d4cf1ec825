"""Classes of sources (skeleton)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hygiene.openssh.connection import Source
from hygiene.openssh.match import Criterion


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria that ask for places."""

    lists: tuple[Criterion, ...]

    @classmethod
    def of(cls, criteria: Iterable[Criterion]) -> Criteria:
        """Keep them."""
        return cls(tuple(criteria))


def sources(criteria: Criteria, more: Iterable[str]) -> tuple[Source, ...]:
    """All."""
    return (Source("*"),)

"""All configurations, and the parts of them that run when there is less time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .case import Case
from .cases import daemon, keys, more, pam, tokens


def everything() -> Iterator[Case]:
    yield from daemon.cases()
    yield from pam.cases()
    yield from tokens.cases()
    yield from keys.cases()
    yield from more.cases()


def brief() -> list[Case]:
    """Those that were chosen for every run."""
    return [case for case in everything() if case.brief]


def only(words: Sequence[str]) -> list[Case]:
    """Those whose id holds one of these words; all without any word."""
    return [case for case in everything() if any(word in case.id for word in words or [""])]

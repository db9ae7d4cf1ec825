"""All scenes, and the parts of them that run when there is less time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from .case import Scene
from .cases import accounts, certificates, files, generated, lines, settings
from .telling import How

_DAY_S = 86_400
# each asked all there is; the others, whose rules of settings and accounts are those of a neighbour, lines and files
_WHOLE = ("7.2", "8.4", "9.2", "10.0", "10.6")


def everything(version: str) -> Iterator[Scene]:
    """The scenes for a version."""
    yield from lines.scenes()
    yield from files.scenes()
    yield from certificates.scenes()
    yield from generated.scenes()
    if version in _WHOLE:
        yield from accounts.scenes(int(time.time()) // _DAY_S)
        yield from settings.scenes()


def ways(version: str) -> tuple[How, ...]:
    """How the hosts of a version are looked at."""
    return tuple(How) if version in _WHOLE else (How.LIVE,)


def brief(version: str) -> Iterator[Scene]:
    """The same hosts with the cases that were chosen for every run; none without any."""
    for scene in everything(version):
        chosen = tuple(case for case in scene.cases if case.brief)
        if chosen:
            yield replace(scene, cases=chosen)


def only(version: str, words: list[str]) -> Iterator[Scene]:
    """The cases whose id holds one of these words; all without any word."""
    for scene in everything(version):
        chosen = tuple(case for case in scene.cases if any(word in case.id for word in words or [""]))
        if chosen:
            yield replace(scene, cases=chosen)

"""All scenes, and the part of them that every test run does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from .case import Scene
from .cases import accounts, certificates, files, lines, settings

_DAY_S = 86_400


def everything() -> Iterator[Scene]:
    yield from lines.scenes()
    yield from files.scenes()
    yield from accounts.scenes(int(time.time()) // _DAY_S)
    yield from certificates.scenes()
    yield from settings.scenes()


def brief() -> Iterator[Scene]:
    """The same hosts with the cases that were chosen for every run; none without any."""
    for scene in everything():
        chosen = tuple(case for case in scene.cases if case.brief)
        if chosen:
            yield replace(scene, cases=chosen)

"""All scenes, and the part of them that every test run does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .case import Scene
from .cases import lines


def everything() -> Iterator[Scene]:
    yield from lines.scenes()


def brief() -> Iterator[Scene]:
    """The same hosts with the cases that were chosen for every run; none without any."""
    for scene in everything():
        chosen = tuple(case for case in scene.cases if case.brief)
        if chosen:
            yield replace(scene, cases=chosen)

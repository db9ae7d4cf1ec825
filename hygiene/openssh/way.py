"""The way to a file as the kernel walks it: every directory entered, every link followed, and where it ends."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What a path is, without following a link."""

    DIRECTORY = "dir"
    FILE = "file"
    LINK = "link"
    OTHER = "other"  # a pipe, a socket, a device
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Component:
    """One step of the way to a file, as lstat(2) sees it; mode, uid and gid mean nothing where it is absent."""

    path: str
    kind: Kind
    mode: int = 0  # permission bits, with the sticky bit
    uid: int = -1
    gid: int = -1
    target: str | None = None  # of a link; None: not known
    extended: bool = False  # an access control list stands beside the mode


Look = Callable[[str], Component | None]  # asked for real paths from `/` on; None: the path was not seen


class Fault(enum.StrEnum):
    """Why a way does not end at a file or folder; the words of errno(3) behind it."""

    ABSENT = "is not there"
    NOT_A_DIRECTORY = "is not a directory"
    LOOP = "leads over too many links"
    TOO_LONG = "is too long for a path"


@dataclass(frozen=True, slots=True)
class Step:
    """One name that was looked up in a directory, which one must be able to enter for that."""

    folder: Component
    found: Component | None  # what has the name there; None for `.` and `..`, and where it was not seen
    last: bool = False  # no name is left behind it; the kernel treats links there as it does no others


@dataclass(frozen=True, slots=True)
class Way:
    """All that a path leads over, those of its links too, in the order of the walk."""

    path: str  # as asked for
    steps: tuple[Step, ...] = ()
    parents: tuple[Component, ...] = ()  # the real ones of what was reached, `/` first
    end: Component | None = None  # what was reached, with its real path; never a link
    fault: tuple[str, Fault] | None = None  # where it ends before that, and why
    unseen: str | None = None  # the real path that was not seen, so that nobody knows how it goes on

    @property
    def real(self) -> str | None:
        """The path without links, as realpath(3) gives it; None when there is none, or it is not known."""
        return self.end.path if self.end is not None else None

    @property
    def linked(self) -> bool:
        """True when a link was followed."""
        return any(step.found is not None and step.found.kind is Kind.LINK for step in self.steps)


_LINKS_MAX = 40  # MAXSYMLINKS in linux/namei.h
_PATH_MAX = 4096  # with the NUL at its end, linux/limits.h
_NAME_MAX = 255


def walk(path: str, look: Look) -> Way:
    """Walk an absolute path as path_resolution(7) says; what is relative starts at `/`, where sshd stands.

    A name that was not seen ends the walk: it may be a link.
    """
    steps: list[Step] = []
    root = look("/")
    if root is None:
        return Way(path, unseen="/")
    at = [root]
    if _is_longer(path, _PATH_MAX - 1):
        return Way(path, fault=(f"{path[:40]}...", Fault.TOO_LONG))
    names = _names(path)
    links = 0
    while names:
        name = names.pop()
        folder = at[-1]
        if folder.kind is not Kind.DIRECTORY:
            return Way(path, tuple(steps), fault=(folder.path, Fault.NOT_A_DIRECTORY))
        if name in (".", ".."):
            steps.append(Step(folder, None))
            if name == ".." and len(at) > 1:
                at.pop()
            continue
        real = f"{folder.path.rstrip('/')}/{name}"
        if _is_longer(name, _NAME_MAX):
            return Way(path, tuple(steps), fault=(f"{real[:40]}...", Fault.TOO_LONG))
        found = look(real)
        if found is None:
            return Way(path, (*steps, Step(folder, None)), unseen=real)
        steps.append(Step(folder, found, last=not names))
        if found.kind is Kind.ABSENT:
            return Way(path, tuple(steps), fault=(real, Fault.ABSENT))
        if found.kind is not Kind.LINK:
            at.append(found)
            continue
        links += 1
        if found.target is None:
            return Way(path, tuple(steps), unseen=real)
        if links > _LINKS_MAX:
            return Way(path, tuple(steps), fault=(path, Fault.LOOP))
        if not found.target or _is_longer(found.target, _PATH_MAX - 1):
            return Way(path, tuple(steps), fault=(real, Fault.TOO_LONG if found.target else Fault.ABSENT))
        if found.target.startswith("/"):
            at = [root]
        names += _names(found.target)
    return Way(path, tuple(steps), tuple(at[:-1]), at[-1])


def _names(path: str) -> list[str]:
    """The names of a path, the last one first; a slash at its end asks for a directory, as `.` does."""
    names = [name for name in path.split("/") if name]
    return [*(["."] if names and path.endswith("/") else []), *reversed(names)]


def _is_longer(text: str, most: int) -> bool:
    """True when the text has more bytes than that on the host."""
    return len(text) > most or len(text.encode("utf-8", "replace")) > most

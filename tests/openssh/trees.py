"""File systems for tests, said in lines like those of ls(1)."""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.openssh.way import Component, Kind, Look

_KINDS = {"d": Kind.DIRECTORY, "f": Kind.FILE, "l": Kind.LINK, "p": Kind.OTHER}


def tree(nodes: Mapping[str, str]) -> Look:
    """What `look` answers: by path `d 0755 0 0`, `f`, `p` (a pipe), `l 0 0 TARGET`, `unseen`; a `+` stands for a list.

    Folders above a node that are not named are root's with mode 0755; all else is not there.
    """
    found: dict[str, Component | None] = {"/": Component("/", Kind.DIRECTORY, 0o755, 0, 0)}
    for path, text in nodes.items():
        for at, char in enumerate(path):
            if char == "/" and at:
                found.setdefault(path[:at], Component(path[:at], Kind.DIRECTORY, 0o755, 0, 0))
        found[path] = None if text == "unseen" else _component(path, text)

    def look(path: str) -> Component | None:
        return found[path] if path in found else Component(path, Kind.ABSENT)

    return look


def _component(path: str, text: str) -> Component:
    kind, *words = text.split()
    if kind == "l":
        uid, gid, *target = words
        return Component(path, Kind.LINK, 0o777, int(uid), int(gid), " ".join(target) if target else None)
    mode, uid, gid = words
    return Component(path, _KINDS[kind], int(mode.rstrip("+"), 8), int(uid), int(gid), extended=mode.endswith("+"))

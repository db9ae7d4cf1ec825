"""The files of a host as the kernel and sshd see them: owners, modes and links on every way."""

from __future__ import annotations

from dataclasses import replace

from hygiene.evidence import tables
from hygiene.facts.accounts import People
from hygiene.facts.daemons import Daemon
from hygiene.facts.seen import Seen, plain
from hygiene.model import Truth
from hygiene.openssh import permissions
from hygiene.openssh.members import Members
from hygiene.openssh.permissions import Judgement, Owner, StrictModes
from hygiene.openssh.settings import Settings
from hygiene.openssh.way import Component, Kind, Way, walk
from hygiene.openssh.writers import writers

_KINDS = {"d": Kind.DIRECTORY, "-": Kind.FILE}
_MADE_UP = ("/proc/", "/sys/")
LOST = Judgement(Truth.UNKNOWN, "the owners of the files in this image are lost; give them with --owners")


class Files:
    """All that was seen of files besides their content; every way is walked once."""

    def __init__(self, seen: Seen, people: People) -> None:
        self._metas = seen.metas
        self._links = tables.symlinks(seen.transcript)
        self._ways: dict[str, Way] = {}
        self._lost = seen.owners_lost
        complete = people.groups_elsewhere is None
        members = Members.of(people.passwd, people.groups)
        self.members = replace(members, complete=members.complete and complete)

    def look(self, path: str) -> Component | None:
        """What is at a path, without following a link; None when it was not seen."""
        if path.startswith(_MADE_UP):
            return None  # whom the kernel lets follow a link there, a mode does not say
        raw = path.encode("utf-8", "surrogateescape")
        target = self._links.get(raw)
        if target is not None:
            return Component(path, Kind.LINK, 0o777, target=plain(target) or None)
        meta = self._metas.get(raw)
        if meta is None:
            return None
        kind = _KINDS.get(meta.type, Kind.OTHER)
        return Component(path, kind, meta.mode, meta.uid, meta.gid, extended=meta.extended)

    def way(self, path: str) -> Way:
        """The way to a path."""
        if path not in self._ways:
            self._ways[path] = walk(path, self.look)
        return self._ways[path]

    def strict(self, daemon: Daemon, settings: Settings) -> StrictModes:
        """How strictly this daemon looks at files, where these settings hold."""
        vendor = daemon.version.vendor if daemon.version is not None else None
        tries = settings.number("maxauthtries")
        on = None if settings.problems else settings.flag("strictmodes")
        return StrictModes(on, vendor, self.members, 6 if tries is None else tries)

    def opened(self, paths: tuple[str, ...], owner: Owner, home: str, strict: StrictModes) -> tuple[Judgement, ...]:
        """Whether sshd opens these files of an account, which it tries one after the other."""
        if self._lost:
            return (LOST,) * len(paths)
        return permissions.opened_in_turn([self.way(path) for path in paths], owner, self.way(home or "/"), strict)

    def opened_as_root(self, path: str, what: str) -> Judgement:
        """Whether sshd opens a file of its own."""
        return permissions.opened_as_root(self.way(path), what)

    def writers(self, path: str, uid: int) -> str | None:
        """Who besides the account and root can change what a path leads to."""
        return None if self._lost else writers(self.way(path), uid, self.members)

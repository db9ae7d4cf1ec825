"""What one host said, ready to be asked: files by kind and path, owners and modes, states of paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from hygiene.evidence import tables
from hygiene.evidence.frames import Frame, Transcript
from hygiene.evidence.stream import decode
from hygiene.evidence.tables import Meta
from hygiene.facts import owners
from hygiene.facts.owners import Owner
from hygiene.model import Evidence


@dataclass(frozen=True)
class Seen:
    """The evidence of one host, decoded."""

    evidence: Evidence
    transcript: Transcript

    @classmethod
    def of(cls, evidence: Evidence) -> Seen:
        return cls(evidence, decode(evidence.stream, evidence.nonce))

    @property
    def offline(self) -> bool:
        """The collector read the files of an image, here or on the host that answered: nothing there was running."""
        return self.evidence.offline or self.transcript.mode == "offline"

    @property
    def now(self) -> datetime:
        """The host's own clock; for an offline root, and without one, ours."""
        if self.evidence.offline or self.transcript.time is None:
            return self.evidence.finished_at
        return self.transcript.time

    def text(self, kind: str) -> bytes | None:
        """The first file of a kind, when it was read."""
        frame = self.transcript.first(kind)
        return frame.data if frame is not None and frame.status == "ok" else None

    def line(self, kind: str) -> str | None:
        """The first line of the first file of a kind."""
        data = self.text(kind)
        return plain(data.split(b"\n", 1)[0]).strip() or None if data else None

    @cached_property
    def metas(self) -> Mapping[bytes, Meta]:
        """Owner and mode by real path; what the listing given with an offline root says holds."""
        found = tables.metas(self.transcript)
        if not self._listed:
            return found
        given = {}
        for path, meta in found.items():
            owner = self._listed.get(path)
            if owner is not None and owner.uid is not None and owner.gid is not None and owner.mode is not None:
                given[path] = replace(meta, uid=owner.uid, gid=owner.gid, mode=owner.mode)
        return given

    @cached_property
    def _listed(self) -> Mapping[bytes, Owner]:
        frame = self.transcript.first("owners")
        return owners.parse(frame.data if frame is not None else self.evidence.owners)

    def owner(self, path: bytes, uid: int | None, mode: int | None) -> tuple[int | None, int | None]:
        """Owner and mode of a file that `metas` does not hold; `uid` and `mode` are what the file system says."""
        if self._listed:
            owner = self._listed.get(path)
            return (owner.uid, owner.mode) if owner is not None else (None, None)
        return None if self.owners_lost else uid, mode

    @cached_property
    def owners_lost(self) -> bool:
        """True for an offline root that an ordinary user has unpacked: its files all belong to that user."""
        passwd = self.metas.get(b"/etc/passwd")
        return self.offline and (passwd is None or passwd.uid != 0)

    @cached_property
    def shells(self) -> Mapping[bytes, str]:
        return tables.states(self.transcript, "shells")

    @cached_property
    def exists(self) -> Mapping[bytes, str]:
        return tables.states(self.transcript, "exists")

    @cached_property
    def folders(self) -> Mapping[bytes, str]:
        return tables.states(self.transcript, "dirs")

    def present(self, *paths: str) -> bool | None:
        """True when one of these paths is there, False when none is, None when that is not known."""
        states = {self.exists.get(path.encode(), "unknown") for path in paths}
        return True if "present" in states else False if states <= {"absent"} else None


def plain(data: bytes) -> str:
    """Text of a host; bytes that are not UTF-8 appear as `\\xNN`."""
    return data.decode("utf-8", "backslashreplace")


def why_not(frame: Frame | None) -> str:
    """Why a file was not read, for a person."""
    if frame is None:
        return "was not looked at"
    return {
        "absent": "is not there",
        "unreadable": "could not be read (permission denied)",
        "notregular": "is no regular file",
        "toolarge": "is too large to be read",
        "notvisited": "lies on a network file system, which was not visited",
        "badlink": "is a link that cannot be followed",
        "changed": "changed while it was read",
    }.get(frame.status, "gave no answer")

"""The files of a host that PAM modules read or look for, as far as the collector brought them."""

from __future__ import annotations

from hygiene.facts.seen import Seen, plain
from hygiene.pam.question import Conf

# the collector's mark for a line that it did not let out
DROPPED = b"hyg:dropped "
_ACCESS_D = b"/etc/security/access.d"


def conf(seen: Seen) -> Conf:
    """What the evidence has of the files that modules read, and of the files that they only look for."""
    files: dict[str, bytes | None] = {}
    absent = set()
    for frame in seen.transcript.all("pamconf"):
        if frame.status == "absent":
            absent.add(plain(frame.path))
        else:
            whole = frame.status == "ok" and DROPPED not in frame.data
            files[plain(frame.path)] = frame.data if whole else None
    for path, word in seen.exists.items():  # those that pam_nologin names: that they are there is all that counts
        if word == "absent":
            absent.add(plain(path))
        elif word == "present":
            files.setdefault(plain(path), b"")
    open_to_all = {
        plain(path)
        for path, meta in seen.metas.items()
        if plain(path) in files and (meta.mode & 0o002 or meta.type != "-")
    }
    state = seen.folders.get(_ACCESS_D)
    more = tuple(sorted(path for path in files if path.startswith(f"{_ACCESS_D.decode()}/")))
    access_d = more if state == "ok" else () if state in ("absent", "notdirectory") else None
    return Conf(files, frozenset(absent), frozenset(open_to_all), access_d, hostname=seen.line("hostname"))

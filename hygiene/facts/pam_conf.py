"""The files of a host that PAM modules read or look for, as far as the collector brought them."""

from __future__ import annotations

import re

from hygiene.evidence import tables
from hygiene.facts.seen import Seen, plain
from hygiene.pam.question import Conf, Stat

# the collector's mark for a line that it did not let out
DROPPED = b"hyg:dropped "
_ACCESS_D = b"/etc/security/access.d"
_TRIPLET = re.compile(r"/(?:usr/)?lib/[^/]++/security")
_BARE = ("/lib/security", "/usr/lib/security")
_BARE_64 = ("/lib64/security", "/usr/lib64/security")
_LIBPAM = frozenset({"pam_unix.so", "pam_deny.so", "pam_permit.so"})  # what no folder of libpam is without


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
    groups = seen.text("group")
    if groups is not None:  # where pam_wheel finds out whether there is a group
        files.setdefault("/etc/group", None if DROPPED in groups else groups)
    stats = {}
    for path, found in tables.enrolments(seen.transcript).items():
        if isinstance(found, tables.Status):
            stats[plain(path)] = _stat(seen, seen.transcript.links.get(path, path), found)
        elif found == "absent":
            absent.add(plain(path))
    state = seen.folders.get(_ACCESS_D)
    more = tuple(sorted(path for path in files if path.startswith(f"{_ACCESS_D.decode()}/")))
    access_d = more if state == "ok" else () if state in ("absent", "notdirectory") else None
    return Conf(
        files,
        frozenset(absent),
        frozenset(open_to_all),
        access_d,
        hostname=seen.line("hostname"),
        stats=stats,
        modules=_modules(seen),
    )


def _stat(seen: Seen, real: bytes, found: tables.Status) -> Stat:
    """A file with the owner that the list given with an offline root has for it; there the group is not known."""
    uid, mode = seen.owner(real, found.uid, found.mode)
    gid = found.gid if (uid, mode) == (found.uid, found.mode) and not seen.owners_lost else None
    return Stat(found.type, uid, gid, mode)


def _modules(seen: Seen) -> frozenset[str] | None:
    """The modules that libpam finds; None where it is not known in which folder it looks, or that was not listed."""
    frames = seen.transcript.all("pam_modules")
    if not seen.transcript.complete or any(frame.status != "ok" for frame in frames):
        return None
    found = {plain(frame.path): frozenset(plain(frame.data).split("\n")[:-1]) for frame in frames}
    own = {path: names for path, names in found.items() if names & _LIBPAM}
    of_64 = [path for path in own if path in _BARE_64]
    if of_64:  # what stands in /lib/security there is for programs of 32 bits
        own = {path: own[path] for path in of_64}
    if len(set(own.values())) != 1:
        return None
    # the libpam of Debian looks in /lib/security too (its patch lib_security_multiarch_compat)
    more = _BARE if any(_TRIPLET.fullmatch(path) for path in own) else ()
    return frozenset().union(*own.values(), *(found[path] for path in more if path in found))

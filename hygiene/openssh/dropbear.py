"""Whether dropbear opens a key file; told from its sources, and held against no running dropbear here."""

from __future__ import annotations

from hygiene.model import Cause, Truth
from hygiene.openssh.permissions import Judgement, Owner, StrictModes, opened, worst
from hygiene.openssh.way import Look, walk


def key_file(home: str) -> str:
    """The one file that dropbear reads without -D; OpenWrt's build reads /etc/dropbear/authorized_keys for root."""
    return f"{home.rstrip('/')}/.ssh/authorized_keys"


def dropbear_opened(path: str, home: str, owner: Owner, look: Look) -> Judgement:
    """Judge checkpubkeyperms in svr-authpubkey.c: each folder from the file's up to the home, as it is written.

    Links are followed, and what stands above their targets does not count; groups of one are no exception. Outside the
    home it goes up to `/`. The file itself is looked at by some versions only. Builds may leave these checks out, as
    OpenWrt's do. `owner` has the primary group alone: dropbear takes no other (setegid).
    """
    judgements = [opened(walk(path, look), owner, None, StrictModes(False, None))]
    folder, top = path, home.rstrip("/") or "/"
    while folder not in (top, "/"):
        folder = folder.rpartition("/")[0] or "/"
        judgements.append(_safe(folder, owner, look))
    file = _safe(path, owner, look)
    if file.answer is Truth.NO:
        file = Judgement(Truth.UNKNOWN, f"{file.reason}, which some versions of dropbear refuse")
    return worst([*judgements, file])


def _safe(path: str, owner: Owner, look: Look) -> Judgement:
    end = walk(path, look).end
    if end is None:
        return Judgement(Truth.UNKNOWN, f"the owner and mode of {path} were not seen")
    if end.uid not in (0, owner.uid):
        return Judgement(Truth.NO, f"{path} belongs to another account", Cause.PERMISSIONS)
    if end.mode & 0o022:
        return Judgement(Truth.NO, f"{path} is writable by its group or by others", Cause.PERMISSIONS)
    return Judgement(Truth.YES)

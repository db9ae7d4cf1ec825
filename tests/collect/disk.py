"""Folders that hold a host's files, made for one test, and the collector run on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hygiene.collect import script
from hygiene.evidence.frames import Transcript
from hygiene.evidence.stream import decode

NONCE = "0123456789abcdef"
# dash and bash are on every machine that runs these tests; the others are tried where they are installed
SHELLS = {
    "dash": ["dash"],
    "bash": ["bash", "--posix"],
    "busybox": ["busybox", "sh"],
    "ksh93": ["ksh93"],
    "mksh": ["mksh"],
    "yash": ["yash"],
}
AWKS = {
    "mawk": "mawk",
    "gawk": "gawk",
    "gawk-posix": "gawk --posix",
    "busybox": "busybox awk",
    "original": "original-awk",
}

Link = Path  # in a tree: a symbolic link to there


def make(root: Path, tree: Mapping[str, str | bytes | Link | int]) -> Path:
    """Write a root: text or bytes are files, a Link is a symbolic link, a number the mode of a folder made before."""
    for name, content in tree.items():
        path = root / name.lstrip("/")
        if isinstance(content, int):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(content)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            path.chmod(0o644)
    return root


def stream(
    root: Path,
    shell: Sequence[str] = ("dash",),
    text: bytes | None = None,
    options: Sequence[str] = (),
    user: int | None = None,
) -> bytes:
    """What the collector says of a root."""
    ran = subprocess.run(
        [*shell, "-s", "--", "-R", str(root), *options, NONCE],
        input=text or script.text(),
        capture_output=True,
        timeout=60,
        check=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    assert ran.stderr == b""
    return ran.stdout


def collect(root: Path, **how: object) -> Transcript:
    """The collector's answer for a root, which must be whole."""
    transcript = decode(stream(root, **how), NONCE)
    assert transcript.problem == ""
    return transcript


def with_awk(awk: str, folder: Path) -> bytes:
    """The script, made to find another awk first."""
    folder.mkdir(exist_ok=True)
    (folder / "awk").write_text(f'#!/bin/sh\nexec {awk} "$@"\n')
    (folder / "awk").chmod(0o755)
    start = b"\n  PATH="
    assert script.text().count(start) == 1
    return script.text().replace(start, start + bytes(folder) + b":")


def installed(command: str) -> bool:
    return shutil.which(command) is not None


def snapshot(root: Path) -> dict[str, tuple[int, ...]]:
    """Everything in a folder with what a write would change."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in [".", *folders, *files]:
            status = os.lstat(os.path.join(folder, name))  # noqa: PTH118 - a Path would drop the dot
            found[os.path.join(folder, name)] = (  # noqa: PTH118
                status.st_ino,
                status.st_mode,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
            )
    return found

"""What the real libpam says of stacks, many in one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import ask_libpam


@dataclass(frozen=True, slots=True)
class Ask:
    service: str
    stage: str = "account"
    user: str = "root"
    rhost: str = ""
    answer: str = ""  # to every prompt
    script: tuple[str, ...] | None = None  # or one for each
    hidden: bool = False  # prompts that show what is typed get no answer, as by sshd's method password
    restore: Mapping[str, str] = field(default_factory=dict)  # files to copy over others before


def why_not() -> str | None:
    """What this machine lacks, in words that complete "they need ..."."""
    try:
        ask_libpam.library()
    except (OSError, AttributeError):
        return "libpam 1.4 or newer"
    modules = [*Path("/lib").glob("*/security/pam_debug.so"), *Path("/lib64").glob("security/pam_debug.so")]
    return None if modules else "the module pam_debug.so"


def plant(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write services; `@/` in a rule stands for the folder, as includes must be absolute for Debian's libpam."""
    for name, data in files.items():
        (folder / name).write_bytes(data.replace(b"@/", f"{folder}/".encode()))


_BOUND = 'set -e; while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"'


def answers(folder: Path, asks: Sequence[Ask], over: Mapping[Path, str] | None = None) -> list[int]:
    """What each call returned; -26 (PAM_ABORT) where libpam did not start. `over` as for `conversations`."""
    return [code for code, _ in conversations(folder, asks, over)]


def conversations(
    folder: Path, asks: Sequence[Ask], over: Mapping[Path, str] | None = None, libraries: Path | None = None
) -> list[tuple[int, int]]:
    """What each call returned, and how many prompts there were.

    `over`: files and folders of ours to put over paths of this machine, for the process alone; that takes root.
    `libraries`: a folder with those that modules need.
    """
    command = [sys.executable, ask_libpam.__file__]
    if over is not None:
        binds = [text for path, place in over.items() for text in (str(path), place)]
        command = ["unshare", "--mount", "--propagation=private", "sh", "-c", _BOUND, "sh", *binds, "--", *command]
    text = "".join(json.dumps({"folder": str(folder), **asdict(ask)}) + "\n" for ask in asks)
    environment = os.environ | ({} if libraries is None else {"LD_LIBRARY_PATH": str(libraries)})
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=250, env=environment
    )
    assert done.returncode == 0, done.stderr
    found = [(int(code), int(asked)) for code, asked in map(str.split, done.stdout.splitlines())]
    assert len(found) == len(asks)
    return found

"""Writes a host's files, from inside that host: every path is below its own root, wherever links point."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from .spec import Directory, Fifo, File, Link, Node


def plant(files: Mapping[str, Node]) -> None:
    """Make each path what its node says; missing folders above it are made root's, 0755."""
    for name, node in files.items():
        path = Path(name)
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not isinstance(node, Directory):
            _clear(path)
        _make(path, node)
        owner = (node.uid or 0, node.gid or 0)
        os.chown(path, *owner, follow_symlinks=False)
        if not isinstance(node, Link):
            path.chmod(node.mode)  # after chown, which drops set-uid bits


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make(path: Path, node: Node) -> None:
    match node:
        case File():
            path.write_bytes(node.data)
        case Directory():
            path.mkdir(exist_ok=True)
        case Link():
            path.symlink_to(node.target)
        case Fifo():
            os.mkfifo(path)

"""The root folders of hosts that are up, as one who looks at their disks has them: Debian's files and what differs."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from .machines import Planted
from .world import HYGIENE, World

# below these a host of the lab may differ from the tree that all of them stand on
_OWN = ("etc", "root", "home", "opt", "srv", "usr/local", "var/lib", "var/log")


def collect(world: World, hosts: Sequence[Planted], database: Path) -> subprocess.CompletedProcess[str]:
    """Run `hygiene collect` on the root folders of these hosts, each put together in namespaces of its own."""
    folder = world.folder / "roots"
    script, roots = ["set -e"], []
    for host in hosts:
        own, root = folder / host.name / "own", folder / host.name / "root"
        root.mkdir(parents=True)
        _unpack(world, host, own)
        script.append(f"mount -t overlay overlay -o 'lowerdir={own}:{world.tree}' '{root}'")
        roots += ["--root", f"{host.name}={root}"]
    script.append('exec "$@"')
    unshared = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script), "sh"]
    return subprocess.run(
        [*unshared, HYGIENE, "collect", *roots, "--db", str(database)],
        env=world.environment, cwd=world.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _unpack(world: World, host: Planted, folder: Path) -> None:
    """Take a host's own files out of it, with their owners."""
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    done = world.lab.exec_root(host.name, ["tar", "-C", "/", "--numeric-owner", "-cf", "-", *_OWN])
    assert done.returncode == 0, done.stderr
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, numeric_owner=True, filter="fully_trusted")

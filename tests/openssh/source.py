"""OpenSSH's own source package, for the vectors in its regress folder: fetched by apt, and none of it kept here."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

from lab.tree import cache_root

_SOURCES = """\
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: {suite}
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def vectors(suite: str, *folders: str) -> Mapping[str, bytes]:
    """The files below these folders of the upstream archive that a release of Debian builds from, by their path."""
    with tarfile.open(_archive(suite)) as archive:
        found = {}
        for member in archive:
            path = member.name.partition("/")[2]
            if member.isfile() and path.startswith(folders):
                file = archive.extractfile(member)
                assert file is not None
                found[path] = file.read()
        return found


def _archive(suite: str) -> Path:
    folder = cache_root() / "source" / suite
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (found := sorted(folder.glob("openssh_*.orig.tar.[gx]z"))):
            _fetch(suite, folder)
            found = sorted(folder.glob("openssh_*.orig.tar.[gx]z"))
    return found[-1]


def _fetch(suite: str, folder: Path) -> None:
    """Let an apt of our own bring the archive, with the proxies of the machine; apt checks its signatures."""
    for part in ("state/lists/partial", "cache/archives/partial", "sources"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "sources" / "debian.sources").write_text(_SOURCES.format(suite=suite))
    machine = _run(folder, os.environ | {"LC_ALL": "C"}, "apt-config", "dump")
    lines = [line for line in machine.splitlines() if line.startswith("Acquire::")]
    lines += [
        'Dir::Etc::main "/dev/null";',
        'Dir::Etc::parts "/dev/null";',
        'Dir::Etc::sourcelist "/dev/null";',
        f'Dir::Etc::sourceparts "{folder}/sources";',
        f'Dir::State "{folder}/state";',
        'Dir::State::status "/dev/null";',
        f'Dir::Cache "{folder}/cache";',
        'APT::Sandbox::User "root";',
    ]
    (folder / "apt.conf").write_text("".join(f"{line}\n" for line in lines))
    environment = os.environ | {"LC_ALL": "C", "APT_CONFIG": str(folder / "apt.conf")}
    _run(folder, environment, "apt-get", "-q", "update")
    _run(folder, environment, "apt-get", "-q", "--download-only", "source", "openssh")


def _run(folder: Path, environment: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-1000:]}"
    return done.stdout

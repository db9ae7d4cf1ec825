"""Program: install packages into an empty tree, by the tree's own dpkg, in namespaces of its own.

    python -m lab.install merged|split TREE PACKAGE.deb...

The order of debootstrap: unpack everything, so that every tool is there, then let dpkg install it again with its
maintainer scripts. Nothing can start a daemon (policy-rc.d), reach a network or leave a process behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import kernel

_MERGED = ("bin", "sbin", "lib", "lib64")  # Debian 12: these are links into /usr
_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
}


def main() -> None:
    tree, packages = Path(sys.argv[2]), [Path(argument) for argument in sys.argv[3:]]
    kernel.enclose(kernel.NEWNS | kernel.NEWUTS | kernel.NEWIPC | kernel.NEWNET)
    os.umask(0o022)
    if sys.argv[1] == "merged":
        _merge(tree)
    _unpack(tree, packages)
    _configure(tree, packages)
    _tidy(tree)


def _merge(tree: Path) -> None:
    for name in _MERGED:
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")


def _unpack(tree: Path, packages: list[Path]) -> None:
    for package in packages:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as reading:
            unpack = ["tar", "-C", tree, "--keep-directory-symlink", "-xf", "-"]
            subprocess.run(unpack, stdin=reading.stdout, check=True)
        if reading.returncode:
            raise SystemExit(f"{package}: dpkg-deb could not read it")


def _configure(tree: Path, packages: list[Path]) -> None:
    # what base-passwd's preinst does before anything is chowned
    for name in ("passwd", "group"):
        shutil.copy(tree / f"usr/share/base-passwd/{name}.master", tree / f"etc/{name}")
    (tree / "var/lib/dpkg/status").touch()
    for name in ("dev", "proc", "debs"):
        (tree / name).mkdir(exist_ok=True)
    # read by invoke-rc.d: 101 forbids every start
    forbid = tree / "usr/sbin/policy-rc.d"
    forbid.write_text("#!/bin/sh\nexit 101\n")
    forbid.chmod(0o755)
    kernel.mount("tmpfs", str(tree / "dev"), "tmpfs", 0, "mode=755")
    kernel.make_devices(tree / "dev")
    kernel.mount("proc", str(tree / "proc"), "proc")
    kernel.mount(str(packages[0].parent), str(tree / "debs"), None, kernel.BIND)
    command = ["/usr/bin/dpkg", "--force-depends", "--force-unsafe-io"]
    command += [f"--path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "info")]
    inside = [f"/debs/{package.name}" for package in packages]

    def dpkg(*arguments: str) -> int:
        done = subprocess.run(
            [*command, *arguments], check=False, env=_ENVIRONMENT, cwd="/", preexec_fn=lambda: os.chroot(tree)
        )
        return done.returncode

    # scripts of Ubuntu 16.04 need services of packages that dpkg configures later: the second time they are there
    if dpkg("--install", *inside) and dpkg("--configure", "--pending"):
        raise SystemExit("dpkg could not configure all packages")
    audit = subprocess.run(
        ["/usr/bin/dpkg", "--audit"],
        check=True,
        env=_ENVIRONMENT,
        cwd="/",
        preexec_fn=lambda: os.chroot(tree),
        stdout=subprocess.PIPE,
    )
    if audit.stdout:
        raise SystemExit(f"dpkg --audit: {audit.stdout.decode()}")
    for name in ("debs", "proc", "dev"):
        kernel.detach(str(tree / name))
    (tree / "debs").rmdir()
    forbid.unlink()


def _tidy(tree: Path) -> None:
    """Take away what belongs to one host and not to the distribution."""
    for path in (*tree.glob("etc/ssh/ssh_host_*"), *tree.glob("etc/*-"), *tree.glob("var/log/*.log")):
        path.unlink()
    for name in ("run", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info"):
        for path in (tree / name).iterdir() if (tree / name).is_dir() else ():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main()

"""What a host's first process does before it becomes the host's process 1."""

from __future__ import annotations

import os
import signal
import socket
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from . import kernel
from .plant import plant
from .spec import Node

__all__ = ["boot", "plant", "reporting"]

# reaps nothing itself: children of a process that ignores SIGCHLD leave no zombies (wait(2))
_FIRST_PROCESS = "/bin/sleep"  # in every release; /usr/bin/sleep is not


def reporting(write_end: int, work: Callable[[], Any]) -> NoReturn:
    """Do the work in a forked child and end it; the pipe gets what went wrong, nothing when all is well."""
    status = 1
    try:
        work()
        status = 0
    except Exception:  # noqa: BLE001 everything goes to the parent's error
        os.write(write_end, traceback.format_exc().encode()[-4000:])
    finally:
        os._exit(status)


def boot(name: str, log: socket.socket, files: Mapping[str, Node]) -> NoReturn:
    """Make the host's root, go into it and become its process 1; all namespaces but the mounts' are new already."""
    os.umask(0o022)
    kernel.unshare(kernel.NEWNS)
    for part in ("upper", "work", "root"):
        Path(name, part).mkdir(mode=0o755, parents=True)
    # relative paths: a host's /proc/mounts tells nothing about the machine
    kernel.mount("overlay", f"{name}/root", "overlay", 0, f"lowerdir=base,upperdir={name}/upper,workdir={name}/work")
    kernel.pivot_root(f"{name}/root")
    _mount_kernel_folders()
    socket.sethostname(name)
    log.bind("/dev/log")
    Path("/dev/log").chmod(0o666)
    plant(files)
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.execve(_FIRST_PROCESS, ["sleep", "infinity"], {})


def _mount_kernel_folders() -> None:
    hardened = kernel.NOSUID | kernel.NODEV | kernel.NOEXEC
    kernel.mount("proc", "/proc", "proc", hardened)
    kernel.mount("sysfs", "/sys", "sysfs", hardened | kernel.RDONLY)
    kernel.mount("udev", "/dev", "tmpfs", kernel.NOSUID, "mode=755")
    kernel.make_devices(Path("/dev"))
    Path("/dev/pts").mkdir()
    Path("/dev/shm").mkdir()
    kernel.mount(
        "devpts", "/dev/pts", "devpts", kernel.NOSUID | kernel.NOEXEC, "newinstance,gid=5,mode=620,ptmxmode=666"
    )
    Path("/dev/ptmx").symlink_to("pts/ptmx")
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", kernel.NOSUID | kernel.NODEV)
    kernel.mount("tmpfs", "/run", "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=755")
    Path("/run/lock").mkdir()
    Path("/run/lock").chmod(0o1777)
    Path("/run/sshd").mkdir(mode=0o755)

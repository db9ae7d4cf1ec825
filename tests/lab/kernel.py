"""The Linux calls that Python 3.11 has no names for: namespaces and mounts."""

from __future__ import annotations

import ctypes
import os
import select
import signal
from pathlib import Path
from typing import NoReturn

# linux/sched.h
NEWNS = 0x00020000
NEWUTS = 0x04000000
NEWIPC = 0x08000000
NEWPID = 0x20000000
NEWNET = 0x40000000
NAMESPACES = {"mnt": NEWNS, "uts": NEWUTS, "ipc": NEWIPC, "pid": NEWPID, "net": NEWNET}
# sys/mount.h
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def setns(fd: int, flags: int = 0) -> None:
    _checked(_libc.setns(fd, flags), "setns")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    arguments = [part.encode() if part is not None else None for part in (source, target, kind)]
    options = data.encode() if data is not None else None
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), options), f"mount {source} on {target}")


def detach(target: str) -> None:
    """Take a mount and all below it out of this namespace at once."""
    _checked(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str) -> None:
    """Make `new` (a mount point) the root of this mount namespace, and drop the old one."""
    os.chdir(new)
    # pivot_root(2): with the same folder twice the old root lies on top of the new one, and detaching "." uncovers it
    call = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
    _checked(_libc.syscall(call, b".", b"."), f"pivot_root {new}")
    detach(".")
    os.chdir("/")


def die_with_parent() -> None:
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def enclose(flags: int, channel: int | None = None) -> None:
    """Go on as process 1 of new namespaces; the caller's process stays outside, waits, and ends with the same status.

    The process outside ends all when the process that started it ends, or when the other side of `channel`, a socket,
    is closed; it watches nothing else, so this holds whatever process 1 is busy with. Should it be killed itself,
    process 1 goes with it, and with process 1 everything in its PID namespace.
    """
    read_end, write_end = os.pipe()
    starter = os.pidfd_open(os.getppid())
    unshare(flags | NEWPID)
    pid = os.fork()
    if pid:
        os.close(read_end)
        _watch(pid, starter, channel)
    os.close(write_end)
    os.close(starter)
    die_with_parent()
    # the parent may have died before that call: then the other end of the pipe is closed already
    watch = select.poll()
    watch.register(read_end, 0)
    if watch.poll(0):
        os._exit(1)
    mount("none", "/", None, REC | PRIVATE)


def _watch(pid: int, starter: int, channel: int | None) -> NoReturn:
    child = os.pidfd_open(pid)
    watch = select.poll()
    watch.register(child, select.POLLIN)
    watch.register(starter, select.POLLIN)
    if channel is not None:
        watch.register(channel, select.POLLRDHUP)
    if child not in dict(watch.poll()):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def open_namespaces(pid: int | str) -> dict[str, int]:
    """Descriptors of a process's namespaces by name; they stay valid when it is gone."""
    return {name: os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in NAMESPACES}


def namespaces_of(pid: int | str) -> frozenset[str]:
    """The identities of a process's namespaces, as in `net:[4026532290]`."""
    return frozenset(str(Path(f"/proc/{pid}/ns/{name}").readlink()) for name in NAMESPACES)


def make_devices(dev: Path) -> None:
    """Make the device nodes that every Debian has in /dev."""
    for name, major, minor in (
        ("null", 1, 3),
        ("zero", 1, 5),
        ("full", 1, 7),
        ("random", 1, 8),
        ("urandom", 1, 9),
        ("tty", 5, 0),
    ):
        os.mknod(dev / name, 0o20666, os.makedev(major, minor))
        (dev / name).chmod(0o666)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (dev / name).symlink_to(target)

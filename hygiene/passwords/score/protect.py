"""What a process that holds passwords asks of the system. All of it is best effort: nothing here raises."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal

# prctl(2)
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
# mlockall(2): what is there, what comes, each page when it is first touched
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4


def forbid_core_dumps() -> None:
    """No core file of this process and its children, whatever happens to them."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forbid_memory_access() -> None:
    """No core dump through a pipe either (core(5): RLIMIT_CORE does not stop those), no ptrace by the same user.

    Its /proc/self then belongs to root.
    """
    _ask_linux("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)


def keep_in_memory() -> None:
    """No page of this process goes to the swap space, where the system lets it lock as much as it likes.

    Under a limit later allocations would fail; then an encrypted swap space is what helps.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if limit == resource.RLIM_INFINITY or os.geteuid() == 0:
        _ask_linux("mlockall", _MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)


def die_with_parent(parent: int) -> None:
    """End at once when the process ends that started this one."""
    _ask_linux("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def give_memory_back() -> None:
    """What is free goes back to the system (malloc_trim(3)): glibc keeps holes between what is held."""
    _ask_linux("malloc_trim", 0)


def _ask_linux(function: str, *arguments: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        getattr(ctypes.CDLL(None), function)(*arguments)

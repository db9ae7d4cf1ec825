"""What a process that holds passwords asks of the system."""

from __future__ import annotations

import contextlib
import ctypes
import resource

_PR_SET_DUMPABLE = 4  # prctl(2)


def forbid_core_dumps() -> None:
    """No core file of this process and its children, whatever happens to them."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forbid_memory_access() -> None:
    """No core dump through a pipe either (core(5): RLIMIT_CORE does not stop those), no ptrace by the same user.

    Best effort, and for a process that does nothing else: its /proc/self then belongs to root.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

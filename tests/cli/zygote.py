"""Starts `hygiene` fast: has loaded all of it, and forks a process for each command that it is told.

One line of JSON on standard input is a command; the line that answers is its exit code, or the negative number of the
signal that ended it. `commands.py` talks to it. The process of a command differs from `python -m hygiene` in one thing
alone: its modules were imported before.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import resource
import sys
import threading
import traceback
from typing import Any, NoReturn


def main() -> None:
    import hygiene_checks  # noqa: F401  # all of them only to be there when a command wants them
    import hygiene_reports  # noqa: F401

    import hygiene.cli.demo
    import hygiene.cli.show  # noqa: F401

    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _end(_run(order))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(order: dict[str, Any]) -> int:
    os.chdir(order["cwd"])
    for target, name, flags in (
        (0, order["stdin"], os.O_RDONLY),
        (1, order["stdout"], os.O_WRONLY),
        (2, order["stderr"], os.O_WRONLY),
    ):
        source = os.open(name, flags)
        os.dup2(source, target)
        os.close(source)
    os.environ.clear()
    os.environ.update(order["env"])
    sys.path[:0] = order["env"].get("PYTHONPATH", "").split(os.pathsep)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, mode, closefd=False), encoding="utf-8", errors=errors)
        for number, mode, errors in ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
    )
    if order["limit_bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit_bytes"], resource.RLIM_INFINITY))
    if order["uid"] is not None:
        os.setgroups([])
        os.setgid(order["uid"])
        os.setuid(order["uid"])
    from hygiene.cli import main as command

    sys.argv = ["hygiene", *order["args"]]
    try:
        return command(order["args"])
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001  # as the interpreter ends
        traceback.print_exc()
        return 1


def _end(code: int) -> NoReturn:
    """End as the interpreter does, but leave the loaded modules to the kernel: to take them apart takes longest."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()

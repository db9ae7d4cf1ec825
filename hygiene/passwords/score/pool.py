"""Scoring over all cores: one worker process for each, plain pipes, never a file or shared memory.

The workers are started anew (not forked: the parent may have threads) by a command of their own, so that no main
module is imported again and nothing is pickled.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from hygiene.errors import HygieneError
from hygiene.passwords.score.judgement import Judgement

Job = tuple[str, tuple[str, ...]]  # a password, and words to judge it with

# -I: neither the current folder nor the environment decides what is imported; then the path is ours
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.readline());"
    "from hygiene.passwords.score.worker import main; main()"
)


class ScoringError(HygieneError):
    """A scoring process ended before its answer. Says nothing of what it was given."""

    exit_code = 1


class Pool:
    """Workers, started when first needed. Use it in `with`; leaving it ends them at once."""

    def __init__(self, processes: int | None = None) -> None:
        self.processes = processes or len(os.sched_getaffinity(0))
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all: list[_Worker] = []
        # one thread for each worker: it waits on a pipe and holds no lock
        self._threads = ThreadPoolExecutor(self.processes, thread_name_prefix="scoring")

    def submit(self, jobs: Sequence[Job]) -> Future[list[Judgement]]:
        """Judgements in the order of the jobs. ScoringError when the worker ended."""
        return self._threads.submit(self._ask, jobs)

    def _ask(self, jobs: Sequence[Job]) -> list[Judgement]:
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = _Worker()
            self._all.append(worker)
        answer = worker.ask(jobs)
        self._idle.put(worker)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._all:
            worker.end()
        self._threads.shutdown(cancel_futures=True)
        # one that was started while the others were ended
        for worker in self._all:
            worker.close()


class _Worker:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold a key that was looked up
            text=True,
            encoding="ascii",
        )
        self._started = False

    def ask(self, jobs: Sequence[Job]) -> list[Judgement]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = ""
        try:
            if not self._started:
                self._process.stdin.write(json.dumps(sys.path) + "\n")
                self._started = True
            # ASCII with escapes: lone surrogates pass too
            self._process.stdin.write(json.dumps(jobs) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (OSError, ValueError):
            pass  # the pipe is closed: said below, without this error's context
        if not line.endswith("\n"):
            raise ScoringError("a scoring process ended unexpectedly (out of memory?); run again")
        return [Judgement.unpack(number) for number in json.loads(line)]

    def end(self) -> None:
        self._process.kill()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # what was not sent is not needed any more
                with contextlib.suppress(OSError):
                    pipe.close()

"""Scoring over all cores: processes with plain pipes, never a file or shared memory.

The first one is started anew (not forked: the parent may have threads) by a command of its own, so that no main
module is imported again and nothing is pickled; it makes the others.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Self

from hygiene.errors import HygieneError
from hygiene.passwords.score.judgement import Judgement, Knowledge

Job = tuple[str, tuple[str, ...]]  # a password, and words to judge it with

# -I: neither the current folder nor the environment decides what is imported; then the path is ours
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.readline());"
    "from hygiene.passwords.score.worker import main; main()"
)
_PATIENCE_S = 5


class ScoringError(HygieneError):
    """A scoring process ended before its answer. Says nothing of what it was given."""

    exit_code = 1


class Pool:
    """Processes that score, started when first needed. Use it in `with`; leaving it ends them at once."""

    def __init__(self, processes: int | None = None, knowledge: Knowledge | None = None) -> None:
        self.processes = processes or len(os.sched_getaffinity(0))
        self._knowledge = knowledge or Knowledge(datetime.now(UTC).year)
        self._idle: queue.SimpleQueue[_Line] = queue.SimpleQueue()
        self._first: _First | None = None
        self._starting = threading.Lock()
        # one thread for each process: it waits on a pipe and holds no lock
        self._threads = ThreadPoolExecutor(self.processes, thread_name_prefix="scoring")

    def submit(self, jobs: Sequence[Job]) -> Future[list[Judgement]]:
        """Judgements in the order of the jobs. ScoringError when the process ended."""
        return self._threads.submit(self._ask, jobs)

    def _ask(self, jobs: Sequence[Job]) -> list[Judgement]:
        with self._starting:
            if self._first is None:
                self._first = _First(self.processes, self._knowledge)
                for line in self._first.lines:
                    self._idle.put(line)
        line = self._idle.get()
        try:
            return line.ask(jobs)
        finally:
            self._idle.put(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # no new one is started from here on
        with self._starting:
            if self._first is not None:
                self._first.end()
        self._threads.shutdown(cancel_futures=True)
        if self._first is not None:
            self._first.close()


class _Line:
    """The two pipes of one process."""

    def __init__(self, requests: IO[str], answers: IO[str]) -> None:
        self._requests = requests
        self._answers = answers

    def ask(self, jobs: Sequence[Job]) -> list[Judgement]:
        answer = ""
        # a closed pipe is said below, without this error's context
        with contextlib.suppress(OSError, ValueError):
            # ASCII with escapes: lone surrogates pass too
            self._requests.write(json.dumps(jobs) + "\n")
            self._requests.flush()
            answer = self._answers.readline()
        if not answer.endswith("\n"):
            raise ScoringError("a scoring process ended unexpectedly (out of memory?); run again")
        return [Judgement.unpack(number) for number in json.loads(answer)]

    def close(self) -> None:
        for pipe in (self._requests, self._answers):
            # what was not sent is not needed any more
            with contextlib.suppress(OSError):
                pipe.close()


class _First:
    """The process that was started, and its lines and those of its copies."""

    def __init__(self, processes: int, knowledge: Knowledge) -> None:
        theirs: list[tuple[int, int]] = []
        ours: list[tuple[int, int]] = []
        for _ in range(processes - 1):
            reading, requests = os.pipe()
            answers, writing = os.pipe()
            theirs.append((reading, writing))
            ours.append((requests, answers))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may hold a key that was looked up
            text=True,
            encoding="ascii",
            pass_fds=[end for pipe in theirs for end in pipe],
        )
        for pipe in theirs:
            for end in pipe:
                os.close(end)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.lines = [
            _Line(self._process.stdin, self._process.stdout),
            *(
                _Line(os.fdopen(requests, "w", encoding="ascii"), os.fdopen(answers, encoding="ascii"))
                for requests, answers in ours
            ),
        ]
        start = {"year": knowledge.year, "words": knowledge.words, "pipes": theirs}
        # when it has ended already, the first question says so
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(sys.path) + "\n" + json.dumps(start) + "\n")
            self._process.stdin.flush()

    def end(self) -> None:
        # not killed: it ends the others first
        self._process.terminate()

    def close(self) -> None:
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for line in self.lines:
            line.close()

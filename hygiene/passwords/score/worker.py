"""The processes that score: chunks in, numbers out, each over its own two pipes.

The first one builds the tables and is copied for the others, so that they cost time and memory once. It reads one
line of JSON (`Start`). Then, for each of them, a line in is a list of [password, [word, ...]] and the line out is a
list of packed judgements in the same order. Nothing else leaves them: no core dump, no standard error, no file.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from types import FrameType
from typing import TextIO, TypedDict

from hygiene.passwords.score.judgement import Knowledge
from hygiene.passwords.score.overlay import Judge
from hygiene.passwords.score.protect import die_with_parent, forbid_core_dumps, forbid_memory_access, keep_in_memory

_NICE = 5


class Start(TypedDict):
    year: int
    words: list[str]
    pipes: list[tuple[int, int]]  # of the other processes: where each reads and writes


def serve(judge: Judge, requests: TextIO, answers: TextIO) -> None:
    """Answer until the other side closes the pipe."""
    for line in requests:
        packed = [judge.judge(password, words).pack() for password, words in json.loads(line)]
        answers.write(json.dumps(packed) + "\n")
        answers.flush()


def main() -> None:
    # Ctrl-C reaches the whole group; the process that started us closes the pipe
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    forbid_memory_access()
    # who reads goes first: what it does last, scoring goes on beside
    os.nice(_NICE)
    start: Start = json.loads(sys.stdin.readline())
    judge = Judge(Knowledge(start["year"], tuple(start["words"])))
    # what is there is no garbage, and looking through it would copy it into each process
    gc.collect()
    gc.freeze()
    children = [_copy(judge, start["pipes"], number) for number in range(len(start["pipes"]))]
    signal.signal(signal.SIGTERM, lambda *_: _end(children))
    for pipe in start["pipes"]:
        for end in pipe:
            os.close(end)
    keep_in_memory()
    serve(judge, sys.stdin, sys.stdout)
    for child in children:
        os.waitpid(child, 0)


def _copy(judge: Judge, pipes: list[tuple[int, int]], number: int) -> int:
    """Start the process for these pipes."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        die_with_parent(parent)
        keep_in_memory()
        for other, (reading, writing) in enumerate(pipes):
            if other != number:
                os.close(reading)
                os.close(writing)
        os.close(sys.stdin.fileno())
        os.close(sys.stdout.fileno())
        reading, writing = pipes[number]
        with os.fdopen(reading, encoding="ascii") as requests, os.fdopen(writing, "w", encoding="ascii") as answers:
            serve(judge, requests, answers)
        code = 0
    finally:
        # no traceback, no exit handlers: what they would do is the first one's
        os._exit(code)


def _end(children: list[int], _frame: FrameType | None = None) -> None:
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    os._exit(0)

"""Processes that score: answers in order, how they end, and what they keep to themselves."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hygiene.passwords.score.batch import score_all
from hygiene.passwords.score.judgement import Judgement, Knowledge, Mark
from hygiene.passwords.score.overlay import Judge
from hygiene.passwords.score.pool import Pool, ScoringError
from passwords.samples import varied

KNOWN = Knowledge(2026, ("nordkontor",))
PATIENCE_S = 10


def children() -> list[int]:
    """The processes that this one started and that still live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_a_worker_that_dies_is_an_error_without_a_text() -> None:
    before = set(children())
    with Pool(1) as pool:
        assert pool.submit([("password", ())]).result() == [Judgement(0, 0, Mark.COMMON)]
        (worker,) = set(children()) - before
        limits = Path(f"/proc/{worker}/limits").read_text()
        assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [
            ["0", "0"]
        ]
        os.kill(worker, signal.SIGKILL)
        error = pool.submit([("canary-Zq8", ())]).exception()
    assert isinstance(error, ScoringError)
    assert str(error) == "a scoring process ended unexpectedly (out of memory?); run again"
    assert (error.__cause__, error.__context__) == (None, None)
    assert set(children()) - before == set()


def test_all_in_order_over_several_processes() -> None:
    passwords = ["", "Nordkontor1", "\ud800", "p" * 10_000, *varied(11, 4_000, longest=40)]
    judge = Judge(KNOWN)
    told: list[int] = []
    before = set(children())
    found = list(score_all(passwords, KNOWN, told.append, words=lambda at: ("anna",) if at % 2 else (), processes=3))
    assert found == [judge.judge(password, ("anna",) if at % 2 else ()) for at, password in enumerate(passwords)]
    assert told == sorted(told)
    assert (len(told) > 2, told[-1]) == (True, len(passwords))
    assert set(children()) - before == set()


def test_an_end_in_the_middle_leaves_no_process() -> None:
    some = score_all(iter(lambda: "Nordkontor1", None), KNOWN, processes=3)
    assert next(some) == Judgement(4, 1, Mark.CONTEXT)
    ours = scoring()
    assert len(ours) == 3
    some.close()
    assert still_there(ours) == set()


@pytest.mark.parametrize("which", ["the first", "a copy"])
def test_one_that_dies_is_an_error_and_takes_all_along(which: str) -> None:
    some = score_all(iter(lambda: "canary-Zq8", None), KNOWN, processes=3)
    next(some)
    ours = scoring()
    first = ours & set(children())
    os.kill(min(first if which == "the first" else ours - first), signal.SIGKILL)
    with pytest.raises(ScoringError, match=r"^a scoring process ended unexpectedly"):
        for _ in some:
            pass
    assert still_there(ours) == set()


def scoring() -> set[int]:
    """All processes that score for this one; others may run the same tests."""
    parents: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"hygiene.passwords.score.worker" in (process / "cmdline").read_bytes():
                parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    found = [os.getpid()]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return {*found[1:]}


def still_there(processes: set[int]) -> set[int]:
    """Those that do not end; a kernel ends a copy a moment after the process that made it."""
    left = set()
    for one in processes:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(one)
            if not select.select([descriptor], [], [], PATIENCE_S)[0]:
                left.add(one)
            os.close(descriptor)
    return left


PROTECTED = """
import ctypes, resource, sys
from pathlib import Path
from hygiene.passwords.lists import score_lists
try:
    resource.setrlimit(resource.RLIMIT_CORE, (1_000_000, 1_000_000))
except ValueError:
    pass  # not root, and forbidden before
score_lists([Path(sys.argv[1])], processes=2)
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_a_run_leaves_no_core_dump(tmp_path: Path) -> None:
    """PR_GET_DUMPABLE is 3: 0 means that not even a program that takes core dumps from a pipe gets one."""
    path = tmp_path / "list.txt"
    path.write_text("Sommer2024!\n")
    ran = subprocess.run([sys.executable, "-c", PROTECTED, path], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("(0, 0) 0\n", "")

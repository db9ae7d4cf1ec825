"""Does a password of the list open one of the hashes handed in? Bounded by a budget that is checked before and during.

What comes out are numbers of hashes and of candidates; neither is in any record here, and nothing is written.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Final

from hygiene.passwords.hashes.crypt import PASSWORD_BYTES_MAX, Libcrypt, load
from hygiene.passwords.hashes.own import OPENS
from hygiene.passwords.hashes.plan import Group, Plan, Untried, made_by, plan

# seconds of work handed to a thread at once: progress, and the budget, are looked at in between
_SLICE_S: Final = 0.2

Progress = Callable[[float, float], None]  # seconds of work done, and in all, by the estimate


@dataclass(frozen=True, slots=True)
class Opened:
    hash: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Matches:
    """`opened` in the order of the hashes, each with its first candidate; a hash in `untried` is not known to hold."""

    opened: tuple[Opened, ...]
    untried: Mapping[int, Untried]
    plan: Plan


def match(
    candidates: Sequence[str],
    hashes: Sequence[str],
    budget_s: float,
    *,
    pairs: Mapping[int, Sequence[int]] | None = None,
    threads: int | None = None,
    planned: Callable[[Plan], None] = lambda _: None,
    progress: Progress = lambda _done, _all: None,
    libcrypt: Libcrypt | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Matches:
    """Try the candidates on the hashes, the cheapest schemes first, as far as the budget goes.

    `hashes` are password fields as they stand in the file, locked ones too. `pairs` gives the candidates' numbers for
    each hash; without it each candidate is tried on each. What would take more than the budget is left out from the
    start; `planned` is told so before the first guess. A guess that runs when the budget ends is finished.
    """
    library = libcrypt or load()
    workers = threads or os.cpu_count() or 1
    begun = clock()
    settled = plan(len(candidates), hashes, budget_s, pairs=pairs, threads=workers, libcrypt=library, clock=clock)
    planned(settled)
    run = _Run(_encoded(candidates), library, lambda: clock() - begun < budget_s)
    found, unfinished = run.all(settled, workers, progress)
    untried = dict(settled.untried)
    for group in unfinished:
        left = {number for numbers in group.texts.values() for number in numbers} - found.keys()
        untried.update(dict.fromkeys(left, Untried.OVER_BUDGET))
    opened = tuple(Opened(number, found[number]) for number in sorted(found))
    return Matches(opened, dict(sorted(untried.items())), settled)


def _encoded(candidates: Sequence[str]) -> list[bytes | None]:
    """None for what no login can send: crypt(3) takes no NUL, and libxcrypt at most 511 bytes."""
    encoded = (candidate.encode("utf-8", "surrogatepass") for candidate in candidates)
    return [None if b"\0" in data or len(data) > PASSWORD_BYTES_MAX else data for data in encoded]


_Hits = list[tuple[int, int]]  # hash, candidate


class _Run:
    def __init__(self, passwords: list[bytes | None], libcrypt: Libcrypt | None, in_time: Callable[[], bool]) -> None:
        self._passwords = passwords
        self._libcrypt = libcrypt
        self._in_time = in_time
        self._stop = threading.Event()
        self._first: dict[int, int] = {}  # hash: its first candidate so far

    def all(self, settled: Plan, workers: int, progress: Progress) -> tuple[dict[int, int], list[Group]]:
        """The first candidate of each opened hash, and the groups that were not finished."""
        whole_s = sum(group.seconds for group in settled.groups)
        done_s = 0.0
        unfinished: dict[int, Group] = {}
        slices = self._slices(settled.groups)
        running: dict[Future[_Hits | None], tuple[int, int]] = {}
        pool = ThreadPoolExecutor(workers)
        try:
            while True:
                for at, some in islice(slices, 2 * workers - len(running)):
                    running[pool.submit(self._try, settled.groups[at], some)] = (at, len(some))
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    at, count = running.pop(future)
                    hits = future.result()
                    if hits is None:
                        unfinished[at] = settled.groups[at]
                    for number, candidate in hits or ():
                        self._first[number] = min(candidate, self._first.get(number, candidate))
                    done_s += count * settled.groups[at].guess_s
                    progress(min(done_s, whole_s), whole_s)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
        if not unfinished:
            progress(whole_s, whole_s)
        return self._first, list(unfinished.values())

    def _slices(self, groups: Sequence[Group]) -> Iterator[tuple[int, Sequence[int]]]:
        for at, group in enumerate(groups):
            numbers = {number for some in group.texts.values() for number in some}
            candidates = range(len(self._passwords)) if group.candidates is None else group.candidates
            size = max(1, int(_SLICE_S / group.guess_s))
            for begin in range(0, len(candidates), size):
                # slices before this one have been handed out, so that the first candidate is found at any speed
                if numbers <= self._first.keys():
                    break
                yield at, candidates[begin : begin + size]

    def _try(self, group: Group, candidates: Sequence[int]) -> _Hits | None:
        """The hashes that these open; None if the time was over before all were tried."""
        hits: _Hits = []
        own = OPENS.get(group.scheme)
        text = next(iter(group.texts))
        for candidate in candidates:
            if self._stop.is_set() or not self._in_time():
                return None
            password = self._passwords[candidate]
            if password is None:
                continue
            if own is None:
                made = made_by(self._libcrypt, text, password)
                hits += [(number, candidate) for number in group.texts.get(made or "", ())]
            else:
                opened = [numbers for one, numbers in group.texts.items() if own(password, one)]
                hits += [(number, candidate) for numbers in opened for number in numbers]
        return hits

"""Does a password of the list open one of the hashes handed in? Bounded by a budget that is checked before and during.

What comes out are numbers of hashes and of candidates; neither is in any record here, and nothing is written.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Final

from hygiene.passwords.hashes.crypt import PASSWORD_BYTES_MAX, Libcrypt, load
from hygiene.passwords.hashes.own import MAKES, OPENS
from hygiene.passwords.hashes.plan import Group, Plan, Untried, made_by, opens, plan

# seconds of work handed to a thread at once: progress, and the budget, are looked at in between
_SLICE_S: Final = 0.2

Progress = Callable[[float, float], None]  # seconds done, and in all, by the estimate


@dataclass(frozen=True, slots=True)
class Opened:
    hash: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Matches:
    """`opened` in the order of the hashes, then of the candidates: all that open one that any was found to open.

    A hash in `untried` is not known to hold against all candidates.
    """

    opened: tuple[Opened, ...]
    untried: Mapping[int, Untried]
    plan: Plan


def match(
    candidates: Sequence[bytes],
    hashes: Sequence[str],
    budget_s: float,
    *,
    first: Mapping[int, tuple[int, ...]] | None = None,
    threads: int | None = None,
    planned: Callable[[Plan], None] = lambda _: None,
    progress: Progress = lambda _done, _all: None,
    libcrypt: Libcrypt | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Matches:
    """Try the candidates on the hashes, the likely ones and the cheapest schemes first, as far as the budget goes.

    `hashes` are password fields as they stand in the file, locked ones too. `first`: see `plan.plan`, which settles
    what is tried in which order; `planned` is told so before the first guess. A guess that runs when the budget ends
    is finished.
    """
    library = libcrypt or load()
    workers = threads or os.cpu_count() or 1
    begun = clock()
    settled = plan(len(candidates), hashes, budget_s, first=first, threads=workers, libcrypt=library, clock=clock)
    planned(settled)
    run = _Run(candidates, library, lambda: clock() - begun, settled)
    unfinished = run.all(workers, progress)
    untried = dict(settled.untried)
    for group, reason in unfinished:
        untried.update(dict.fromkeys(group.numbers - run.found.keys(), reason))
    opened = (Opened(number, one) for number, some in sorted(run.every().items()) for one in sorted(some))
    return Matches(tuple(opened), dict(sorted(untried.items())), settled)


@dataclass(frozen=True, slots=True, repr=False)
class _Slice:
    work: int
    candidates: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Tried:
    hits: tuple[tuple[int, int], ...]  # hash, candidate
    ended: Untried | None = None  # why not all of the slice was tried


class _Run:
    def __init__(
        self, passwords: Sequence[bytes], libcrypt: Libcrypt | None, elapsed_s: Callable[[], float], settled: Plan
    ) -> None:
        self._passwords = passwords
        self._libcrypt = libcrypt
        self._elapsed_s = elapsed_s
        self._plan = settled
        self._works = (*settled.works, *settled.beyond)
        self._stop = threading.Event()
        self._finished: set[int] = set()  # works of which all slices were handed out
        self.found: dict[int, int] = {}  # hash: its first candidate so far

    def all(self, workers: int, progress: Progress) -> list[tuple[Group, Untried]]:
        """Try what the plan holds; gives the groups that were not finished, and why."""
        broken: dict[int, Untried] = {}
        done_s = 0.0
        slices = self._slices()
        running: dict[Future[_Tried], _Slice] = {}
        pool = ThreadPoolExecutor(workers)
        try:
            while True:
                running.update((pool.submit(self._try, one), one) for one in islice(slices, 2 * workers - len(running)))
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    part = running.pop(future)
                    tried = future.result()
                    for number, candidate in tried.hits:
                        self.found[number] = min(candidate, self.found.get(number, candidate))
                    if tried.ended is not None:
                        broken[part.work] = tried.ended
                    work = self._works[part.work]
                    done_s += work.wall_s(workers) * len(part.candidates) / len(work.candidates)
                    self._tell(done_s, progress)
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
        left = {at: Untried.OVER_BUDGET for at in range(len(self._works)) if at not in self._finished}
        if not left and not broken:
            self._tell(self._plan.planned_s, progress)
        return [(self._works[at].group, reason) for at, reason in (left | broken).items()]

    def _tell(self, done_s: float, progress: Progress) -> None:
        # what does not fit lasts as long as the budget does
        whole_s = self._plan.budget_s if self._plan.beyond else self._plan.planned_s
        progress(min(self._elapsed_s() if self._plan.beyond else done_s, whole_s), whole_s)

    def _in_time(self) -> bool:
        return not self._stop.is_set() and self._elapsed_s() < self._plan.budget_s

    def _slices(self) -> Iterator[_Slice]:
        """What fits one after the other; then a slice of each of the others by turns."""
        for at in range(len(self._plan.works)):
            yield from self._of(at)
        turns = deque(self._of(at) for at in range(len(self._plan.works), len(self._works)))
        while turns:
            if (one := next(turns[0], None)) is None:
                turns.popleft()
            else:
                yield one
                turns.rotate(-1)

    def _of(self, at: int) -> Iterator[_Slice]:
        work = self._works[at]
        numbers = work.group.numbers
        size = max(1, int(_SLICE_S / work.group.guess_s))
        for begin in range(0, len(work.candidates), size):
            # slices before this one have been handed out, so that the first candidate is found at any speed
            if numbers <= self.found.keys():
                break
            if not self._in_time():
                return
            yield _Slice(at, work.candidates[begin : begin + size])
        self._finished.add(at)

    def _try(self, part: _Slice) -> _Tried:
        work = self._works[part.work]
        hits: list[tuple[int, int]] = []
        ended: Untried | None = None
        for candidate in part.candidates:
            if candidate in work.without:
                continue
            if not self._in_time():
                ended = Untried.OVER_BUDGET
                break
            numbers = self._opened_by(work.group, self._passwords[candidate])
            if numbers is None:
                ended = Untried.UNKNOWN_SCHEME
                break
            hits += [(number, candidate) for number in numbers]
        if self._libcrypt is not None:
            self._libcrypt.wipe()
        return _Tried(tuple(hits), ended)

    def _opened_by(self, group: Group, password: bytes) -> Sequence[int] | None:
        """The hashes of a group that a password opens; None where it cannot be told here."""
        text, numbers = next(iter(group.texts.items()))
        if group.scheme in OPENS and group.scheme not in MAKES:  # each has its own salt
            opened = OPENS[group.scheme](password, text)
            return None if opened is None else numbers if opened else ()
        if group.scheme not in MAKES and not _typed(password):
            return ()
        made = made_by(self._libcrypt, group.scheme, text, password)
        return None if made is None else group.texts.get(made, ())

    def every(self) -> dict[int, set[int]]:
        """All candidates that open each opened hash: schemes that read a part of a password take several."""
        every = {number: {candidate} for number, candidate in self.found.items()}
        for scheme in _PARTS:
            groups = {id(work.group): work.group for work in self._works if work.group.scheme == scheme}
            opened = [group for group in groups.values() if group.numbers & self.found.keys()]
            if not opened:
                continue
            alike: dict[bytes, list[int]] = {}
            for number, password in enumerate(self._passwords):
                alike.setdefault(read_part(scheme, password), []).append(number)
            for group in opened:
                for text, numbers in group.texts.items():
                    if numbers[0] in self.found:
                        others = alike[read_part(scheme, self._passwords[self.found[numbers[0]]])]
                        opening = set(self._that_open(scheme, text, others))
                        every |= {number: opening for number in numbers}  # noqa: C420
        return every

    def _that_open(self, scheme: str, text: str, candidates: Iterable[int]) -> Iterator[int]:
        for candidate in candidates:
            password = self._passwords[candidate]
            if _typed(password) and opens(self._libcrypt, scheme, text, password):
                yield candidate


def _typed(password: bytes) -> bool:
    """Whether a login can send it: crypt(3) takes no NUL, and libxcrypt at most 511 bytes."""
    return len(password) <= PASSWORD_BYTES_MAX and b"\0" not in password


# crypt(5): "only the first 8 characters", 7 bits of each; the first 72 bytes; 7 bits of each
_PARTS: Final = ("des", "bcrypt", "bsdi")


def read_part(scheme: str, password: bytes) -> bytes:
    """What a scheme reads of a password: passwords that open the same hash are equal in it."""
    match scheme:
        case "des":
            return bytes(byte & 0x7F for byte in password[:8]).rstrip(b"\0")
        case "bsdi":
            return bytes(byte & 0x7F for byte in password).rstrip(b"\0")
        case "bcrypt":
            return password[:72]
    return password

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
from functools import partial
from itertools import islice
from typing import Final

from hygiene.passwords.hashes.crypt import PASSWORD_BYTES_MAX, Libcrypt, load
from hygiene.passwords.hashes.own import MAKES, OPENS
from hygiene.passwords.hashes.plan import Group, Plan, Untried, made_by, opens, plan

# seconds of work handed to a thread at once: progress, and the budget, are looked at in between
_SLICE_S: Final = 0.2
_BLOCK_S: Final = 0.01  # the clock is looked at between these
_MEMORY_KIB: Final = 2 << 20  # of all threads together

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
    workers = threads_for(settled, workers)
    run = _Run(candidates, library, lambda: clock() - begun, settled)
    unfinished = run.all(workers, progress)
    untried = dict(settled.untried)
    for group, reason in unfinished:
        untried.update(dict.fromkeys(group.numbers - run.found.keys(), reason))
    opened = (Opened(number, one) for number, some in sorted(run.every().items()) for one in sorted(some))
    return Matches(tuple(opened), dict(sorted(untried.items())), settled)


def threads_for(settled: Plan, workers: int) -> int:
    """How many threads may guess at a time, so that the dearest hashes together fit into memory."""
    dearest = max((work.group.memory_kib for work in (*settled.works, *settled.beyond)), default=0)
    return max(1, min(workers, _MEMORY_KIB // max(1, dearest)))


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
        self._untyped = frozenset(number for number, password in enumerate(passwords) if not _typed(password))
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
        guessing = self._guessing(work.group)
        hits: list[tuple[int, int]] = []
        ended: Untried | None = None
        block = max(1, int(_BLOCK_S / work.group.guess_s))
        for begin in range(0, len(part.candidates), block):
            if not self._in_time():
                ended = Untried.OVER_BUDGET
                break
            some = [one for one in part.candidates[begin : begin + block] if one not in work.without]
            for candidate, numbers in guessing(some) if some else ():
                if numbers is None:
                    ended = Untried.UNKNOWN_SCHEME
                    break
                hits += [(number, candidate) for number in numbers]
            if ended is not None:
                break
        if self._libcrypt is not None:
            self._libcrypt.wipe()
        return _Tried(tuple(hits), ended)

    def _guessing(self, group: Group) -> Callable[[Sequence[int]], Iterator[tuple[int, Sequence[int] | None]]]:
        """Gives of candidates those that open hashes, with their numbers; None for numbers: it cannot be told here."""
        if group.scheme in MAKES:
            return partial(self._by_making, group)
        return partial(self._by_asking if group.scheme in OPENS else self._by_library, group)

    def _by_asking(self, group: Group, candidates: Sequence[int]) -> Iterator[tuple[int, Sequence[int] | None]]:
        opens_ = OPENS[group.scheme]
        ((text, numbers),) = group.texts.items()  # each has a salt of its own
        for candidate in candidates:
            opened = opens_(self._passwords[candidate], text)
            if opened or opened is None:
                yield candidate, None if opened is None else numbers

    def _by_making(self, group: Group, candidates: Sequence[int]) -> Iterator[tuple[int, Sequence[int] | None]]:
        for candidate in candidates:
            made = made_by(self._libcrypt, group.scheme, next(iter(group.texts)), self._passwords[candidate])
            if made is None or made in group.texts:
                yield candidate, None if made is None else group.texts[made]

    def _by_library(self, group: Group, candidates: Sequence[int]) -> Iterator[tuple[int, Sequence[int] | None]]:
        if self._libcrypt is None or not all(map(str.isascii, group.texts)):
            yield candidates[0], None
            return
        texts = {text.encode(): numbers for text, numbers in group.texts.items()}
        typed = [candidate for candidate in candidates if candidate not in self._untyped]
        passwords = map(self._passwords.__getitem__, typed)
        for candidate, made in zip(typed, self._libcrypt.hashes(passwords, next(iter(texts))), strict=True):
            if made is None or made in texts:
                yield candidate, None if made is None else texts[made]

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
            if candidate not in self._untyped and opens(self._libcrypt, scheme, text, password):
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

"""Collect all hosts of a run: a fixed number at a time, each result handed on as soon as it is there.

A run can end early in two ways. When it is stopped, finished hosts are kept, those in flight are dropped
and the rest is untouched, so that the same command takes them up again. When its deadline is over, the
rest is handed on as skipped, so that the books balance.
"""

from __future__ import annotations

import asyncio
import random
import resource
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from hygiene.collect.host import Collected
from hygiene.model import Evidence, Status, Target

# asyncio resolves names in threads, by default 6 on a machine of 2 cores: 30 hosts/s where DNS takes 0.2 s
_RESOLVERS = 64

_Item = TypeVar("_Item")
Collect = Callable[[Target], Awaitable[Collected]]
Sink = Callable[[Evidence], None]


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How a run goes about its hosts."""

    scan: str
    jobs: int = 200
    seed: int = 0  # of the order, so that one subnet or hypervisor is not dialled all at once
    deadline_s: float | None = None
    logs: bool = False  # tell which keys were used, by the hosts' logs
    digest_key: str | None = field(default=None, repr=False)  # for digests of password hashes; None: none are made


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `done` counts what was handed on; hosts that are tried again at the end are not yet done."""

    done: int
    total: int
    by_status: Mapping[Status, int]
    elapsed_s: float
    again: int = 0  # unreachable hosts that wait for their second attempt

    @property
    def per_second(self) -> float:
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended."""

    progress: Progress
    stopped: bool  # before all hosts were done, and to be resumed


@dataclass(slots=True)
class _Books:
    """What has become of each target so far."""

    total: int
    sink: Sink
    report: Callable[[Progress], None]
    started: float
    done: set[Target] = field(default_factory=set)
    again: dict[Target, tuple[float, Evidence]] = field(default_factory=dict)
    by_status: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))

    def keep(self, target: Target, evidence: Evidence) -> None:
        self.sink(evidence)
        self.done.add(target)
        self.again.pop(target, None)
        self.by_status[evidence.status] += 1
        self.report(self.progress())

    def progress(self) -> Progress:
        elapsed = asyncio.get_running_loop().time() - self.started
        return Progress(len(self.done), self.total, dict(self.by_status), elapsed, len(self.again))


async def run(
    targets: Sequence[Target],
    collect: Collect,
    sink: Sink,
    options: FleetOptions,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: asyncio.Event | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Ran:
    """Collect every target once, and those that were unreachable once more at the end.

    `collect` must not raise for what a host does. What `sink` raises (a full disk) ends the run and goes
    through, with everything that was handed on before kept.
    """
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_RESOLVERS))
    raise_file_limit()
    books = _Books(len(targets), sink, progress, loop.time())
    work = asyncio.create_task(_all(targets, collect, books, options))
    stopping = asyncio.create_task((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait((work, stopping), timeout=options.deadline_s, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            await asyncio.wait((work,))
        if not work.cancelled():
            work.result()  # raises what the sink raised
        elif not stopping.done():
            _skip_rest(targets, books, options, clock())
    finally:
        work.cancel()
        stopping.cancel()
    return Ran(books.progress(), stopped=len(books.done) < books.total)


async def _all(targets: Sequence[Target], collect: Collect, books: _Books, options: FleetOptions) -> None:
    loop = asyncio.get_running_loop()
    order = list(targets)
    random.Random(options.seed).shuffle(order)  # noqa: S311 - the order is no secret

    async def first(target: Target) -> None:
        collected = await collect(target)
        if collected.retry_after_s is None:
            books.keep(target, collected.evidence)
        else:
            books.again[target] = (loop.time() + collected.retry_after_s, collected.evidence)

    async def second(target: Target) -> None:
        due, _ = books.again[target]
        await asyncio.sleep(due - loop.time())
        books.keep(target, (await collect(target)).evidence)

    await _each(order, first, options.jobs)
    await _each(sorted(books.again, key=lambda target: books.again[target][0]), second, options.jobs)


async def _each(items: Iterable[_Item], work: Callable[[_Item], Awaitable[None]], jobs: int) -> None:
    """Work on all items, so many at a time: workers that pull, since a task for each of 100,000 costs 139 MB."""
    iterator = iter(items)

    async def worker() -> None:
        for item in iterator:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(jobs):
                group.create_task(worker())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _skip_rest(targets: Sequence[Target], books: _Books, options: FleetOptions, now: datetime) -> None:
    """Hand on what the deadline of the run left over: what was tried as it was, the rest as skipped."""
    reason = f"not done when the run's deadline of {options.deadline_s:g} s was over; run it again to go on"
    for target in targets:
        if target in books.again:
            books.keep(target, books.again[target][1])
        elif target not in books.done:
            books.keep(target, Evidence(options.scan, target, Status.SKIPPED, "", reason, now, now))


def raise_file_limit() -> None:
    """Let this process have as many open files as it may: each connection takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let Ctrl-C and kill stop a run gracefully; a second Ctrl-C ends the process as usual."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)

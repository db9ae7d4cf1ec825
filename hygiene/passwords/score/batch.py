"""Many passwords: scored in chunks by a pool, with little of them in memory at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from hygiene.passwords.score.judgement import SCORED_CHARACTERS, Judgement, Knowledge
from hygiene.passwords.score.pool import Job, Pool
from hygiene.passwords.score.protect import forbid_core_dumps, forbid_memory_access

# A chunk is about a thousand usual passwords, a tenth of a second of work
_CHUNK_COST = 40_000
_JOB_COST = 25
# for each process, some seconds of work; what is read ahead is bounded, and so is the plaintext held: about 15 MiB
_CHUNKS_IN_FLIGHT = 64


class Batch:
    """Sends jobs to a pool in chunks; gives each judgement to `done` with the number it was put under.

    After each chunk `progress` is called; `scored` and `waiting` tell how many jobs are done and how many are not.
    """

    def __init__(
        self, pool: Pool, done: Callable[[int, Judgement], None], progress: Callable[[], None] = lambda: None
    ) -> None:
        self.scored = 0
        self.waiting = 0
        self._pool = pool
        self._done = done
        self._progress = progress
        self._chunk: list[tuple[int, Job]] = []
        self._cost = 0
        self._sent: deque[tuple[list[int], Future[list[Judgement]]]] = deque()

    def put(self, number: int, job: Job) -> None:
        """May wait until others are scored. ScoringError when a process ended."""
        self._chunk.append((number, job))
        self._cost += len(job[0]) + _JOB_COST
        self.waiting += 1
        if self._cost >= _CHUNK_COST:
            self._send()

    def finish(self) -> None:
        """Wait for all that was put."""
        self._send()
        while self._sent:
            self._collect()

    def _send(self) -> None:
        if self._chunk:
            numbers = [number for number, _ in self._chunk]
            self._sent.append((numbers, self._pool.submit([job for _, job in self._chunk])))
            self._chunk = []
            self._cost = 0
        while len(self._sent) > _CHUNKS_IN_FLIGHT * self._pool.processes:
            self._collect()

    def _collect(self) -> None:
        numbers, future = self._sent.popleft()
        for number, judged in zip(numbers, future.result(), strict=True):
            self._done(number, judged)
        self.scored += len(numbers)
        self.waiting -= len(numbers)
        self._progress()


def score_all(
    passwords: Iterable[str],
    knowledge: Knowledge,
    progress: Callable[[int], None] = lambda _: None,
    *,
    words: Callable[[int], tuple[str, ...]] = lambda _: (),
    processes: int | None = None,
) -> Iterator[Judgement]:
    """Judge passwords over all cores, in their order and in bounded memory; equal ones are scored again.

    `words` gives what is known of the password with this index; then the score and marks stand for it with them.
    `progress` is told how many are scored. One that scoring breaks on has Mark.FAILED; ScoringError when a process
    ended. Neither says more of a password than its place.
    """
    forbid_core_dumps()
    forbid_memory_access()
    ready: deque[Judgement] = deque()
    with Pool(processes, knowledge) as pool:
        batch = Batch(pool, lambda _, judged: ready.append(judged), lambda: progress(batch.scored))
        for index, password in enumerate(passwords):
            batch.put(index, (password[:SCORED_CHARACTERS], words(index)))
            while ready:
                yield ready.popleft()
        batch.finish()
        yield from ready

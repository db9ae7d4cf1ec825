"""How far a run is, on standard error: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import NoReturn, Protocol

from tqdm import tqdm

from hygiene.collect.fleet import Progress
from hygiene.model import Evidence, Status
from hygiene.passwords.lists import Progress as ListProgress

_BETWEEN_LINES_S = 10.0
_GUESSING = "trying passwords on hashes"
_BAR = "{desc} {percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} {rate_fmt} ETA {remaining} {postfix}"


class Watch(Protocol):
    """What a run tells about itself."""

    def hosts(self, progress: Progress) -> None: ...
    def asked(self, progress: Progress) -> None: ...
    def passwords(self, progress: ListProgress) -> None: ...
    def host(self, evidence: Evidence) -> None: ...
    def step(self, what: str, done: int, total: int) -> None: ...
    def estimate(self, text: str) -> None: ...
    def guesses(self, done_s: float, whole_s: float) -> None: ...
    def note(self, text: str) -> None: ...


class Quiet:
    """Says nothing."""

    def hosts(self, progress: Progress) -> None:
        pass

    def asked(self, progress: Progress) -> None:
        pass

    def passwords(self, progress: ListProgress) -> None:
        pass

    def host(self, evidence: Evidence) -> None:
        pass

    def step(self, what: str, done: int, total: int) -> None:
        pass

    def estimate(self, text: str) -> None:
        pass

    def guesses(self, done_s: float, whole_s: float) -> None:
        pass

    def note(self, text: str) -> None:
        pass


class Lines:
    """A plain line now and then, for logs and CI."""

    def __init__(self) -> None:
        self._next_s = 0.0
        self._lists: tuple[int, ...] = (0, 0, 0)  # of entries read, passwords scored, and entries stored
        self._tenths = 0

    def hosts(self, progress: Progress) -> None:
        finished = progress.done == progress.total
        if finished or progress.elapsed_s >= self._next_s:
            self._next_s = progress.elapsed_s + _BETWEEN_LINES_S
            say(f"hosts: {progress.done:,} of {progress.total:,}, {progress.per_second:.1f}/s{_failures(progress)}")

    def asked(self, progress: Progress) -> None:
        if progress.done == progress.total:
            say(f"asked what they accept: {progress.done:,} of {progress.total:,} hosts")

    def passwords(self, progress: ListProgress) -> None:
        tenths = tuple(number // 100_000 for number in (progress.entries, progress.scored, progress.kept // 2))
        if tenths != self._lists:
            self._lists = tenths
            kept = f", {progress.kept:,} stored" if progress.kept else ""
            say(f"passwords: {progress.entries:,} entries read, {progress.scored:,} distinct ones scored{kept}")

    def host(self, evidence: Evidence) -> None:
        pass

    def step(self, what: str, done: int, total: int) -> None:
        tenths = 10 * done // max(1, total)
        if tenths != self._tenths:
            self._tenths = tenths
            if tenths:
                say(f"{what}: {10 * tenths}% of {total:,}")

    def estimate(self, text: str) -> None:
        say(f"{_GUESSING}: {text}")

    def guesses(self, done_s: float, whole_s: float) -> None:
        if whole_s >= _BETWEEN_LINES_S:
            self.step(f"{_GUESSING}, seconds", int(done_s), int(whole_s))

    def note(self, text: str) -> None:
        say(text)


class EachHost(Lines):
    """A line for each host besides."""

    def host(self, evidence: Evidence) -> None:
        say(f"{evidence.target.host}: {evidence.status}" + (f": {evidence.reason}" if evidence.reason else ""))


class Bar:
    """A bar for hosts, then one for passwords."""

    def __init__(self) -> None:
        self._hosts: tqdm[NoReturn] | None = None
        self._passwords: tqdm[NoReturn] | None = None
        self._step: tqdm[NoReturn] | None = None
        self._guessing = False

    def hosts(self, progress: Progress) -> None:
        self._of_hosts("hosts", progress)

    def asked(self, progress: Progress) -> None:
        self._of_hosts("asked", progress)

    def _of_hosts(self, what: str, progress: Progress) -> None:
        if self._hosts is None:
            self._hosts = tqdm(total=progress.total, desc=what, unit="", bar_format=_BAR, file=sys.stderr, smoothing=0)
            # it begins with the first host that is done, and the rate counts from the start
            self._hosts.start_t -= progress.elapsed_s
        self._hosts.set_postfix_str(_failures(progress).removeprefix(", "), refresh=False)
        self._hosts.update(progress.done - self._hosts.n)
        if progress.done == progress.total:
            self.close()

    def passwords(self, progress: ListProgress) -> None:
        if self._passwords is None:
            self._passwords = tqdm(desc="passwords", unit="", bar_format=_BAR, file=sys.stderr, leave=False)
        done = f"{progress.kept:,} stored" if progress.kept else f"{progress.entries:,} read"
        self._passwords.set_postfix_str(done, refresh=False)
        self._passwords.total = progress.distinct
        if progress.scored > self._passwords.n:
            self._passwords.update(progress.scored - self._passwords.n)
        else:
            # entries with known passwords are read, or stored: the bar stands, and what is beside it moves
            self._passwords.refresh()

    def host(self, evidence: Evidence) -> None:
        pass

    def step(self, what: str, done: int, total: int) -> None:
        if self._step is None:
            self._step = tqdm(desc=what, unit="", unit_scale=True, bar_format=_BAR, file=sys.stderr, leave=False)
        self._step.total = total
        self._step.update(done - self._step.n)
        if done == total:
            self._step.close()
            self._step = None

    def estimate(self, text: str) -> None:
        self.close()
        say(f"{_GUESSING}: {text}")
        self._guessing = True

    def guesses(self, done_s: float, whole_s: float) -> None:
        if self._guessing:
            self._guessing = done_s < whole_s
            self.step(f"{_GUESSING}, seconds", round(done_s), round(whole_s)) if self._guessing else self.close()

    def note(self, text: str) -> None:
        self.close()
        say(text)

    def close(self) -> None:
        for bar in (self._hosts, self._passwords, self._step):
            if bar is not None:
                bar.close()
        self._hosts = self._passwords = self._step = None


@contextlib.contextmanager
def watching(*, quiet: bool, verbose: bool) -> Iterator[Watch]:
    """Give the watch that fits standard error."""
    if quiet:
        yield Quiet()
    elif verbose:
        yield EachHost()
    elif sys.stderr.isatty():
        bar = Bar()
        try:
            yield bar
        finally:
            bar.close()
    else:
        yield Lines()


def _failures(progress: Progress) -> str:
    """The kinds of failure so far, each with its number."""
    kinds = (Status.PARTIAL, Status.UNREACHABLE, Status.REFUSED, Status.SKIPPED)
    named = [f"{progress.by_status[kind]:,} {kind}" for kind in kinds if progress.by_status.get(kind)]
    if progress.again:
        named.append(f"{progress.again:,} to be tried again")
    return "".join(f", {text}" for text in named)


def say(text: str) -> None:
    """One line for a person."""
    sys.stderr.write(f"hygiene: {text}\n")
    sys.stderr.flush()


def note(text: str, *, quiet: bool) -> None:
    """One line for a person who did not ask for results alone."""
    if not quiet:
        say(text)

"""The round after a collection: hosts are asked once each what they would accept, and the answers are kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from hygiene.collect import probe
from hygiene.collect.fleet import FleetOptions, Progress, Sink, run, stop_on_signals
from hygiene.collect.host import Collected
from hygiene.evidence.segments import Entry, EvidenceFolder
from hygiene.model import Answers, Evidence, Question, Status, Target

_AT_ONCE = 32  # each takes two threads


def ask_hosts(
    folder: EvidenceFolder,
    entries: Mapping[Target, Entry],
    what: Callable[[Evidence], Question | str],
    sink: Sink,
    options: FleetOptions,
    *,
    through: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> bool:
    """Ask each host once, and hand on its evidence with the answers; True when that was stopped before the end.

    `what` gives what to ask a host by its evidence, or why nothing; it is called from several threads.
    `through` names a jump host: what lies behind one is not asked. What was not asked says why in its answers.
    """
    stop = threading.Event()

    def ask(target: Target) -> Collected:
        evidence = folder.load(entries[target])
        asked = what(evidence) if through is None else f"it lies behind the jump host {through}"
        if isinstance(asked, str):
            return Collected(replace(evidence, answers=Answers(probe.now(), problem=asked)))
        # the address as it is now: the same host may have been collected by another
        answers = probe.ask(target, evidence.host_key, asked, stop=stop)
        return Collected(replace(evidence, answers=answers))

    def keep(evidence: Evidence) -> None:
        if evidence.status is Status.SKIPPED:
            late = Answers(probe.now(), problem="the deadline of the run was over; run it again with --fresh")
            evidence = replace(folder.load(entries[evidence.target]), answers=late)
        sink(evidence)

    async def go() -> bool:
        stopping = asyncio.Event()
        stop_on_signals(stopping)
        try:
            ran = await run(
                tuple(entries),
                lambda target: asyncio.to_thread(ask, target),
                keep,
                replace(options, jobs=min(options.jobs, _AT_ONCE)),
                progress=progress,
                stop=stopping,
            )
        finally:
            stop.set()  # threads that are still asking end, and are waited for
        return ran.stopped

    return asyncio.run(go())

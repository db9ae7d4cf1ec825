"""The round after a collection: hosts are asked once each what they would accept, and the answers are kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

from hygiene.collect import probe
from hygiene.collect.fleet import FleetOptions, Progress, Sink, run, stop_on_signals
from hygiene.collect.host import Collected
from hygiene.collect.identity import Identity
from hygiene.collect.run import Access, our_keys
from hygiene.errors import InputError
from hygiene.evidence.segments import Entry, EvidenceFolder
from hygiene.model import Answers, Evidence, Query, Question, Status, Target

_AT_ONCE = 32  # each takes two threads


def ask_hosts(
    folder: EvidenceFolder,
    entries: Mapping[Target, Entry],
    what: Callable[[Evidence], Question | str],
    sink: Sink,
    options: FleetOptions,
    *,
    access: Access | None = None,
    through: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> bool:
    """Ask each host once, and hand on its evidence with the answers; True when that was stopped before the end.

    `what` gives what to ask a host by its evidence, or why nothing; it is called from several threads.
    `access` has the keys that may sign. `through` names a jump host: what lies behind one is not asked. What was not
    asked says why in its answers.
    """
    stop = threading.Event()

    def ask(target: Target, sign: probe.Sign) -> Collected:
        evidence = folder.load(entries[target])
        asked = what(evidence) if through is None else f"it lies behind the jump host {through}"
        if isinstance(asked, str):
            return Collected(replace(evidence, answers=Answers(probe.now(), problem=asked)))
        # the address as it is now: the same host may have been collected by another
        answers = probe.ask(target, evidence.host_key, asked, stop=stop, sign=sign)
        return Collected(replace(evidence, answers=answers))

    def keep(evidence: Evidence) -> None:
        if evidence.status is Status.SKIPPED:
            late = Answers(probe.now(), problem="the deadline of the run was over; run it again with --fresh")
            evidence = replace(folder.load(entries[evidence.target]), answers=late)
        sink(evidence)

    async def go() -> bool:
        stopping = asyncio.Event()
        stop_on_signals(stopping)
        async with AsyncExitStack() as stack:
            identities: Sequence[Identity] = ()
            if access is not None:
                # keys that have gone since the collection do not sign, and the hosts' answers say so
                with suppress(InputError):
                    identities = await stack.enter_async_context(our_keys(access))
            sign = _signing(identities, asyncio.get_running_loop())
            try:
                ran = await run(
                    tuple(entries),
                    lambda target: asyncio.to_thread(ask, target, sign),
                    keep,
                    replace(options, jobs=min(options.jobs, _AT_ONCE)),
                    progress=progress,
                    stop=stopping,
                )
            finally:
                stop.set()  # threads that are still asking end, and are waited for
        return ran.stopped

    return asyncio.run(go())


def _signing(identities: Sequence[Identity], loop: asyncio.AbstractEventLoop) -> probe.Sign:
    """Signatures for the threads that ask: an agent is spoken to by the loop alone."""

    def sign(query: Query, data: bytes, left_s: float) -> bytes:
        ours = next((identity for identity in identities if identity.is_of(query.blob)), None)
        if ours is None:
            raise ValueError
        signing = asyncio.run_coroutine_threadsafe(ours.sign(query.algorithm, data), loop)
        try:
            return signing.result(left_s)
        except futures.TimeoutError:
            signing.cancel()
            raise ValueError from None

    return sign

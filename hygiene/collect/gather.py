"""One scan: hosts and offline roots in, evidence in the folder out; what was finished before is not done again."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from hygiene.collect import fleet, identity
from hygiene.collect.fleet import FleetOptions, Progress
from hygiene.collect.host import Collected, HostCollector, Way, our_exchange
from hygiene.collect.offline import OfflineCollector, Root
from hygiene.collect.ssh import Deadlines, client_version
from hygiene.errors import UsageError
from hygiene.evidence.segments import EvidenceFolder
from hygiene.model import Evidence, ScanInfo, Target


@dataclass(frozen=True, slots=True)
class Errand:
    """What to collect and how. Targets that are named in `roots` are offline roots, the others are dialled."""

    targets: tuple[Target, ...]
    way: Way
    excluded: tuple[str, ...] = ()
    roots: Mapping[str, Root] = field(default_factory=dict)
    agent: str | None = None  # socket of the agent, when the way has no keys of its own
    jobs: int = 200
    deadline_s: float | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """How a scan ended."""

    scan: ScanInfo
    resumed: int  # hosts that an interrupted run had finished
    stopped: bool  # by Ctrl-C or kill: to be resumed by the same command


def gather(
    errand: Errand,
    folder: EvidenceFolder,
    *,
    begun: Callable[[ScanInfo, int], None] = lambda _, __: None,
    progress: Callable[[Progress], None] = lambda _: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Gathered:
    """Collect what is still missing of a scan of these targets; each host is kept as soon as it is there.

    `begun` learns of the scan and of how many hosts an interrupted run had finished. StorageError when evidence
    cannot be kept; then what was kept before stays.
    """
    digest = targets_digest(errand.targets)
    scan = None if errand.fresh else folder.unfinished(digest, clock())
    done = {host for host, entry in folder.index().of_scan(scan.id).items() if entry.collected} if scan else set()
    if scan is None:
        scan = ScanInfo(
            id=secrets.token_hex(12),
            started_at=clock(),
            targets_digest=digest,
            targets=errand.targets,
            excluded=errand.excluded,
            tool=client_version(),
        )
        folder.save_scan(scan)
    begun(scan, len(done))
    left = tuple(target for target in errand.targets if target.host not in done)
    with folder.writer() as writer:
        stopped = asyncio.run(_run(errand, scan.id, left, writer.append, progress))
    if not stopped:
        folder.finish_scan(scan.id)
    return Gathered(scan, len(done), stopped)


def targets_digest(targets: tuple[Target, ...]) -> str:
    """What makes two runs scans of the same targets: names, addresses, ports and users, in any order."""
    lines = sorted(f"{target.host}\0{target.address}\0{target.port}\0{target.user}" for target in targets)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()


async def _run(
    errand: Errand,
    scan: str,
    targets: tuple[Target, ...],
    sink: Callable[[Evidence], None],
    progress: Callable[[Progress], None],
) -> bool:
    stop = asyncio.Event()
    fleet.stop_on_signals(stop)
    async with _way(errand, targets) as way:
        over_ssh = HostCollector(scan, way, our_exchange())
        offline = OfflineCollector(scan, our_exchange(), dict(errand.roots), Deadlines())

        async def collect(target: Target) -> Collected:
            return await (offline if target.host in errand.roots else over_ssh).collect(target)

        options = FleetOptions(scan, errand.jobs, deadline_s=errand.deadline_s)
        try:
            ran = await fleet.run(targets, collect, sink, options, progress=progress, stop=stop)
        finally:
            await over_ssh.close()
    return ran.stopped


@contextlib.asynccontextmanager
async def _way(errand: Errand, targets: tuple[Target, ...]) -> AsyncIterator[Way]:
    """The way in, with the keys of the agent when it has none of its own."""
    if errand.way.identities or all(target.host in errand.roots for target in targets):
        yield errand.way
        return
    if errand.agent is None or not Path(errand.agent).exists():
        raise UsageError("there is no key to log in with; name one with --key FILE, or load one into an SSH agent")
    async with identity.from_agent(errand.agent) as identities:
        if not identities:
            raise UsageError("the SSH agent holds no key; load one with ssh-add, or name one with --key FILE")
        yield replace(errand.way, identities=identities)

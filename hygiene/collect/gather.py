"""One scan: hosts and offline roots in, evidence in the folder out; what was finished before is not done again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic

from hygiene.collect.fleet import FleetOptions, Progress
from hygiene.collect.offline import Root
from hygiene.collect.run import Access, offline_roots, over_ssh
from hygiene.collect.ssh import client_version
from hygiene.evidence.segments import Entry, EvidenceFolder
from hygiene.model import Evidence, Question, ScanInfo, Status, Target

Ask = Callable[[Evidence], Question | str]  # what to ask a host by its evidence, or why nothing


@dataclass(frozen=True, slots=True)
class Errand:
    """What to collect and how. Targets that are named in `roots` are offline roots, the others are dialled."""

    targets: tuple[Target, ...]
    access: Access
    excluded: tuple[str, ...] = ()
    roots: Mapping[str, Root] = field(default_factory=dict)
    jobs: int = 200
    deadline_s: float | None = None
    fresh: bool = False
    logs: bool = False  # which keys were used, too
    digest_key: str | None = field(default=None, repr=False)  # for digests of password hashes; None: none are made
    ask: Ask | None = None  # what to ask hosts when all is collected; None: nothing


@dataclass(frozen=True, slots=True)
class Gathered:
    """How a scan ended."""

    scan: ScanInfo
    stopped: bool  # by Ctrl-C or kill: to be resumed by the same command


def gather(
    errand: Errand,
    folder: EvidenceFolder,
    *,
    resuming: Callable[[ScanInfo, int], None] = lambda _, __: None,
    progress: Callable[[Progress], None] = lambda _: None,
    kept: Callable[[Evidence], None] = lambda _: None,
    asked: Callable[[Progress], None] = lambda _: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Gathered:
    """Collect what is still missing of a scan of these targets; each host is kept as soon as it is there.

    `resuming` learns of an unfinished scan that goes on, and of how many hosts of it are done; `kept` of each host as
    it is kept; `asked` of how the round goes in which hosts are asked what they accept, after all were collected.
    A scan that was stopped, or whose deadline left hosts out, is not finished: the next one of the same
    targets goes on with it. Raises what `run.over_ssh` raises before any host is dialled, and then leaves no scan
    behind; StorageError when evidence cannot be kept, and then what was kept before stays.
    """
    started, digest = monotonic(), targets_digest(errand.targets)
    begun = None if errand.fresh else folder.unfinished(digest, clock())
    done = {host for host, entry in folder.index().of_scan(begun.id).items() if entry.collected} if begun else set()
    scan = begun or ScanInfo(
        id=secrets.token_hex(12),
        started_at=clock(),
        targets_digest=digest,
        targets=errand.targets,
        excluded=errand.excluded,
        tool=client_version(),
    )
    if begun is not None:
        resuming(scan, len(done))

    def ready() -> None:
        if begun is None:
            folder.save_scan(scan)

    left = [target for target in errand.targets if target.host not in done]
    dialled = [target for target in left if target.host not in errand.roots]
    images = [target for target in left if target.host in errand.roots]
    options = FleetOptions(
        scan.id, errand.jobs, deadline_s=errand.deadline_s, logs=errand.logs, digest_key=errand.digest_key
    )
    stopped = left_out = False
    with folder.writer() as writer:

        def keep(evidence: Evidence) -> None:
            nonlocal left_out
            writer.append(evidence)
            left_out = left_out or evidence.status is Status.SKIPPED
            kept(evidence)

        if dialled:
            stopped = over_ssh(dialled, errand.access, keep, options, ready=ready, progress=progress).stopped
        else:
            ready()
        if images and not stopped:
            stopped = offline_roots(images, errand.roots, keep, options, progress=progress).stopped
        if errand.ask is not None and not stopped:
            # here, because only this needs the second SSH library
            from hygiene.collect.asking import ask_hosts

            left_s = None if errand.deadline_s is None else max(0.0, errand.deadline_s - (monotonic() - started))
            entries = _to_ask(errand, folder.index().of_scan(scan.id))
            through = errand.access.jump.host if errand.access.jump is not None else None
            options = replace(options, deadline_s=left_s)
            stopped = ask_hosts(
                *(folder, entries, errand.ask, writer.append, options),
                access=errand.access,
                through=through,
                progress=asked,
            )
    if not stopped and not left_out:
        folder.finish_scan(scan.id)
    return Gathered(scan, stopped)


def _to_ask(errand: Errand, entries: Mapping[str, Entry]) -> dict[Target, Entry]:
    """The hosts that were collected and not yet asked; an image cannot answer."""
    return {
        target: entry
        for target in errand.targets
        if target.host not in errand.roots
        if (entry := entries.get(target.host)) is not None and entry.collected and entry.asked_at is None
    }


def targets_digest(targets: tuple[Target, ...]) -> str:
    """What makes two runs scans of the same targets: names, addresses, ports and users, in any order."""
    lines = sorted(f"{target.host}\0{target.address}\0{target.port}\0{target.user}" for target in targets)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()

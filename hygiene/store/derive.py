"""Bring the tables up to the evidence: what changed is read again, the rest is left as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hygiene.errors import EvidenceError
from hygiene.evidence.segments import Entry, EvidenceFolder, Index, Newest
from hygiene.facts.host import COLLECT, facts, not_reached, unreadable
from hygiene.facts.questions import answered
from hygiene.model import Evidence, Gap, HostFacts, ScanInfo, Status, Target
from hygiene.store.store import Store

# raise when the same evidence gives other rows than before: then all of it is read again
FACTS_VERSION: Final = 4

_NOT_TRIED: Final = "not tried yet: the scan was interrupted; run the same command again to resume it"


@dataclass(frozen=True, slots=True)
class Derived:
    """What the tables now stand on."""

    hosts: int
    read: int  # hosts whose evidence was new
    problems: tuple[Gap, ...]  # evidence that cannot be read
    scan: ScanInfo | None  # the newest


def derive(store: Store, folder: EvidenceFolder, progress: Callable[[int], None] = lambda _: None) -> Derived:
    """Make the rows of each host those of its newest evidence; hosts without evidence any more are forgotten.

    A host that its newest scan did not reach keeps what was seen of it before, with the newer status. A host that an
    unfinished scan did not come to is `skipped`.
    """
    index, scans = folder.index(), folder.scans()
    newest = index.newest()
    missing = {target.host: (target, scan) for scan, target in _not_tried(folder, scans, newest)}
    known = store.digests() if store.get_meta("facts_version") == FACTS_VERSION else {}
    store.forget_hosts(store.digests().keys() - newest.keys() - missing.keys())
    changed = [(host, found) for host, found in newest.items() if known.get(host) != _key(found)]

    def rows() -> Iterator[HostFacts]:
        for number, (_, found) in enumerate(changed, 1):
            yield _facts(folder, found)
            progress(number)
        for target, scan in missing.values():
            yield _skipped(target, scan)

    store.put_hosts(rows())
    store.finish()
    store.set_meta("facts_version", FACTS_VERSION)
    return Derived(len(newest) + len(missing), len(changed), _problems(index), scans[-1] if scans else None)


def _key(found: Newest) -> str:
    """What tells one state of a host's evidence from another."""
    parts = [found.attempt] if found.current is None else [found.current, found.attempt]
    text = "\n".join(
        f"{entry.host}\0{entry.scan}\0{entry.status}\0{entry.started_at}\0{entry.finished_at}"
        + ("" if entry.asked_at is None else f"\0{entry.asked_at}")
        for entry in parts
    )
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _facts(folder: EvidenceFolder, found: Newest) -> HostFacts:
    key = _key(found)
    known = _read(folder, found.current or found.attempt, key)
    if found.current is None or found.current is found.attempt:
        return known
    try:
        return not_reached(known, folder.load(found.attempt))
    except EvidenceError as error:
        host = known.host
        target = Target(host.host, host.address, host.port, tenant=host.tenant, tags=host.tags)
        return not_reached(known, _lost(found.attempt, target, str(error)))


def _read(folder: EvidenceFolder, entry: Entry, key: str) -> HostFacts:
    try:
        evidence = folder.load(entry)
        return answered(facts(evidence, key), evidence)
    except EvidenceError as error:
        return unreadable(_lost(entry, Target(entry.host, entry.host), ""), key, str(error))


def _lost(entry: Entry, target: Target, reason: str) -> Evidence:
    """What is known of evidence that cannot be read any more."""
    return Evidence(entry.scan, target, entry.status, COLLECT, reason, entry.started_at, entry.finished_at)


def _not_tried(
    folder: EvidenceFolder, scans: tuple[ScanInfo, ...], newest: dict[str, Newest]
) -> Iterator[tuple[ScanInfo, Target]]:
    """Targets of unfinished scans that no scan has come to; of scans of the same targets the newest counts."""
    for scan in {scan.targets_digest: scan for scan in scans}.values():
        if not folder.is_finished(scan.id):
            for target in scan.targets:
                if target.host not in newest:
                    yield scan, target


def _skipped(target: Target, scan: ScanInfo) -> HostFacts:
    evidence = Evidence(scan.id, target, Status.SKIPPED, "", _NOT_TRIED, scan.started_at, datetime.now(UTC))
    return facts(evidence, f"{scan.id} not tried")


def _problems(index: Index) -> tuple[Gap, ...]:
    return tuple(
        Gap(None, "fleet", COLLECT, f"{damage.path.name}: at byte {damage.offset}: {damage.reason}; collect again")
        for damage in index.problems
    )

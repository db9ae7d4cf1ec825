"""The main job, stage after stage: evidence, rows, lists, findings, verdicts, and what a report tells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from hygiene.api import Audit, Check
from hygiene.evidence.segments import EvidenceFolder
from hygiene.facts.host import facts
from hygiene.facts.questions import question
from hygiene.identities.exports import ExportInfo, read_exports
from hygiene.model import (
    AreaName,
    BreachLookup,
    CheckRun,
    EntryAccount,
    Evidence,
    Finding,
    FindingRow,
    Gap,
    Identity,
    ListHash,
    PasswordEntry,
    PasswordList,
    Question,
    Scan,
    ScanInfo,
    Verdict,
)
from hygiene.passwords.against import Against
from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.hashes.trial import Watcher
from hygiene.passwords.lists import ListInfo, PasswordAudit, Progress, score_lists
from hygiene.passwords.read.reading import Reading
from hygiene.policy.baseline import Baseline
from hygiene.policy.judge import Advice, Found, judge, judge_gaps, summarise
from hygiene.policy.policy import Policy
from hygiene.reach import entries, weakest
from hygiene.reach.hash_keys import incomparable
from hygiene.registry.load import Registry
from hygiene.registry.page import page_of
from hygiene.store.derive import derive
from hygiene.store.fleet import Fleet
from hygiene.store.schema import KeptScan
from hygiene.store.store import Store

LISTS = "passwords"  # the area of gaps in password lists
EXPORTS = "identities"  # the area of gaps in identity exports
CHECKS = "checks"  # the area of gaps that a crashed check leaves
# how `hygiene audit` is given what some checks need
_GIVEN_BY = {
    "breach_lookups": "--breached FILE",
    "entry_accounts": "hosts with lists, or lists with --hashes FILE --match",
    "identities": "--identities FILE",
    "key_uses": "--logs",
    "password_entries": "--passwords FILE",
    "password_lists": "--passwords FILE",
    "probes": "--probe",
}
_LONGEST_NOTE = 300
_SAMPLE = 10  # places that a report shows of one finding


@dataclass(frozen=True, slots=True)
class Terms:
    """By what an audit is judged, and who runs it."""

    registry: Registry
    policy: Policy
    baseline: Baseline
    checks: tuple[Check, ...]  # those that run, with their parameters
    ignored: frozenset[str]  # ids of those that were left out
    run_by: str
    tool_version: str


def update(store: Store, folder: EvidenceFolder, progress: Callable[[int], None] = lambda _: None) -> None:
    """Bring the tables up to the evidence, and keep what the next judgement has to say of it.

    Without the folder nothing is forgotten: a database that was copied alone still tells what it holds. Entries of
    lists are tied to accounts anew, since either may have changed.
    """
    if folder.path.is_dir():
        derived = derive(store, folder, progress)
        _replace_gaps(store, "evidence", derived.problems)
        store.set_meta("scan", _scan_facts(derived.scan))
    entries.tie(store)
    _replace_gaps(store, "hashes", (Gap(None, "fleet", AreaName.SHADOW, why) for why in incomparable(store.fleet())))


def ask(evidence: Evidence) -> Question | str:
    """Give what to ask a host after its collection, or why nothing."""
    return question(evidence, facts(evidence, ""))


def read_lists(
    store: Store,
    paths: Iterable[Path],
    progress: Callable[[Progress], None] | None = None,
    reading: Reading | None = None,
    against: Against | None = None,
    hashes: Sequence[HashFile] = (),
    watcher: Watcher | None = None,
) -> tuple[ListInfo, ...]:
    """Score password lists and hashes into the store, in place of those before. ListError when one cannot be read."""
    scored = score_lists(list(paths), progress, reading=reading, against=against, hashes=hashes, watcher=watcher)
    _put_lists(store, scored, progress)
    _replace_gaps(store, LISTS, _list_gaps(scored))
    store.set_meta("lists", [info.name for info in scored.lists])
    return scored.lists


def _put_lists(store: Store, scored: PasswordAudit, progress: Callable[[Progress], None] | None) -> None:
    def kept(number: int) -> None:
        if progress is not None:
            progress(Progress(len(scored.entries), scored.distinct, scored.distinct, number))

    held = any(info.hashes for info in scored.lists)
    # no list of passwords is not the same as one without a weak password
    if held and not scored.entries:
        store.empty(PasswordEntry)
    else:
        store.put(PasswordEntry, scored.entries, kept)
    if held:
        store.put(ListHash, scored.hashes)
    else:
        store.empty(ListHash)
    if scored.lookup is None:
        store.empty(BreachLookup)
    else:
        store.put(BreachLookup, [scored.lookup])
    store.put(PasswordList, [info.record() for info in scored.lists])
    # those before belong to other entries
    if scored.ties is None:
        store.empty(EntryAccount)
    else:
        store.put(EntryAccount, scored.ties)


def read_identities(store: Store, paths: Iterable[Path], policy: Policy) -> tuple[ExportInfo, ...]:
    """Read identity exports into the store, in place of those before. ExportError when one cannot be read."""
    read = read_exports(paths, policy.identities)
    store.put(Identity, read.people)
    gaps = (Gap(None, info.name, EXPORTS, reason) for info in read.exports for reason in info.gaps)
    _replace_gaps(store, EXPORTS, gaps)
    store.set_meta("exports", [info.name for info in read.exports])
    return read.exports


def lists_alone(store: Store) -> Store:
    """Give a store that shows what was read of lists and nothing else of this one, to be judged by itself.

    Before entries are tied to accounts of hosts: these are none of its own.
    """
    alone = store.apart(PasswordEntry, PasswordList, ListHash, BreachLookup)
    _tell_source(store, alone, LISTS, "lists")
    fleet = store.fleet()
    if fleet.table_present("entry_accounts"):
        alone.put(EntryAccount, fleet.rows(EntryAccount))
    return alone


def exports_alone(store: Store) -> Store:
    """Give a store that shows what was read of identity exports and nothing else of this one."""
    alone = store.apart(Identity)
    _tell_source(store, alone, EXPORTS, "exports")
    return alone


def _tell_source(store: Store, alone: Store, area: str, name: str) -> None:
    alone.set_meta(name, store.get_meta(name))
    _replace_gaps(alone, area, (Gap(None, *gap) for gap in store.get_meta("gaps")[area]))


def judge_all(store: Store, terms: Terms, started_at: datetime) -> Audit:
    """Run the checks on what is stored, and keep there what they found and which gaps are accepted."""
    fleet = store.fleet(terms.policy.auditor_keys)
    found, runs = _run(terms, fleet)
    advice = {check.id: _advice(check) for check in terms.registry.checks.values()}
    verdicts = judge(found, terms.policy, terms.baseline, advice)
    today = datetime.now(UTC).date()
    _replace_gaps(store, CHECKS, _crashed(runs))
    gaps = judge_gaps(fleet.rows(Gap), terms.policy, today)
    scan = _scan(store, fleet, terms, started_at)
    store.put(FindingRow, map(_row, verdicts))
    store.accept_gaps(lambda gap: terms.policy.accepts(gap, today))
    store.put_scan(_kept(scan))
    summary = replace(summarise(verdicts, gaps), logins=weakest.logins(fleet), people=weakest.people(fleet))
    return Audit(scan, summary, verdicts, gaps, runs, fleet)


def _run(terms: Terms, fleet: Fleet) -> tuple[list[Found], tuple[CheckRun, ...]]:
    """Ask every check; one that crashes costs its own answer, and is told."""
    found: list[Found] = []
    runs = [
        CheckRun(check.id, check.title, "ignored", "left out on the command line or by the policy")
        for check in terms.registry.checks.values()
        if check.id in terms.ignored
    ]
    for check in terms.checks:
        missing = sorted(table for table in check.needs if not fleet.table_present(table))
        if missing:
            options = " and ".join(dict.fromkeys(_GIVEN_BY[table] for table in missing if table in _GIVEN_BY))
            note = f"needs {', '.join(missing)}, which was not given"
            runs.append(CheckRun(check.id, check.title, "not-run", f"{note} ({options})" if options else note))
            continue
        try:
            answers = _answers(check, fleet)
        # One of the two places that may catch everything: a check, which may be another's code
        except Exception as error:  # noqa: BLE001
            note = " ".join(f"{type(error).__name__}: {error}".split())
            runs.append(CheckRun(check.id, check.title, "crashed", note[:_LONGEST_NOTE]))
            continue
        found += answers
        runs.append(CheckRun(check.id, check.title, "ran"))
    return found, tuple(sorted(runs, key=lambda run: run.id))


def _answers(check: Check, fleet: Fleet) -> list[Found]:
    """What one check finds, and its places: a broken question to the fleet shows here at the latest."""
    findings = list(check.run(fleet))
    for finding in findings:
        if not isinstance(finding, Finding) or finding.check != check.id:
            raise TypeError("it gave something else than its own findings")
    looks = fleet.look([finding.places for finding in findings], _SAMPLE)
    return [Found(finding, look) for finding, look in zip(findings, looks, strict=True)]


def _crashed(runs: Iterable[CheckRun]) -> Iterator[Gap]:
    for run in runs:
        if run.state == "crashed":
            yield Gap(None, "fleet", CHECKS, f"{run.id} crashed ({run.note}); what it looks for is unknown")


def _advice(check: type[Check]) -> Advice:
    page = page_of(check)
    return Advice(page.why, page.remediation, page.controls)


def _row(verdict: Verdict) -> FindingRow:
    finding = verdict.finding
    return FindingRow(
        id=finding.id,
        check=finding.check,
        severity=verdict.severity,
        confidence=finding.confidence,
        status=verdict.status,
        subject_kind=finding.subject.kind,
        subject=finding.subject.id,
        message=finding.message,
        measure=json.dumps(dict(finding.measure), sort_keys=True),
        places_total=verdict.places_total,
    )


def _list_gaps(scored: PasswordAudit) -> Iterator[Gap]:
    for info in scored.lists:
        for reason in info.unread:
            yield Gap(None, info.name, LISTS, reason)
    if scored.failed:
        yield Gap(None, "fleet", LISTS, f"{scored.failed:,} entries could not be scored and count as 0")
    if scored.lookup is not None and scored.lookup.unanswered:
        number, passwords = scored.lookup.unanswered, scored.lookup.passwords
        reason = f"{number:,} of {passwords:,} passwords could not be looked up among breached ones"
        remedy = "ask again, or look them up in the list itself with --breached FILE"
        yield Gap(None, "fleet", LISTS, "; ".join((reason, *scored.lookup_failures, remedy)))
    for reason in scored.unmatched:
        yield Gap(None, "fleet", LISTS, reason)


def _replace_gaps(store: Store, source: str, gaps: Iterable[Gap]) -> None:
    """Replace the gaps of one source that belong to no host; those of the other sources stay."""
    known = store.get_meta("gaps") or {}
    known[source] = [[gap.subject, gap.area, gap.reason] for gap in gaps]
    store.set_meta("gaps", known)
    store.put_gaps(Gap(None, subject, area, reason) for rows in known.values() for subject, area, reason in rows)


def _scan_facts(scan: ScanInfo | None) -> dict[str, object]:
    if scan is None:
        return {}
    return {"started_at": scan.started_at.isoformat(), "excluded": list(scan.excluded)}


def _scan(store: Store, fleet: Fleet, terms: Terms, started_at: datetime) -> Scan:
    evidence = "\n".join(f"{host}\0{key}" for host, key in sorted(store.digests().items()))
    lists = (*(store.get_meta("lists") or ()), *(store.get_meta("exports") or ()))
    told = store.get_meta("scan") or {}
    return Scan(
        id=hashlib.sha256("\n".join((evidence, *lists)).encode("utf-8", "backslashreplace")).hexdigest()[:32],
        started_at=datetime.fromisoformat(told["started_at"]) if "started_at" in told else started_at,
        finished_at=datetime.now(UTC),
        coverage=fleet.coverage(),
        excluded=tuple(told.get("excluded", ())),
        lists=lists,
        policy_path=terms.policy.path,
        policy_digest=terms.policy.digest,
        baseline_path=terms.baseline.path,
        run_by=terms.run_by,
        tool_version=terms.tool_version,
        breaches=next(iter(fleet.rows(BreachLookup)), None),
    )


def _kept(scan: Scan) -> KeptScan:
    books = scan.coverage
    return KeptScan(
        id=scan.id,
        started_at=scan.started_at,
        finished_at=scan.finished_at,
        targets=books.targets,
        complete=books.complete,
        partial=books.partial,
        unreachable=books.unreachable,
        refused=books.refused,
        skipped=books.skipped,
        policy_digest=scan.policy_digest,
        tool_version=scan.tool_version,
    )


def expired(policy: Policy, today: date) -> tuple[str, ...]:
    """A line for each accepted gap of the policy that is accepted no longer."""
    return tuple(
        f"{policy.path}:{gap.line}: this gap is accepted no longer, its last day was {gap.until}; decide again"
        for gap in policy.expired(today)
    )

"""All rows that the evidence of one host gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from hygiene.facts import accounts, daemons, hashes, keys
from hygiene.facts.accounts import People, Person
from hygiene.facts.daemons import Daemon
from hygiene.facts.files import Files
from hygiene.facts.grants import Reader
from hygiene.facts.hostbased import HostTrust
from hygiene.facts.keys import KeyRing
from hygiene.facts.ledger import COLLECTED, Ledger
from hygiene.facts.login import ways
from hygiene.facts.pam import Pam
from hygiene.facts.places import Places
from hygiene.facts.roots import Roots
from hygiene.facts.seen import Seen, plain
from hygiene.facts.uses import key_uses
from hygiene.model import (
    AreaName,
    DynamicSource,
    Evidence,
    Gap,
    Grant,
    Host,
    HostFacts,
    LoginPath,
    RevokedKey,
    RootPath,
    Setting,
    Status,
    Token,
)

COLLECT = "collect"  # the area of gaps that concern the host as a whole


def facts(evidence: Evidence, key: str) -> HostFacts:
    """Turn evidence into rows and gaps; `key` names it in the table hosts. Never raises on what a host says."""
    seen = Seen.of(evidence)
    if not seen.transcript.version:
        # nothing, or something else than our collector's answer, of which the run has said what it looks like
        if evidence.status is Status.COMPLETE:  # a run never says so; evidence from elsewhere may
            evidence = replace(evidence, status=Status.PARTIAL, stage=COLLECT, reason=seen.transcript.problem)
        return _nothing(evidence, key)
    name = evidence.target.host
    ledger = Ledger(name)
    if not seen.transcript.complete:
        ledger.doubt(COLLECT, f"the evidence is not whole: {evidence.reason or seen.transcript.problem}")
    for note in seen.transcript.notes:
        if note.area in COLLECTED:
            ledger.partial(AreaName(note.area), f"{note.word.replace('-', ' ')}: {note.detail}".strip(": "))
    people = accounts.people(seen, ledger)
    running = daemons.daemons(seen, ledger)
    pam = Pam(seen, people, ledger)
    roots = Roots(seen, people, pam)
    files = Files(seen, people)
    ring = keys.KeyRing()
    found = _Found()
    for daemon in running:
        _ask(name, seen, people, Places(name, seen, people, daemon, pam), roots, files, ring, ledger, found)
    if not running:
        ledger.absent(AreaName.AUTHORIZED_KEYS)
    uses, logs_since = key_uses(name, seen, ledger)
    private = keys.private_keys(name, seen, people, ring, ledger)
    shown = keys.host_keys(name, seen, running, ring, ledger)
    hashed = hashes.host_hashes(name, seen, people, ledger)
    if not seen.transcript.complete:
        for area in COLLECTED:
            ledger.partial(area, "the evidence is not whole")
    return HostFacts(
        host=replace(_host(seen, ledger, running, key), logs_since=logs_since),
        areas=ledger.areas(),
        accounts=people.rows(name),
        keys=ring.rows(),
        grants=tuple(found.grants),
        private_keys=private,
        host_keys=shown,
        settings=tuple(found.settings),
        dynamic_sources=tuple(found.dynamic_sources),
        revoked_keys=tuple(found.revoked_keys),
        login_paths=tuple(found.login_paths),
        root_paths=tuple(found.root_paths),
        tokens=tuple(found.tokens),
        key_uses=uses,
        host_hashes=hashed,
        gaps=ledger.gaps(),
        moduli=ring.moduli(),
    )


def unreadable(evidence: Evidence, key: str, reason: str) -> HostFacts:
    """What is known of a host whose evidence was kept and cannot be read any more."""
    return _nothing(replace(evidence, status=Status.PARTIAL, stage=COLLECT, reason=reason), key)


def not_reached(known: HostFacts, attempt: Evidence) -> HostFacts:
    """The facts of an earlier scan, with the status of the newest one, which did not reach the host."""
    since = known.host.collected_at
    reason = attempt.reason or "nothing was collected"
    if since is not None:
        reason = f"{reason}; what is said of this host was seen on {since:%Y-%m-%d %H:%M} UTC"
    target = attempt.target
    host = replace(
        known.host,
        address=target.address,
        port=target.port,
        tenant=target.tenant,
        tags=target.tags,
        status=attempt.status,
        stage=attempt.stage,
        reason=attempt.reason,
    )
    return replace(known, host=host, gaps=(*known.gaps, _gap(attempt, reason)))


def _nothing(evidence: Evidence, key: str) -> HostFacts:
    """A host of which nothing was seen: every area is unseen, one gap says why."""
    name = evidence.target.host
    ledger = Ledger(name)
    return HostFacts(
        host=_row(evidence, key, evidence.status, evidence.reason, None),
        areas=ledger.areas(),
        gaps=(_gap(evidence, evidence.reason or "nothing was collected"),),
    )


def _gap(evidence: Evidence, reason: str) -> Gap:
    name = evidence.target.host
    return Gap(name, name, COLLECT, f"{evidence.status}: {reason}")


@dataclass(slots=True)
class _Found:
    """Rows of all daemons."""

    grants: list[Grant] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    dynamic_sources: list[DynamicSource] = field(default_factory=list)
    revoked_keys: list[RevokedKey] = field(default_factory=list)
    login_paths: list[LoginPath] = field(default_factory=list)
    root_paths: list[RootPath] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)


def _ask(
    host: str,
    seen: Seen,
    people: People,
    places: Places,
    roots: Roots,
    files: Files,
    ring: KeyRing,
    ledger: Ledger,
    found: _Found,
) -> None:
    """Ask one daemon about every account."""
    reader = Reader(host, seen, people, places, files, ring, ledger)
    trust = HostTrust(seen, people, files, places.daemon)
    pending = places.daemon.pending
    if pending is not None:
        reason = f"{pending} was changed after sshd read its configuration: what it runs with was not seen"
        ledger.partial(AreaName.SSHD, reason)
    found.settings += places.rows(ledger)
    found.dynamic_sources += reader.trust.programs(places, None, None)
    for person in people.everybody:
        opened = reader.openings(person)
        found.grants += (opening.grant for opening in opened)
        found.tokens += _tokens(host, places, person)
        entered = tuple(ways(host, people, person, places, trust, reader, opened, ledger))
        found.login_paths += entered
        found.root_paths += roots.of(places, person, entered, ledger)
        for place in places.classes(person):
            found.dynamic_sources += reader.trust.programs(places, person, place)
    found.revoked_keys += reader.trust.revoked_rows(places)


def _tokens(host: str, places: Places, person: Person) -> Iterator[Token]:
    """The rules that ask an account for more than a password, where the daemon asks PAM."""
    rules = {rule: None for place in places.classes(person) for rule in place.answers.tokens}
    for rule in rules:
        yield Token(
            host,
            places.daemon.name,
            person.name,
            rule.module,
            rule.place,
            rule.form,
            rule.enrolled,
            rule.passes_without,
            rule.fails_open,
            rule.detail,
        )


def _host(seen: Seen, ledger: Ledger, running: tuple[Daemon, ...], key: str) -> Host:
    evidence = seen.evidence
    missing = ledger.not_whole()
    status, reason = evidence.status, evidence.reason
    if status is Status.COMPLETE and (missing or not seen.transcript.complete):
        status = Status.PARTIAL
        reason = f"not seen whole: {', '.join(missing)}" if missing else seen.transcript.problem
    row = _row(evidence, key, status, reason, evidence.finished_at)
    version = next((daemon.version for daemon in running if daemon.version is not None), None)
    return replace(
        row,
        machine_id=seen.line("machine-id"),
        boot_id=seen.line("boot-id"),
        os=_system(seen),
        sshd_version=str(version) if version is not None else None,
        clock_skew_s=_skew(seen),
    )


def _row(evidence: Evidence, key: str, status: Status, reason: str, collected_at: datetime | None) -> Host:
    target, login = evidence.target, evidence.login
    return Host(
        host=target.host,
        address=target.address,
        port=target.port,
        tenant=target.tenant,
        tags=target.tags,
        status=status,
        stage=evidence.stage,
        reason=reason,
        machine_id=None,
        os=None,
        sshd_version=None,
        collected_at=collected_at,
        clock_skew_s=None,
        login_user=login.user if login is not None else None,
        login_fingerprint=login.fingerprint if login is not None else None,
        evidence=key,
    )


def _system(seen: Seen) -> str | None:
    for line in plain(seen.text("os-release") or b"").splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME" and value.strip("\"' "):
            return value.strip("\"' ")
    return seen.line("uname")


def _skew(seen: Seen) -> int | None:
    """Seconds by which the host's clock is ahead of ours; 0 when it lies within the time that the scan took."""
    time, evidence = seen.transcript.time, seen.evidence
    if time is None or evidence.offline:
        return None
    if time < evidence.started_at:
        late = (time - evidence.started_at).total_seconds()
        return int(late) if late <= -1 else 0
    return max(0, int((time - evidence.finished_at).total_seconds()))

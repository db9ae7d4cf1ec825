"""All rows that the evidence of one host gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from hygiene.factors import door
from hygiene.factors.paths import login_paths
from hygiene.facts import accounts, daemons, grants, keys
from hygiene.facts.accounts import People
from hygiene.facts.daemons import Daemon
from hygiene.facts.grants import SHELL_RUNS, Gate, Opening
from hygiene.facts.ledger import COLLECTED, Ledger
from hygiene.facts.seen import Seen, plain
from hygiene.model import AreaName, Evidence, Gap, Grant, Host, HostFacts, LoginPath, Status, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.plain import NOT_SEEN, PlainPam, recognise

COLLECT = "collect"  # the area of gaps that concern the host as a whole

_PAM_FOLDERS = (b"/etc/pam.d/", b"/usr/lib/pam.d/")


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
    pam = _pam(seen, ledger)
    ring = keys.KeyRing()
    nologin = grants.nologin(seen, ledger)
    rows: list[Grant] = []
    paths: list[LoginPath] = []
    for daemon in running:
        gate = Gate(daemon, _account_stage(pam), nologin)
        opened = grants.openings(name, seen, people, gate, ring, ledger)
        rows += (opening.grant for opening in opened)
        paths += _paths(name, people, daemon, pam, nologin, opened, ledger)
    if not running:
        ledger.absent(AreaName.AUTHORIZED_KEYS)
    private = keys.private_keys(name, seen, people, ring, ledger)
    shown = keys.host_keys(name, seen, running, ring, ledger)
    if not seen.transcript.complete:
        for area in COLLECTED:
            ledger.partial(area, "the evidence is not whole")
    return HostFacts(
        host=_host(seen, ledger, running, key),
        areas=ledger.areas(),
        accounts=people.rows(name),
        keys=ring.rows(),
        grants=tuple(rows),
        private_keys=private,
        host_keys=shown,
        settings=tuple(row for daemon in running for row in daemon.rows(name)),
        login_paths=tuple(paths),
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


def _account_stage(pam: PlainPam) -> Judgement:
    return YES if pam.account is Truth.YES else Judgement(pam.account, pam.account_reason)


def _paths(
    host: str,
    people: People,
    daemon: Daemon,
    pam: PlainPam,
    nologin: Truth,
    opened: tuple[Opening, ...],
    ledger: Ledger,
) -> Iterator[LoginPath]:
    """The ways into each account; what cannot be told of one is a gap of that account."""
    known = None if daemon.settings.problems else daemon.settings
    gate = door.Daemon(host, daemon.name, known, pam, nologin)
    by_account: dict[str, list[Opening]] = {}
    for opening in opened:
        by_account.setdefault(opening.grant.account, []).append(opening)
    for person in people.everybody:
        mine = by_account.get(person.name, [])
        ways = login_paths(
            gate,
            door.Door(
                account=person.name,
                uid=person.entry.uid,
                password=person.password,
                expired=people.expired(person, pam=daemon.settings.flag("usepam") is not False),
                shell_runs=SHELL_RUNS.get(person.shell, Truth.UNKNOWN),
                grants=tuple(opening.grant for opening in mine),
                sk_keys=frozenset(
                    opening.line.key.fingerprint
                    for opening in mine
                    if opening.line.key is not None and opening.line.key.plain_type.startswith("sk-")
                ),
            ),
        )
        for doubt in ways.doubts:
            ledger.doubt(AreaName.PAM, doubt, person.name)
        yield from ways.paths


def _pam(seen: Seen, ledger: Ledger) -> PlainPam:
    area = AreaName.PAM
    frames = seen.transcript.all("pam")
    if not frames:
        if seen.transcript.complete and seen.folders.get(b"/etc/pam.d", "absent") == "absent":
            ledger.absent(area)
        else:
            ledger.unseen(area, "the PAM files were not seen")
        return NOT_SEEN
    ledger.seen(area)
    files: dict[str, bytes | None] = {}
    for folder in reversed(_PAM_FOLDERS):  # /etc/pam.d comes before what the vendor ships
        for frame in frames:
            base = frame.path.removeprefix(folder)
            if base != frame.path and b"/" not in base:
                files[plain(base)] = frame.data if frame.status == "ok" else None
    pam = recognise(files)
    for reason in dict.fromkeys(r for r in (pam.auth_reason, pam.account_reason) if r is not None):
        ledger.doubt(area, reason)
    return pam


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

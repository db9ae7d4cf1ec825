"""What checks find, what becomes of it, and what a report tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from hygiene.counted import counted
from hygiene.model.lists import BreachLookup
from hygiene.model.words import Confidence, FindingStatus, SecondFactor, Severity, SubjectKind, WeakestPath


@dataclass(frozen=True, slots=True)
class FindingRow:
    id: str
    check: str
    severity: Severity
    confidence: Confidence
    status: FindingStatus
    subject_kind: SubjectKind
    subject: str
    message: str
    measure: str  # a JSON object of numbers
    places_total: int


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where a finding is: a query, not a list, so that 100,000 places cost no memory.

    `sql` selects named columns (host, account, file, line, ...) in a stable order; `parameters` are its `$name`s.
    """

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """What a finding adds to a sentence that stands for several: `vault.csv opens root on 3 hosts`.

    The sentence is `before`, how many different units there are with their noun, and `after`.
    """

    before: str  # with the blank at its end
    noun: str
    after: str
    unit: str  # a host's name, say
    proven: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """The thing to fix. Its identity is check + subject, never a count, a host list or a date."""

    check: str
    severity: Severity
    confidence: Confidence
    subject: Subject
    message: str  # one line, true on its own, counts with thousands separators
    measure: Mapping[str, int]
    places: Places
    shares: tuple[Share, ...] = ()

    @property
    def id(self) -> str:
        """The first 32 hex digits of SHA-256 of `check NUL subject`."""
        name = f"{self.check}\0{self.subject.id}".encode("utf-8", "backslashreplace")
        return hashlib.sha256(name).hexdigest()[:32]


class Together(NamedTuple):
    """A sentence that stands for several findings, with how many units it counts; the stronger of two is greater."""

    proven: bool
    number: int
    message: str


def together(findings: Iterable[Finding]) -> Together | None:
    """The strongest sentence over findings of one check; None where none of them adds to any."""
    units: dict[Share, set[str]] = {}
    for finding in findings:
        for share in finding.shares:
            units.setdefault(replace(share, unit=""), set()).add(share.unit)
    told = (
        Together(share.proven, len(named), f"{share.before}{counted(len(named), share.noun)}{share.after}")
        for share, named in units.items()
    )
    return max(told, default=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding after policy and baseline, with a sample of its places."""

    finding: Finding
    severity: Severity  # after the policy
    status: FindingStatus
    places_total: int
    sample: tuple[Mapping[str, object], ...]
    why: str
    remediation: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The books of the run: the five always add up to `targets`."""

    complete: int
    partial: int
    unreachable: int
    refused: int
    skipped: int

    @property
    def targets(self) -> int:
        return self.complete + self.partial + self.unreachable + self.refused + self.skipped


@dataclass(frozen=True, slots=True)
class Scan:
    """What was in scope, who ran what version with which policy."""

    id: str  # digest of the evidence
    started_at: datetime
    finished_at: datetime
    coverage: Coverage
    excluded: tuple[str, ...]
    lists: tuple[str, ...]
    policy_path: str | None
    policy_digest: str
    baseline_path: str | None
    run_by: str  # `user@machine`
    tool_version: str
    breaches: BreachLookup | None = None  # None: no password was looked up among breached ones


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What became of one check in this audit."""

    id: str
    title: str
    state: str  # `ran`, `ignored`, `not-run` (what it needs is not there), `crashed`
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnknownReason:
    """Why it is not known what the weakest way in takes: of how many accounts, and of how many roots."""

    reason: str
    accounts: int
    roots: int


@dataclass(frozen=True, slots=True)
class LoginCounts:
    """Accounts of hosts by what their weakest way in takes, and roots by what everything as root takes.

    A root is an account that leads to everything as root. Every word of `WeakestPath` is there.
    """

    accounts: Mapping[WeakestPath, int]
    roots: Mapping[WeakestPath, int]
    # those of them that stand there only while something elsewhere is so, as `LoginPath.condition` says
    accounts_on_condition: Mapping[WeakestPath, int]
    roots_on_condition: Mapping[WeakestPath, int]
    reasons: tuple[UnknownReason, ...]  # of those that are unknown, largest first; not more than a report can show
    reasons_total: int


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """People of identity exports by their second factor; who is disabled is counted apart."""

    admins: Mapping[SecondFactor, int]
    others: Mapping[SecondFactor, int]
    unsaid: Mapping[SecondFactor, int]  # of whom the export does not say whether they are admins
    disabled: int


@dataclass(frozen=True, slots=True)
class Summary:
    headline: str
    findings_by_severity: Mapping[str, int]  # open findings
    findings_by_check: Mapping[str, int]
    gaps_by_area: Mapping[str, int]  # gaps that are not accepted
    logins: LoginCounts | None = None  # None: not counted
    people: PeopleCounts | None = None  # None: no export was given


def account_subject(host: str, account: str) -> str:
    """`host:account`, an IPv6 address in brackets."""
    return f"[{host}]:{account}" if ":" in host else f"{host}:{account}"

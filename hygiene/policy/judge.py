"""From findings to verdicts: policy severity, baseline, a sample of places, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from hygiene.api import Check
from hygiene.model import Finding, FindingStatus, Gap, Severity, Summary, Verdict
from hygiene.policy.baseline import Baseline
from hygiene.policy.policy import CheckPolicy, Policy
from hygiene.store.fleet import Fleet

SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Advice:
    """What a check's page says to whoever has to act."""

    why: str
    remediation: str
    controls: tuple[str, ...]


def judge(
    findings: Iterable[tuple[Check, Finding]],
    policy: Policy,
    baseline: Baseline,
    advice: Mapping[str, Advice],
    fleet: Fleet,
) -> tuple[Verdict, ...]:
    """Give a verdict for each finding: worst first, then largest, then by check and subject."""
    verdicts = [_verdict(finding, policy, baseline, advice[check.id], fleet) for check, finding in findings]
    return tuple(sorted(verdicts, key=_worst_first))


def _verdict(finding: Finding, policy: Policy, baseline: Baseline, advice: Advice, fleet: Fleet) -> Verdict:
    severity = policy.checks.get(finding.check, CheckPolicy()).severity or finding.severity
    status = FindingStatus.BASELINE if baseline.covers(finding, severity) else FindingStatus.OPEN
    return Verdict(
        finding=finding,
        severity=severity,
        status=status,
        places_total=fleet.count(finding.places),
        sample=tuple(fleet.sample(finding.places, SAMPLE)),
        why=advice.why,
        remediation=advice.remediation,
        controls=advice.controls,
    )


def _worst_first(verdict: Verdict) -> tuple[int, int, str, str]:
    finding = verdict.finding
    return (-verdict.severity.rank, -max(finding.measure.values(), default=0), finding.check, finding.subject.id)


def judge_gaps(gaps: Iterable[Gap], policy: Policy, today: date) -> tuple[Gap, ...]:
    """Mark the gaps that the policy accepts; sorted by subject, area and reason."""
    judged = (replace(gap, accepted=policy.accepts(gap, today)) for gap in gaps)
    return tuple(sorted(judged, key=lambda gap: (gap.accepted, gap.subject, gap.area, gap.reason)))


def gates(verdicts: Iterable[Verdict], fail_on: Severity) -> bool:
    """True when an open finding is at or above `fail_on`."""
    return any(v.status is FindingStatus.OPEN and v.severity.rank >= fail_on.rank for v in verdicts)


def summarise(verdicts: tuple[Verdict, ...], gaps: tuple[Gap, ...]) -> Summary:
    """Count open findings and unaccepted gaps; the headline is the message of the worst, else empty."""
    shown = [v for v in verdicts if v.status is FindingStatus.OPEN]
    by_severity = {severity.value: sum(v.severity is severity for v in shown) for severity in Severity}
    by_check: dict[str, int] = {}
    for verdict in shown:
        by_check[verdict.finding.check] = by_check.get(verdict.finding.check, 0) + 1
    by_area: dict[str, int] = {}
    for gap in gaps:
        if not gap.accepted:
            by_area[gap.area] = by_area.get(gap.area, 0) + 1
    headline = shown[0].finding.message if shown else ""
    return Summary(headline, by_severity, dict(sorted(by_check.items())), dict(sorted(by_area.items())))

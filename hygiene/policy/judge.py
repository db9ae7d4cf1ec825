"""From findings to verdicts: policy severity, baseline, a sample of places, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hygiene.model import (
    Finding,
    FindingStatus,
    Gap,
    Severity,
    SubjectKind,
    Summary,
    Together,
    Verdict,
    together,
)
from hygiene.policy.baseline import Baseline
from hygiene.policy.policy import CheckPolicy, Policy
from hygiene.store.places import Look


@dataclass(frozen=True, slots=True)
class Advice:
    """What a check's page says to whoever has to act."""

    why: str
    remediation: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with what was seen of its places."""

    finding: Finding
    look: Look


def judge(
    findings: Iterable[Found], policy: Policy, baseline: Baseline, advice: Mapping[str, Advice]
) -> tuple[Verdict, ...]:
    """Give a verdict for each finding: worst first, then largest, then by check and subject; `advice` is by check."""
    verdicts = []
    for found in findings:
        finding, look = found.finding, found.look
        severity = policy.checks.get(finding.check, CheckPolicy()).severity or finding.severity
        told = advice[finding.check]
        verdicts.append(
            Verdict(
                finding=finding,
                severity=severity,
                status=FindingStatus.BASELINE if baseline.covers(finding, severity) else FindingStatus.OPEN,
                places_total=look.total,
                sample=look.sample,
                why=told.why,
                remediation=told.remediation,
                controls=told.controls,
            )
        )
    return tuple(sorted(verdicts, key=_worst_first))


def _worst_first(verdict: Verdict) -> tuple[int, int, int, str, str]:
    finding, (places, largest) = verdict.finding, _size(verdict)
    return (-verdict.severity.rank, -places, -largest, finding.check, finding.subject.id)


def _size(verdict: Verdict) -> tuple[int, int]:
    """In how many places, then the largest measure: a count of bits must not outweigh a count of hosts."""
    return verdict.places_total, max(verdict.finding.measure.values(), default=0)


def judge_gaps(gaps: Iterable[Gap], policy: Policy, today: date) -> tuple[Gap, ...]:
    """Mark the gaps that the policy accepts; sorted by subject, area and reason."""
    judged = (replace(gap, accepted=policy.accepts(gap, today)) for gap in gaps)
    return tuple(sorted(judged, key=lambda gap: (gap.accepted, gap.subject, gap.area, gap.reason)))


def gates(verdicts: Iterable[Verdict], fail_on: Severity) -> bool:
    """True when an open finding is at or above `fail_on`."""
    return any(v.status is FindingStatus.OPEN and v.severity.rank >= fail_on.rank for v in verdicts)


def summarise(verdicts: tuple[Verdict, ...], gaps: tuple[Gap, ...]) -> Summary:
    """Count open findings and unaccepted gaps; the headline is the worst subject's broadest message, else empty."""
    shown = [v for v in verdicts if v.status is FindingStatus.OPEN]
    by_severity = {severity.value: sum(v.severity is severity for v in shown) for severity in Severity}
    by_check: dict[str, int] = {}
    for verdict in shown:
        by_check[verdict.finding.check] = by_check.get(verdict.finding.check, 0) + 1
    by_area: dict[str, int] = {}
    for gap in gaps:
        if not gap.accepted:
            by_area[gap.area] = by_area.get(gap.area, 0) + 1
    return Summary(_headline(shown), by_severity, dict(sorted(by_check.items())), dict(sorted(by_area.items())))


def _headline(shown: Sequence[Verdict]) -> str:
    """Of the subject with the worst finding, what reaches farthest: 1,001 hosts say more than 80 tenants.

    A sentence over several findings stands for them, before a finding that reaches less far: one of a single host,
    whatever its places there, or of what a list holds.
    """
    if not shown:
        return ""
    worst = shown[0]
    if (said := _together(shown)) is not None:
        sentence, check = said
        if (
            check == worst.finding.check
            or worst.finding.subject.kind in (SubjectKind.HOST, SubjectKind.LIST)
            or sentence.number >= worst.places_total
        ):
            return sentence.message
    serious = min(worst.severity.rank, Severity.HIGH.rank)
    same = [v for v in shown if v.finding.subject == worst.finding.subject and v.severity.rank >= serious]
    return max(same, key=_size).finding.message


def _together(shown: Sequence[Verdict]) -> tuple[Together, str] | None:
    """The strongest sentence over the worst findings, and the check that says it."""
    by_check: dict[str, list[Finding]] = {}
    for verdict in shown:
        if verdict.severity is shown[0].severity:
            by_check.setdefault(verdict.finding.check, []).append(verdict.finding)
    said = ((together(findings), check) for check, findings in by_check.items())
    return max(((sentence, check) for sentence, check in said if sentence is not None), default=None)

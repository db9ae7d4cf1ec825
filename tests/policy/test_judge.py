"""From findings to verdicts: the order, the headline, what gates."""

from __future__ import annotations

import pytest

from hygiene.model import (
    Confidence,
    Finding,
    FindingStatus,
    Gap,
    Places,
    Severity,
    Subject,
    SubjectKind,
    Summary,
    Verdict,
)
from hygiene.policy.judge import gates, summarise


def verdict(
    check: str,
    severity: Severity,
    *,
    places: int = 1,
    measure: int = 1,
    subject: str = "SHA256:a",
    status: FindingStatus = FindingStatus.OPEN,
) -> Verdict:
    finding = Finding(
        check=check,
        severity=severity,
        confidence=Confidence.HIGH,
        subject=Subject(SubjectKind.KEY, subject),
        message=f"{check} says so",
        measure={"n": measure},
        places=Places("select 1"),
    )
    return Verdict(finding, severity, status, places, (), "why", "what", ())


@pytest.mark.parametrize(
    ("shown", "headline"),
    [
        pytest.param((), "", id="nothing"),
        pytest.param((verdict("a", Severity.LOW),), "a says so", id="one"),
        pytest.param(
            (
                verdict("tenants", Severity.CRITICAL, places=56, measure=5),
                verdict("roots", Severity.HIGH, places=56, measure=56),
            ),
            "roots says so",
            id="of one key what reaches farthest",
        ),
        pytest.param(
            (
                verdict("broken", Severity.CRITICAL, places=3, measure=2048),
                verdict("roots", Severity.HIGH, places=1001, measure=1001, subject="SHA256:b"),
            ),
            "broken says so",
            id="another subject does not outrank a worse one",
        ),
        pytest.param(
            (verdict("bad", Severity.CRITICAL, places=2), verdict("mild", Severity.MEDIUM, places=900)),
            "bad says so",
            id="medium is no headline beside critical",
        ),
        pytest.param(
            (verdict("old", Severity.CRITICAL, status=FindingStatus.BASELINE), verdict("new", Severity.LOW)),
            "new says so",
            id="the baseline is no headline",
        ),
    ],
)
def test_headline(shown: tuple[Verdict, ...], headline: str) -> None:
    assert summarise(shown, ()).headline == headline


def test_summary_counts_open_findings_and_unaccepted_gaps() -> None:
    verdicts = (
        verdict("a", Severity.CRITICAL),
        verdict("a", Severity.LOW),
        verdict("b", Severity.LOW, status=FindingStatus.BASELINE),
    )
    gaps = (Gap("h", "h", "pam", "r"), Gap("h", "h", "pam", "r2", accepted=True), Gap(None, "fleet", "checks", "r"))
    assert summarise(verdicts, gaps) == Summary(
        "a says so",
        {"critical": 1, "high": 0, "medium": 0, "low": 1},
        {"a": 2},
        {"checks": 1, "pam": 1},
    )


@pytest.mark.parametrize(
    ("severity", "status", "fail_on", "expected"),
    [
        pytest.param(Severity.HIGH, FindingStatus.OPEN, Severity.HIGH, True, id="at"),
        pytest.param(Severity.CRITICAL, FindingStatus.OPEN, Severity.HIGH, True, id="above"),
        pytest.param(Severity.MEDIUM, FindingStatus.OPEN, Severity.HIGH, False, id="below"),
        pytest.param(Severity.CRITICAL, FindingStatus.BASELINE, Severity.LOW, False, id="in-the-baseline"),
    ],
)
def test_gates(severity: Severity, status: FindingStatus, fail_on: Severity, expected: bool) -> None:
    assert gates([verdict("a", severity, status=status)], fail_on) is expected

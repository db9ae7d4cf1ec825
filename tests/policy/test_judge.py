"""From findings to verdicts: the order, the headline, what gates."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hygiene.model import (
    Confidence,
    Finding,
    FindingStatus,
    Gap,
    Places,
    Severity,
    Share,
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
    kind: SubjectKind = SubjectKind.KEY,
    shares: Sequence[Share] = (),
    status: FindingStatus = FindingStatus.OPEN,
) -> Verdict:
    finding = Finding(
        check=check,
        severity=severity,
        confidence=Confidence.HIGH,
        subject=Subject(kind, subject),
        message=f"{check} says so",
        measure={"n": measure},
        places=Places("select 1"),
        shares=tuple(shares),
    )
    return Verdict(finding, severity, status, places, (), "why", "what", ())


def on(host: str, name: str = "vault.csv", *, tried: bool = True) -> Share:
    return Share(f"{name} opens root on " if tried else f"{name} is for root on ", "host", "", host, tried)


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
            tuple(
                verdict("opens", Severity.CRITICAL, places=5, subject=f"{host}:{account}", shares=[on(host)])
                for host in ("web1", "web2")
                for account in ("root", "toor")
            ),
            "vault.csv opens root on 2 hosts",
            id="findings that add up are told at once",
        ),
        pytest.param(
            (
                verdict("key", Severity.CRITICAL, places=3),
                *(verdict("opens", Severity.CRITICAL, subject=host, shares=[on(host)]) for host in ("web1", "web2")),
            ),
            "key says so",
            id="but not before what reaches farther",
        ),
        pytest.param(
            (
                verdict("key", Severity.CRITICAL, places=2),
                *(verdict("opens", Severity.CRITICAL, subject=host, shares=[on(host)]) for host in ("web1", "web2")),
            ),
            "vault.csv opens root on 2 hosts",
            id="before what reaches as far",
        ),
        pytest.param(
            (
                verdict("reused", Severity.CRITICAL, places=900, subject="vault.csv", kind=SubjectKind.LIST),
                verdict("opens", Severity.CRITICAL, subject="web1", shares=[on("web1")]),
            ),
            "vault.csv opens root on 1 host",
            id="before the entries of a list",
        ),
        pytest.param(
            (
                verdict("lets in", Severity.CRITICAL, places=5, subject="web1", kind=SubjectKind.HOST),
                *(verdict("opens", Severity.CRITICAL, subject=host, shares=[on(host)]) for host in ("web1", "web2")),
            ),
            "vault.csv opens root on 2 hosts",
            id="before many accounts of one host",
        ),
        pytest.param(
            (
                verdict("key", Severity.CRITICAL),
                verdict("opens", Severity.HIGH, subject="web1", shares=[on("web1")]),
            ),
            "key says so",
            id="not before what is worse",
        ),
        pytest.param(
            (
                verdict("opens", Severity.CRITICAL, subject="web1", shares=[on("web1", tried=False), on("web1")]),
                verdict("opens", Severity.CRITICAL, subject="web2", shares=[on("web2", tried=False)]),
            ),
            "vault.csv opens root on 1 host",
            id="what was tried comes first",
        ),
        pytest.param(
            (
                verdict("opens", Severity.CRITICAL, subject="web1", shares=[on("web1", "b.csv"), on("web1", "a.csv")]),
                verdict("opens", Severity.CRITICAL, subject="web2", shares=[on("web2", "a.csv")]),
            ),
            "a.csv opens root on 2 hosts",
            id="of several lists the one that opens most",
        ),
        pytest.param(
            (
                verdict("opens", Severity.CRITICAL, subject="web1", shares=[on("web1")]),
                verdict("opens", Severity.CRITICAL, subject="web2", shares=[on("web2")], status=FindingStatus.BASELINE),
            ),
            "vault.csv opens root on 1 host",
            id="the baseline does not count",
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

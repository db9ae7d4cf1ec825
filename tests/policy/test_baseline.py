"""A baseline lets through what it holds, and nothing that is new or grew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hygiene.errors import BaselineError
from hygiene.model import Confidence, Finding, Places, Severity, Subject, SubjectKind
from hygiene.policy.baseline import Baseline, load


def finding(measure: dict[str, int], subject: str = "SHA256:k") -> Finding:
    return Finding(
        check="key-reuse",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        subject=Subject(SubjectKind.KEY, subject),
        message="m",
        measure=measure,
        places=Places("select 1"),
    )


def saved(tmp_path: Path, *findings: Finding, severity: str = "high") -> Baseline:
    path = tmp_path / "report.json"
    rows = [{"id": f.id, "severity": severity, "measure": f.measure} for f in findings]
    path.write_text(json.dumps({"schema": "hygiene.report/1", "findings": rows}))
    return load(path)


@pytest.mark.parametrize(
    ("now", "severity", "covered"),
    [
        pytest.param(finding({"hosts": 5, "accounts": 9}), Severity.HIGH, True, id="unchanged"),
        pytest.param(finding({"hosts": 4, "accounts": 9}), Severity.HIGH, True, id="fell"),
        pytest.param(finding({"hosts": 6, "accounts": 8}), Severity.HIGH, False, id="one-measure-rose"),
        pytest.param(finding({"hosts": 5, "accounts": 9}), Severity.CRITICAL, False, id="worse"),
        pytest.param(finding({"hosts": 5, "accounts": 9}), Severity.LOW, True, id="milder"),
        pytest.param(finding({"hosts": 5, "roots": 1}), Severity.HIGH, False, id="unknown-measure"),
        pytest.param(finding({"hosts": 5, "accounts": 9}, "SHA256:other"), Severity.HIGH, False, id="another-subject"),
    ],
)
def test_baseline_covers(tmp_path: Path, now: Finding, severity: Severity, covered: bool) -> None:
    assert saved(tmp_path, finding({"hosts": 5, "accounts": 9})).covers(now, severity) is covered


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"{", "is not JSON", id="cut"),
        pytest.param(b"[]", "its schema is 'list'", id="list"),
        pytest.param(b'{"schema": "other/1"}', "its schema is 'other/1'; expected 'hygiene.report/1'", id="other-tool"),
        pytest.param(b'{"schema": "hygiene.report/1", "findings": [{}]}', "is not whole", id="damaged"),
        pytest.param(None, "cannot be read", id="missing"),
    ],
)
def test_bad_baseline(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BaselineError, match=r"report\.json: ") as error:
        load(path)
    assert message in str(error.value)

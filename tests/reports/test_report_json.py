"""report.json: its schema, its bytes, and what hostile texts become in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest
from audits import HOSTILE_SUBJECT, HOSTILE_TEXT, audit_of, finding, verdict
from hygiene_reports.json_report import JsonReport, report_schema

from hygiene.api import Audit, BreachLookup, Coverage, Medium, Severity, SubjectKind
from hygiene.policy.baseline import load
from hygiene.visible import visible

SCHEMA = json.loads(report_schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def text_of(audit: Audit) -> str:
    return "".join(JsonReport().render(audit, Medium()))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_small_audit_reads_as_the_golden_file(small_audit: Audit, golden: Callable[[str, str], None]) -> None:
    golden("small.json", text_of(small_audit))


@pytest.mark.parametrize("which", ["small_audit", "large_audit", "hostile_audit"])
def test_every_report_keeps_the_schema(which: str, request: pytest.FixtureRequest) -> None:
    VALIDATOR.validate(json.loads(text_of(request.getfixturevalue(which))))


def test_look_ups_among_breached_passwords_are_told() -> None:
    report = json.loads(text_of(audit_of(breaches=BreachLookup("api.example.org", "sha1", 12, 3, 2, online=True))))
    VALIDATOR.validate(report)
    assert report["scan"]["breaches"] == {
        "source": "api.example.org",
        "kind": "sha1",
        "passwords": 12,
        "breached": 3,
        "unanswered": 2,
        "online": True,
    }


def test_an_empty_audit_keeps_the_schema_and_has_empty_arrays() -> None:
    report = json.loads(text_of(audit_of()))
    VALIDATOR.validate(report)
    assert (report["findings"], report["gaps"], report["checks"]) == ([], [], [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(("schema",), "hygiene.report/2", id="another-version"),
        pytest.param(("findings", 0, "id"), "abc", id="an-id-that-is-none"),
        pytest.param(("findings", 0, "severity"), "info", id="an-unknown-severity"),
        pytest.param(("findings", 0, "measure", "root_hosts"), "many", id="a-measure-that-is-no-number"),
        pytest.param(("scan", "coverage", "complete"), -1, id="a-negative-count"),
        pytest.param(("scan", "started_at"), "2026-03-01T10:00:00+01:00", id="a-time-that-is-not-utc"),
    ],
)
def test_the_schema_refuses(small_audit: Audit, path: tuple[str | int, ...], value: object) -> None:
    report = json.loads(text_of(small_audit))
    inner = copy.deepcopy(report)
    part = inner
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    VALIDATOR.validate(report)
    assert [tuple(error.absolute_path) for error in VALIDATOR.iter_errors(inner)] == [path]


def test_the_same_audit_gives_the_same_bytes_whatever_the_order_of_counts_and_gaps(small_audit: Audit) -> None:
    turned = replace(
        small_audit,
        gaps=small_audit.gaps[::-1],
        summary=replace(
            small_audit.summary,
            findings_by_check=dict(reversed(small_audit.summary.findings_by_check.items())),
            gaps_by_area=dict(reversed(small_audit.summary.gaps_by_area.items())),
        ),
    )
    assert text_of(turned) == text_of(small_audit)


def test_each_member_of_a_finding_has_a_line_of_its_own(small_audit: Audit) -> None:
    lines = text_of(small_audit).splitlines()
    assert '      "measure": {"root_hosts": 1001, "tenants": 80},' in lines
    assert '      "controls": ["NIST SP 800-53 r5 AC-6", "PCI DSS 4.0.1 8.6.1"]' in lines


def test_hostile_text_comes_back_whole_but_acts_nowhere(hostile_audit: Audit) -> None:
    text = text_of(hostile_audit)
    found = json.loads(text)["findings"][0]
    # all of it is there as it was; only what is no Unicode is spelt out, since other readers refuse it
    spelt = HOSTILE_TEXT.replace("\udcff", r"\xff").replace("\ud83d", r"\ud83d")
    assert found["message"] == found["why"] == spelt
    assert found["subject"]["id"] == HOSTILE_SUBJECT
    assert found["places"] == [{"host": spelt, spelt: spelt}]
    # and the file itself can be shown on a terminal
    assert visible(text.replace("\n", "")) == text.replace("\n", "")
    text.encode("utf-8")


def test_values_of_places_are_what_json_can_say() -> None:
    found = finding("weak-key", Severity.LOW, SubjectKind.HOST, "a", "m")
    place = {
        "at": datetime(2026, 3, 1, 10, 0, 0, 500, tzinfo=UTC),
        "naive": datetime(2026, 3, 1, 10, 0),  # noqa: DTZ001  DuckDB's TIMESTAMP, which is UTC
        "day": datetime(2026, 3, 1, tzinfo=UTC).date(),
        "list": ["x", None],
        "nan": float("nan"),
        "yes": True,
        "umlaut": "müller",
        "delete": "\x7f",
    }
    text = text_of(audit_of((verdict(found, place),), coverage=Coverage(1, 0, 0, 0, 0)))
    assert json.loads(text)["findings"][0]["places"] == [
        {
            "at": "2026-03-01T10:00:00.000500Z",
            "naive": "2026-03-01T10:00:00Z",
            "day": "2026-03-01",
            "list": ["x", None],
            "nan": None,
            "yes": True,
            "umlaut": "müller",
            "delete": "\x7f",
        }
    ]
    assert '"umlaut": "müller"' in text
    assert r'"delete": "\u007f"' in text


def test_a_report_serves_as_the_next_baseline(small_audit: Audit, tmp_path) -> None:
    path = tmp_path / "report.json"
    path.write_text(text_of(small_audit), encoding="utf-8")
    assert load(path).known == {
        verdict.finding.id: (verdict.severity, verdict.finding.measure) for verdict in small_audit.verdicts
    }

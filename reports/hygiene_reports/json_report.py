"""`report.json`: the whole report for machines, as `report.schema.json` beside this module says.

The same audit gives the same bytes: keys stand in a fixed order, counts and measures sorted by name, gaps by
subject; findings stay in the order of the audit, worst first. `hygiene audit --baseline` reads the report's `schema`
and of each finding `id`, `status`, `severity` and `measure`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from itertools import chain
from typing import Final

from hygiene.api import Audit, Gap, Medium, Report, Scan, Verdict
from hygiene_reports.visible import ACTS_OR_HIDES, visible
from hygiene_reports.wording import SEVERITIES, headline

SCHEMA: Final = "hygiene.report/1"

_UNSAFE: Final = re.compile(f"[{ACTS_OR_HIDES}]")


class JsonReport(Report):
    """One JSON object."""

    name = "json"
    extension = "json"

    # JSON has no width and no colour
    def render(self, audit: Audit, medium: Medium) -> Iterator[str]:  # noqa: ARG002
        """Give the object piece by piece."""
        checks = ({"id": c.id, "title": c.title, "state": c.state, "note": c.note} for c in audit.checks)
        yield "{\n" + _member("schema", SCHEMA)
        yield ",\n" + _member("tool", {"name": "hygiene", "version": audit.scan.tool_version})
        yield ",\n" + _member("scan", _scan(audit.scan))
        yield ",\n" + _member("summary", _summary(audit))
        yield from chain([",\n"], _members("findings", map(_finding, audit.verdicts)))
        yield from chain([",\n"], _members("gaps", map(_gap, sorted(audit.gaps, key=_gap_order))))
        yield from chain([",\n"], _members("checks", checks))
        yield "\n}\n"


def report_schema() -> str:
    """Give the JSON Schema (draft 2020-12) of the report, as text."""
    return files("hygiene_reports").joinpath("report.schema.json").read_text("utf-8")


def _scan(scan: Scan) -> Mapping[str, object]:
    coverage = scan.coverage
    return {
        "id": scan.id,
        "started_at": scan.started_at,
        "finished_at": scan.finished_at,
        "targets": coverage.targets,
        "coverage": {
            "complete": coverage.complete,
            "partial": coverage.partial,
            "unreachable": coverage.unreachable,
            "refused": coverage.refused,
            "skipped": coverage.skipped,
        },
        "excluded": scan.excluded,
        "lists": scan.lists,
        "policy_path": scan.policy_path,
        "policy_digest": scan.policy_digest,
        "baseline_path": scan.baseline_path,
        "run_by": scan.run_by,
    }


def _summary(audit: Audit) -> Mapping[str, object]:
    summary = audit.summary
    return {
        "headline": headline(audit),
        "findings_by_severity": {severity: summary.findings_by_severity.get(severity, 0) for severity in SEVERITIES},
        "findings_by_check": dict(sorted(summary.findings_by_check.items())),
        "gaps_by_area": dict(sorted(summary.gaps_by_area.items())),
    }


def _finding(verdict: Verdict) -> Mapping[str, object]:
    finding = verdict.finding
    return {
        "id": finding.id,
        "check": finding.check,
        "severity": verdict.severity,
        "confidence": finding.confidence,
        "status": verdict.status,
        "subject": {"kind": finding.subject.kind, "id": finding.subject.id},
        "message": finding.message,
        "measure": dict(sorted(finding.measure.items())),
        "places_total": verdict.places_total,
        "places": verdict.sample,
        "why": verdict.why,
        "remediation": verdict.remediation,
        "controls": verdict.controls,
    }


def _gap(gap: Gap) -> Mapping[str, object]:
    return {
        "host": gap.host,
        "subject": gap.subject,
        "area": gap.area,
        "reason": gap.reason,
        "accepted": gap.accepted,
    }


def _gap_order(gap: Gap) -> tuple[str, str, str, str]:
    return (gap.area, gap.subject, gap.host or "", gap.reason)


def _member(name: str, value: object) -> str:
    return f"  {_text(name)}: {_text(value, level=1)}"


def _members(name: str, values: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Give an array piece by piece: half a million findings are never one string."""
    yield f"  {_text(name)}: ["
    between = "\n    "
    for value in values:
        yield between + _text(value, level=2)
        between = ",\n    "
    yield "]" if between == "\n    " else "\n  ]"


def _text(value: object, level: int = 0) -> str:
    """Write a value, indented from `level` on; what acts on a terminal or hides is `\\uNNNN` in it."""
    dumped = json.dumps(_plain(value), ensure_ascii=False, indent=2, allow_nan=False)
    # line breaks inside texts are escaped by now: these lay out
    return _UNSAFE.sub(_escape, dumped.replace("\n", "\n" + "  " * level))


def _escape(hit: re.Match[str]) -> str:
    match hit[0]:
        case "\n":
            return "\n"
        case "\x7f":  # the one that json.dumps leaves
            return "\\u007f"
        case character:
            return json.dumps(character)[1:-1]


def _plain(value: object) -> object:
    """Give what JSON can say: times as ISO 8601 in UTC, text that is no Unicode spelt out as in every table."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case datetime():
            utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
            return utc.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case str():
            return _unicode(value)
        case Mapping():
            return {_unicode(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted((_plain(item) for item in value), key=str)
        case _:
            return _unicode(str(value))


def _unicode(text: str) -> str:
    """Give the text with lone surrogates as `\\xNN` or `\\uNNNN`: readers in other languages refuse them."""
    if text.isascii():
        return str(text)
    return "".join(visible(c) if "\ud800" <= c <= "\udfff" else c for c in text)

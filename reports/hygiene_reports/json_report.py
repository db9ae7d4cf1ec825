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
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from itertools import chain
from typing import Final, TypeVar

from hygiene.api import (
    ACTS_OR_HIDES,
    Audit,
    Gap,
    LoginCounts,
    Medium,
    PeopleCounts,
    Report,
    Scan,
    SecondFactor,
    Verdict,
    WeakestPath,
    visible,
)
from hygiene_reports.wording import SEVERITIES, headline

SCHEMA: Final = "hygiene.report/1"

_Word = TypeVar("_Word", SecondFactor, WeakestPath)
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
        "breaches": None if scan.breaches is None else asdict(scan.breaches),
    }


def _summary(audit: Audit) -> Mapping[str, object]:
    summary = audit.summary
    return {
        "headline": headline(audit),
        "findings_by_severity": {severity: summary.findings_by_severity.get(severity, 0) for severity in SEVERITIES},
        "findings_by_check": dict(sorted(summary.findings_by_check.items())),
        "gaps_by_area": dict(sorted(summary.gaps_by_area.items())),
        "logins": None if summary.logins is None else _logins(summary.logins),
        "people": None if summary.people is None else _people(summary.people),
    }


def _logins(logins: LoginCounts) -> Mapping[str, object]:
    return {
        "accounts": _counts(WeakestPath, logins.accounts),
        "roots": _counts(WeakestPath, logins.roots),
        "on_condition": {
            "accounts": _counts(WeakestPath, logins.accounts_on_condition),
            "roots": _counts(WeakestPath, logins.roots_on_condition),
        },
        "unknown_reasons": [
            {"reason": why.reason, "accounts": why.accounts, "roots": why.roots} for why in logins.reasons
        ],
        "unknown_reasons_total": logins.reasons_total,
    }


def _people(people: PeopleCounts) -> Mapping[str, object]:
    return {
        "admins": _counts(SecondFactor, people.admins),
        "others": _counts(SecondFactor, people.others),
        "admin_unknown": _counts(SecondFactor, people.unsaid),
        "disabled": people.disabled,
    }


def _counts(words: type[_Word], counts: Mapping[_Word, int]) -> Mapping[_Word, int]:
    return {word: counts.get(word, 0) for word in words}


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
    return f"  {_text(name)}: {_block(value, 1) if isinstance(value, Mapping) else _text(value)}"


def _members(name: str, values: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Give an array piece by piece: half a million findings are never one string."""
    yield f"  {_text(name)}: ["
    between = "\n    "
    for value in values:
        yield between + _block(value, 2)
        between = ",\n    "
    yield "]" if between == "\n    " else "\n  ]"


def _block(value: Mapping[str, object], level: int) -> str:
    """Write an object with a line for each member: what changes between two reports is a line of their diff."""
    indent = "  " * level
    lines = ",\n".join(f"{indent}  {_text(name)}: {_inner(member, level + 1)}" for name, member in value.items())
    return f"{{\n{lines}\n{indent}}}"


def _inner(value: object, level: int) -> str:
    """Write what has parts with parts of their own as a block."""
    nested = isinstance(value, Mapping) and any(isinstance(part, Mapping) for part in value.values())
    return _block(value, level) if nested and isinstance(value, Mapping) else _text(value)


def _text(value: object) -> str:
    """Write a value on one line; what acts on a terminal or hides is `\\uNNNN` in it."""
    try:
        dumped = _ENCODER.encode(value)
    except ValueError:  # it holds a number that is none
        dumped = _ENCODER.encode(_finite(value))
    return _UNSAFE.sub(_escape, dumped)


def _escape(hit: re.Match[str]) -> str:
    character = hit[0]
    if (
        "\ud800" <= character <= "\udfff"
    ):  # other languages refuse half a pair: as text, like every byte that is no UTF-8
        return "\\" + visible(character)
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


def _finite(value: object) -> object:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {name: _finite(item) for name, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case _:
            return value


def _default(value: object) -> object:
    """Say in JSON what it has no word for: times as ISO 8601 in UTC, mappings and sets; anything else as its text."""
    match value:
        case datetime():
            utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
            return utc.isoformat().replace("+00:00", "Z")
        case Mapping():
            return dict(value)
        case set() | frozenset():
            return sorted(value, key=str)
        case _:
            return str(value)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_default)

"""One question to rows planted by hand, and the whole answer: how tests of checks are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hygiene.api import Check
from hygiene.testing.planting import planted, rows_of


@dataclass(frozen=True)
class Found:
    """A whole finding: how bad, how sure, about what, in which words, how much, how many places and the first two."""

    severity: str
    confidence: str
    subject: str  # `key SHA256:ops`
    message: str
    measure: dict[str, int]
    places_total: int
    places: tuple[str, ...]  # all columns but those that are empty, in order


def ask(check: Check, text: str, auditor_keys: Iterable[str] = ()) -> list[Found]:
    """Plant rows (see hygiene.testing.planting) and give what the check finds, by subject."""
    with planted(rows_of(text), auditor_keys) as fleet:
        findings = sorted(check.run(fleet), key=lambda finding: finding.subject.id)
        assert {finding.check for finding in findings} <= {check.id}
        looks = fleet.look([finding.places for finding in findings], 2)
    return [
        Found(
            finding.severity.value,
            finding.confidence.value,
            f"{finding.subject.kind} {finding.subject.id}",
            finding.message,
            dict(finding.measure),
            look.total,
            tuple(" ".join(str(value) for value in place.values() if value is not None) for place in look.sample),
        )
        for finding, look in zip(findings, looks, strict=True)
    ]

"""The baseline: an earlier report.json. What it holds does not gate again, unless it grew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hygiene.errors import BaselineError
from hygiene.model import Finding, Severity

SCHEMA = "hygiene.report/1"
_SIZE_LIMIT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Baseline:
    """Findings of an earlier report by id: severity and measure."""

    path: str | None = None
    known: Mapping[str, tuple[Severity, Mapping[str, int]]] = field(default_factory=dict)

    def covers(self, finding: Finding, severity: Severity) -> bool:
        """True when the earlier report held this finding, at least as severe and as large in every measure."""
        if finding.id not in self.known:
            return False
        before, measure = self.known[finding.id]
        return severity.rank <= before.rank and all(
            value <= measure.get(name, value - 1) for name, value in finding.measure.items()
        )


def load(path: Path) -> Baseline:
    """Read a report.json that this tool wrote; raises BaselineError."""
    try:
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            raise BaselineError(f"{path}: is larger than 1 GiB; expected a report.json that hygiene wrote")
        report = json.loads(path.read_bytes())
    except OSError as error:
        raise BaselineError(
            f"{path}: cannot be read: {error.strerror}; give the report.json of an earlier run"
        ) from None
    except ValueError:
        raise BaselineError(f"{path}: is not JSON; give the report.json of an earlier run") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        seen = report.get("schema") if isinstance(report, dict) else type(report).__name__
        raise BaselineError(f"{path}: its schema is {seen!r}; expected {SCHEMA!r}: the report.json of an earlier run")
    try:
        known = {
            item["id"]: (Severity(item["severity"]), {name: int(value) for name, value in item["measure"].items()})
            for item in report["findings"]
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BaselineError(
            f"{path}: a finding in it is not whole ({type(error).__name__}); make the report anew"
        ) from None
    return Baseline(str(path), known)

"""What a command ends with: one number for everything that a run came to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hygiene.model import Gap, Severity

if TYPE_CHECKING:  # `hygiene --help` must not wait for the database library
    from hygiene.api import Audit, Fleet
    from hygiene.policy.policy import Policy

CLEAN = 0
BROKEN = 1
USAGE = 2
GAPS = 3
FINDINGS = 10
INTERRUPTED = 130  # as shells tell of SIGINT


def of(judged: Audit, fail_on: Severity, *, zero: bool) -> int:
    """The exit code of a judgement: a crashed check, then findings, then gaps. `zero` leaves only the first."""
    from hygiene.policy.judge import gates

    if any(check.state == "crashed" for check in judged.checks):
        return BROKEN
    if zero:
        return CLEAN
    if gates(judged.verdicts, fail_on):
        return FINDINGS
    return GAPS if any(not gap.accepted for gap in judged.gaps) else CLEAN


def for_gaps(fleet: Fleet, policy: Policy) -> int:
    """The exit code of a collection: whether all was seen, or accepted as a gap."""
    today = datetime.now(UTC).date()
    return CLEAN if all(policy.accepts(gap, today) for gap in fleet.rows(Gap)) else GAPS

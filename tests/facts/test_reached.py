"""Hosts that were not reached: nothing is known of them, or what an earlier scan has seen, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hygiene.facts.host import facts, not_reached, unreadable
from hygiene.model import AreaState, Evidence, Gap, Status, Target

from .images import NAME, NOW, Said, Scan, facts_of

REASONS = [
    (Status.UNREACHABLE, "connect", "no answer from 10.0.0.1 port 22 within 20 s"),
    (Status.REFUSED, "login", "login as audit denied"),
    (Status.SKIPPED, "", "not done when the run's deadline of 60 s was over; run it again to go on"),
    (Status.PARTIAL, "collect", "no POSIX shell: this is Windows"),
]


def attempt(status: Status, stage: str, reason: str) -> Evidence:
    return replace(Scan(status=status, reason=reason).evidence(b""), stage=stage)


@pytest.mark.parametrize(("status", "stage", "reason"), REASONS, ids=[row[0].value for row in REASONS])
def test_never_seen(status: Status, stage: str, reason: str) -> None:
    found = facts(attempt(status, stage, reason), "key")
    host = found.host
    assert (host.status, host.stage, host.reason, host.collected_at, host.evidence) == (
        status,
        stage,
        reason,
        None,
        "key",
    )
    assert (host.tenant, host.tags, host.os, host.sshd_version) == ("acme", ("prod",), None, None)
    assert {area.state for area in found.areas} == {AreaState.UNSEEN}
    assert found.gaps == (Gap(NAME, NAME, "collect", f"{status}: {reason}"),)
    assert (found.accounts, found.grants, found.settings, found.login_paths, found.keys) == ((), (), (), (), ())


@pytest.mark.parametrize(("status", "stage", "reason"), REASONS[:3], ids=[row[0].value for row in REASONS[:3]])
def test_seen_before(said: Said, status: Status, stage: str, reason: str) -> None:
    known = facts_of(said)
    moved = replace(
        attempt(status, stage, reason),
        target=Target(NAME, "10.0.0.2", 2222, tenant="other", tags=("old",)),
        started_at=NOW + timedelta(days=1),
        finished_at=NOW + timedelta(days=1),
    )
    found = not_reached(known, moved)
    assert found.host == replace(
        known.host,
        address="10.0.0.2",
        port=2222,
        tenant="other",
        tags=("old",),
        status=status,
        stage=stage,
        reason=reason,
    )
    assert found.gaps == (
        Gap(
            NAME,
            NAME,
            "collect",
            f"{status}: {reason}; what is said of this host was seen on 2026-06-01 12:00 UTC",
        ),
    )
    assert replace(found, host=known.host, gaps=known.gaps) == known


def test_evidence_that_cannot_be_read_any_more() -> None:
    reason = "x.segment: at byte 17: the digest does not fit; collect that host again"
    lost = unreadable(Scan().evidence(b""), "key", reason)
    assert (lost.host.status, lost.host.stage, lost.host.reason) == (Status.PARTIAL, "collect", reason)
    assert lost.gaps == (Gap(NAME, NAME, "collect", f"partial: {reason}"),)
    # and not reached since: nothing is said of when it was seen
    found = not_reached(lost, attempt(*REASONS[0]))
    assert found.gaps[1:] == (Gap(NAME, NAME, "collect", f"unreachable: {REASONS[0][2]}"),)

"""What we say: the rows that the whole pipeline makes of a host, on the host itself and of its files alone."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.fleet import Lab

from hygiene.collect import script
from hygiene.facts.host import facts
from hygiene.model import Evidence, Grant, HostFacts, Status, Target, Truth

_NONCE = "0123456789abcdef"
_DEADLINE_S = 120


class How(enum.StrEnum):
    """How the host is looked at."""

    LIVE = "live"  # the collector over SSH: `sshd -T` answers too
    OFFLINE = "offline"  # its files alone, as of an image


@dataclass(frozen=True, slots=True)
class Told:
    """Our answer for one key as one account."""

    answer: Truth
    reason: str | None
    rows: tuple[Grant, ...]  # all rows of that key or authority, in the order in which the daemon reads them


def look(lab: Lab, host: str, how: How, banner: str | None) -> HostFacts:
    """Collect a host and make its rows."""
    arguments = ["-R", "/"] if how is How.OFFLINE else []
    started_at = datetime.now(UTC)
    command = ["sh", "-s", "--", *arguments, _NONCE]
    stream = lab.exec_root(host, command, stdin=script.text(), timeout_s=_DEADLINE_S).stdout
    return facts(
        Evidence(
            scan="differential",
            target=Target(host, lab.hosts[host].address),
            status=Status.COMPLETE,
            stage="done",
            reason="",
            started_at=started_at,
            finished_at=datetime.now(UTC),
            nonce=_NONCE,
            server_version=banner if how is How.LIVE else None,
            offline=how is How.OFFLINE,
            stream=stream,
        ),
        host,
    )


def tell(found: HostFacts, account: str, fingerprint: str, *, certified: bool) -> Told:
    """What the rows say of a key or an authority: yes if one lets it in, no where none does and nothing is missing."""
    wanted = (account, fingerprint, certified)
    rows = tuple(row for row in found.grants if (row.account, row.fingerprint, row.is_authority) == wanted)
    for answer in (Truth.YES, Truth.UNKNOWN):
        for row in rows:
            if row.accepted is answer:
                return Told(answer, row.reason, rows)
    doubts = [gap.reason for gap in found.gaps if _may_hide_keys(gap.subject, gap.area, found.host.host, account)]
    if doubts:
        return Told(Truth.UNKNOWN, f"no row, and {doubts[0]}", rows)
    return Told(Truth.NO, rows[0].reason if rows else "no row", rows)


def _may_hide_keys(subject: str, area: str, host: str, account: str) -> bool:
    return (subject == host and area in {"authorized_keys", "collect"}) or (
        subject == f"{host}:{account}" and area == "authorized_keys"
    )

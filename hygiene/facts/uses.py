"""Which keys were used, by the logs of a host."""

from __future__ import annotations

from datetime import datetime

from hygiene.evidence import tables
from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain
from hygiene.model import AreaName, KeyUse


def key_uses(host: str, seen: Seen, ledger: Ledger) -> tuple[tuple[KeyUse, ...], datetime | None]:
    """Give a row for each account, key and address, and since when the logs tell; None when none was read."""
    frame = seen.transcript.first("key_uses")
    if frame is None:
        return (), None  # nobody asked for it
    reach = tables.logs_reach(seen.transcript)
    if reach is None:
        ledger.unseen(AreaName.LOGS, "no log of sshd was found, or it could not be read")
        return (), None
    ledger.seen(AreaName.LOGS)
    for note in seen.transcript.notes:
        if note.area == AreaName.LOGS:
            ledger.partial(AreaName.LOGS, f"{note.word.replace('-', ' ')}: {note.detail}".strip(": "))
    rows = tuple(
        KeyUse(host, plain(use.user), use.fingerprint, use.address, use.first, use.last, use.count)
        for use in tables.key_uses(seen.transcript)
    )
    return rows, reach[0]

"""The books of the tables: every `unknown` stands on a gap of its host."""

from __future__ import annotations

from typing import Final

from hygiene.model import TABLES, Truth
from hygiene.store.fleet import Fleet
from hygiene.store.schema import columns

_HOSTS_WITHOUT: Final = """
SELECT DISTINCT host FROM {table} AS t
WHERE {unknown} AND NOT EXISTS (FROM gaps AS g WHERE g.host = t.host) ORDER BY host
"""


def unfounded(fleet: Fleet) -> list[tuple[str, str]]:
    """Give table and host where something is unknown and the host has no gap: a fault of ours, none is expected."""
    found: list[tuple[str, str]] = []
    for table, record in TABLES.items():
        names = [column.name for column in columns(record)]
        words = [c.name for c in columns(record) if c.words and Truth.UNKNOWN.value in {w.value for w in c.words}]
        if "host" not in names or not words:
            continue
        unknown = "(" + " OR ".join(f"{name} = 'unknown'" for name in words) + ")"
        sql = _HOSTS_WITHOUT.format(table=table, unknown=unknown)
        found += [(table, host) for (host,) in fleet.query(sql)]
    return found

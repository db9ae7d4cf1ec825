"""People by their second factor, a row for each export, as `hygiene identities` shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tabulate import tabulate

from hygiene.identities.exports import ExportInfo
from hygiene.store.fleet import Fleet
from hygiene.visible import visible

# of those who can sign in, as far as the export says
_COUNTS: Final = """
SELECT source, admin,
    count(*) FILTER (enabled IS DISTINCT FROM false) AS people,
    count(*) FILTER (enabled IS DISTINCT FROM false AND second_factor = 'none') AS none,
    count(*) FILTER (enabled IS DISTINCT FROM false AND second_factor = 'phishable') AS phishable,
    count(*) FILTER (enabled IS DISTINCT FROM false AND second_factor = 'strong') AS strong,
    count(*) FILTER (enabled IS DISTINCT FROM false AND second_factor = 'unknown') AS unknown,
    count(*) FILTER (enabled IS NOT DISTINCT FROM false) AS disabled
FROM identities GROUP BY ALL
"""
_HEADERS: Final = ("", "people", "none", "phishable", "strong", "unknown", "cannot sign in")
_WHO: Final = (("administrators", True), ("other people", False), ("role not said", None))
_NAME_CHARACTERS: Final = 60


def people_table(exports: Iterable[ExportInfo], fleet: Fleet) -> str:
    """Give the table: for each export what it is, then its administrators, then others."""
    counts = {(source, admin): numbers for source, admin, *numbers in fleet.query(_COUNTS)}
    told = []
    for export in exports:
        rows = [
            (who, *(f"{number:,}" for number in numbers))
            for who, admin in _WHO
            if (numbers := counts.get((export.name, admin)))
        ]
        repeated = f", {export.repeated:,} rows said twice" if export.repeated else ""
        told.append(f"{_shown(export.name)}: {export.format}{repeated}\n")
        told.append(tabulate(rows, _HEADERS, "plain", disable_numparse=True, colalign=("left", *["right"] * 6)) + "\n")
    return "".join(told)


def _shown(name: str) -> str:
    text = visible(name)
    return text if len(text) <= _NAME_CHARACTERS else text[:_NAME_CHARACTERS] + "..."

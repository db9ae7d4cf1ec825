"""Exports of vaults as CSV that need more than a header with known names.

Chrome, Edge, Firefox, Safari, Bitwarden, 1Password, Dashlane, NordPass, Proton Pass and KeePassXC do not: their columns
are named as people name them, and their cells are quoted as RFC 4180 says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hygiene.passwords.read.columns import Columns, header_name


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    header: frozenset[str]  # columns, folded, that all have to be there
    entities: bool = False  # cells are escaped as in HTML
    backslash: bool = False  # quotes in a cell are escaped with a backslash, and backslashes too


_EXPORTS: Final = (
    Export("LastPass", frozenset(("url", "username", "password", "extra", "name", "grouping", "fav")), entities=True),
    # KeePass 1.x, and KeePass 2 as "KeePass CSV (1.x)" (KeePassCsv1x.cs)
    Export("KeePass 1", frozenset(("account", "loginname", "password", "website", "comments")), backslash=True),
)
# what LastPass escapes, and nothing else: `&euro;` was typed so
_ENTITY: Final = re.compile("&(?:amp|lt|gt|quot|#0?39|#x27);")
_ENTITIES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#039;": "'", "&#x27;": "'"}

_KEEPER_CELLS: Final = 7
# Keeper Commander, importer/csv/csv.py: folder, title, login, password, address, notes, shared folder, then pairs
# of a custom field's name and value; no header
KEEPER_COLUMNS: Final = Columns(
    passwords=(3,), account=2, system=4, tenant=None, doubtful=(), width=1 << 20, title=1, mapped=False
)


def find(header: Sequence[str]) -> Export | None:
    """The export whose columns are all in the header."""
    names = {header_name(cell) for cell in header}
    return next((export for export in _EXPORTS if export.header <= names), None)


def without_entities(cell: str) -> str:
    """A cell of LastPass as it was typed."""
    return _ENTITY.sub(lambda hit: _ENTITIES[hit[0]], cell) if "&" in cell else cell


def is_keeper(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows without a header are Keeper's: seven cells and pairs, an address or nothing in the fifth."""
    filled = [row for row in rows if any(row)]
    shaped = all(len(row) >= _KEEPER_CELLS and len(row) % 2 for row in filled)
    return shaped and all("://" in row[4] or not row[4] for row in filled) and any(row[4] for row in filled)

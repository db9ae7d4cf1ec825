"""Rows of a table to raw entries, for every format that has rows and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from hygiene.passwords.read.columns import Columns
from hygiene.passwords.read.reader import RawEntry, Tally

# names go into the tables; a cell that is longer is no name
_NAME_CHARACTERS = 255
# What people and vaults write where a password should be. Exact and few: what is not here is scored.
_PLACEHOLDER_WORDS = frozenset({"-", "--", "---", "\u2013", "\u2014", "n/a", "n.a.", "#n/a"})
# `siehe KeePass`; `{REF:P@I:...}` is KeePass' field reference; bullets and stars are how programs mask
_PLACEHOLDER = re.compile(
    r"(?:(?:siehe|s\.|see|in)\s++(?:keepass|keepassxc|bitwarden|vaultwarden|1password|lastpass|vault|tresor)\b.*+"
    r"|\{ref:[^{}]*+\}"
    r"|[*\u2022\u25cf]{3,}+)",
    re.DOTALL,
)


def classify(password: str, tally: Tally) -> bool:
    """Whether a cell or line holds a password; what is none is counted."""
    if not password or password.isspace():
        tally.empty += 1
        return False
    if len(password) <= 200:
        folded = password.strip().casefold()
        if folded in _PLACEHOLDER_WORDS or _PLACEHOLDER.fullmatch(folded):
            tally.placeholders += 1
            return False
    return True


def entries(rows: Iterable[tuple[int, Sequence[str]]], columns: Columns, tally: Tally) -> Iterator[RawEntry]:
    """The entries of the rows below a header, one for each password column that is filled."""
    for number, cells in rows:
        if not any(cells):
            continue
        if len(cells) > columns.width and any(cells[columns.width :]):
            tally.note_wide(number)
        account, system, tenant = (_name(cells, i) for i in (columns.account, columns.system, columns.tenant))
        for index in columns.passwords:
            password = cells[index] if index < len(cells) else ""
            if not classify(password, tally):
                continue
            if "\n" in password or "\r" in password:
                tally.multiline += 1
            yield RawEntry(number, password, account, system, tenant)


def _name(cells: Sequence[str], index: int | None) -> str | None:
    if index is None or index >= len(cells):
        return None
    return cells[index].strip()[:_NAME_CHARACTERS] or None

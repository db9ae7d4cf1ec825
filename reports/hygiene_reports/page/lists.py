"""The files of passwords and hashes that were read: what they are, who else can read them, where they lead."""

from __future__ import annotations

from typing import Final

from hygiene.api import Fleet, Truth, counted
from hygiene_reports.page.markup import Markup, section
from hygiene_reports.page.plots import table

_LISTS: Final = """
SELECT l.list, l.format, l.entries, l.hashes, l.readable_by, l.mode, l.encrypted,
    count(DISTINCT (t.host, t.account)) FILTER (t.host IS NOT NULL) AS accounts
FROM password_lists AS l LEFT JOIN entry_accounts AS t USING (list) GROUP BY ALL ORDER BY l.list
"""


def lists(fleet: Fleet) -> Markup:
    """A row for each file; nothing where none was read."""
    found = list(fleet.named(_LISTS))
    if not found:
        return Markup()
    exposed = sum(row["readable_by"] is not None and row["encrypted"] != Truth.YES.value for row in found)
    return section(
        "lists",
        "Password lists",
        f"{counted(len(found), 'file')} of passwords or hashes, {exposed:,} of them readable by others and not"
        " encrypted. Accounts are those of hosts to which an entry belongs, by name or because it opens the hash.",
        table(
            ("file", "format", "passwords", "hashes", "encrypted", "readable by", "accounts"),
            (
                (
                    row["list"],
                    row["format"],
                    f"{row['entries']:,}",
                    f"{row['hashes']:,}",
                    row["encrypted"],
                    row["readable_by"] or ("its owner" if row["mode"] is not None else "no file"),
                    f"{row['accounts']:,}",
                )
                for row in found
            ),
            numbers=(2, 3, 6),
        ),
    )

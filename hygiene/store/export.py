"""Tables for other programs: JSON lines, CSV and Parquet, rows in a stable order.

JSON lines: pure ASCII, one object a row; lists are arrays, absence is null, times are ISO 8601 in UTC with Z.
CSV: UTF-8, a header, lines end with a line feed; lists are JSON arrays, absence is an empty cell and an empty text is
`""`, truth is `true` or `false`. Spreadsheets run a cell that begins with = + - @ tab or CR as a formula, so such a
text gets a `'` in front (numbers do not), and control characters but tab and line ends are written as `\\xNN`.
Parquet: the columns as DuckDB holds them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from hygiene.errors import UsageError
from hygiene.model import TABLES
from hygiene.store.database import private_files, quoted
from hygiene.store.fleet import Fleet, select
from hygiene.store.rows import plain
from hygiene.store.schema import columns

FORMATS: Final = ("jsonl", "csv", "parquet")

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]|^\s|\s$')


def export(fleet: Fleet, table: str, form: str, out: BinaryIO) -> None:
    """Write a whole table to `out` in one of FORMATS.

    Raises UsageError for a table or a format that there is not, and for findings before a check has run.
    """
    if table not in TABLES:
        raise UsageError(f"there is no table {table!r}; expected one of {', '.join(TABLES)}")
    if form not in FORMATS:
        raise UsageError(f"there is no format {form!r}; expected one of {', '.join(FORMATS)}")
    if table == "findings" and not fleet.table_present(table):
        raise UsageError(
            f"{fleet.opened.path}: no check has run on what is stored, so there are no findings to export; "
            "run `hygiene check` first"
        )
    if form == "parquet":
        _parquet(fleet, table, out)
        return
    for line in _jsonl(fleet, table) if form == "jsonl" else _csv(fleet, table):
        out.write(line.encode())


def _jsonl(fleet: Fleet, table: str) -> Iterator[str]:
    names = [column.name for column in columns(TABLES[table])]
    for row in fleet.query(select(table)):
        yield json.dumps(dict(zip(names, map(plain, row), strict=True))) + "\n"


def _csv(fleet: Fleet, table: str) -> Iterator[str]:
    yield ",".join(column.name for column in columns(TABLES[table])) + "\n"
    for row in fleet.query(select(table)):
        yield ",".join(_cell(plain(value)) for value in row) + "\n"


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case list():
            text = json.dumps(value)
        case _:
            text = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", value)
    if text.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if not text or _NEEDS_QUOTES.search(text) else text


def _parquet(fleet: Fleet, table: str, out: BinaryIO) -> None:
    path = fleet.opened.scratch / f"{table}.parquet"
    cursor = fleet.opened.cursor()
    try:
        with private_files():
            cursor.execute(f"COPY ({select(table)}) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)")
        with path.open("rb") as written:
            shutil.copyfileobj(written, out)
    finally:
        cursor.close()
        path.unlink(missing_ok=True)

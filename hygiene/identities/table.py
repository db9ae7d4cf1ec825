"""Exports as tables: CSV with commas, semicolons, tabs or bars; the header is found by what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from hygiene.errors import ExportError
from hygiene.identities.format import Columns, Format
from hygiene.identities.row import Row, shown_names
from hygiene.passwords.read.records import Records, sample_rows
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import Encoding, lines
from hygiene.visible import visible

_DELIMITERS: Final = ",;\t|"
_SAMPLE_LINES: Final = 60
_HEADER_SEARCH_ROWS: Final = 20


class Table:
    """A table whose header was recognised."""

    def __init__(self, source: Source, encoding: Encoding, delimiter: str, header_row: int, columns: Columns) -> None:
        self._source = source
        self._encoding = encoding
        self._delimiter = delimiter
        self._header_row = header_row
        self._width = len(columns.folded)
        self.columns = columns

    def rows(self) -> Iterator[Row]:
        """The rows below the header. ExportError for one that does not fit it: its cells may be in other columns."""
        name = visible(str(self._source.path))
        index = self.columns.index
        last = max(index.values())
        headers = self.columns.headers
        for number, cells in Records(self._source, self._encoding, self._delimiter, ExportError, "export again"):
            if number <= self._header_row or not any(cells):
                continue
            place = f"{name}: row {number}"
            if any(cells[self._width :]):
                raise ExportError(f"{place}: has more cells than the header; quote the cells that hold a delimiter")
            if len(cells) <= last:
                raise ExportError(
                    f"{place}: ends before the last column that is read; the file may be cut: export again"
                )
            yield Row(place, {key: cells[at] for key, at in index.items()}, headers)


def recognise(source: Source, encoding: Encoding, formats: Sequence[Format]) -> Table:
    """The table of the first format whose columns are there. ExportError names what was found instead."""
    sample = list(islice(lines(source, encoding), _SAMPLE_LINES))
    likeliest: list[str] = []
    for delimiter in _DELIMITERS:
        for at, row in enumerate(sample_rows(sample, delimiter)[:_HEADER_SEARCH_ROWS], 1):
            for format_ in formats:
                columns = format_.find(row)
                if columns is not None:
                    columns.check(str(source.path))
                    return Table(source, encoding, delimiter, at, columns)
            if sum(map(bool, row)) > sum(map(bool, likeliest)):
                likeliest = row
    raise unrecognised(source, "columns", likeliest, formats)


def unrecognised(source: Source, what: str, found: Sequence[str], formats: Sequence[Format]) -> ExportError:
    """The error for an export of no known format: what was found, what is known, what to do."""
    known = ", ".join(format_.name for format_ in formats)
    return ExportError(
        f"{source.path}: no export that is known; found the {what} {shown_names(found)}; expected one of: {known};"
        " for another table name its columns in the policy with [identities.NAME]"
    )

"""CSV, TSV and semicolon lists.

`row` counts records, as Excel and LibreOffice number them: a quoted cell that spans lines is one row, blank lines
count, and so does a first line `sep=;` although Excel hides it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Self

from hygiene.errors import ListError
from hygiene.passwords.read import exports
from hygiene.passwords.read.columns import EXPECTED, Columns, column_name, describe_headers, find_header
from hygiene.passwords.read.exports import Export
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.records import Records, sample_rows
from hygiene.passwords.read.rows import entries
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import Encoding, find_encoding, lines

_DELIMITERS = ";,\t|"
_DELIMITER_NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
# a list of one column has none: the whole line is the cell, whatever signs a password has
_NO_DELIMITER = "\x1f"
_SAMPLE_LINES = 100
_TABLE_SUFFIXES = (".csv", ".tsv", ".tab")


class DelimitedReader(ListReader):
    def __init__(
        self,
        source: Source,
        encoding: Encoding,
        delimiter: str,
        above: int,
        columns: Columns,
        export: Export | None = None,
    ) -> None:
        super().__init__(source)
        self.format = "TSV" if delimiter == "\t" else "CSV"
        self.encoding = encoding.name
        self._encoding = encoding
        self._delimiter = delimiter
        self._above = above  # rows above the header; -1: there is none
        self._columns = columns
        self._export = export  # one that writes its cells in a way of its own

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader if a header with a password column is found.

        ListError if the text is a table, by its name or by a delimiter in its lines, and has no such column.
        """
        encoding = find_encoding(source)
        sample = list(islice(lines(source, encoding), _SAMPLE_LINES))
        told = _told_delimiter(sample[0]) if sample else None
        best: tuple[tuple[bool, int, bool, float], str, int, Columns] | None = None
        for delimiter in [told] if told else (*_DELIMITERS, _NO_DELIMITER):
            rows = sample_rows(sample[1:] if told else sample, delimiter)
            found = find_header(rows, reading.columns)
            if found is None:
                continue
            index, columns = found
            below = [len(row) for row in rows[index + 1 :] if row]
            even = sum(width == columns.width for width in below) / (len(below) or 1)
            rank = (columns.mapped, columns.known, columns.width > 1, even)
            if best is None or rank > best[0]:
                best = (rank, delimiter, index + bool(told), columns)
        if best is None and exports.is_keeper(sample_rows(sample, ",")):
            return cls(source, encoding, ",", -1, exports.KEEPER_COLUMNS)
        if best is None:
            _refuse_table(source, sample, told)
            return None
        _, delimiter, above, columns = best
        if columns.width == 1 and not told:
            # a plain list may well begin with the word; only a file that calls itself a table has a header
            if source.suffix not in _TABLE_SUFFIXES:
                return None
            delimiter = _NO_DELIMITER
        export = exports.find(sample_rows(sample, delimiter)[above]) if columns.width > 1 and not told else None
        return cls(source, encoding, delimiter, above, columns, export)

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        if self._export is not None:
            self.tally.remarks.append(f"read as an export of {self._export.name}")
        if self._above > 0:
            self.tally.remarks.append(f"the header is row {self._above + 1}; what stands above it was not read")
        for index in self._columns.doubtful:
            self.tally.doubt_column(f"column {column_name(index)}")
        yield from entries(self._records(), self._columns, self.tally)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        backslash = self._export is not None and self._export.backslash
        records = Records(
            *(self.source, self._encoding, self._delimiter),
            ListError,
            "double the quotes inside it, or save the list as XLSX",
            escape="\\" if backslash else None,
        )
        rows: Iterator[tuple[int, list[str]]] = islice(records, self._above + 1, None)
        if self._export is not None and self._export.entities:
            rows = ((number, [exports.without_entities(cell) for cell in cells]) for number, cells in rows)
        yield from rows
        self.tally.rows = records.read
        if records.undefined:
            self.tally.remarks.append(UNDEFINED_NOTE)


UNDEFINED_NOTE = (
    "read as cp1252, which does not define some of its bytes: if the list has another encoding, letters with accents"
    " are misread; save it as UTF-8"
)


def _told_delimiter(line: str) -> str | None:
    """The sign that Excel's first line `sep=;` names."""
    told = line.rstrip("\r\n").strip('"')
    return told[4] if len(told) == 5 and told[:4].lower() == "sep=" and not told[4].isalnum() else None


def _refuse_table(source: Source, sample: list[str], told: str | None) -> None:
    filled = [line for line in sample if not line.isspace()]
    common = max(_DELIMITERS, key=lambda sign: sum(sign in line for line in filled))
    share = sum(common in line for line in filled) / (len(filled) or 1)
    if not told and source.suffix not in _TABLE_SUFFIXES and (len(filled) < 2 or share < 0.8):
        return
    delimiter = told or common
    found = describe_headers(sample_rows(sample[1:] if told else sample, delimiter))
    raise ListError(
        f"{source.path}: no password column; {EXPECTED}; {found} ({_DELIMITER_NAMES.get(delimiter, 'sep=')} separated);"
        " name the column, or give a list of passwords alone as .txt"
    )

"""XLSX lists, through calamine: all sheets, hidden ones too, each with its own header.

`row` is the number that the spreadsheet shows beside the row.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import chain, islice
from typing import Self

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hygiene.errors import ListError
from hygiene.passwords.read.columns import (
    EXPECTED,
    HEADER_SEARCH_ROWS,
    Columns,
    column_name,
    describe_headers,
    find_header,
)
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry, Tally
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.rows import entries
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.workbook_parts import examine

_Cell = str | int | float | bool | datetime.date | datetime.time | datetime.datetime | datetime.timedelta


class WorkbookReader(ListReader):
    def __init__(self, source: Source, book: CalamineWorkbook, reading: Reading) -> None:
        super().__init__(source)
        self._reading = reading
        self._book = book

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader for a workbook whose parts are sound and of a size that calamine can take."""
        if not source.head.startswith(b"PK"):
            return None
        blanks = examine(source)
        source.file.seek(0)
        problem = ""
        try:
            book = CalamineWorkbook.from_filelike(source.file)
        except CalamineError as error:
            problem = f"{source.path}: not a workbook that can be read ({type(error).__name__}); save it again as XLSX"
        if problem:
            raise ListError(problem)
        reader = cls(source, book, reading)
        if blanks:
            reader.tally.doubts.append(
                f"{blanks:,} cell{'' if blanks == 1 else 's'} with an error or with a formula without a stored result,"
                " read as empty; open the workbook, calculate it and save it"
            )
        return reader

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        found = False
        headers = []
        for meta in self._book.sheets_metadata:
            if meta.typ is not SheetTypeEnum.WorkSheet:
                self.tally.remarks.append(f"sheet {meta.name!r} is no worksheet; not read")
                continue
            rows = self._counted(_rows(self._sheet(meta.name)))
            top = list(islice(rows, HEADER_SEARCH_ROWS * 2))
            texts = [[_text(cell)[0] for cell in cells] for _, cells in top]
            header = find_header(texts, self._reading.columns)
            if header is None:
                if top:
                    headers.append((meta.name, describe_headers(texts)))
                    self.tally.remarks.append(f"sheet {meta.name!r} has no password column; not read")
                continue
            found = True
            index, columns = header
            if meta.visible is not SheetVisibleEnum.Visible:
                self.tally.remarks.append(f"sheet {meta.name!r} is hidden; it was read")
            yield from self._entries(meta.name, chain(top[index + 1 :], rows), columns, top[index][0])
        if not found:
            sheets = "; ".join(f"sheet {name!r}: {text}" for name, text in headers[:3]) or "no sheet has a filled cell"
            raise ListError(f"{self.source.path}: no password column; {EXPECTED}; {sheets}; name the column")

    def _sheet(self, name: str) -> CalamineSheet:
        problem = ""
        try:
            return self._book.get_sheet_by_name(name)
        except CalamineError as error:
            problem = (
                f"{self.source.path}: sheet {name!r} cannot be read ({type(error).__name__}); save it again as XLSX"
            )
        raise ListError(problem)

    def _counted(self, rows: Iterator[tuple[int, list[_Cell]]]) -> Iterator[tuple[int, list[_Cell]]]:
        for row in rows:
            self.tally.rows += 1
            yield row

    def _entries(
        self, sheet: str, rows: Iterator[tuple[int, list[_Cell]]], columns: Columns, header_row: int
    ) -> Iterator[RawEntry | HashLine]:
        count = 0
        for index in columns.doubtful:
            self.tally.doubts.append(
                f"sheet {sheet!r}: column {column_name(index)} speaks of passwords in its header; not read as one"
            )
        for entry in entries(self._texts(rows, columns, self.tally), columns, self.tally, sheet):
            count += 1
            yield entry
        self.tally.remarks.append(f"sheet {sheet!r}: header in row {header_row}, {count:,} passwords")

    @staticmethod
    def _texts(
        rows: Iterator[tuple[int, list[_Cell]]], columns: Columns, tally: Tally
    ) -> Iterator[tuple[int, list[str]]]:
        for number, cells in rows:
            texts = []
            for index, cell in enumerate(cells):
                text, mangled = _text(cell)
                texts.append(text)
                tally.mangled += mangled and index in columns.passwords
            yield number, texts


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[_Cell]]]:
    """The rows with their numbers. calamine gives the empty rows above the first cell, and cuts empty columns."""
    if sheet.start is None:
        return
    left = [""] * sheet.start[1]
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, [*left, *cells]


def _text(cell: _Cell) -> tuple[str, bool]:
    """What a person typed, as far as the file still knows, and whether it may have been something else."""
    match cell:
        case str():
            return cell, False
        case bool():
            return str(cell).upper(), True
        case float() if cell.is_integer():
            return str(int(cell)), True
        case int() | float():
            return str(cell), True
        case datetime.timedelta():
            return str(cell), True
        case _:
            return cell.isoformat(), True

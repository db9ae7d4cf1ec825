"""XLSX, XLS and ODS lists, through calamine: all sheets, hidden ones too, each with its own header.

`row` is the number that the spreadsheet shows beside the row.
"""

from __future__ import annotations

import datetime
from abc import abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Self

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hygiene.counted import counted
from hygiene.errors import ListError
from hygiene.passwords.read import open_document
from hygiene.passwords.read.apart import ApartWorkbook, Cell, Sheet
from hygiene.passwords.read.columns import (
    EXPECTED,
    HEADER_SEARCH_ROWS,
    Columns,
    column_name,
    describe_headers,
    find_header,
)
from hygiene.passwords.read.open_document import is_open_document
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry, Tally
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.rows import entries
from hygiene.passwords.read.source import COMPOUND_FILE, Source
from hygiene.passwords.read.workbook_parts import examine

_ROWS_LOOKED_AT = HEADER_SEARCH_ROWS * 2
_SHEETS_NAMED = 5
_Sheets = Iterator[tuple[Sheet, Iterator[tuple[int, list[Cell]]]]]


class WorkbookReader(ListReader):
    encryptable = True  # an encrypted one is refused

    def __init__(self, source: Source, reading: Reading, blanks: int) -> None:
        super().__init__(source)
        self._reading = reading
        if blanks:
            self.tally.doubts.append(
                f"{counted(blanks, 'cell')} with an error or with a formula without a stored result,"
                " read as empty; open the workbook, calculate it and save it"
            )

    @abstractmethod
    def _sheets(self) -> _Sheets:
        """The sheets in their order, each with its rows, numbered as a person counts them."""

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        found = False
        headers = []
        tables = []
        for meta, cells in self._sheets():
            if not meta.is_table:
                self.tally.remarks.append(f"sheet {meta.name!r} is no worksheet; not read")
                deque(cells, maxlen=0)
                continue
            rows = self._counted(_behind(meta.empty_columns, cells))
            top = list(islice(rows, _ROWS_LOOKED_AT))
            texts = [[_text(cell)[0] for cell in cells] for _, cells in top]
            header = find_header(texts, self._reading.columns)
            if header is None:
                if top:
                    headers.append((meta.name, describe_headers(texts)))
                    if _is_prose(texts):
                        self.tally.remarks.append(f"sheet {meta.name!r} has no password column; not read")
                    else:
                        tables.append(repr(meta.name))
                deque(rows, maxlen=0)
                continue
            found = True
            index, columns = header
            if not meta.is_visible:
                self.tally.remarks.append(f"sheet {meta.name!r} is hidden; it was read")
            yield from self._entries(meta.name, chain(top[index + 1 :], rows), columns, top[index][0])
        if not found:
            sheets = "; ".join(f"sheet {name!r}: {text}" for name, text in headers[:3]) or "no sheet has a filled cell"
            raise ListError(f"{self.source.path}: no password column; {EXPECTED}; {sheets}; name the column")
        if tables:
            named = ", ".join(tables[:_SHEETS_NAMED]) + (", ..." if len(tables) > _SHEETS_NAMED else "")
            self.tally.doubts.append(
                f"{counted(len(tables), 'sheet')} without a password column, not read ({named}): if there are passwords"
                " in it, name their column in the policy's [passwords.NAME]"
            )

    def _counted(self, rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
        for row in rows:
            self.tally.rows += 1
            yield row

    def _entries(
        self, sheet: str, rows: Iterator[tuple[int, list[Cell]]], columns: Columns, header_row: int
    ) -> Iterator[RawEntry | HashLine]:
        count = 0
        for index in columns.doubtful:
            self.tally.doubt_column(f"sheet {sheet!r}: column {column_name(index)}")
        for entry in entries(self._texts(rows, columns, self.tally), columns, self.tally, sheet):
            count += 1
            yield entry
        self.tally.remarks.append(f"sheet {sheet!r}: header in row {header_row}, {count:,} passwords")

    @staticmethod
    def _texts(
        rows: Iterator[tuple[int, list[Cell]]], columns: Columns, tally: Tally
    ) -> Iterator[tuple[int, list[str]]]:
        for number, cells in rows:
            texts = []
            for index, cell in enumerate(cells):
                text, mangled = _text(cell)
                texts.append(text)
                tally.mangled += mangled and index in columns.passwords
            yield number, texts


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows of a sheet are a few lines of text, as people write beside their tables."""
    filled = [[cell.strip() for cell in row if cell and not cell.isspace()] for row in rows]
    cells = [row for row in filled if len(row) > 1 or (row and " " not in row[0])]
    return len(cells) < 2 and len(rows) < _ROWS_LOOKED_AT


def _behind(empty: int, rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
    """The rows with the empty columns that calamine cut; the empty rows above the first cell it gives."""
    left: list[Cell] = [""] * empty
    for number, cells in rows:
        yield number, [*left, *cells]


def _text(cell: Cell) -> tuple[str, bool]:
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


class XlsxReader(WorkbookReader):
    format = "XLSX"

    def __init__(self, source: Source, book: CalamineWorkbook, reading: Reading, blanks: int) -> None:
        super().__init__(source, reading, blanks)
        self._book = book

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader for a workbook whose parts are sound and of a size that calamine can take."""
        if not source.head.startswith(b"PK"):
            return None
        source.file.seek(0)
        blanks = examine(source)
        source.file.seek(0)
        problem = ""
        try:
            book = CalamineWorkbook.from_filelike(source.file)
        except CalamineError as error:
            problem = f"{source.path}: not a workbook that can be read ({type(error).__name__}); save it again as XLSX"
        if problem:
            raise ListError(problem)
        return cls(source, book, reading, blanks)

    def _sheets(self) -> _Sheets:
        for meta in self._book.sheets_metadata:
            is_table = meta.typ is SheetTypeEnum.WorkSheet
            sheet = self._sheet(meta.name) if is_table else None
            start = sheet.start if sheet is not None else None
            rows = enumerate(sheet.iter_rows(), 1) if sheet is not None and start is not None else iter(())
            visible = meta.visible is SheetVisibleEnum.Visible
            yield Sheet(meta.name, is_table, visible, start[1] if start else 0), rows

    def _sheet(self, name: str) -> CalamineSheet:
        problem = ""
        try:
            return self._book.get_sheet_by_name(name)
        except CalamineError as error:
            problem = (
                f"{self.source.path}: sheet {name!r} cannot be read ({type(error).__name__}); save it again as XLSX"
            )
        raise ListError(problem)


class OpenDocumentReader(WorkbookReader):
    format = "ODS"

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader for a sheet of LibreOffice and its kin."""
        return cls(source, reading, open_document.examine(source)) if is_open_document(source) else None

    def _sheets(self) -> _Sheets:
        with ApartWorkbook(self.source, "the OpenDocument sheet") as book:
            yield from book.sheets()


class XlsReader(WorkbookReader):
    format = "XLS"

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader for a workbook of Excel 97 to 2003."""
        return cls(source, reading, 0) if source.head.startswith(COMPOUND_FILE) else None

    def _sheets(self) -> _Sheets:
        with ApartWorkbook(self.source, "the old Excel workbook") as book:
            yield from book.sheets()

"""What must be known of a workbook's parts before calamine opens it.

calamine lays a sheet out as a full rectangle: two cells, one of them XFD1048576, ask for 512 GiB, and the process is
aborted. So each part is read once here, with bounds on its size, and the rectangle of its cells is measured. On the
way the cells are counted that calamine gives as empty although something stands in them.
"""

from __future__ import annotations

import zipfile
import zlib
from xml.parsers import expat

from hygiene.errors import ListError
from hygiene.passwords.read.source import Source

_PARTS = 10_000
_PART_BYTES = 1 << 30
_TOTAL_BYTES = 2 << 30
# sheets shrink to a tenth or a twentieth; deflate can do 1,032
_RATIO = 200
_RATIO_FROM_BYTES = 10 << 20
# 10^6 rows with 20 columns; calamine takes 32 bytes a cell, empty ones too
_RECTANGLE_CELLS = 20_000_000
_CHUNK_BYTES = 1 << 18


def examine(source: Source) -> int:
    """How many cells hold an error or a formula without a stored result. ListError when the file must not be opened."""
    problem = ""
    blanks = 0
    try:
        with zipfile.ZipFile(source.file) as archive:
            parts = archive.infolist()
            problem = _refusal(parts)
            if not problem:
                for part in parts:
                    blanks += _read_part(archive, part)
    except _RefusedError as refused:
        problem = refused.why
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        problem = "the workbook is damaged or cut; copy it again, or save it again as XLSX"
    if problem:
        raise ListError(f"{source.path}: {problem}")
    return blanks


class _RefusedError(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _refusal(parts: list[zipfile.ZipInfo]) -> str:
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        return "a zip file that is no XLSX workbook; expected CSV, TSV, plain lines or XLSX"
    if "xl/workbook.bin" in names:
        return "a binary workbook (XLSB), which this version does not read; save it as XLSX"
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > _TOTAL_BYTES:
        return f"the workbook unpacks to more than {_TOTAL_BYTES >> 30} GiB or {_PARTS:,} parts; split the list"
    for part in parts:
        swollen = part.file_size > _RATIO_FROM_BYTES and part.file_size > _RATIO * max(part.compress_size, 1)
        if part.file_size > _PART_BYTES or swollen:
            return (
                "a part of the workbook unpacks to far more than a list needs (a zip bomb?); save it again, or as CSV"
            )
    return ""


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Read one part to its end, which proves its checksum, and measure it if it is a sheet."""
    scan = _SheetScan()
    parser = scan.parser
    is_xml = True
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            if is_xml:
                is_xml = _feed(parser, chunk, scan, part)
    if is_xml and part.file_size:
        _feed(parser, b"", scan, part, final=True)
    if scan.rectangle > _RECTANGLE_CELLS:
        raise _RefusedError(
            f"a sheet spans {scan.rectangle:,} cells, more than {_RECTANGLE_CELLS:,}; delete what stands far away"
            " from the list, or save it as CSV"
        )
    return scan.blanks


def _feed(
    parser: expat.XMLParserType, chunk: bytes, scan: _SheetScan, part: zipfile.ZipInfo, *, final: bool = False
) -> bool:
    broken = False
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError:
        broken = True
    # pictures are no XML; but what began as XML is judged as XML whatever its name
    if broken and (scan.begun or part.filename.endswith((".xml", ".rels"))):
        raise _RefusedError("the workbook is damaged: a part of it is not well-formed; save it again as XLSX")
    return not broken


class _SheetScan:
    """The rectangle of the filled cells of a sheet, and its blanks."""

    def __init__(self) -> None:
        self.begun = False
        self.blanks = 0
        self._row = 0
        self._column = 0
        self._top = self._left = 1 << 31
        self._bottom = self._right = 0
        self._error = self._formula = self._value = False
        self._in_cell = False
        self._inside = ""
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    @property
    def rectangle(self) -> int:
        return (self._bottom - self._top + 1) * (self._right - self._left + 1) if self._bottom else 0

    def _doctype(self, *_: object) -> None:
        raise _RefusedError(
            "the workbook holds a document type declaration, which no spreadsheet writes; save it again"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.begun = True
        name = name.rpartition(":")[2]
        if name == "c":
            self._in_cell = True
            self._place(attributes.get("r"))
            self._error = attributes.get("t") == "e"
            # a stored empty text is a result
            self._value = attributes.get("t") == "str"
            self._formula = False
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1
            self._column = 0
        elif self._in_cell and name in ("v", "f", "is"):
            self._inside = name
            if name == "f":
                self._formula = True
                self.parser.CharacterDataHandler = self._characters
            self._top, self._bottom = min(self._top, self._row), max(self._bottom, self._row)
            self._left, self._right = min(self._left, self._column), max(self._right, self._column)

    def _end(self, name: str) -> None:
        if self._in_cell and name.rpartition(":")[2] == "c":
            self._in_cell = False
            if self._formula:
                self.parser.CharacterDataHandler = None
            self.blanks += self._error or (self._formula and not self._value)

    def _characters(self, _: str) -> None:
        self._value = self._value or self._inside == "v"

    def _place(self, reference: str | None) -> None:
        """Follow calamine: the reference where there is one, else the cell after the last."""
        self._column += 1
        if not reference:
            return
        letters = reference.rstrip("0123456789")
        digits = reference[len(letters) :]
        if not letters.isascii() or not letters.isalpha() or len(letters) > 3 or not digits or len(digits) > 7:
            raise _RefusedError("the workbook is damaged: a cell has no place that a sheet has; save it again as XLSX")
        column = 0
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
        self._row, self._column = int(digits), column

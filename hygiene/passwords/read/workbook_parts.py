"""What must be known of a workbook's parts before calamine opens it.

calamine lays a sheet out as a full rectangle: two cells, one of them XFD1048576, ask for 512 GiB, and the process is
aborted. So each part is read once here, with bounds on its size, and the rectangle of its cells is measured. On the
way the cells are counted that calamine gives as empty although something stands in them.
"""

from __future__ import annotations

import re
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
    """Read one part to its end, which proves its checksum and that it is well-formed, and measure it if it is a sheet.

    Returns its blanks. Sheets as programs write them need one glance; where that is not enough every cell is followed,
    which takes ten times as long.
    """
    glance = _Glance()
    _parse(archive, part, _Prolog(), glance)
    if not glance.plain or glance.rectangle > _RECTANGLE_CELLS:
        scan = _SheetScan()
        _parse(archive, part, scan, None)
        if scan.rectangle > _RECTANGLE_CELLS:
            raise _RefusedError(
                f"a sheet spans {scan.rectangle:,} cells, more than {_RECTANGLE_CELLS:,}; delete what stands far away"
                " from the list, or save it as CSV"
            )
        return scan.blanks
    return 0


def _parse(archive: zipfile.ZipFile, part: zipfile.ZipInfo, handler: _Prolog, glance: _Glance | None) -> None:
    broken = False
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            broken = broken or not handler.feed(chunk)
            if glance is not None:
                glance.feed(chunk)
    if part.file_size and not broken:
        broken = not handler.feed(b"", final=True)
    # pictures are no XML; but what began as XML is judged as XML whatever its name
    if broken and (handler.begun or part.filename.endswith((".xml", ".rels"))):
        raise _RefusedError("the workbook is damaged: a part of it is not well-formed; save it again as XLSX")


class _Prolog:
    """A parser that only notices whether there is XML at all, and that refuses document types."""

    def __init__(self) -> None:
        self.begun = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes, *, final: bool = False) -> bool:
        """Whether all is well-formed so far."""
        try:
            self.parser.Parse(chunk, final)
        except expat.ExpatError:
            return False
        return True

    def _start(self, _name: str, _attributes: dict[str, str]) -> None:
        self.begun = True
        self.parser.StartElementHandler = None

    def _doctype(self, *_: object) -> None:
        raise _RefusedError(
            "the workbook holds a document type declaration, which no spreadsheet writes; save it again"
        )


class _Glance:
    """Whether a sheet is as programs write it: UTF-8, each cell with its place first, no formula, no error."""

    # formulas too, so that a sheet with one has more of these than plain cells
    _ANY = re.compile(rb"<(?:[^\s<>/:]++:)?[cf][\s>/]")
    _CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
    _ERROR = re.compile(rb"""t\s*+=\s*+["']e["']""")
    _OTHER_ENCODING = re.compile(rb"""encoding\s*+=\s*+["'](?!utf-8["'])""", re.IGNORECASE)

    def __init__(self) -> None:
        self.plain = True
        self._columns: set[bytes] = set()
        self._bottom = 0
        self._rest = b""
        self._first = True

    @property
    def rectangle(self) -> int:
        """At most this many cells: styled cells without a value are counted too."""
        return self._bottom * max(map(_column_number, self._columns), default=0)

    def feed(self, chunk: bytes) -> None:
        if not self.plain:
            return
        if self._first:
            self._first = False
            # UTF-16 has a NUL beside each sign of markup
            self.plain = b"\0" not in chunk[:256] and not self._OTHER_ENCODING.search(chunk[:256])
        data = self._rest + chunk
        cut = data.rfind(b"<")
        # the last tag may be cut; a tag longer than a chunk is nothing that a program writes
        data, self._rest = (data[:cut], data[cut:]) if cut >= 0 else (data, b"")
        cells = self._CELL.findall(data)
        self.plain = (
            self.plain
            and len(cells) == len(self._ANY.findall(data))
            and len(self._rest) <= _CHUNK_BYTES
            and not self._ERROR.search(data)
        )
        self._columns.update(column for column, _ in cells)
        self._bottom = max(self._bottom, max((int(row) for _, row in cells), default=0))


def _column_number(letters: bytes | str) -> int:
    number = 0
    for letter in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + (letter & 0x1F)  # A is 0x41, a is 0x61
    return number


class _SheetScan(_Prolog):
    """The rectangle of the filled cells of a sheet, and its blanks."""

    def __init__(self) -> None:
        super().__init__()
        self.blanks = 0
        self._row = 0
        self._column = 0
        self._top = self._left = 1 << 31
        self._bottom = self._right = 0
        self._error = self._formula = self._value = False
        self._in_cell = False
        self._inside = ""
        self.parser.EndElementHandler = self._end

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
        self._row, self._column = int(digits), _column_number(letters)

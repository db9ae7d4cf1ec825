"""XLSX lists: sheets, headers, cells that are no text, and files that must not be opened."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from hygiene.errors import ListError
from hygiene.passwords.read import open_list
from passwords.workbooks import Sheets, saved, with_part, workbook


def read(path: Path) -> tuple[list[tuple[int, str, str | None]], tuple[str, ...], tuple[str, ...]]:
    with open_list(path) as reader:
        rows = [(entry.row, entry.password, entry.account) for entry in reader]
    return rows, reader.tally.notes(), reader.tally.unread()


MANGLED = "4 rows with a password stored as a number, date or truth value (excel-mangled): what it dropped is lost"


@pytest.mark.parametrize(
    ("sheets", "hidden", "rows", "notes"),
    [
        pytest.param(
            {"Tabelle1": [["Benutzer", "Passwort"], ["hans", " Süß€ "], ["eva", "p2"]]},
            (),
            [(2, " Süß€ ", "hans"), (3, "p2", "eva")],
            ("sheet 'Tabelle1': header in row 1, 2 passwords",),
            id="plain",
        ),
        pytest.param(
            {
                "T": [
                    ["Passwörter"],
                    [],
                    ["Stand:", "heute"],
                    [None, "Benutzer", "Kennwort"],
                    [None, "hans", "p1"],
                    [],
                    [None, "eva", "p2"],
                ]
            },
            (),
            [(5, "p1", "hans"), (7, "p2", "eva")],
            ("sheet 'T': header in row 4, 2 passwords",),
            id="header below titles, an empty row and an empty column",
        ),
        pytest.param(
            {"T": [[], [], [None, "user", "password"], [None, "hans", "p1"]]},
            (),
            [(4, "p1", "hans")],
            ("sheet 'T': header in row 3, 1 passwords",),
            id="rows count from the top of the sheet, not of what is filled",
        ),
        pytest.param(
            {"A": [["user", "password"], ["a", "p1"]], "B": [["pw"], ["p2"]], "Info": [["Farbe", "Form"]], "Leer": []},
            ("B",),
            [(2, "p1", "a"), (2, "p2", None)],
            (
                "sheet 'A': header in row 1, 1 passwords",
                "sheet 'B' is hidden; it was read",
                "sheet 'B': header in row 1, 1 passwords",
                "sheet 'Info' has no password column; not read",
            ),
            id="all sheets, hidden ones too",
        ),
        pytest.param(
            {
                "T": [
                    ["user", "password"],
                    ["a", 123456],
                    ["b", 12.5],
                    ["c", True],
                    ["d", datetime.date(2024, 1, 2)],
                    ["e", "007"],
                ]
            },
            (),
            [(2, "123456", "a"), (3, "12.5", "b"), (4, "TRUE", "c"), (5, "2024-01-02", "d"), (6, "007", "e")],
            (
                MANGLED,
                "sheet 'T': header in row 1, 5 passwords",
            ),
            id="cells that Excel turned into something else",
        ),
        pytest.param(
            {"T": [["user", "password", "x"], ["a", None, "y"], ["b", "siehe KeePass", "y"], ["c", "two\nlines", "y"]]},
            (),
            [(4, "two\nlines", "c")],
            (
                "1 row without a password (cell or line empty or blank)",
                "1 row with a placeholder where a password should be",
                "1 row with a password that spans several lines",
                "sheet 'T': header in row 1, 1 passwords",
            ),
            id="what is no password is counted",
        ),
    ],
)
def test_sheets(
    tmp_path: Path, sheets: Sheets, hidden: tuple[str, ...], rows: list[object], notes: tuple[str, ...]
) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(sheets, hidden))
    assert read(path) == (rows, notes, ())


@pytest.mark.parametrize(
    ("rows", "doubted"),
    [
        pytest.param([["Zugang", "Code"], ["root", "p1"]], True, id="a table whose names are not known"),
        pytest.param([["Zq8canary"], ["p2"]], True, id="words below each other may be passwords"),
        pytest.param([["Bitte nicht", None], [], ["weitergeben an Dritte"]], False, id="lines of text"),
        pytest.param([["Stand:", "heute"], ["nur intern"]], False, id="one row of two cells"),
        pytest.param([["ein Satz"]] * 40, True, id="more rows than are looked at"),
    ],
)
def test_a_sheet_without_a_password_column(tmp_path: Path, rows: list[list[object]], doubted: bool) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook({"T": [["password"], ["p1"]], "U": rows}))
    remark = "sheet 'U' has no password column; not read"
    doubt = (
        "1 sheet without a password column, not read ('U'): if there are passwords in it, name their column in the"
        " policy's [passwords.NAME]"
    )
    header = "sheet 'T': header in row 1, 1 passwords"
    expected = ((header,), (doubt,)) if doubted else ((header, remark), ())
    assert read(path) == ([(2, "p1", None)], *expected)


def test_content_decides_before_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(workbook({"T": [["password"], ["p1"]]}))
    assert read(path)[0] == [(2, "p1", None)]


def test_a_column_in_doubt_is_named_as_the_sheet_names_it(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook({"T": [[None, None, "password", "Passwort gültig bis"], [None, None, "p1", "2024"]]}))
    found = read(path)
    assert found[0] == [(2, "p1", None)]
    assert found[2] == (
        (
            "sheet 'T': column D speaks of passwords in its header; not read as one: if it is, name it in the policy's"
            " [passwords.NAME]"
        ),
    )


@pytest.mark.parametrize(
    ("cells", "blanks"),
    [
        pytest.param(("=1+1", "p2"), "1 cell", id="a formula that was never calculated"),
        pytest.param(("#N/A", "p2"), "1 cell", id="an error"),
        pytest.param(("=1+1", "#N/A"), "2 cells", id="both"),
    ],
)
def test_errors_and_formulas_without_a_result_are_in_doubt(tmp_path: Path, cells: tuple[str, str], blanks: str) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["user", "password"], ["a", cells[0]], ["b", cells[1]], ["c", "p3"]):
        sheet.append(row)
    path = tmp_path / "list.xlsx"
    path.write_bytes(saved(book))
    rows, _, unread = read(path)
    text = "with an error or with a formula without a stored result, read as empty"
    assert rows == [*([(3, "p2", "b")] if cells[1] == "p2" else []), (4, "p3", "c")]
    assert unread == (f"{blanks} {text}; open the workbook, calculate it and save it",)


def test_a_formula_with_a_stored_result_is_read(tmp_path: Path) -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="str"><f>B%d</f><v>%s</v></c></row>' % (n, n, n, text)
        for n, text in enumerate((b"password", b"p1", b""), 1)
    )
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )
    path = tmp_path / "list.xlsx"
    path.write_bytes(with_part(workbook({"T": []}), "xl/worksheets/sheet1.xml", sheet))
    found = read(path)
    assert (found[0], found[2]) == ([(2, "p1", None)], ())


def far_cell() -> bytes:
    book = Workbook()
    book.active["A1"] = "password"
    book.active["XFD1048576"] = "x"
    return saved(book)


def flipped() -> bytes:
    data = bytearray(workbook({"T": [["password"], ["p1"]]}))
    at = data.index(b"xl/worksheets/sheet1.xml") + 60
    data[at] ^= 0xFF
    return bytes(data)


GOOD = workbook({"T": [["password"], ["p1"]]})
SHEET = "xl/worksheets/sheet1.xml"
DAMAGED = "the workbook is damaged or cut; copy it again, or save it again as XLSX"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: GOOD[: len(GOOD) // 2], DAMAGED, id="cut"),
        pytest.param(flipped, DAMAGED, id="one byte flipped"),
        pytest.param(lambda: b"PK\x03\x04" + b"x" * 99, DAMAGED, id="only begins like a zip"),
        pytest.param(
            lambda: with_part(GOOD, SHEET, b"<worksheet><sheetData>"),
            "the workbook is damaged: a part of it is not well-formed; save it again as XLSX",
            id="a sheet that stops",
        ),
        pytest.param(
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "the workbook is encrypted; open it with its password, save it without one, and remove the copy after",
            id="encrypted",
        ),
        pytest.param(
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le"),
            "the old Excel workbook is damaged, or larger than what can be read; save it again as XLSX",
            id="only begins like an xls",
        ),
        pytest.param(
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "an encrypted or old Office file; save it as XLSX without a password, and remove the copy after",
            id="some compound file",
        ),
        pytest.param(
            far_cell,
            "a sheet spans 17,179,869,184 cells, more than 20,000,000; delete what stands far away from the list,"
            " or save it as CSV",
            id="a cell at the far corner would ask calamine for 512 GiB",
        ),
        pytest.param(
            lambda: with_part(GOOD, SHEET, b"<worksheet>" + b" " * 12_000_000 + b"</worksheet>"),
            "a part of the workbook unpacks to far more than a list needs (a zip bomb?); save it again, or as CSV",
            id="zip bomb",
        ),
        pytest.param(
            lambda: with_part(GOOD, SHEET, b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
            "the workbook holds a document type declaration, which no spreadsheet writes; save it again",
            id="entities",
        ),
        pytest.param(
            lambda: with_part(GOOD, SHEET, b'<worksheet><row r="1"><c r="AAAA1"><v>1</v></c></row></worksheet>'),
            "the workbook is damaged: a cell has no place that a sheet has; save it again as XLSX",
            id="a cell outside of any sheet",
        ),
        pytest.param(
            lambda: workbook({"Liste": [["Benutzer", "Ort", "Farbe"], ["a", "b", "c"]], "B": [["root", "hunter2"]]}),
            "no password column; expected a column named like Passwort, Kennwort or password (beside Benutzer/user,"
            " System/host, Kunde/tenant); sheet 'Liste': found the columns Benutzer, Ort and 1 more;"
            " sheet 'B': found no column names that are known; name the column",
            id="no sheet has a password column",
        ),
        pytest.param(
            lambda: workbook({"T": []}),
            "no password column; expected a column named like Passwort, Kennwort or password (beside Benutzer/user,"
            " System/host, Kunde/tenant); no sheet has a filled cell; name the column",
            id="empty workbook",
        ),
    ],
)
def test_refused(tmp_path: Path, make: Callable[[], bytes], message: str) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(make())
    with pytest.raises(ListError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"


FAR = '<row r="1"><c r="A1"><v>1</v></c></row>{}<row><c r="XFD1048576"><v>2</v></c></row>'
GAP = "<!-- " + "x" * 300_000 + " -->"


def sheet_xml(rows: str) -> bytes:
    return f'<worksheet xmlns="urn:x"><sheetData>{rows}</sheetData></worksheet>'.encode()


# the far cell begins 4 bytes before the end of the first 256 KiB
PAD = "x" * ((1 << 18) - 4 - sheet_xml(FAR.format("")).index(b'<c r="XFD'))


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(sheet_xml(FAR.format("")), id="as programs write it"),
        pytest.param(sheet_xml(FAR.format("").replace('r="XFD', 's="1" r="XFD')), id="another attribute first"),
        pytest.param(sheet_xml(FAR.format("").replace('"', "'")), id="single quotes"),
        pytest.param(sheet_xml(FAR.format("").replace("<c r=", "<c\n r=")), id="a line feed in the tag"),
        pytest.param(sheet_xml(FAR.format(GAP)), id="far apart in the file"),
        pytest.param(sheet_xml(FAR.format(PAD)), id="a tag across the chunks that are read"),
        pytest.param(sheet_xml(FAR.format("").replace("XFD", "xfd")), id="small letters"),
        pytest.param(sheet_xml(FAR.format("").replace("XFD", "&#88;FD")), id="a letter by its number"),
        pytest.param(
            re.sub(rb"<(/?)", rb"<\1x:", sheet_xml(FAR.format(""))).replace(b"xmlns", b"xmlns:x"),
            id="names with a prefix",
        ),
        pytest.param(sheet_xml(FAR.format("")).decode().encode("utf-16"), id="utf-16"),
        pytest.param(
            sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 20 + "</row>"),
            id="cells without a place",
        ),
    ],
)
def test_a_far_cell_is_found_however_it_is_written(tmp_path: Path, sheet: bytes) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(with_part(GOOD, SHEET, sheet))
    with pytest.raises(ListError, match=r"a sheet spans [0-9,]{10,} cells, more than 20,000,000"):
        read(path)


def test_a_far_cell_that_is_only_styled_is_no_harm(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"], book.active["A2"] = "password", "p1"
    book.active["XFD1048576"].number_format = "0.00"
    path = tmp_path / "list.xlsx"
    path.write_bytes(saved(book))
    assert read(path)[0] == [(2, "p1", None)]

"""XLSX lists: sheets, headers, cells that are no text, and files that must not be opened."""

from __future__ import annotations

import datetime
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


def test_content_decides_before_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(workbook({"T": [["password"], ["p1"]]}))
    assert read(path)[0] == [(2, "p1", None)]


def test_a_column_in_doubt_is_named_as_the_sheet_names_it(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook({"T": [[None, None, "password", "Passwort gültig bis"], [None, None, "p1", "2024"]]}))
    found = read(path)
    assert found[0] == [(2, "p1", None)]
    assert found[2] == ("sheet 'T': column D speaks of passwords in its header; not read as one",)


BLANKS = (
    "2 cells with an error or with a formula without a stored result, read as empty;"
    " open the workbook, calculate it and save it"
)


def test_errors_and_formulas_without_a_result_are_in_doubt(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (["user", "password"], ["a", "=1+1"], ["b", "#N/A"], ["c", "p3"]):
        sheet.append(row)
    path = tmp_path / "list.xlsx"
    path.write_bytes(saved(book))
    assert read(path) == (
        [(4, "p3", "c")],
        ("2 rows without a password (cell or line empty or blank)", "sheet 'Sheet': header in row 1, 1 passwords"),
        (BLANKS,),
    )


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
            "an old Excel workbook (XLS), which this version does not read; save it as XLSX",
            id="xls",
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

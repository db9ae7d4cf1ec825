"""XLS and ODS lists: sheets, cells that are no text, and files that end the process which opens them."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import HashLine
from passwords.spreadsheets import ods, ods_rows, xls

Row = tuple[int | str | None, ...]


def read(path: Path) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    """Rows as (sheet, row, password, account); notes; what was not read."""
    rows: list[Row] = []
    with open_list(path) as reader:
        for entry in reader:
            assert not isinstance(entry, HashLine)
            rows.append((entry.sheet, entry.row, entry.password, entry.account))
    return rows, reader.tally.notes(), reader.tally.unread()


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


TABLE = [
    ["Zugänge"],
    [],
    [None, "Benutzer", "Kennwort"],
    [None, "hans", " Süß€  "],
    [None, "eva", 123456],
    [],
    [None, "ute", "p3"],
]
BLANKS = (
    "2 cells with an error or with a formula without a stored result, read as empty; open the workbook, calculate it"
    " and save it"
)
MANGLED = "{} with a password stored as a number, date or truth value (excel-mangled): what it dropped is lost"
FOUND = [("T", 4, " Süß€  ", "hans"), ("T", 5, "123456", "eva"), ("T", 7, "p3", "ute")]
NOTES = (
    MANGLED.format("1 row"),
    "sheet 'T': header in row 3, 3 passwords",
    "sheet 'H' is hidden; it was read",
    "sheet 'H': header in row 1, 1 passwords",
)
UNREAD = (
    (
        "1 sheet without a password column, not read ('I'): if there are passwords in it, name their column in the"
        " policy's [passwords.NAME]"
    ),
)


def test_xls(tmp_path: Path) -> None:
    data = xls({"T": TABLE, "H": [["pw"], ["p4"]], "I": [["Farbe", "Form"], ["a", "b"]]}, hidden=("H",))
    assert read(saved(tmp_path, "list.xls", data)) == ([*FOUND, ("H", 2, "p4", None)], NOTES, UNREAD)


def test_ods(tmp_path: Path) -> None:
    rows = ods_rows(*TABLE) + ods_rows([], repeated=1_000_000)
    data = ods({"T": rows, "H": ods_rows(["pw"], ["p4"]), "I": ods_rows(["Farbe", "Form"], ["a", "b"])})
    assert read(saved(tmp_path, "list.csv", data)) == ([*FOUND, ("H", 2, "p4", None)], NOTES, UNREAD)


def test_repeated_rows_are_counted_as_they_are_shown(tmp_path: Path) -> None:
    rows = ods_rows(["user", "password"]) + ods_rows([], repeated=3) + ods_rows(["a", "p1"], repeated=2)
    found = read(saved(tmp_path, "list.ods", ods({"T": rows + ods_rows(["b", "p2"])})))
    assert found[0] == [("T", 5, "p1", "a"), ("T", 6, "p1", "a"), ("T", 7, "p2", "b")]


def test_errors_and_formulas_of_an_ods_are_in_doubt(tmp_path: Path) -> None:
    error = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value=""'
        ' calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    rows = ods_rows(["user", "password"], ["a", error], ["b", formula], ["c", "p1"])
    found = read(saved(tmp_path, "list.ods", ods({"T": rows})))
    assert (found[0], found[2]) == (
        [("T", 4, "p1", "c")],
        (BLANKS,),
    )


GOOD_XLS = xls({"T": TABLE})
GOOD_ODS = ods({"T": ods_rows(*TABLE)})
LOCKED = "the workbook is encrypted; open it with its password, save it without one, and remove the copy after"
OLD = "the old Excel workbook is damaged, or larger than what can be read; save it again as XLSX"
DAMAGED = "the workbook is damaged or cut; copy it again, or save it again as XLSX"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: xls({"T": TABLE}, locked=True), LOCKED, id="xls encrypted"),
        pytest.param(lambda: GOOD_XLS[:1600], OLD, id="xls cut"),
        pytest.param(
            lambda: GOOD_XLS[:512] + b"\xff" * 512 + GOOD_XLS[1024:], OLD, id="xls without a table of sectors"
        ),
        pytest.param(lambda: GOOD_ODS[:-30], DAMAGED, id="ods cut"),
        pytest.param(lambda: ods({}, content="<a>"), DAMAGED, id="ods torn"),
        pytest.param(
            lambda: ods({}, content='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), DAMAGED, id="ods with an entity"
        ),
        pytest.param(lambda: ods({}, manifest="<m><manifest:encryption-data/></m>"), LOCKED, id="ods encrypted"),
        pytest.param(
            lambda: ods({}, content="<a>" + " " * 20_000_000 + "</a>"),
            "a part of the workbook unpacks to far more than a list needs (a zip bomb?); save it again, or as CSV",
            id="ods as a zip bomb",
        ),
        pytest.param(
            lambda: ods({"T": ods_rows(["password"]) + ods_rows(["p"] * 100, repeated=1_000_000_000)}),
            "the OpenDocument sheet is damaged, or larger than what can be read; save it again as XLSX",
            id="ods with a row that is repeated a milliard times",
        ),
        pytest.param(
            lambda: xls({"T": [["user", "host"], ["a", "b"]]}),
            "no password column; expected a column named like Passwort, Kennwort or password (beside Benutzer/user,"
            " System/host, Kunde/tenant); sheet 'T': found the columns user, host; name the column",
            id="no password column",
        ),
    ],
)
def test_refused(tmp_path: Path, make: Callable[[], bytes], message: str) -> None:
    path = saved(tmp_path, "list.xls", make())
    with pytest.raises(ListError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(150))
def test_damaged_workbooks_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(rng.choice((GOOD_XLS, GOOD_ODS)))
    for _ in range(rng.choice((1, 3, 20))):
        data[rng.randrange(len(data))] = rng.choice((0, 255, rng.randrange(256)))
    path = saved(tmp_path, "list", bytes(data[: rng.choice((len(data), rng.randrange(len(data))))]) or b"x")
    with contextlib.suppress(ListError):
        read(path)


def test_xls_of_xlwt(tmp_path: Path) -> None:
    xlwt = pytest.importorskip("xlwt", reason="pip install xlwt: a program that writes XLS")
    book = xlwt.Workbook()
    for name, rows in {"T": TABLE, "H": [["pw"], ["p4"]]}.items():
        sheet = book.add_sheet(name)
        sheet.visibility = name == "H"
        for y, cells in enumerate(rows):
            for x, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(y, x, cell)
    out = io.BytesIO()
    book.save(out)
    assert read(saved(tmp_path, "list.xls", out.getvalue())) == ([*FOUND, ("H", 2, "p4", None)], NOTES, ())


def test_ods_of_odfpy(tmp_path: Path) -> None:
    opendocument = pytest.importorskip("odf.opendocument", reason="pip install odfpy: a program that writes ODS")
    from odf.table import Table, TableCell, TableRow  # type: ignore[import-not-found]
    from odf.text import P  # type: ignore[import-not-found]

    book = opendocument.OpenDocumentSpreadsheet()
    table = Table(name="T")
    for cells in [["user", "password"], ["a", "p1"], ["b", 7]]:
        row = TableRow()
        for cell in cells:
            kind = {"valuetype": "string"} if isinstance(cell, str) else {"valuetype": "float", "value": cell}
            box = TableCell(**kind)
            box.addElement(P(text=str(cell)))
            row.addElement(box)
        table.addElement(row)
    book.spreadsheet.addElement(table)
    book.save(str(tmp_path / "list.ods"))
    assert read(tmp_path / "list.ods") == (
        [("T", 2, "p1", "a"), ("T", 3, "7", "b")],
        (MANGLED.format("1 row"), "sheet 'T': header in row 1, 2 passwords"),
        (),
    )

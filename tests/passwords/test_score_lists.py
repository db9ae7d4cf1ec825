"""Lists in, scored entries out: whole records, groups over lists, and memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.model import PasswordEntry, PasswordList, Truth
from hygiene.passwords.entries import ScoredEntries
from hygiene.passwords.lists import ListInfo, PasswordAudit, Progress, score_lists
from hygiene.passwords.read.exposure import Exposure
from hygiene.passwords.score.judgement import Judgement, Mark
from passwords.workbooks import workbook

STRONG = "xK9#mP2$vL5qR8wT"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_whole_records(tmp_path: Path) -> None:
    csv = write(
        tmp_path,
        "kunden.csv",
        "Benutzer;Kennwort;System;Kunde\n"
        f"root;{STRONG};web1;Nord GmbH\n"
        "hans;Sommer2024!;web2;Nord GmbH\n"
        "eva;stadtwerke77;vpn;Stadtwerke Süd\n"
        f"root;{STRONG};web3;\n"
        "x;13.09.1987;y;z\n",
    )
    book = tmp_path / "alt.xlsx"
    book.write_bytes(workbook({"T": [["Login", "Passwort"], ["root", STRONG], ["root", "Sommer2024!"], ["r", "pass"]]}))
    for path in (csv, book):
        path.chmod(0o600)
    private = Exposure("0600")
    audit = score_lists([csv, book], processes=1)

    def entry(
        name: str, row: int, account: str, system: str | None, tenant: str | None, *rest: object
    ) -> PasswordEntry:
        return PasswordEntry(name, row, account, system, tenant, *rest)

    assert list(audit.entries) == [
        entry("kunden.csv", 2, "root", "web1", "Nord GmbH", "15+", 4, 4, 1, 3, ("reused",)),
        entry("kunden.csv", 3, "hans", "web2", "Nord GmbH", "8-11", 3, 1, 2, 2, ("short", "common", "reused")),
        entry("kunden.csv", 4, "eva", "vpn", "Stadtwerke Süd", None, 4, 1, None, 1, ("short", "common", "context")),
        entry("kunden.csv", 5, "root", "web3", None, "15+", 4, 4, 1, 3, ("reused",)),
        entry("kunden.csv", 6, "x", "y", "z", "8-11", 1, 1, None, 1, ("short", "pattern")),
        entry("alt.xlsx", 2, "root", None, None, "15+", 4, 4, 1, 3, ("reused",), "T"),
        entry("alt.xlsx", 3, "root", None, None, "8-11", 3, 1, 2, 2, ("short", "common", "reused"), "T"),
        entry("alt.xlsx", 4, "r", None, None, "<8", 0, 0, None, 1, ("short", "common"), "T"),
    ]
    assert audit.lists == (
        ListInfo("kunden.csv", str(csv), "CSV", 6, 5, "utf-8", (), (), exposure=private),
        ListInfo(
            "alt.xlsx",
            str(book),
            "XLSX",
            4,
            3,
            None,
            ("sheet 'T': header in row 1, 3 passwords",),
            (),
            exposure=private,
            encryptable=True,
        ),
    )
    assert audit.lists[1].record() == PasswordList(
        *("alt.xlsx", str(book), "XLSX", 4, 3, 0, None, "0600", None, Truth.NO), encryptable=True
    )
    assert audit.failed == 0
    assert audit.entries[-1] == audit.entries[7]
    assert audit.entries[1:3] == (audit.entries[1], audit.entries[2])
    assert repr(audit.entries) == "ScoredEntries(8)"


@pytest.mark.parametrize(
    ("first", "second", "grouped"),
    [
        pytest.param("Größe123", "Größe123", True, id="equal"),
        pytest.param("Größe123", "größe123", False, id="case"),
        pytest.param("Größe123", "Größe123 ", False, id="a blank at the end"),
        pytest.param(
            "Gr\u00f6\u00dfe123", "Gro\u0308\u00dfe123", False, id="equal only after NFC: other bytes on the wire"
        ),
        pytest.param("a" * 250 + "x", "a" * 250 + "y", False, id="different after what is scored"),
    ],
)
def test_grouping(tmp_path: Path, first: str, second: str, grouped: bool) -> None:
    audit = score_lists([write(tmp_path, "a.txt", first + "\n"), write(tmp_path, "b.txt", second)], processes=1)
    expected = [(1, 2), (1, 2)] if grouped else [(None, 1), (None, 1)]
    assert [(entry.group_id, entry.group_size) for entry in audit.entries] == expected


def test_context_is_judged_for_each_entry(tmp_path: Path) -> None:
    """One password on two accounts: scored once without context, and lowered only where the context is its own."""
    path = write(tmp_path, "l.csv", "user;password\nlindenhof;Lindenhof#7\nroot;Lindenhof#7\nLindenhof;Lindenhof#7\n")
    audit = score_lists([path], processes=1)
    assert [(entry.zxcvbn_score, entry.score, "context" in entry.reasons) for entry in audit.entries] == [
        (3, 1, True),
        (3, 3, False),
        (3, 1, True),
    ]


def test_names_of_lists(tmp_path: Path) -> None:
    paths = [write(tmp_path, name, "Abc\n") for name in ("x/list.txt", "y/list.txt", "other.txt")]
    audit = score_lists([*paths, paths[2], tmp_path / "x" / ".." / "other.txt"], processes=1)
    assert [entry.list for entry in audit.entries] == [str(paths[0]), str(paths[1]), "other.txt"]
    assert [info.name for info in audit.lists] == [str(paths[0]), str(paths[1]), "other.txt"]


def test_what_the_reference_broke_on_is_counted() -> None:
    entries = ScoredEntries()
    entries.begin_list("l")
    for judged in (Judgement(0, 0, Mark.FAILED), Judgement(3, 3, Mark(0))):
        slot = entries.new_slot(0)
        entries.set_judgement(slot, judged)
        entries.add(slot + 1, (None, None, None), slot, None)
        entries.add(slot + 2, (None, None, None), slot, None)
    entries.number_groups()
    assert entries.failed == 2


def test_no_lists() -> None:
    audit = score_lists([])
    assert (list(audit.entries), audit.lists) == ([], ())


def test_similar_ones_and_defaults_are_marked_by_entry(tmp_path: Path) -> None:
    rows = ("root;Zwiebelturm-2023;db1", "mb;Zwiebelturm-2024;db2", "cisco;cisco;rt", "im;wimple+Jacht%quer;x")
    path = write(tmp_path, "l.csv", "\n".join(("user;password;host", *rows, "")))
    audit = score_lists([path], processes=1)
    assert [(one.row, one.length_band, one.reasons) for one in audit.entries] == [
        (2, "15+", ("similar",)),
        (3, "15+", ("similar",)),
        (4, None, ("short", "common", "context", "default")),
        (5, "15+", ()),
    ]
    assert [(one.similar_id, one.similar_size, one.similar_by) for one in audit.entries] == [
        (1, 2, ("ending",)),
        (1, 2, ("ending",)),
        (None, 1, ()),
        (None, 1, ()),
    ]


def test_one_bad_list_ends_the_run(tmp_path: Path) -> None:
    good = write(tmp_path, "a.txt", "Abc\n" * 3)
    with pytest.raises(ListError, match=r"b\.csv: no password column"):
        score_lists([good, write(tmp_path, "b.csv", "user;host\na;b\n")], processes=1)


def test_progress(tmp_path: Path) -> None:
    path = write(tmp_path, "l.txt", "".join(f"pass{n % 1500}\n" for n in range(25_000)))
    told: list[Progress] = []
    score_lists([path], told.append, processes=2)
    assert told == sorted(told, key=lambda one: (one.entries, one.scored))
    assert told[-1] == Progress(25_000, 1500, 1500)
    assert len(told) > 3


def audit_in_traced_memory(path: Path) -> tuple[PasswordAudit, int, int]:
    tracemalloc.start()
    try:
        audit = score_lists([path], processes=2)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return audit, held, peak


def test_memory_of_a_long_list(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as out:
        out.write("user;password;host;kunde\n")
        out.writelines(f"user{n % 900};pass{n % 700:>12};host{n % 800};Kunde {n % 80}\n" for n in range(30_000))
    few = tmp_path / "few.csv"
    few.write_text("user;password\nroot;Sommer2023!\n")
    audit_in_traced_memory(few)  # words that everybody uses are read once
    audit, held, peak = audit_in_traced_memory(path)
    assert (len(audit.entries), audit.entries[29_999].row, audit.entries[0].group_size) == (30_000, 30_001, 43)
    # numbers and shared names: about 50 bytes an entry; as records they would take 9 MB
    assert held < 3_000_000
    # while it runs, 13 digests for each password of a user: that search ends at 500,000 of them
    assert peak < 20_000_000

from __future__ import annotations

from dataclasses import replace

import pytest
from hygiene_checks.password_list_exposed import PasswordListExposed
from scenarios import Found, ask

from hygiene.testing.planting import findings, rows_of


def found(severity: str, name: str, message: str, place: str) -> Found:
    return Found(severity, "high", f"list {name}", message, {"files": 1}, 1, (place,))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param("", [], id="its owner alone reads it"),
        pytest.param(
            "readable_by=everybody mode=0644 entries=1234",
            [
                found(
                    "high",
                    "a.csv",
                    "a.csv (CSV) can be read by everybody: 1,234 passwords in plain",
                    "a.csv a.csv CSV 0644 everybody 1234 0",
                )
            ],
            id="everybody reads it",
        ),
        pytest.param(
            "readable_by='group staff, user eva' mode=0660 format=XLSX encryptable=yes path=/srv/a.csv",
            [
                found(
                    "high",
                    "a.csv",
                    "a.csv (XLSX) can be read by group staff, user eva: 1 password in plain, though XLSX has "
                    "encryption",
                    "a.csv /srv/a.csv XLSX 0660 group staff, user eva 1 0",
                )
            ],
            id="some read it, and it could be encrypted",
        ),
        pytest.param(
            "format=ODS encryptable=yes hashes=2",
            [
                found(
                    "medium",
                    "a.csv",
                    "a.csv holds 1 password and 2 hashes in plain, though ODS has encryption",
                    "a.csv a.csv ODS 0600 1 2",
                )
            ],
            id="it could be encrypted",
        ),
        pytest.param(
            "format=shadow readable_by=everybody mode=0644 entries=0 hashes=1",
            [
                found(
                    "high",
                    "a.csv",
                    "a.csv (shadow) can be read by everybody: 1 hash in plain",
                    "a.csv a.csv shadow 0644 everybody 0 1",
                )
            ],
            id="hashes",
        ),
        pytest.param("entries=0 readable_by=everybody", [], id="nothing is in it"),
        pytest.param("encrypted=yes encryptable=yes readable_by=everybody", [], id="a vault may lie on a share"),
    ],
)
def test_findings(values: str, expected: list[Found]) -> None:
    assert ask(PasswordListExposed(), f"password_lists: list=a.csv {values}") == expected


def test_a_pipe_is_no_file_to_be_read() -> None:
    row = "password_lists: list=63 format=XLSX encryptable=yes"
    assert ask(PasswordListExposed(), row.replace("format", "mode=0600 format")) != []
    rows = rows_of(row)
    assert findings(PasswordListExposed(), [replace(rows[0], mode=None)]) == []

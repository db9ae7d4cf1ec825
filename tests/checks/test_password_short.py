from __future__ import annotations

import pytest
from hygiene_checks.password_short import PasswordShort
from scenarios import Found, ask

LONG = "password_entries: list=a.csv row={100..109} length_band=15+\n"


def found(severity: str, message: str, entries: int, *first: str) -> list[Found]:
    return [Found(severity, "high", "list a.csv", message, {"entries": entries}, entries, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param(LONG, [], id="all are long"),
        pytest.param(
            LONG + "password_entries: list=a.csv row={2..3} account=anna length_band=12-14",
            found(
                "medium",
                "2 of 12 entries are shorter than 15 characters",
                2,
                "a.csv 2 anna 12-14",
                "a.csv 3 anna 12-14",
            ),
            id="below the minimum of a password alone",
        ),
        pytest.param(
            LONG
            + """
            password_entries: list=a.csv row=4 account=anna system=db1 tenant=acme length_band=<8
            password_entries: list=a.csv row=3 account=bert length_band=8-11
            password_entries: list=a.csv row=2 length_band=12-14
            """,
            found(
                "high",
                "1 of 13 entries is shorter than 8 characters, 2 more shorter than 15",
                3,
                "a.csv 2 12-14",
                "a.csv 3 bert 8-11",
            ),
            id="every band",
        ),
        pytest.param(
            "password_entries: list=a.csv row={2..1300} length_band=<8",
            found(
                "high",
                "1,299 of 1,299 entries are shorter than 8 characters",
                1299,
                "a.csv 2 <8",
                "a.csv 3 <8",
            ),
            id="thousands have separators",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordShort(), rows) == expected


def test_each_list_is_a_finding() -> None:
    rows = "password_entries: list=list{1..2}.csv length_band=<8"

    assert [f.subject for f in ask(PasswordShort(), rows)] == ["list list1.csv", "list list2.csv"]


@pytest.mark.parametrize(
    ("check", "severity"),
    [
        pytest.param(PasswordShort(), ["medium"], id="default"),
        pytest.param(PasswordShort(high=12), ["high"], id="a stricter policy"),
        pytest.param(PasswordShort(medium=8), [], id="a laxer policy"),
    ],
)
def test_thresholds(check: PasswordShort, severity: list[str]) -> None:
    assert [f.severity for f in ask(check, "password_entries: list=a.csv length_band=8-11")] == severity

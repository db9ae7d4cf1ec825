from __future__ import annotations

import pytest
from hygiene_checks.password_weak import PasswordWeak
from scenarios import Found, ask

STRONG = "password_entries: list=a.csv row={100..109} score=3\n"


def found(severity: str, message: str, entries: int, *first: str) -> list[Found]:
    return [Found(severity, "high", "list a.csv", message, {"entries": entries}, entries, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param(STRONG, [], id="all are strong"),
        pytest.param(
            STRONG + "password_entries: list=a.csv row=2 account=anna score=2",
            found("medium", "1 of 11 entries is weak (score up to 2 of 4)", 1, "a.csv 2 anna 2 []"),
            id="weak",
        ),
        pytest.param(
            STRONG
            + """
            password_entries: list=a.csv row=2 account=anna score=2
            password_entries: list=a.csv row=3 account=bert score=2
            password_entries: list=a.csv row=4 account=carl system=db1 tenant=acme score=1 reasons=common,short
            password_entries: list=a.csv row=5 zxcvbn_score=4 score=0 reasons=context
            """,
            found(
                "high",
                "2 of 14 entries are easy to guess (score up to 1 of 4), 2 more are weak (score up to 2)",
                4,
                "a.csv 5 0 ['context']",
                "a.csv 4 carl db1 acme 1 ['common', 'short']",
            ),
            id="our score counts, not zxcvbn's; the worst come first",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordWeak(), rows) == expected


@pytest.mark.parametrize(
    ("check", "severity"),
    [
        pytest.param(PasswordWeak(), ["medium"], id="default"),
        pytest.param(PasswordWeak(high=2), ["high"], id="a stricter policy"),
        pytest.param(PasswordWeak(medium=1), [], id="a laxer policy"),
        pytest.param(PasswordWeak(high=2, medium=1), ["high"], id="the larger threshold finds, if alone"),
    ],
)
def test_thresholds(check: PasswordWeak, severity: list[str]) -> None:
    assert [f.severity for f in ask(check, "password_entries: list=a.csv score=2")] == severity

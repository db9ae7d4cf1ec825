from __future__ import annotations

import pytest
from hygiene_checks.password_from_context import PasswordFromContext
from scenarios import Found, ask


def found(name: str, entries: int, message: str, *first: str) -> Found:
    return Found("high", "high", f"list {name}", message, {"entries": entries}, entries, first)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param("password_entries: list=a.csv row={2..9} account=a{2..9}", [], id="none of them"),
        pytest.param(
            "password_entries: list=a.csv row=2 reasons=short,common,pattern,default,reused,similar,breached",
            [],
            id="other reasons are other checks'",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row={5..9} account=a{5..9}
            password_entries: list=a.csv row=4 account=root system=db1 tenant=acme reasons=short,context
            """,
            [
                found(
                    "a.csv",
                    1,
                    "1 of 6 entries is made of the user, system, customer or company",
                    "a.csv 4 root db1 acme",
                )
            ],
            id="among other reasons; where it stands",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row={2..1235} account=root reasons=context
            password_entries: list=b.csv row=3 reasons=context
            password_entries: list=c.csv row=2
            """,
            [
                found(
                    "a.csv",
                    1234,
                    "1,234 of 1,234 entries are made of the user, system, customer or company",
                    "a.csv 2 root",
                    "a.csv 3 root",
                ),
                found("b.csv", 1, "1 of 1 entry is made of the user, system, customer or company", "b.csv 3"),
            ],
            id="each list is a finding; thousands have separators",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordFromContext(), rows) == expected

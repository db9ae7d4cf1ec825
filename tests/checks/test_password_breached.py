from __future__ import annotations

import pytest
from hygiene_checks.password_breached import PasswordBreached
from scenarios import Found, ask

LOOKUP = "breach_lookups: source=pwned.txt\n"


def found(name: str, entries: int, message: str, *first: str) -> Found:
    return Found("high", "high", f"list {name}", message, {"entries": entries}, entries, first)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param("password_entries: list=a.csv row={2..9} account=a{2..9} breached=no", [], id="none of them"),
        pytest.param(
            "password_entries: list=a.csv row=2 breached=no "
            "reasons=short,common,pattern,context,default,reused,similar",
            [],
            id="other reasons are other checks'",
        ),
        pytest.param("password_entries: list=a.csv row={2..9} breached=unknown", [], id="not answered: only a gap"),
        pytest.param("password_entries: list=a.csv row={2..9}", [], id="not looked up"),
        pytest.param(
            """
            password_entries: list=a.csv row={5..9} account=a{5..9} breached=no
            password_entries: list=a.csv row=4 account=root system=db1 tenant=acme reasons=short,breached breached=yes
            """,
            [found("a.csv", 1, "1 of 6 entries is known from a breach", "a.csv 4 root db1 acme")],
            id="among other reasons; where it stands",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row={2..4} breached=no
            password_entries: list=a.csv row={5..1238} breached=unknown
            password_entries: list=a.csv row={1239..1240} account=root breached=yes
            password_entries: list=b.csv row=2 breached=unknown
            """,
            [
                found(
                    "a.csv",
                    2,
                    "2 of 1,239 entries are known from a breach, and 1,234 more could not be looked up",
                    "a.csv 1239 root",
                    "a.csv 1240 root",
                )
            ],
            id="what was not answered is told beside",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row={2..1235} account=root breached=yes
            password_entries: list=b.csv row=3 breached=yes
            password_entries: list=c.csv row=2 breached=no
            """,
            [
                found("a.csv", 1234, "1,234 of 1,234 entries are known from a breach", "a.csv 2 root", "a.csv 3 root"),
                found("b.csv", 1, "1 of 1 entry is known from a breach", "b.csv 3"),
            ],
            id="each list is a finding; thousands have separators",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordBreached(), LOOKUP + rows) == expected

from __future__ import annotations

import pytest
from hygiene_checks.password_reused import PasswordReused
from scenarios import Found, ask


def found(name: str, entries: int, total: int, largest: int, *first: str) -> Found:
    of_total = f"{entries} of {total} {'entry shares' if total == 1 else 'entries share'}"
    message = f"{of_total} a password with another account or system; the largest group has {largest} entries"
    return Found(
        "high", "high", f"list {name}", message, {"entries": entries, "largest_group": largest}, entries, first
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param("password_entries: list=a.csv row={2..9} account=a{2..9}", [], id="all differ"),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=root system=db1 group_id=1 group_size=2
            password_entries: list=a.csv row=3 account=root system=db2 group_id=1 group_size=2
            password_entries: list=a.csv row={4..6} account=a{4..6} system=db1 group_id=2 group_size=3
            password_entries: list=a.csv row=7 account=root system=db7
            """,
            [found("a.csv", 5, 6, 3, "a.csv 4 a4 db1 2 3", "a.csv 5 a5 db1 2 3")],
            id="other systems, other accounts; the largest group first",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=root system=db1 tenant=acme group_id=1 group_size=2
            password_entries: list=a.csv row=3 account=root system=db1 tenant=bravo group_id=1 group_size=2
            """,
            [found("a.csv", 2, 2, 2, "a.csv 2 root db1 acme 1 2", "a.csv 3 root db1 bravo 1 2")],
            id="the same names at another tenant are another system",
        ),
        pytest.param(
            "password_entries: list=a.kdbx row={2..4} account=root system=db1 group_id=1 group_size=3",
            [],
            id="older versions of one entry are no reuse",
        ),
        pytest.param(
            "password_entries: list=a.txt row={1..3} group_id=1 group_size=3",
            [found("a.txt", 3, 3, 3, "a.txt 1 1 3", "a.txt 2 1 3")],
            id="entries without account and system are things of their own",
        ),
        pytest.param(
            "password_entries: list=a.csv row={2..3} account=anna group_id=1 group_size=2",
            [found("a.csv", 2, 2, 2, "a.csv 2 anna 1 2", "a.csv 3 anna 1 2")],
            id="one account without system may be on two",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=root system=db1 group_id=1 group_size=2
            password_entries: list=b.csv row=2 account=root system=db2 group_id=1 group_size=2
            """,
            [found("a.csv", 1, 1, 2, "a.csv 2 root db1 1 2"), found("b.csv", 1, 1, 2, "b.csv 2 root db2 1 2")],
            id="two lists share a password",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=root system=db1 group_id=1 group_size=2
            password_entries: list=b.csv row=2 account=root system=db1 group_id=1 group_size=2
            """,
            [],
            id="two lists tell of one entry",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordReused(), rows) == expected

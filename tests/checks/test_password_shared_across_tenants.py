from __future__ import annotations

import pytest
from hygiene_checks.password_shared_across_tenants import PasswordSharedAcrossTenants
from scenarios import Found, ask


def found(name: str, tenants: int, places: int, message: str, *first: str) -> Found:
    return Found("critical", "high", f"list {name}", message, {"tenants": tenants}, places, first)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param("password_entries: list=a.csv row={2..9} tenant=t{2..9}", [], id="all differ"),
        pytest.param(
            "password_entries: list=a.csv row={2..4} account=a{2..4} tenant=acme group_id=1 group_size=3",
            [],
            id="one tenant may be reuse, it is not shared",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=root tenant=acme group_id=1 group_size=3
            password_entries: list=a.csv row={3..4} account=root group_id=1 group_size=3
            """,
            [],
            id="entries without a tenant are of none",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=root system=db1 tenant=bravo group_id=1 group_size=4
            password_entries: list=a.csv row={3..4} account=root system=db{3..4} tenant=acme group_id=1 group_size=4
            password_entries: list=a.csv row=5 account=root group_id=1 group_size=4
            password_entries: list=a.csv row=6 account=root tenant=corp
            """,
            [
                found(
                    *("a.csv", 2, 3, "1 password is shared by 2 tenants"),
                    *("a.csv 3 root db3 acme 1 2", "a.csv 4 root db4 acme 1 2"),
                )
            ],
            id="two tenants, and who belongs to none is no place",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row=2 account=x tenant=acme group_id=1 group_size=2
            password_entries: list=a.csv row=3 account=x tenant=bravo group_id=1 group_size=2
            password_entries: list=a.csv row={4..6} account=y tenant=t{4..6} group_id=2 group_size=3
            """,
            [
                found(
                    *("a.csv", 5, 5, "2 passwords are shared by 5 tenants, one of them by 3"),
                    *("a.csv 4 y t4 2 3", "a.csv 5 y t5 2 3"),
                )
            ],
            id="two passwords; the one of most tenants first",
        ),
        pytest.param(
            """
            password_entries: list=acme.csv row=2 account=root tenant=acme group_id=1 group_size=2
            password_entries: list=bravo.csv row=3 account=root tenant=bravo group_id=1 group_size=2
            password_entries: list=corp.csv row=3 account=root tenant=corp
            """,
            [
                found("acme.csv", 2, 1, "1 password is shared by 2 tenants", "acme.csv 2 root acme 1 2"),
                found("bravo.csv", 2, 1, "1 password is shared by 2 tenants", "bravo.csv 3 root bravo 1 2"),
            ],
            id="a list for each tenant: both are told",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordSharedAcrossTenants(), rows) == expected

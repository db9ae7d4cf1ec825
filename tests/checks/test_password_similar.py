from __future__ import annotations

import pytest
from hygiene_checks.password_similar import PasswordSimilar
from scenarios import Found, ask


def found(name: str, entries: int, message: str, *first: str) -> Found:
    return Found("medium", "high", f"list {name}", message, {"entries": entries}, entries, first)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no list"),
        pytest.param("password_entries: list=a.csv row={2..9} account=a{2..9}", [], id="none of them"),
        pytest.param(
            "password_entries: list=a.csv row=2 reasons=short,common,pattern,context,default,reused,breached",
            [],
            id="other reasons are other checks'",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row={5..9} account=a{5..9}
            password_entries: list=a.csv row=4 account=root system=db1 tenant=acme similar_id=3 similar_size=2
                similar_by=case,ending
            """,
            [
                found(
                    "a.csv",
                    1,
                    "1 of 6 entries is like another password: the same word, written or ended otherwise; the largest "
                    "cluster has 2 entries",
                    "a.csv 4 root db1 acme 3 2 case, ending",
                )
            ],
            id="where it stands, and how it differs from one in another list",
        ),
        pytest.param(
            """
            password_entries: list=a.csv row={2..4} account=root similar_id=1 similar_size=3
            password_entries: list=a.csv row={5..1235} account=root similar_id=2 similar_size=1232
            password_entries: list=b.csv row=3 similar_id=2 similar_size=1232
            """,
            [
                found(
                    "a.csv",
                    1234,
                    "1,234 of 1,234 entries are like another password: the same word, written or ended otherwise; the "
                    "largest cluster has 1,232 entries",
                    "a.csv 5 root 2 1232 ",
                    "a.csv 6 root 2 1232 ",
                ),
                found(
                    "b.csv",
                    1,
                    "1 of 1 entry is like another password: the same word, written or ended otherwise; the largest "
                    "cluster has 1,232 entries",
                    "b.csv 3 2 1232 ",
                ),
            ],
            id="each list is a finding; the largest cluster first; thousands have separators",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordSimilar(), rows) == expected

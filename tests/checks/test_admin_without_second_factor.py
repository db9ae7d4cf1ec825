from __future__ import annotations

import pytest
from hygiene_checks.admin_without_second_factor import AdminWithoutSecondFactor
from scenarios import Found, ask

STRONG = "identities: source=a.csv user=admin{100..109} admin=yes second_factor=strong methods=fido2\n"


def found(message: str, people: int, *first: str, confidence: str = "high") -> list[Found]:
    return [Found("critical", confidence, "source a.csv", message, {"people": people}, people, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no export"),
        pytest.param(STRONG, [], id="all have one"),
        pytest.param(
            STRONG + "identities: source=a.csv user=admin1 admin=yes second_factor=none",
            found("1 of 11 administrators has no second factor", 1, "a.csv admin1 True "),
            id="one without, in words for one",
        ),
        pytest.param(
            STRONG + "identities: source=a.csv user=admin{1..1001} admin=yes second_factor=none enabled=unknown",
            found(
                "1,001 of 1,011 administrators have no second factor",
                1001,
                "a.csv admin1 ",
                "a.csv admin10 ",
                confidence="medium",
            ),
            id="thousands have separators; whether they are enabled is not said",
        ),
        pytest.param(
            "identities: source=a.csv user=user1 admin=yes second_factor=none enabled=no\n"
            "identities: source=a.csv user=user2 second_factor=none\n"
            "identities: source=a.csv user=user3 admin=unknown second_factor=none\n"
            "identities: source=a.csv user=user4 admin=yes second_factor=unknown\n"
            "identities: source=a.csv user=user5 admin=yes second_factor=phishable methods=sms",
            [],
            id="disabled, no administrator, perhaps none, unknown, phishable: none is for this check",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(AdminWithoutSecondFactor(), rows) == expected


def test_each_export_is_a_finding() -> None:
    rows = "identities: source=list{1..2}.csv user=user1 admin=yes second_factor=none"

    assert [f.subject for f in ask(AdminWithoutSecondFactor(), rows)] == ["source list1.csv", "source list2.csv"]

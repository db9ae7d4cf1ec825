from __future__ import annotations

import pytest
from hygiene_checks.identity_without_second_factor import IdentityWithoutSecondFactor
from scenarios import Found, ask

STRONG = "identities: source=a.csv user=user{100..109} second_factor=strong methods=totp\n"


def found(message: str, people: int, *first: str) -> list[Found]:
    return [Found("high", "high", "source a.csv", message, {"people": people}, people, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no export"),
        pytest.param(STRONG, [], id="all have one"),
        pytest.param(
            STRONG + "identities: source=a.csv user=user1 second_factor=none methods=security-questions",
            found("1 of 11 people has no second factor", 1, "a.csv user1 True security-questions"),
            id="one without, in words for one",
        ),
        pytest.param(
            STRONG + "identities: source=a.csv user=user{1..2000} second_factor=none",
            found("2,000 of 2,010 people have no second factor", 2000, "a.csv user1 True ", "a.csv user10 True "),
            id="thousands have separators, places an order",
        ),
        pytest.param(
            "identities: source=a.csv user=user1 second_factor=none enabled=no\n"
            "identities: source=a.csv user=user2 second_factor=none admin=yes\n"
            "identities: source=a.csv user=user3 second_factor=unknown\n"
            "identities: source=a.csv user=user4 second_factor=phishable methods=sms",
            [],
            id="disabled, an administrator, unknown, phishable: none is for this check",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(IdentityWithoutSecondFactor(), rows) == expected


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            "identities: source=a.csv user=user1 second_factor=none admin=unknown",
            "1 of 1 person has no second factor; the export does not say who is an administrator",
            id="it says so of nobody",
        ),
        pytest.param(
            "identities: source=a.csv user=user1 second_factor=none admin=unknown\n"
            "identities: source=a.csv user=user2 second_factor=none",
            "2 of 2 people have no second factor; the export does not say for 1 of them who is an administrator",
            id="it says so of some",
        ),
    ],
)
def test_who_may_be_an_administrator_counts_here(rows: str, message: str) -> None:
    assert [finding.message for finding in ask(IdentityWithoutSecondFactor(), rows)] == [message]


@pytest.mark.parametrize(
    ("rows", "confidence"),
    [
        pytest.param("identities: source=a.csv user=user1 second_factor=none enabled=unknown", "medium", id="of none"),
        pytest.param(
            "identities: source=a.csv user=user1 second_factor=none enabled=unknown\n"
            "identities: source=a.csv user=user2 second_factor=none",
            "high",
            id="of some",
        ),
    ],
)
def test_confidence_says_whether_accounts_are_known_to_be_enabled(rows: str, confidence: str) -> None:
    assert [finding.confidence for finding in ask(IdentityWithoutSecondFactor(), rows)] == [confidence]


def test_each_export_is_a_finding() -> None:
    rows = "identities: source=list{1..2}.csv user=user1 second_factor=none"

    assert [f.subject for f in ask(IdentityWithoutSecondFactor(), rows)] == ["source list1.csv", "source list2.csv"]

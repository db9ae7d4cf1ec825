from __future__ import annotations

import pytest
from hygiene_checks.phishable_second_factor import PhishableSecondFactor
from scenarios import Found, ask

STRONG = "identities: source=a.csv user=user{100..109} second_factor=strong methods=totp\n"


def found(message: str, people: int, *first: str, confidence: str = "high") -> list[Found]:
    return [Found("medium", confidence, "source a.csv", message, {"people": people}, people, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("hosts: host=web1", [], id="no export"),
        pytest.param(STRONG, [], id="strong ones, codes of an app too"),
        pytest.param(
            STRONG + "identities: source=a.csv user=user1 second_factor=phishable methods=sms,totp",
            found("1 of 11 people can sign in with a code by SMS, voice or mail", 1, "a.csv user1 False True sms totp"),
            id="SMS can be chosen",
        ),
        pytest.param(
            "identities: source=a.csv user=user{1..1200} second_factor=phishable methods=voice enabled=unknown\n"
            "identities: source=a.csv user=who second_factor=phishable methods=email admin=unknown enabled=unknown\n"
            "identities: source=a.csv user=zed second_factor=phishable methods=email admin=yes enabled=unknown",
            found(
                "1,202 of 1,202 people can sign in with a code by SMS, voice or mail, 1 administrator among them",
                1202,
                "a.csv zed True email",
                "a.csv user1 False voice",
                confidence="medium",
            ),
            id="administrators first; whether they are enabled is not said",
        ),
        pytest.param(
            "identities: source=a.csv user=user1 second_factor=phishable methods=sms enabled=no\n"
            "identities: source=a.csv user=user2 second_factor=none\n"
            "identities: source=a.csv user=user3 second_factor=unknown",
            [],
            id="disabled, none, unknown: none is for this check",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PhishableSecondFactor(), rows) == expected


def test_each_export_is_a_finding() -> None:
    rows = "identities: source=list{1..2}.csv user=user1 second_factor=phishable methods=sms"

    assert [f.subject for f in ask(PhishableSecondFactor(), rows)] == ["source list1.csv", "source list2.csv"]

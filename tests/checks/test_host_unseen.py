from __future__ import annotations

import pytest
from hygiene_checks.host_unseen import HostUnseen
from scenarios import Found, ask


def found(message: str, hosts: int, *first: str) -> list[Found]:
    return [Found("low", "high", "fleet fleet", message, {"hosts": hosts}, hosts, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("hosts: host=web{1..3}", [], id="all were seen"),
        pytest.param(
            """
            hosts: host=web{1..1001}
            hosts: host=dead1 tenant=acme status=unreachable stage=connect reason=timeout
            hosts: host=dead2 status=unreachable stage=connect reason=timeout
            hosts: host=shut status=refused stage=login reason=denied
            hosts: host=late status=skipped stage=connect reason=deadline
            hosts: host=half status=partial stage=done reason="no sudo"
            """,
            found(
                "5 of 1,006 hosts were not seen as a whole: 2 unreachable, 1 refused, 1 skipped, 1 partial",
                5,
                "dead1 acme dead1 unreachable connect timeout",
                "dead2 dead2 unreachable connect timeout",
            ),
            id="every way not to be seen",
        ),
        pytest.param(
            "hosts: host=half status=partial reason=sudo",
            found("1 of 1 host was not seen as a whole: 1 partial", 1, "half half partial done sudo"),
            id="one",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(HostUnseen(), rows) == expected

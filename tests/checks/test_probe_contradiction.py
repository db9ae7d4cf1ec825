from __future__ import annotations

import pytest
from hygiene_checks.probe_contradiction import ProbeContradiction
from scenarios import Found, ask

ASKED = "probes: host=web1 account=root"


def found(words: str, *places: str) -> list[Found]:
    message = f"sshd of web1 contradicts what was read there about root: {words}"
    measure = {"contradictions": len(places)}
    return [Found("high", "high", "host web1", message, measure, len(places), places[:2])]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody was asked"),
        pytest.param(f"{ASKED} what=SHA256:a\n{ASKED} what=SHA256:b expected=no observed=no", [], id="as expected"),
        pytest.param(
            f"{ASKED} what=SHA256:a expected=unknown\n{ASKED} what=SHA256:b expected=unknown observed=no",
            [],
            id="what was not known cannot be contradicted",
        ),
        pytest.param(
            f"{ASKED} what=SHA256:a expected=no",
            found(
                "1 key is accepted that should be refused",
                "web1 sshd root SHA256:a no yes a signature was asked for",
            ),
            id="a dead key that is alive",
        ),
        pytest.param(
            f"hosts: host=web1 tenant=acme\n{ASKED} what=SHA256:{{1..2}} observed=no detail=refused",
            found(
                "2 keys are refused that should be accepted",
                "web1 acme sshd root SHA256:1 yes no refused",
                "web1 acme sshd root SHA256:2 yes no refused",
            ),
            id="keys that are not taken",
        ),
        pytest.param(
            f"""
            {ASKED} what=password expected=no detail=offered
            {ASKED} what=keyboard-interactive expected=no detail=offered
            {ASKED} what=publickey observed=no detail="not offered"
            """,
            found(
                "keyboard-interactive is offered though it is off, password is offered though it is off, "
                "publickey is not offered though it is on",
                "web1 sshd root keyboard-interactive no yes offered",
                "web1 sshd root password no yes offered",
                "web1 sshd root publickey yes no not offered",
            ),
            id="methods",
        ),
        pytest.param(
            f'{ASKED} what=none expected=no detail="the account was open"',
            found("it is open to whoever names it", "web1 sshd root none no yes the account was open"),
            id="no credential at all",
        ),
        pytest.param(
            f"{ASKED} what=SHA256:a expected=no\n{ASKED} what=SHA256:b\nprobes: host=web2 what=SHA256:b",
            found(
                "1 key is accepted that should be refused",
                "web1 sshd root SHA256:a no yes a signature was asked for",
            ),
            id="other answers and hosts are in order",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(ProbeContradiction(), rows) == expected


def test_each_host_is_a_subject() -> None:
    rows = "probes: host=web{1..2} what=SHA256:a expected=no"
    assert [each.subject for each in ask(ProbeContradiction(), rows)] == ["host web1", "host web2"]

from __future__ import annotations

import pytest
from hygiene_checks.probe_contradiction import ProbeContradiction
from scenarios import Found, ask

ASKED = "probes: host=web1 account=root"
BEHIND = f"{ASKED} after=SHA256:scan"


def found(words: str, *places: str, total: int | None = None) -> list[Found]:
    message = f"sshd of web1 contradicts what was read there about root: {words}"
    total = len(places) if total is None else total
    return [Found("high", "high", "host web1", message, {"contradictions": total}, total, places[:2])]


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
            f"{BEHIND} what=SHA256:scan\n{BEHIND} what=login expected=no detail=entered",
            found(
                "the scan's own key enters alone though more should be asked for",
                "web1 sshd root login no yes entered SHA256:scan",
            ),
            id="our key is enough",
        ),
        pytest.param(
            f"{BEHIND} what=SHA256:scan observed=no\n{BEHIND} what=login observed=no",
            found(
                "the scan's own key is refused that should be taken",
                "web1 sshd root SHA256:scan yes no a signature was asked for SHA256:scan",
                "web1 sshd root login yes no a signature was asked for SHA256:scan",
            ),
            id="our key is refused: said once",
        ),
        pytest.param(
            f"{BEHIND} what=SHA256:scan expected=no\n{BEHIND} what=login expected=unknown",
            found(
                "the scan's own key is taken that should be refused",
                "web1 sshd root SHA256:scan no yes a signature was asked for SHA256:scan",
            ),
            id="our key is taken",
        ),
        pytest.param(
            f"""
            {BEHIND} what=login observed=no detail=more
            {BEHIND} what=password expected=no detail=offered
            {BEHIND} what=keyboard-interactive observed=no detail=gone
            {ASKED} what=SHA256:scan observed=no detail=refused
            """,
            found(
                "1 key is refused that should be accepted, password is asked for behind a key though it should not be, "
                "the scan's own key does not enter alone though it should, "
                "keyboard-interactive is not asked for behind a key though it should be",
                "web1 sshd root SHA256:scan yes no refused",
                "web1 sshd root keyboard-interactive yes no gone SHA256:scan",
                total=4,
            ),
            id="what stands behind our key",
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

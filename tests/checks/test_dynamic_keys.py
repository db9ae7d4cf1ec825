from __future__ import annotations

import pytest
from hygiene_checks.dynamic_keys import DynamicKeys
from scenarios import Found, ask

SSS = "sshd authorizedkeyscommand * /usr/bin/sss_ssh_authorizedkeys nobody"


def found(severity: str, confidence: str, message: str, sources: int, total: int, *places: str) -> Found:
    return Found(severity, confidence, "host web1", message, {"sources": sources}, total, places)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("hosts: host=web1", [], id="files alone name keys"),
        pytest.param(
            """
            hosts: host=web1 tenant=acme
            dynamic_sources: host=web1
            """,
            [
                found(
                    "low",
                    "high",
                    "web1 takes keys or principals from 1 program, so that they cannot be listed",
                    1,
                    1,
                    f"web1 acme {SSS} yes",
                )
            ],
            id="keys from a directory",
        ),
        pytest.param(
            """
            dynamic_sources: host=web1 scope={1..3}
            dynamic_sources: host=web1 daemon=other
            dynamic_sources: host=web1 keyword=authorizedprincipalscommand
            """,
            [
                found(
                    "low",
                    "high",
                    "web1 takes keys or principals from 2 programs, so that they cannot be listed",
                    2,
                    5,
                    "web1 other authorizedkeyscommand * /usr/bin/sss_ssh_authorizedkeys nobody yes",
                    "web1 sshd authorizedkeyscommand 1 /usr/bin/sss_ssh_authorizedkeys nobody yes",
                )
            ],
            id="a program counts once for all scopes and daemons, and once for keys and for principals",
        ),
        pytest.param(
            'dynamic_sources: host=web1 fault="writable by the group deploy"',
            [
                found(
                    "high",
                    "high",
                    "web1 takes keys or principals from 1 program, so that they cannot be listed; "
                    "others could change 1 of them",
                    1,
                    1,
                    f"web1 {SSS} writable by the group deploy yes",
                )
            ],
            id="others could change a program that sshd runs",
        ),
        pytest.param(
            'dynamic_sources: host=web1 fault="writable by everybody" works=unknown',
            [
                found(
                    "high",
                    "medium",
                    "web1 takes keys or principals from 1 program (1 of them not proven), so that they cannot be "
                    "listed; others could change 1 of them (1 of them not proven)",
                    1,
                    1,
                    f"web1 {SSS} writable by everybody unknown",
                )
            ],
            id="whether sshd runs it is not known: it counts, and confidence drops",
        ),
        pytest.param(
            """
            dynamic_sources: host=web1
            dynamic_sources: host=web1 program=/opt/keys fault="writable by everybody" works=unknown
            """,
            [
                found(
                    "high",
                    "medium",
                    "web1 takes keys or principals from 2 programs (1 of them not proven), so that they cannot be "
                    "listed; others could change 1 of them (1 of them not proven)",
                    2,
                    2,
                    "web1 sshd authorizedkeyscommand * /opt/keys nobody writable by everybody unknown",
                    f"web1 {SSS} yes",
                )
            ],
            id="a proven program beside it does not prove the one that decides the severity",
        ),
        pytest.param(
            "dynamic_sources: host=web1 works=unknown",
            [
                found(
                    "low",
                    "medium",
                    "web1 takes keys or principals from 1 program (1 of them not proven), "
                    "so that they cannot be listed",
                    1,
                    1,
                    f"web1 {SSS} unknown",
                )
            ],
            id="only an unknown one",
        ),
        pytest.param(
            'dynamic_sources: host=web1 fault="writable by everybody" works=no',
            [
                found(
                    "low",
                    "high",
                    "web1 names 1 program for keys or principals that sshd refuses to run",
                    1,
                    1,
                    f"web1 {SSS} writable by everybody no",
                )
            ],
            id="what sshd refuses to run gives no keys, whoever could change it",
        ),
        pytest.param(
            """
            dynamic_sources: host=web1
            dynamic_sources: host=web1 program=/opt/keys fault="writable by everybody" works=no
            """,
            [
                found(
                    "low",
                    "high",
                    "web1 takes keys or principals from 1 program, so that they cannot be listed; "
                    "sshd refuses to run 1 more",
                    2,
                    2,
                    "web1 sshd authorizedkeyscommand * /opt/keys nobody writable by everybody no",
                    f"web1 {SSS} yes",
                )
            ],
            id="a refused one is told beside",
        ),
        pytest.param(
            """
            dynamic_sources: host=web1 daemon=a works=no fault="not there"
            dynamic_sources: host=web1 daemon=b
            """,
            [
                found(
                    "low",
                    "high",
                    "web1 takes keys or principals from 1 program, so that they cannot be listed",
                    1,
                    2,
                    "web1 a authorizedkeyscommand * /usr/bin/sss_ssh_authorizedkeys nobody not there no",
                    "web1 b authorizedkeyscommand * /usr/bin/sss_ssh_authorizedkeys nobody yes",
                )
            ],
            id="one daemon of two runs it, and the fault belongs to the other",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(DynamicKeys(), rows) == expected


def test_each_host_is_a_finding_of_its_own() -> None:
    assert [one.subject for one in ask(DynamicKeys(), "dynamic_sources: host=web{1..2}")] == ["host web1", "host web2"]

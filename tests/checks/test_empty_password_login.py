from __future__ import annotations

import pytest
from hygiene_checks.empty_password_login import EmptyPasswordLogin
from scenarios import Found, ask

ACCOUNTS = """
hosts: host=web1 tenant=acme
accounts: host=web1 account=root uid=0 root_by=uid0 password_state=empty
accounts: host=web1 account=guest root_by=none password_state=empty
accounts: host=web1 account=carl root_by=unknown password_state=empty
"""


def found(severity: str, message: str, accounts: int, *first: str) -> list[Found]:
    return [Found(severity, "high", "host web1", message, {"accounts": accounts}, accounts, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty password that nothing takes is no way in"),
        pytest.param(
            "login_paths: host=web1 account=guest methods=none kinds= factors=0",
            found("high", "web1 lets 1 account in with nothing at all", 1, "web1 acme guest sshd * none"),
            id="a guest",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=guest methods=none kinds= factors=0
            login_paths: host=web1 account=root methods=none kinds= factors=0
            """,
            found(
                "critical",
                "web1 lets 2 accounts in with nothing at all, 1 of them root",
                2,
                "web1 acme guest sshd * none",
                "web1 acme root sshd * none",
            ),
            id="root",
        ),
        pytest.param(
            "login_paths: host=web1 account=carl methods=none kinds= factors=0",
            found(
                "high",
                "web1 lets 1 account in with nothing at all, 1 of them perhaps root by sudo (not proven)",
                1,
                "web1 acme carl sshd * none",
            ),
            id="root rights that are not known are said",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=guest kinds= verdict=unknown
            login_paths: host=web1 account=root methods=password kinds=password
            login_paths: host=web1 account=carl methods=password kinds= factors=0
              condition='the server of pam_duo cannot be reached'
            """,
            [],
            id="what is not understood, a password, and what depends on a server are something else",
        ),
        pytest.param(
            "login_paths: host=web1 account=guest methods=keyboard-interactive kinds= factors=0",
            found(
                "high", "web1 lets 1 account in with nothing at all", 1, "web1 acme guest sshd * keyboard-interactive"
            ),
            id="a stack that lets everybody pass",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(EmptyPasswordLogin(), ACCOUNTS + rows) == expected

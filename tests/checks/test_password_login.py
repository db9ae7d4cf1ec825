from __future__ import annotations

import pytest
from hygiene_checks.password_login import PasswordLogin
from scenarios import Found, ask

ACCOUNTS = """
hosts: host=web1 tenant=acme
accounts: host=web1 account=root uid=0 root_by=uid0
accounts: host=web1 account=adm root_by=sudo
accounts: host=web1 account=anna root_by=none
accounts: host=web1 account=bert root_by=none
accounts: host=web1 account=carl root_by=unknown
"""
ANNA = "login_paths: host=web1 account=anna methods=password kinds=password\n"


def found(severity: str, message: str, accounts: int, places: int, *first: str) -> list[Found]:
    return [Found(severity, "high", "host web1", message, {"accounts": accounts}, places, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody gets in"),
        pytest.param(
            ANNA
            + "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password\n"
            + "login_paths: host=web1 account=bert methods=password kinds=password via=/bin/menu",
            found(
                "high",
                "web1 lets 2 accounts in with a password alone",
                2,
                3,
                "web1 acme anna sshd * keyboard-interactive",
                "web1 acme anna sshd * password",
            ),
            id="accounts are counted, not paths; a forced command is a way in",
        ),
        pytest.param(
            ANNA + "login_paths: host=web1 account=root methods=password kinds=password",
            found(
                "critical",
                "web1 lets 2 accounts in with a password alone, 1 of them root",
                2,
                2,
                "web1 acme anna sshd * password",
                "web1 acme root sshd * password",
            ),
            id="root",
        ),
        pytest.param(
            "login_paths: host=web1 account=adm methods=password kinds=password",
            found(
                "critical",
                "web1 lets 1 account in with a password alone, 1 of them root",
                1,
                1,
                "web1 acme adm sshd * password",
            ),
            id="everything as root without a password is root",
        ),
        pytest.param(
            "login_paths: host=web1 account=carl methods=password kinds=password",
            found(
                "high",
                "web1 lets 1 account in with a password alone, 1 of them perhaps root by sudo (not proven)",
                1,
                1,
                "web1 acme carl sshd * password",
            ),
            id="root rights that are not known are said",
        ),
        pytest.param(
            "login_paths: host=web1 account=remote methods=password kinds=password",
            found(
                "high",
                "web1 lets 1 account in with a password alone, 1 of them perhaps root by sudo (not proven)",
                1,
                1,
                "web1 acme remote sshd * password",
            ),
            id="an account that the host does not list",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=anna methods=publickey kinds=key
            login_paths: host=web1 account=anna methods=publickey,password kinds=key,password factors=2 verdict=two
            login_paths: host=web1 account=bert kinds= factors=0
            login_paths: host=web1 account=carl methods=password kinds=password verdict=unknown
            login_paths: host=web1 account=carl methods=password kinds=password
              condition='the server of pam_duo cannot be reached'
            """,
            [],
            id="keys, two factors, nothing at all, what is not understood and conditions are not a password alone",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PasswordLogin(), ACCOUNTS + rows) == expected


def test_each_host_is_a_finding() -> None:
    rows = "login_paths: host=web{1..2} account=anna methods=password kinds=password"

    assert [f.subject for f in ask(PasswordLogin(), rows)] == ["host web1", "host web2"]

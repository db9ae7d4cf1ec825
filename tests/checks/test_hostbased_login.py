from __future__ import annotations

import pytest
from hygiene_checks.hostbased_login import HostbasedLogin
from scenarios import Found, ask

PATH = "login_paths: host=node1 methods=hostbased kinds=host"
ACCOUNTS = """
hosts: host=node1 tenant=acme
accounts: host=node1 account=root root_by=uid0
accounts: host=node1 account=anna root_by=none
accounts: host=node1 account=ops root_by=sudo
accounts: host=node1 account=eve root_by=unknown
"""


def found(severity: str, accounts: int, words: str, *places: str) -> list[Found]:
    noun = "account" if accounts == 1 else "accounts"
    message = f"node1 lets {accounts} {noun} in on the word of another host{words}"
    return [Found(severity, "high", "host node1", message, {"accounts": accounts}, len(places), places[:2])]


ANNA = "node1 acme anna sshd * hostbased"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody"),
        pytest.param(f"{PATH} account=anna", found("medium", 1, "", ANNA), id="one account"),
        pytest.param(
            f"{PATH} account=anna reason='peer vouches'", found("medium", 1, "", f"{ANNA} peer vouches"), id="by whom"
        ),
        pytest.param(
            f"{PATH} account=root\n{PATH} account=anna",
            found("high", 2, ", 1 of them root", ANNA, "node1 acme root sshd * hostbased"),
            id="root among them",
        ),
        pytest.param(
            f"{PATH} account=ops",
            found("high", 1, ", 1 of them root", "node1 acme ops sshd * hostbased"),
            id="root by sudo",
        ),
        pytest.param(
            f"{PATH} account=eve",
            found("medium", 1, ", 1 of them perhaps root by sudo (not proven)", "node1 acme eve sshd * hostbased"),
            id="perhaps root",
        ),
        pytest.param(
            f"{PATH} account=anna\n{PATH} account=anna daemon=b",
            found("medium", 1, "", "node1 acme anna b * hostbased", ANNA),
            id="daemons do not count twice",
        ),
        pytest.param(f"{PATH} account=anna verdict=unknown", [], id="not known"),
        pytest.param(f"{PATH} account=anna condition='a server is away'", [], id="under a condition"),
        pytest.param(
            "login_paths: host=node1 account=anna methods=publickey,hostbased kinds=host,key factors=2 verdict=two",
            [],
            id="with a key",
        ),
        pytest.param("login_paths: host=node1 account=anna kinds=ticket", [], id="a ticket is another matter"),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(HostbasedLogin(), ACCOUNTS + rows) == expected

from __future__ import annotations

import pytest
from hygiene_checks.second_factor_not_enrolled import SecondFactorNotEnrolled
from scenarios import Found, ask

HOST = "hosts: host=web1 tenant=acme\n"
TOKEN = "tokens: host=web1 account=anna enrolled=no passes_without=yes detail=nullok\n"
PASSWORD = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password\n"
PLACE = "web1 acme anna sshd * keyboard-interactive pam_google_authenticator /etc/pam.d/sshd:4 nullok"


def found(message: str, accounts: int, places: int, *first: str) -> list[Found]:
    return [Found("high", "high", "host web1", message, {"accounts": accounts}, places, first)]


ANNA = found("web1 asks 1 account for no token: pam_google_authenticator lets pass who has none", 1, 1, PLACE)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="no stack asks for a token"),
        pytest.param(TOKEN + PASSWORD, ANNA, id="a password alone, since there is no token"),
        pytest.param(TOKEN, [], id="nobody can enter the account"),
        pytest.param(
            "tokens: host=web1 account=anna\n" + PASSWORD, [], id="a token that is there, and a stack that is wrong"
        ),
        pytest.param(
            "tokens: host=web1 account=anna enrolled=no passes_without=unknown\n" + PASSWORD,
            [],
            id="not known whether the module lets pass",
        ),
        pytest.param(
            TOKEN + "login_paths: host=web1 account=anna methods=publickey kinds=key",
            [],
            id="a key asks no PAM auth stage",
        ),
        pytest.param(
            TOKEN + "login_paths: host=web1 account=anna methods=gssapi-with-mic kinds=ticket",
            [],
            id="neither does a ticket",
        ),
        pytest.param(
            TOKEN + "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 "
            "verdict=two",
            [],
            id="another module of the stack asks for a code",
        ),
        pytest.param(
            TOKEN + "login_paths: host=web1 account=anna methods=keyboard-interactive kinds= verdict=unknown",
            [],
            id="what is not understood",
        ),
        pytest.param(
            TOKEN + PASSWORD.strip() + " condition='the server of pam_duo cannot be reached'",
            [],
            id="open only while a server is away",
        ),
        pytest.param(TOKEN + PASSWORD.strip() + " daemon=sshd2", [], id="the other daemon has another stack"),
        pytest.param(
            TOKEN + "login_paths: host=web1 account=anna methods='publickey,password publickey,keyboard-interactive' "
            "kinds=key,password factors=2 verdict=two",
            found(
                "web1 asks 1 account for no token: pam_google_authenticator lets pass who has none",
                1,
                1,
                "web1 acme anna sshd * publickey,password publickey,keyboard-interactive pam_google_authenticator "
                "/etc/pam.d/sshd:4 nullok",
            ),
            id="one less than meant, if two remain",
        ),
        pytest.param(
            TOKEN + "login_paths: host=web1 account=anna methods=none kinds= factors=0",
            found(
                "web1 asks 1 account for no token: pam_google_authenticator lets pass who has none",
                1,
                1,
                "web1 acme anna sshd * none pam_google_authenticator /etc/pam.d/sshd:4 nullok",
            ),
            id="with an empty password it is open",
        ),
        pytest.param(
            TOKEN
            + PASSWORD
            + PASSWORD.strip()
            + """ source=10.0.0.0/8
            tokens: host=web1 account=bert enrolled=no passes_without=yes module=pam_u2f form=key
            login_paths: host=web1 account=bert methods=password kinds=password
            """,
            found(
                "web1 asks 2 accounts for no token: pam_google_authenticator, pam_u2f let pass who has none",
                2,
                3,
                PLACE,
                PLACE.replace("*", "10.0.0.0/8"),
            ),
            id="accounts are counted, not paths; modules are named",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(SecondFactorNotEnrolled(), HOST + rows) == expected

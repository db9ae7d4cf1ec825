from __future__ import annotations

import pytest
from hygiene_checks.second_factor_fails_open import SecondFactorFailsOpen
from scenarios import Found, ask

HOST = "hosts: host=web1 tenant=acme\n"
DUO = "tokens: host=web1 account=anna module=pam_duo fails_open=yes\n"
BOTH = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two\n"
AWAY = "the server of pam_duo cannot be reached"
WORD = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password"
OPEN = f"{WORD} condition='{AWAY}'\n"


def found(message: str, modules: int, places: int, *first: str) -> list[Found]:
    return [Found("medium", "high", "host web1", message, {"modules": modules}, places, first)]


PLACE = f"web1 acme anna sshd * keyboard-interactive pam_duo {AWAY}"
ONE = found("web1 opens 1 account without pam_duo when its server cannot be reached", 1, 1, PLACE)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="no stack asks a server"),
        pytest.param(DUO + BOTH + OPEN, ONE, id="a password is left while the server is away"),
        pytest.param(DUO + BOTH, [], id="another module asks for a code all the same"),
        pytest.param(DUO, [], id="nobody can enter the account"),
        pytest.param(
            DUO.replace("yes", "no") + BOTH + OPEN.replace("pam_duo", "pam_radius_auth"),
            found(
                "web1 opens 1 account without pam_radius_auth when its server cannot be reached",
                1,
                1,
                PLACE.replace("pam_duo", "pam_radius_auth"),
            ),
            id="not the module passes then, but the stack behind it",
        ),
        pytest.param(
            DUO + WORD + "\n",
            found(
                "web1 opens 1 account without pam_duo when its server cannot be reached",
                1,
                1,
                "web1 acme anna sshd * keyboard-interactive pam_duo",
            ),
            id="without its configuration it lets pass always",
        ),
        pytest.param(
            DUO + "login_paths: host=web1 account=anna methods=publickey kinds=key",
            [],
            id="a key asks no PAM auth stage",
        ),
        pytest.param(DUO + BOTH + OPEN.strip() + " verdict=unknown", [], id="what is not understood"),
        pytest.param(
            DUO + BOTH + OPEN.strip() + " daemon=sshd2",
            found(
                "web1 opens 1 account without pam_duo when its server cannot be reached",
                1,
                1,
                PLACE.replace("sshd *", "sshd2 *"),
            ),
            id="the way of another daemon names its module itself",
        ),
        pytest.param(
            DUO
            + OPEN
            + """
            tokens: host=web1 account=bert module=pam_duo fails_open=yes
            tokens: host=web1 account=bert module=pam_radius_auth fails_open=yes form=password
            login_paths: host=web1 account=bert methods=keyboard-interactive kinds= factors=0
              condition='the servers of pam_duo and pam_radius_auth cannot be reached'
            """,
            found(
                "web1 opens 2 accounts without pam_duo, pam_radius_auth when their servers cannot be reached",
                2,
                3,
                PLACE,
                "web1 acme bert sshd * keyboard-interactive pam_duo "
                "the servers of pam_duo and pam_radius_auth cannot be reached",
            ),
            id="modules are counted, not accounts",
        ),
        pytest.param(
            DUO.replace("yes", "no") + WORD + " condition='the account logged in with a code a short time ago'",
            [],
            id="a code that is remembered needs no server",
        ),
        pytest.param(
            f"root_paths: host=web1 account=anna condition='{AWAY}'",
            found(
                "web1 opens 1 account without pam_duo when its server cannot be reached",
                1,
                1,
                f"web1 acme anna sshd * publickey, then sudo pam_duo {AWAY}",
            ),
            id="sudo does not ask for it then",
        ),
        pytest.param(
            f"{DUO}{BOTH}{OPEN}root_paths: host=web1 account=anna condition='{AWAY}' methods=keyboard-interactive\n"
            "root_paths: host=web1 account=anna step=uid0 condition='the server of pam_x cannot be reached'\n"
            "root_paths: host=web1 account=anna verdict=unknown condition='the server of pam_x cannot be reached'",
            ONE,
            id="a way to root by the same login, and ways that are no steps or not known",
        ),
        pytest.param(
            WORD + " condition='the token server is away'",
            found(
                "web1 opens 1 account without a second factor when a server cannot be reached",
                1,
                1,
                "web1 acme anna sshd * keyboard-interactive the token server is away the token server is away",
            ),
            id="a condition that names no module",
        ),
        pytest.param(
            DUO + WORD + " condition='the token server is away'",
            found(
                "web1 opens 1 account without pam_duo when its server cannot be reached",
                1,
                1,
                "web1 acme anna sshd * keyboard-interactive pam_duo the token server is away",
            ),
            id="then the rule names it",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(SecondFactorFailsOpen(), HOST + rows) == expected

from __future__ import annotations

import pytest
from hygiene_checks.second_factor_bypassed_by_key import SecondFactorBypassedByKey
from scenarios import Found, ask

HOST = "hosts: host=web1 tenant=acme login_user=anna login_fingerprint=SHA256:audit\n"
KEY = "login_paths: host=web1 account=anna\n"
TOKEN = "tokens: host=web1 account=anna\n"
BOTH = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two\n"
WORD = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password\n"
CODE = "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code\n"


def found(accounts: int, places: int, *first: str) -> list[Found]:
    noun = "account" if accounts == 1 else "accounts"
    message = f"web1 lets {accounts} {noun} in with one key, past the second factor that PAM asks for"
    return [Found("medium", "high", "host web1", message, {"accounts": accounts}, places, first)]


ANNA = found(1, 1, "web1 acme anna sshd *")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody gets in"),
        pytest.param(KEY, [], id="no token anywhere"),
        pytest.param(KEY + WORD, [], id="no token with the password either"),
        pytest.param(KEY + BOTH, ANNA, id="a code with the password, none with the key"),
        pytest.param(KEY + CODE, ANNA, id="a code alone, none with the key"),
        pytest.param(KEY + TOKEN, ANNA, id="passwords are off, but the rule is there"),
        pytest.param(KEY + TOKEN + WORD, [], id="a rule that passwords pass by is none"),
        pytest.param(KEY + TOKEN + WORD + CODE, [], id="nor where either is enough"),
        pytest.param(
            KEY + TOKEN + WORD.strip() + " source=10.0.0.0/8\n" + BOTH.strip() + " source=!10.0.0.0/8,*",
            ANNA,
            id="asked for from outside alone",
        ),
        pytest.param(
            KEY + TOKEN.strip() + " enrolled=no passes_without=yes", [], id="a token that the account is not asked for"
        ),
        pytest.param(
            KEY + "login_paths: host=web1 account=anna methods=keyboard-interactive kinds=key,password factors=2 "
            "verdict=two",
            ANNA,
            id="a security key that PAM asks for",
        ),
        pytest.param(
            KEY + "login_paths: host=web1 account=anna methods=publickey,password kinds=key,password factors=2 "
            "verdict=two source=10.0.0.0/8",
            [],
            id="a key and a password are no token",
        ),
        pytest.param(BOTH + TOKEN, [], id="no key gets in"),
        pytest.param(
            BOTH + "login_paths: host=web1 account=anna methods='publickey publickey,publickey'",
            ANNA,
            id="one of two lists is publickey alone",
        ),
        pytest.param(
            BOTH + "login_paths: host=web1 account=anna methods=publickey,keyboard-interactive\n",
            [],
            id="PAM is asked with the key, and lets pass",
        ),
        pytest.param(
            BOTH + "login_paths: host=web1 account=anna kinds=verified-key factors=2 verdict=two",
            [],
            id="a key that asks for a PIN is two factors",
        ),
        pytest.param(BOTH + KEY.strip() + " verdict=unknown", [], id="a key of which we are not sure"),
        pytest.param(BOTH + KEY.strip() + " daemon=sshd2", [], id="another daemon"),
        pytest.param(
            KEY + BOTH.strip() + " verdict=unknown condition=x\n" + BOTH.strip() + " condition=x",
            [],
            id="a code that is not known, or asked for only on a condition",
        ),
        pytest.param(
            KEY + BOTH + "grants: host=web1 account=anna fingerprint=SHA256:audit", [], id="only our own key gets in"
        ),
        pytest.param(
            KEY
            + BOTH
            + "grants: host=web1 account=anna fingerprint=SHA256:audit\n"
            + "grants: host=web1 account=anna fingerprint=SHA256:ops",
            ANNA,
            id="another key gets in too",
        ),
        pytest.param(
            KEY
            + BOTH
            + KEY.strip()
            + """ source=10.0.0.0/8 via=/bin/menu
            tokens: host=web1 account=bert enrolled=unknown passes_without=unknown
            login_paths: host=web1 account=bert
            """,
            found(2, 3, "web1 acme anna sshd *", "web1 acme anna sshd 10.0.0.0/8 /bin/menu"),
            id="accounts are counted, not paths; a forced command is a way in",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(SecondFactorBypassedByKey(), HOST + rows) == expected

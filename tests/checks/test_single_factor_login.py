from __future__ import annotations

import pytest
from hygiene_checks.single_factor_login import SingleFactorLogin
from scenarios import Found, ask

ACCOUNTS = """
hosts: host=web1 tenant=acme login_user=audit login_fingerprint=SHA256:audit
accounts: host=web1 account=root uid=0 root_by=uid0
accounts: host=web1 account=anna
accounts: host=web1 account=audit
"""


def found(accounts: int, places: int, *first: str, words: str = "one key") -> list[Found]:
    message = f"web1 lets {accounts} {'account' if accounts == 1 else 'accounts'} in with {words}"
    return [Found("low", "high", "host web1", message, {"accounts": accounts}, places, first)]


ANNA = found(1, 1, "web1 acme anna sshd * publickey")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody gets in"),
        pytest.param("login_paths: host=web1 account=anna", ANNA, id="one key"),
        pytest.param("login_paths: host=web1 account=root", [], id="uid 0 is for single-factor-root"),
        pytest.param(
            """
            login_paths: host=web1 account=anna
            login_paths: host=web1 account=remote
            login_paths: host=web1 account=remote daemon=sshd2
            """,
            found(2, 3, "web1 acme anna sshd * publickey", "web1 acme remote sshd * publickey"),
            id="accounts that the host does not list are accounts; daemons do not count twice",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=anna kinds=password
            login_paths: host=web1 account=anna kinds=key,password factors=2 verdict=two
            login_paths: host=web1 account=anna kinds=key verdict=unknown
            login_paths: host=web1 account=anna kinds=host
            login_paths: host=web1 account=anna kinds= factors=0
            login_paths: host=web1 account=anna kinds=code condition='the server of pam_duo cannot be reached'
            """,
            [],
            id="passwords, hosts, nothing, two factors, what is not understood and conditions are for other checks",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code
            login_paths: host=web1 account=root methods=keyboard-interactive kinds=code
            """,
            found(1, 1, "web1 acme anna sshd * keyboard-interactive", words="a one-time code alone"),
            id="a code without a password",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=audit
            login_paths: host=web1 account=audit methods=gssapi-with-mic kinds=ticket
            grants: host=web1 account=audit fingerprint=SHA256:audit
            """,
            found(1, 1, "web1 acme audit sshd * gssapi-with-mic", words="a Kerberos ticket alone"),
            id="a ticket beside our own key",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=audit
            grants: host=web1 account=audit fingerprint=SHA256:audit
            """,
            [],
            id="only our own key gets in",
        ),
        pytest.param(
            """
            login_paths: host=web1 account=audit
            grants: host=web1 account=audit fingerprint=SHA256:audit
            grants: host=web1 account=audit fingerprint=SHA256:ops accepted=unknown
            """,
            found(1, 1, "web1 acme audit sshd * publickey"),
            id="another key may get in too",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(SingleFactorLogin(), ACCOUNTS + rows) == expected

from __future__ import annotations

import pytest
from hygiene_checks.single_factor_to_root import SingleFactorToRoot
from scenarios import Found, ask

ACCOUNTS = """
hosts: host=web1 tenant=acme login_user=audit login_fingerprint=SHA256:audit
accounts: host=web1 account=anna
accounts: host=web1 account=audit root_by=sudo
"""


def found(accounts: int, places: int, *first: str) -> list[Found]:
    people = "account" if accounts == 1 else "accounts"
    message = f"web1 lets {accounts} {people} become root with one factor in all"
    return [Found("medium", "high", "host web1", message, {"accounts": accounts}, places, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody becomes root"),
        pytest.param(
            "root_paths: host=web1 account=anna reason='sudo asks for nothing (NOPASSWD)'",
            found(1, 1, "web1 acme anna sshd * publickey sudo key sudo asks for nothing (NOPASSWD)"),
            id="sudo without a password behind one key",
        ),
        pytest.param(
            "root_paths: host=web1 account=anna methods=password kinds=password step=su",
            found(1, 1, "web1 acme anna sshd * password su password"),
            id="two passwords are one factor",
        ),
        pytest.param(
            "root_paths: host=web1 account=anna methods=none kinds= factors=0",
            found(1, 1, "web1 acme anna sshd * none sudo "),
            id="nothing at all is not more",
        ),
        pytest.param(
            """
            root_paths: host=web1 account=anna source=10.0.0.0/8
            root_paths: host=web1 account=anna methods=password kinds=password
            root_paths: host=web1 account=remote daemon=sshd2
            """,
            found(
                2,
                3,
                "web1 acme anna sshd * password sudo password",
                "web1 acme anna sshd 10.0.0.0/8 publickey sudo key",
            ),
            id="several ways of one account, and one that the host does not list",
        ),
        pytest.param(
            """
            root_paths: host=web1 account=anna kinds=key,password factors=2 verdict=two
            root_paths: host=web1 account=anna kinds=verified-key factors=2 verdict=two
            root_paths: host=web1 account=anna kinds= verdict=unknown
            root_paths: host=web1 account=root step=uid0
            root_paths: host=web1 account=anna condition='the RADIUS server is away'
            """,
            [],
            id="two factors, what is not known, root itself and what hangs on a server are none of it",
        ),
        pytest.param(
            """
            root_paths: host=web1 account=audit
            grants: host=web1 account=audit fingerprint=SHA256:audit opens_root=yes
            """,
            [],
            id="only our own key gets there",
        ),
        pytest.param(
            """
            root_paths: host=web1 account=audit
            root_paths: host=web1 account=audit methods=password kinds=password
            grants: host=web1 account=audit fingerprint=SHA256:audit opens_root=yes
            """,
            found(1, 1, "web1 acme audit sshd * password sudo password"),
            id="only our own key, but a password gets there too",
        ),
        pytest.param(
            """
            root_paths: host=web1 account=audit
            grants: host=web1 account=audit fingerprint=SHA256:audit
            grants: host=web1 account=audit fingerprint=SHA256:ops accepted=unknown
            """,
            found(1, 1, "web1 acme audit sshd * publickey sudo key"),
            id="another key may get there too",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(SingleFactorToRoot(), ACCOUNTS + rows) == expected

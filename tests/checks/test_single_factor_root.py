from __future__ import annotations

import pytest
from hygiene_checks.single_factor_root import SingleFactorRoot
from scenarios import Found, ask

ACCOUNTS = """
hosts: host=web1 tenant=acme login_user=root login_fingerprint=SHA256:audit
accounts: host=web1 account=root uid=0 root_by=uid0
accounts: host=web1 account=toor uid=0 root_by=uid0
accounts: host=web1 account=adm root_by=sudo
"""
ROOT = "login_paths: host=web1 account=root\n"
AUDIT = "grants: host=web1 account=root fingerprint=SHA256:audit opens_root=yes\n"


def found(accounts: int, places: int, *first: str, words: str = "one key") -> list[Found]:
    noun = "account" if accounts == 1 else "accounts"
    message = f"web1 lets {accounts} {noun} with uid 0 in with {words}"
    return [Found("medium", "high", "host web1", message, {"accounts": accounts}, places, first)]


ONLY_ROOT = found(1, 1, "web1 acme root sshd * publickey")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="nobody gets in"),
        pytest.param(ROOT, ONLY_ROOT, id="one key"),
        pytest.param(
            ROOT
            + "login_paths: host=web1 account=root source=10.0.0.1\n login_paths: host=web1 account=toor via=/bin/x",
            found(2, 3, "web1 acme root sshd * publickey", "web1 acme root sshd 10.0.0.1 publickey"),
            id="accounts are counted, not paths; a forced command is a way in",
        ),
        pytest.param("login_paths: host=web1 account=adm", [], id="root by sudo is no direct login as uid 0"),
        pytest.param(
            """
            login_paths: host=web1 account=root kinds=password
            login_paths: host=web1 account=root kinds=code,key factors=2 verdict=two
            login_paths: host=web1 account=root kinds=verified-key factors=2 verdict=two
            login_paths: host=web1 account=root kinds=key verdict=unknown
            login_paths: host=web1 account=root kinds=host
            login_paths: host=web1 account=root kinds= factors=0
            login_paths: host=web1 account=root kinds=code condition='the server of pam_duo cannot be reached'
            """,
            [],
            id="passwords, hosts, nothing, two factors, what is not understood and conditions are for other checks",
        ),
        pytest.param(
            "login_paths: host=web1 account=root methods=keyboard-interactive kinds=code",
            found(1, 1, "web1 acme root sshd * keyboard-interactive", words="a one-time code alone"),
            id="a code without a password",
        ),
        pytest.param(
            AUDIT + "login_paths: host=web1 account=root methods=gssapi-with-mic kinds=ticket",
            found(1, 1, "web1 acme root sshd * gssapi-with-mic", words="a Kerberos ticket alone"),
            id="a ticket, whoever has the only key",
        ),
        pytest.param(
            "login_paths: host=web1 account=root methods=x kinds=retina",
            found(1, 1, "web1 acme root sshd * x", words="a retina alone"),
            id="a form that has no word of its own",
        ),
        pytest.param(
            "login_paths: host=web1 account=root methods='publickey,publickey publickey,publickey,publickey'",
            found(
                1,
                1,
                "web1 acme root sshd * publickey,publickey publickey,publickey,publickey",
                words="keys alone",
            ),
            id="several keys are one factor",
        ),
        pytest.param(
            ROOT + "login_paths: host=web1 account=toor methods=gssapi-with-mic kinds=ticket",
            found(
                2,
                2,
                "web1 acme root sshd * publickey",
                "web1 acme toor sshd * gssapi-with-mic",
                words="a single factor (one key, a Kerberos ticket alone)",
            ),
            id="several forms",
        ),
        pytest.param(ROOT + AUDIT, [], id="only our own key gets in"),
        pytest.param(
            ROOT + AUDIT + "grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes",
            ONLY_ROOT,
            id="another key gets in too",
        ),
        pytest.param(
            ROOT + AUDIT + "grants: host=web1 account=root fingerprint=SHA256:ca is_authority=yes accepted=unknown",
            ONLY_ROOT,
            id="an authority may get in too",
        ),
        pytest.param(
            ROOT + AUDIT + "grants: host=web1 account=root fingerprint=SHA256:ops accepted=no",
            [],
            id="the other key is dead",
        ),
        pytest.param(
            "login_paths: host=web1 account=toor\n grants: host=web1 account=toor fingerprint=SHA256:audit",
            found(1, 1, "web1 acme toor sshd * publickey"),
            id="our own key for another account than ours is a key like any other",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(SingleFactorRoot(), ACCOUNTS + rows) == expected


def test_a_key_that_the_policy_names_as_the_auditors_is_left_out() -> None:
    rows = """
    accounts: host=web1 account=root uid=0 root_by=uid0
    login_paths: host=web1 account=root
    grants: host=web1 account=root fingerprint=SHA256:named opens_root=yes
    """

    assert [f.subject for f in ask(SingleFactorRoot(), rows)] == ["host web1"]
    assert ask(SingleFactorRoot(), rows, auditor_keys=["SHA256:named"]) == []

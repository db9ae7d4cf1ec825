from __future__ import annotations

import pytest
from hygiene_checks.key_reuse import KeyReuse
from scenarios import Found, ask

KEY = "key SHA256:ops"
FIRST = (
    "SHA256:ops web1 anna .ssh/authorized_keys 1 sshd False True",
    "SHA256:ops web2 anna .ssh/authorized_keys 1 sshd False True",
)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(
            """
            grants: host=web1 account=anna fingerprint=SHA256:ops
            grants: host=web1 account=bert fingerprint=SHA256:ops
            """,
            [],
            id="two accounts of one host are no reuse over hosts",
        ),
        pytest.param(
            """
            grants: host=web{1..2} account=anna fingerprint=SHA256:ops
            grants: host=web3 account=anna fingerprint=SHA256:ops restricted=yes command=/bin/true
            grants: host=web3 account=anna fingerprint=SHA256:ops line=2
            grants: host=web3 account=bert fingerprint=SHA256:ops
            grants: host=web4 account=anna fingerprint=SHA256:ops accepted=no
            """,
            [
                Found(
                    "low",
                    "high",
                    KEY,
                    "1 key opens 4 accounts on 3 of 4 hosts",
                    {"hosts": 3, "accounts": 4},
                    5,
                    FIRST,
                )
            ],
            id="accounts are counted once, restricted grants too, dead ones not",
        ),
        pytest.param(
            """
            grants: host=web{1..49} account=anna fingerprint=SHA256:ops
            grants: host=web50 account=anna fingerprint=SHA256:ops accepted=unknown
            """,
            [
                Found(
                    "medium",
                    "medium",
                    KEY,
                    "1 key opens 50 accounts on 50 of 50 hosts (1 of them not proven)",
                    {"hosts": 50, "accounts": 50},
                    50,
                    (FIRST[0], "SHA256:ops web10 anna .ssh/authorized_keys 1 sshd False True"),
                )
            ],
            id="what is not known counts; where it decides the severity, confidence drops",
        ),
        pytest.param(
            """
            grants: host=web{1..60} account=anna fingerprint=SHA256:ops
            grants: host=db{1..2} account=root fingerprint=SHA256:ops opens_root=yes
            """,
            [],
            id="silent where root-key-reuse speaks",
        ),
        pytest.param(
            """
            grants: host=web{1..2} account=anna fingerprint=SHA256:ops
            grants: host=web3 account=root fingerprint=SHA256:ops opens_root=yes
            """,
            [
                Found(
                    "low", "high", KEY, "1 key opens 3 accounts on 3 of 3 hosts", {"hosts": 3, "accounts": 3}, 3, FIRST
                )
            ],
            id="root on one host alone is not yet root-key-reuse",
        ),
        pytest.param(
            """
            grants: host=web{1..2} account=anna fingerprint=SHA256:ops
            grants: host=db{1..9} account=root fingerprint=SHA256:ops opens_root=yes
                restricted=yes from_patterns=10.0.0.1
            """,
            [
                Found(
                    "low",
                    "high",
                    KEY,
                    "1 key opens 11 accounts on 11 of 11 hosts",
                    {"hosts": 11, "accounts": 11},
                    11,
                    (
                        "SHA256:ops db1 root .ssh/authorized_keys 1 sshd True True",
                        "SHA256:ops db2 root .ssh/authorized_keys 1 sshd True True",
                    ),
                )
            ],
            id="restricted root is not counted there, so it is here",
        ),
        pytest.param(
            "grants: host=web{1..3} account=anna fingerprint=SHA256:ca is_authority=yes",
            [],
            id="an authority is no key that is reused",
        ),
        pytest.param(
            """
            hosts: host=web{1..3} login_user=audit login_fingerprint=SHA256:audit
            grants: host=web{1..3} account=audit fingerprint=SHA256:audit
            """,
            [],
            id="our own key has a check of its own",
        ),
        pytest.param(
            "grants: host=web{1..3} account=anna",
            [],
            id="lines that could not be decoded are no key",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(KeyReuse(), rows) == expected


@pytest.mark.parametrize(
    ("check", "hosts", "severity"),
    [
        pytest.param(KeyReuse(), 49, "low", id="below medium"),
        pytest.param(KeyReuse(), 50, "medium", id="from 50 medium"),
        pytest.param(KeyReuse(low=10), 9, None, id="a policy that tolerates nine"),
    ],
)
def test_thresholds(check: KeyReuse, hosts: int, severity: str | None) -> None:
    rows = f"grants: host=web{{1..{hosts}}} account=anna fingerprint=SHA256:ops"

    assert [found.severity for found in ask(check, rows)] == ([] if severity is None else [severity])


def test_root_hosts_follow_a_policy_that_changes_root_key_reuse() -> None:
    rows = "grants: host=web{1..3} account=root fingerprint=SHA256:ops opens_root=yes"

    assert ask(KeyReuse(), rows) == []
    assert [found.severity for found in ask(KeyReuse(root_hosts=10), rows)] == ["low"]

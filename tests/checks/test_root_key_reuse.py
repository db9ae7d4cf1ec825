from __future__ import annotations

import pytest
from hygiene_checks.root_key_reuse import RootKeyReuse
from scenarios import Found, ask

KEY = "key SHA256:ops"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes",
            [],
            id="one key to one root is normal administration",
        ),
        pytest.param(
            """
            hosts: host=web1 tenant=acme
            hosts: host=web2 tenant=bravo
            hosts: host=web3 status=unreachable
            grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes line=3
            grants: host=web1 account=toor fingerprint=SHA256:ops opens_root=yes line=4
            grants: host=web2 account=root fingerprint=SHA256:ops opens_root=yes file=/etc/ssh/keys/root
            grants: host=web1 account=root fingerprint=SHA256:other opens_root=yes
            """,
            [
                Found(
                    "medium",
                    "high",
                    KEY,
                    "1 key opens root on 2 of 3 hosts, 2 tenants",
                    {"root_hosts": 2},
                    3,
                    (
                        "SHA256:ops web1 acme root .ssh/authorized_keys 3 sshd True",
                        "SHA256:ops web1 acme toor .ssh/authorized_keys 4 sshd True",
                    ),
                )
            ],
            id="hosts are counted, not lines, and unseen hosts are part of the fleet",
        ),
        pytest.param(
            """
            hosts: host=h{1..1001} tenant=t
            hosts: host=x{1..33}
            grants: host=h{1..1001} account=root fingerprint=SHA256:ops opens_root=yes
            """,
            [
                Found(
                    "critical",
                    "high",
                    KEY,
                    "1 key opens root on 1,001 of 1,034 hosts, 1 tenant",
                    {"root_hosts": 1001},
                    1001,
                    (
                        "SHA256:ops h1 t root .ssh/authorized_keys 1 sshd True",
                        "SHA256:ops h10 t root .ssh/authorized_keys 1 sshd True",
                    ),
                )
            ],
            id="the breach: thousands have separators",
        ),
        pytest.param(
            """
            grants: host=web{1..9} account=root fingerprint=SHA256:ops opens_root=yes
            grants: host=web10 account=root fingerprint=SHA256:ops accepted=unknown opens_root=unknown
            """,
            [
                Found(
                    "high",
                    "medium",
                    KEY,
                    "1 key opens root on 10 of 10 hosts (1 of them not proven)",
                    {"root_hosts": 10},
                    10,
                    (
                        "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True",
                        "SHA256:ops web10 root .ssh/authorized_keys 1 sshd False",
                    ),
                )
            ],
            id="what is not known counts; where it decides the severity, confidence drops",
        ),
        pytest.param(
            """
            grants: host=web{1..2} account=root fingerprint=SHA256:ops opens_root=yes
            grants: host=web3 account=adm fingerprint=SHA256:ops opens_root=unknown
            """,
            [
                Found(
                    "medium",
                    "high",
                    KEY,
                    "1 key opens root on 3 of 3 hosts (1 of them not proven)",
                    {"root_hosts": 3},
                    3,
                    (
                        "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True",
                        "SHA256:ops web2 root .ssh/authorized_keys 1 sshd True",
                    ),
                )
            ],
            id="where the proven ones give the severity alone, confidence stays",
        ),
        pytest.param(
            """
            grants: host=web{1..2} account=root fingerprint=SHA256:ops opens_root=yes
            grants: host=db{1..3} account=root fingerprint=SHA256:ops opens_root=yes
                restricted=yes from_patterns=10.0.0.1
            grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes restricted=yes from_patterns=10.0.0.1
            """,
            [
                Found(
                    "medium",
                    "high",
                    KEY,
                    "1 key opens root on 2 of 5 hosts; limited by from= on 3 more",
                    {"root_hosts": 2},
                    2,
                    (
                        "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True",
                        "SHA256:ops web2 root .ssh/authorized_keys 1 sshd True",
                    ),
                )
            ],
            id="restricted grants are shown beside, not counted",
        ),
        pytest.param(
            "grants: host=web{1..5} account=root fingerprint=SHA256:ops accepted=no reason=expired opens_root=no",
            [],
            id="dead lines open nothing",
        ),
        pytest.param(
            "grants: host=web{1..5} account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes",
            [],
            id="an authority is no key that is reused",
        ),
        pytest.param(
            "grants: host=web{1..5} account=anna fingerprint=SHA256:ops",
            [],
            id="accounts without root are for key-reuse",
        ),
        pytest.param(
            """
            hosts: host=web{1..3} login_user=root login_fingerprint=SHA256:audit
            grants: host=web{1..3} account=root fingerprint=SHA256:audit opens_root=yes
            """,
            [],
            id="our own key has a check of its own",
        ),
        pytest.param(
            """
            hosts: host=web{1..3} login_user=audit login_fingerprint=SHA256:ops
            grants: host=web{1..3} account=audit fingerprint=SHA256:ops opens_root=yes
            grants: host=web{1..2} account=root fingerprint=SHA256:ops opens_root=yes
            """,
            [
                Found(
                    "medium",
                    "high",
                    KEY,
                    "1 key opens root on 2 of 3 hosts",
                    {"root_hosts": 2},
                    2,
                    (
                        "SHA256:ops web1 root .ssh/authorized_keys 1 sshd True",
                        "SHA256:ops web2 root .ssh/authorized_keys 1 sshd True",
                    ),
                )
            ],
            id="our own key for another account than ours is judged like any key",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(RootKeyReuse(), rows) == expected


def test_a_key_that_the_policy_names_as_the_auditors_is_left_out() -> None:
    rows = "grants: host=web{1..3} account=root fingerprint=SHA256:audit opens_root=yes"

    assert [found.subject for found in ask(RootKeyReuse(), rows)] == ["key SHA256:audit"]
    assert ask(RootKeyReuse(), rows, auditor_keys=["SHA256:audit"]) == []


@pytest.mark.parametrize(
    ("check", "hosts", "severity"),
    [
        pytest.param(RootKeyReuse(), 9, "medium", id="below high"),
        pytest.param(RootKeyReuse(), 10, "high", id="from 10 high"),
        pytest.param(RootKeyReuse(), 99, "high", id="below critical"),
        pytest.param(RootKeyReuse(), 100, "critical", id="from 100 critical"),
        pytest.param(RootKeyReuse(medium=5), 4, None, id="a policy that tolerates four"),
        pytest.param(RootKeyReuse(medium=1), 1, "medium", id="a policy that tolerates none"),
        pytest.param(
            RootKeyReuse(medium=50, high=3), 3, "high", id="thresholds in any order: the worst reached counts"
        ),
    ],
)
def test_thresholds(check: RootKeyReuse, hosts: int, severity: str | None) -> None:
    rows = f"grants: host=web{{1..{hosts}}} account=root fingerprint=SHA256:ops opens_root=yes"

    assert [found.severity for found in ask(check, rows)] == ([] if severity is None else [severity])

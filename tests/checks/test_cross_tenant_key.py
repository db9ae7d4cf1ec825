from __future__ import annotations

import pytest
from hygiene_checks.cross_tenant_key import CrossTenantKey
from scenarios import Found, ask

KEY = "key SHA256:ops"
TENANTS = """
hosts: host=a{1..2} tenant=acme
hosts: host=b{1..2} tenant=bravo
hosts: host=c1 tenant=corp
hosts: host=n{1..2}
"""
FIRST = (
    "SHA256:ops a1 acme anna .ssh/authorized_keys 1 sshd False False True",
    "SHA256:ops a2 acme anna .ssh/authorized_keys 1 sshd False False True",
)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="no grants"),
        pytest.param(
            "grants: host=a{1..2} account=anna fingerprint=SHA256:ops",
            [],
            id="one tenant",
        ),
        pytest.param(
            """
            grants: host=a1 account=anna fingerprint=SHA256:ops
            grants: host=n{1..2} account=anna fingerprint=SHA256:ops
            """,
            [],
            id="hosts without a tenant are none",
        ),
        pytest.param(
            """
            grants: host=a{1..2} account=anna fingerprint=SHA256:ops
            grants: host=b1 account=anna fingerprint=SHA256:ops
            grants: host=n1 account=anna fingerprint=SHA256:ops
            """,
            [
                Found(
                    "high",
                    "high",
                    KEY,
                    "1 key opens accounts of 2 tenants, on 3 hosts",
                    {"tenants": 2},
                    3,
                    FIRST,
                )
            ],
            id="two tenants",
        ),
        pytest.param(
            """
            grants: host=a{1..2} account=anna fingerprint=SHA256:ops
            grants: host=b1 account=root fingerprint=SHA256:ops opens_root=yes
            grants: host=c1 account=root fingerprint=SHA256:ops opens_root=yes
            """,
            [
                Found(
                    "critical",
                    "high",
                    KEY,
                    "1 key opens accounts of 3 tenants, root in 2 of them, on 4 hosts",
                    {"tenants": 3},
                    4,
                    FIRST,
                )
            ],
            id="root in two of them",
        ),
        pytest.param(
            """
            grants: host=a{1..2} account=anna fingerprint=SHA256:ops
            grants: host=b1 account=root fingerprint=SHA256:ops opens_root=yes
            grants: host=c1 account=adm fingerprint=SHA256:ops opens_root=unknown
            """,
            [
                Found(
                    "critical",
                    "medium",
                    KEY,
                    "1 key opens accounts of 3 tenants, root in 2 of them (1 of them not proven), on 4 hosts",
                    {"tenants": 3},
                    4,
                    FIRST,
                )
            ],
            id="root that is not proven decides, so confidence drops",
        ),
        pytest.param(
            """
            grants: host=a{1..2} account=anna fingerprint=SHA256:ops
            grants: host=b1 account=anna fingerprint=SHA256:ops accepted=unknown
            """,
            [
                Found(
                    "high",
                    "medium",
                    KEY,
                    "1 key opens accounts of 2 tenants (1 of them not proven), on 3 hosts",
                    {"tenants": 2},
                    3,
                    FIRST,
                )
            ],
            id="the second tenant is not proven",
        ),
        pytest.param(
            """
            grants: host=a{1..2} account=anna fingerprint=SHA256:ops
            grants: host=b1 account=root fingerprint=SHA256:ops opens_root=yes restricted=yes from_patterns=10.0.0.1
            grants: host=c1 account=root fingerprint=SHA256:ops opens_root=yes restricted=yes from_patterns=10.0.0.1
            """,
            [
                Found(
                    "high",
                    "high",
                    KEY,
                    "1 key opens accounts of 3 tenants, on 4 hosts",
                    {"tenants": 3},
                    4,
                    FIRST,
                )
            ],
            id="root that is limited by from= is a way in, not an unrestricted root",
        ),
        pytest.param(
            """
            grants: host=a1 account=anna fingerprint=SHA256:ops
            grants: host=b1 account=anna fingerprint=SHA256:ops accepted=no
            grants: host=a1 account=anna fingerprint=SHA256:ca is_authority=yes
            grants: host=b1 account=anna fingerprint=SHA256:ca is_authority=yes
            """,
            [],
            id="dead lines and authorities do not count",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(CrossTenantKey(), TENANTS + rows) == expected


def test_our_own_key_is_left_out() -> None:
    rows = """
    grants: host=a1 account=audit fingerprint=SHA256:audit
    grants: host=b1 account=audit fingerprint=SHA256:audit
    """

    assert [found.subject for found in ask(CrossTenantKey(), TENANTS + rows)] == ["key SHA256:audit"]
    assert ask(CrossTenantKey(), TENANTS + rows, auditor_keys=["SHA256:audit"]) == []


@pytest.mark.parametrize(
    ("check", "severity"),
    [
        pytest.param(CrossTenantKey(), ["critical"], id="default"),
        pytest.param(CrossTenantKey(critical=3), ["high"], id="root in two is not critical for this policy"),
        pytest.param(CrossTenantKey(critical=3, high=3), [], id="two tenants are tolerated"),
    ],
)
def test_thresholds(check: CrossTenantKey, severity: list[str]) -> None:
    rows = """
    grants: host=a1 account=root fingerprint=SHA256:ops opens_root=yes
    grants: host=b1 account=root fingerprint=SHA256:ops opens_root=yes
    """

    assert [found.severity for found in ask(check, TENANTS + rows)] == severity

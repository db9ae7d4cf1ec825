from __future__ import annotations

import pytest
from hygiene_checks.ca_root_reach import CaRootReach
from scenarios import Found, ask

CA = "account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes file=/etc/ssh/ca.pub"


def found(severity: str, confidence: str, message: str, hosts: int, *places: str, total: int | None = None) -> Found:
    total = hosts if total is None else total
    return Found(severity, confidence, "key SHA256:ca", message, {"root_hosts": hosts}, total, places)


def place(host: str, *rest: str, account: str = "root", proven: bool = True) -> str:
    return " ".join(["SHA256:ca", host, account, "/etc/ssh/ca.pub 1 sshd", *rest, str(proven)])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(f"grants: host=web1 {CA}", [], id="one host is below the threshold"),
        pytest.param(
            f"hosts: host=web3 status=unreachable\ngrants: host=web{{1..2}} {CA}",
            [
                found(
                    "high",
                    "high",
                    "1 authority can sign for root on 2 of 3 hosts; "
                    "on 2 of them the account's name in the certificate is enough",
                    2,
                    place("web1"),
                    place("web2"),
                )
            ],
            id="without principals",
        ),
        pytest.param(
            f"grants: host=web{{1..2}} {CA} principals=root-web",
            [
                found(
                    "medium",
                    "high",
                    "1 authority can sign for root on 2 of 2 hosts",
                    2,
                    place("web1", "['root-web']"),
                    place("web2", "['root-web']"),
                )
            ],
            id="principals of its own keep it to medium, on however many hosts",
        ),
        pytest.param(
            f"grants: host=web{{1..2}} {CA} principals=ops,root",
            [
                found(
                    "high",
                    "high",
                    "1 authority can sign for root on 2 of 2 hosts; "
                    "on 2 of them the account's name in the certificate is enough",
                    2,
                    place("web1", "['ops', 'root']"),
                    place("web2", "['ops', 'root']"),
                )
            ],
            id="principals that hold the account's own name are as good as none",
        ),
        pytest.param(
            f"""
            grants: host=web{{1..2}} {CA} principals=root-web
            grants: host=db1 {CA}
            """,
            [
                found(
                    "medium",
                    "high",
                    "1 authority can sign for root on 3 of 3 hosts; "
                    "on 1 of them the account's name in the certificate is enough",
                    3,
                    place("db1"),
                    place("web1", "['root-web']"),
                )
            ],
            id="one host without principals is told, and below the threshold of high",
        ),
        pytest.param(
            f"""
            grants: host=web1 {CA}
            grants: host=web2 {CA} accepted=unknown
            """,
            [
                found(
                    "high",
                    "medium",
                    "1 authority can sign for root on 2 of 2 hosts (1 of them not proven); "
                    "on 2 of them the account's name in the certificate is enough",
                    2,
                    place("web1"),
                    place("web2", proven=False),
                )
            ],
            id="what is not known counts; where it decides the severity, confidence drops",
        ),
        pytest.param(
            f"""
            grants: host=web{{1..2}} {CA}
            grants: host=web3 account=adm fingerprint=SHA256:ca is_authority=yes opens_root=unknown
                file=/etc/ssh/ca.pub
            """,
            [
                found(
                    "high",
                    "high",
                    "1 authority can sign for root on 3 of 3 hosts (1 of them not proven); "
                    "on 3 of them the account's name in the certificate is enough",
                    3,
                    place("web1"),
                    place("web2"),
                )
            ],
            id="where the proven ones give the severity alone, confidence stays",
        ),
        pytest.param(
            f"""
            grants: host=web{{1..2}} {CA} principals=root-web
            grants: host=web1 {CA} principals=root-web daemon=other
            grants: host=db{{1..3}} {CA} restricted=yes from_patterns=10.0.0.1
            grants: host=web1 {CA} restricted=yes from_patterns=10.0.0.1
            """,
            [
                found(
                    "medium",
                    "high",
                    "1 authority can sign for root on 2 of 5 hosts; limited by from= on 3 more",
                    2,
                    "SHA256:ca web1 root /etc/ssh/ca.pub 1 other ['root-web'] True",
                    place("web1", "['root-web']"),
                    total=3,
                )
            ],
            id="hosts are counted, not lines, and limited lines are told beside, even where they need no principals",
        ),
        pytest.param(f"grants: host=web{{1..3}} {CA} restricted=yes", [], id="limited lines alone are no finding"),
        pytest.param(f"grants: host=web{{1..3}} {CA} accepted=no cause=revoked", [], id="a revoked authority"),
        pytest.param(
            "grants: host=web{1..3} account=anna fingerprint=SHA256:ca is_authority=yes", [], id="no root, no reach"
        ),
        pytest.param(
            "grants: host=web{1..3} account=root fingerprint=SHA256:ca opens_root=yes", [], id="a key is no authority"
        ),
        pytest.param(
            f"""
            hosts: host=web{{1..2}} login_user=root login_fingerprint=SHA256:ca
            grants: host=web{{1..2}} {CA} principals=root-web
            """,
            [
                found(
                    "medium",
                    "high",
                    "1 authority can sign for root on 2 of 2 hosts",
                    2,
                    place("web1", "['root-web']"),
                    place("web2", "['root-web']"),
                )
            ],
            id="the check of the auditor's key speaks of no authority, so this one does",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(CaRootReach(), rows) == expected


@pytest.mark.parametrize(
    ("check", "hosts", "principals", "severity"),
    [
        pytest.param(CaRootReach(), 2, "principals=a", ["medium"], id="default with principals"),
        pytest.param(CaRootReach(), 2, "", ["high"], id="default without"),
        pytest.param(CaRootReach(medium=5), 4, "principals=a", [], id="a policy that tolerates four"),
        pytest.param(CaRootReach(medium=1, high=1), 1, "", ["high"], id="a policy that tolerates none"),
        pytest.param(CaRootReach(high=9), 8, "", ["medium"], id="a policy that is content without principals"),
        pytest.param(CaRootReach(medium=9), 2, "", ["high"], id="thresholds in any order: the worst reached counts"),
    ],
)
def test_thresholds(check: CaRootReach, hosts: int, principals: str, severity: list[str]) -> None:
    rows = f"grants: host=web{{1..{hosts}}} {CA} {principals}"

    assert [one.severity for one in ask(check, rows)] == severity

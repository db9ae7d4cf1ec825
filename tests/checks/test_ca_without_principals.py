from __future__ import annotations

import pytest
from hygiene_checks.ca_without_principals import CaWithoutPrincipals
from scenarios import Found, ask

LINE = "fingerprint=SHA256:ca is_authority=yes options=cert-authority"


def found(confidence: str, message: str, hosts: int, *places: str, total: int | None = None) -> Found:
    return Found("high", confidence, "key SHA256:ca", message, {"hosts": hosts}, total or len(places), places)


def place(host: str, version: str, *, restricted: bool = False, proven: bool = True) -> str:
    return f"SHA256:ca {host} anna .ssh/authorized_keys 1 sshd {restricted} {version} {proven}".replace("  ", " ")


ONE = [
    found(
        "high",
        "certificates of 1 authority that name nobody open 1 account on 1 of 1 host",
        1,
        place("web1", "9.2p1"),
    )
]


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        pytest.param(LINE, ONE, id="a line that asks for no name"),
        pytest.param(f"{LINE},no-pty", ONE, id="other options do not help"),
        pytest.param("fingerprint=SHA256:ca is_authority=yes options=CERT-Authority", ONE, id="names in any case"),
        pytest.param(f"""{LINE},principals="ops" principals=ops""", [], id="principals in the line"),
        pytest.param(f"""{LINE},PRINCIPALS="ops" principals=ops""", [], id="principals in any case"),
        pytest.param(
            "fingerprint=SHA256:ca is_authority=yes file=/etc/ssh/ca.pub", [], id="TrustedUserCAKeys never took them"
        ),
        pytest.param(f"{LINE} accepted=no cause=revoked", [], id="what is refused opens nothing"),
        pytest.param("fingerprint=SHA256:ca options=cert-authority", [], id="a row that is no authority"),
        pytest.param(
            f"{LINE},from=10.0.0.1 restricted=yes from_patterns=10.0.0.1",
            [
                found(
                    "high",
                    "certificates of 1 authority that name nobody open 1 account on 1 of 1 host",
                    1,
                    place("web1", "9.2p1", restricted=True),
                )
            ],
            id="from= limits where from, not for whom",
        ),
        pytest.param(
            f"{LINE} accepted=unknown",
            [
                found(
                    "medium",
                    "certificates of 1 authority that name nobody open 1 account on 1 of 1 host (1 of them not proven)",
                    1,
                    place("web1", "9.2p1", proven=False),
                )
            ],
            id="what is not known counts",
        ),
    ],
)
def test_lines(grant: str, expected: list[Found]) -> None:
    # the options stand in a list: the one that holds quotes is written without commas
    rows = f"hosts: host=web1 sshd_version=9.2p1\ngrants: host=web1 {grant}"

    assert ask(CaWithoutPrincipals(), rows) == expected


@pytest.mark.parametrize(
    ("version", "confidence"),
    [
        pytest.param("7.2p2", "high", id="old"),
        pytest.param("9.9p2", "high", id="nine is below ten"),
        pytest.param("10.2p1", "high", id="the last that takes them"),
        pytest.param("10.3", None, id="the first that does not"),
        pytest.param("10.10p1", None, id="ten is above three"),
        pytest.param("11.0", None, id="a major release later"),
        pytest.param("", "medium", id="not known: it counts, with less confidence"),
        pytest.param("99999999999999999999.1", "medium", id="a number that is none"),
    ],
)
def test_versions(version: str, confidence: str | None) -> None:
    rows = f"hosts: host=web1 sshd_version={version}\ngrants: host=web1 {LINE}"

    assert [one.confidence for one in ask(CaWithoutPrincipals(), rows)] == ([confidence] if confidence else [])


def test_hosts_are_counted_and_accounts_told() -> None:
    rows = f"""
    hosts: host=web1 sshd_version=9.2p1
    hosts: host=web2 sshd_version=8.4p1 tenant=acme
    hosts: host=web3 sshd_version=10.3p1
    grants: host=web1 {LINE}
    grants: host=web1 {LINE} account=root
    grants: host=web1 {LINE} account=root line=2
    grants: host=web2 {LINE} accepted=unknown
    grants: host=web3 {LINE}
    """

    assert ask(CaWithoutPrincipals(), rows) == [
        found(
            "high",
            "certificates of 1 authority that name nobody open 3 accounts on 2 of 3 hosts (1 of them not proven)",
            2,
            place("web1", "9.2p1"),
            "SHA256:ca web1 root .ssh/authorized_keys 1 sshd False 9.2p1 True",
            total=4,
        )
    ]

from __future__ import annotations

import pytest
from hygiene_checks.ca_key_on_host import CaKeyOnHost
from scenarios import Found, ask

FILE = "private_keys: host=build1 account=ci path=/home/ci/ca fingerprint=SHA256:ca"
TRUST = "account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes"


def found(confidence: str, message: str, *places: str, keys: int = 1) -> Found:
    return Found("critical", confidence, "host build1", message, {"keys": keys}, len(places), places)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(FILE, [], id="a key that nobody trusts as an authority"),
        pytest.param(f"grants: host=web1 {TRUST}", [], id="an authority whose key is not here"),
        pytest.param(
            f"{FILE}\ngrants: host=web1 account=root fingerprint=SHA256:ca opens_root=yes",
            [],
            id="a key that opens root is no authority",
        ),
        pytest.param(
            f"hosts: host=build1 tenant=acme\n{FILE} encrypted=no\ngrants: host=web{{1..3}} {TRUST}",
            [
                found(
                    "high",
                    "build1 holds the private key of 1 user authority that 3 hosts trust, without a passphrase",
                    "build1 acme ci /home/ci/ca openssh no 0600 SHA256:ca 3",
                )
            ],
            id="without a passphrase",
        ),
        pytest.param(
            f"{FILE}\ngrants: host=web1 account=anna fingerprint=SHA256:ca is_authority=yes",
            [
                found(
                    "high",
                    "build1 holds the private key of 1 user authority that 1 host trusts",
                    "build1 ci /home/ci/ca openssh yes 0600 SHA256:ca 1",
                )
            ],
            id="a passphrase protects it until somebody types it; accounts without root count too",
        ),
        pytest.param(
            f"{FILE}\n{FILE} path=/root/ca encrypted=unknown\ngrants: host=web{{1..2}} {TRUST} accepted=unknown",
            [
                found(
                    "medium",
                    "build1 holds the private key of 1 user authority that 2 hosts (2 of them not proven) trust",
                    "build1 ci /home/ci/ca openssh yes 0600 SHA256:ca 2",
                    "build1 ci /root/ca openssh unknown 0600 SHA256:ca 2",
                )
            ],
            id="trusted perhaps: it counts, with less confidence; a second copy is not a second key",
        ),
        pytest.param(
            f"{FILE}\ngrants: host=web1 {TRUST} accepted=no cause=authority", [], id="an authority that opens nothing"
        ),
        pytest.param(
            f"""
            {FILE}
            private_keys: host=build1 path=/home/anna/old fingerprint=SHA256:old encrypted=no
            grants: host=web{{1..3}} {TRUST}
            grants: host=web3 {TRUST} accepted=unknown account=adm
            grants: host=db{{1..4}} fingerprint=SHA256:old is_authority=yes accepted=unknown
            """,
            [
                found(
                    "high",
                    "build1 holds the private keys of 2 user authorities, "
                    "the widest trusted by 4 hosts (4 of them not proven); 1 of them without a passphrase",
                    "build1 /home/anna/old openssh no 0600 SHA256:old 4",
                    "build1 ci /home/ci/ca openssh yes 0600 SHA256:ca 3",
                    keys=2,
                )
            ],
            id="two authorities: the widest is told, and one that is proven is enough",
        ),
        pytest.param(
            f"""
            keys: fingerprint=SHA256:ca type=sk-ssh-ed25519@openssh.com
            {FILE}
            grants: host=web1 {TRUST}
            """,
            [],
            id="the file of a key in a token holds no secret",
        ),
        pytest.param(
            f"""
            host_keys: host=build1 fingerprint=SHA256:ca
            private_keys: host=build1 path=/etc/ssh/ssh_host_ed25519_key fingerprint=SHA256:ca encrypted=no
            grants: host=web1 {TRUST}
            """,
            [
                found(
                    "high",
                    "build1 holds the private key of 1 user authority that 1 host trusts, without a passphrase",
                    "build1 /etc/ssh/ssh_host_ed25519_key openssh no 0600 SHA256:ca 1",
                )
            ],
            id="a host key must lie there, and must not sign for users",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(CaKeyOnHost(), rows) == expected

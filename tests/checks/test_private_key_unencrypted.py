from __future__ import annotations

import pytest
from hygiene_checks.private_key_unencrypted import PrivateKeyUnencrypted
from scenarios import Found, ask

CI = "private_keys: host=build1 account=ci path=/home/ci/.ssh/id_ed25519 fingerprint=SHA256:ci encrypted=no\n"
ALONE = ("build1 ci /home/ci/.ssh/id_ed25519 openssh 0600 SHA256:ci",)


def found(severity: str, confidence: str, message: str, keys: int, *first: str) -> list[Found]:
    return [Found(severity, confidence, "host build1", f"build1 holds {message}", {"keys": keys}, keys, first)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="no keys lie about"),
        pytest.param(CI.replace("encrypted=no", "encrypted=yes"), [], id="a passphrase protects it"),
        pytest.param(CI.replace("encrypted=no", "encrypted=unknown"), [], id="what is not known stands on a gap"),
        pytest.param(CI, found("medium", "high", "1 unencrypted private key", 1, *ALONE), id="it opens nothing we saw"),
        pytest.param(
            CI + "grants: host=web{1..3} account=anna fingerprint=SHA256:ci",
            found("medium", "high", "1 unencrypted private key", 1, *ALONE),
            id="it opens no root",
        ),
        pytest.param(
            CI + "grants: host=web{1..3} account=root fingerprint=SHA256:ci opens_root=yes accepted=no",
            found("medium", "high", "1 unencrypted private key", 1, *ALONE),
            id="where it opened root the line is dead",
        ),
        pytest.param(
            CI + "grants: host=web{1..3} account=root fingerprint=SHA256:ci opens_root=yes",
            found("high", "high", "1 unencrypted private key, which opens root on 3 hosts", 1, ALONE[0] + " 3"),
            id="it opens root",
        ),
        pytest.param(
            CI
            + "grants: host=w1 account=root fingerprint=SHA256:ci opens_root=yes restricted=yes from_patterns=10.0.0.9",
            found("high", "high", "1 unencrypted private key, which opens root on 1 host", 1, ALONE[0] + " 1"),
            id="a from= does not help against who is on the host that it names",
        ),
        pytest.param(
            CI + "grants: host=web{1..2} account=root fingerprint=SHA256:ci opens_root=unknown",
            found(
                "high",
                "medium",
                "1 unencrypted private key, which opens root on 2 hosts (2 of them not proven)",
                1,
                ALONE[0] + " 2",
            ),
            id="root that is not proven counts, and confidence drops",
        ),
        pytest.param(
            CI
            + """
            private_keys: host=build1 account=ci path=/home/ci/.ssh/id_rsa encrypted=no
            private_keys: host=build1 account=ci path=/home/ci/.ssh/old encrypted=unknown
            grants: host=web{1..3} account=root fingerprint=SHA256:ci opens_root=yes
            """,
            found(
                "high",
                "high",
                "2 unencrypted private keys, 1 of them opens root on 3 hosts; whether 1 more is encrypted is not known",
                2,
                ALONE[0] + " 3",
                "build1 ci /home/ci/.ssh/id_rsa openssh 0600",
            ),
            id="several, one of them opens root, one is not known",
        ),
        pytest.param(
            CI
            + """
            private_keys: host=build1 path=/srv/key fingerprint=SHA256:two encrypted=no kind=pem-rsa mode=0644
            grants: host=web{1..3} account=root fingerprint=SHA256:ci opens_root=yes
            grants: host=db{1..4} account=root fingerprint=SHA256:two opens_root=yes
            grants: host=db5 account=root fingerprint=SHA256:two opens_root=unknown
            """,
            found(
                "high",
                "high",
                "2 unencrypted private keys, 2 of them open root, the widest on 5 hosts (1 of them not proven)",
                2,
                ALONE[0] + " 3",
                "build1 /srv/key pem-rsa 0644 SHA256:two 5",
            ),
            id="the widest is named",
        ),
        pytest.param(
            """
            private_keys: host=build1 path=/etc/ssh/ssh_host_ed25519_key encrypted=no
            private_keys: host=build1 path=/srv/sshd/key fingerprint=SHA256:host encrypted=no
            host_keys: host=build1 fingerprint=SHA256:host
            """,
            [],
            id="keys of the host itself are none",
        ),
        pytest.param(
            """
            private_keys: host=build1 path=/srv/copy fingerprint=SHA256:host encrypted=no
            host_keys: host=web1 fingerprint=SHA256:host
            """,
            found("medium", "high", "1 unencrypted private key", 1, "build1 /srv/copy openssh 0600 SHA256:host"),
            id="the host key of another machine is a key like any other",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PrivateKeyUnencrypted(), rows) == expected

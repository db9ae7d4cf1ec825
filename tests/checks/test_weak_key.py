from __future__ import annotations

import pytest
from hygiene_checks.weak_key import WeakKey
from scenarios import Found, ask

KEY = "key SHA256:k"
PLACE = "SHA256:k web1 anna .ssh/authorized_keys 1 sshd False False True"


def found(severity: str, what: str, bits: int) -> Found:
    return Found(severity, "high", KEY, f"1 {what} opens 1 account on 1 host", {"bits": bits}, 1, (PLACE,))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("type=ssh-ed25519 bits=256", [], id="ed25519 is strong"),
        pytest.param("type=ssh-rsa bits=4096", [], id="long RSA is strong"),
        pytest.param("type=ssh-rsa bits=3072", [], id="3072 bits are enough"),
        pytest.param(
            "type=ssh-rsa bits=3071 weakness=rsa-3071", [found("low", "RSA key of 3,071 bits", 3071)], id="just below"
        ),
        pytest.param(
            "type=ssh-rsa bits=2048 weakness=rsa-2048", [found("low", "RSA key of 2,048 bits", 2048)], id="2048 is low"
        ),
        pytest.param(
            "type=ssh-rsa bits=2047 weakness=rsa-2047", [found("high", "RSA key of 2,047 bits", 2047)], id="below: high"
        ),
        pytest.param("type=ssh-dss bits=1024 weakness=dsa", [found("high", "DSA key", 1024)], id="DSA"),
        pytest.param(
            "type=ssh-rsa bits=4096 weakness=factorable",
            [found("critical", "broken key (factorable)", 4096)],
            id="a broken key is critical however long it is",
        ),
        pytest.param(
            "type=ssh-ed25519 bits=256 weakness=published",
            [found("critical", "broken key (published)", 256)],
            id="a word for a weakness that this check does not know is a break",
        ),
    ],
)
def test_strength(key: str, expected: list[Found]) -> None:
    rows = f"keys: fingerprint=SHA256:k {key}\ngrants: host=web1 fingerprint=SHA256:k"

    assert ask(WeakKey(), rows) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="opens nothing"),
        pytest.param("grants: host=web1 fingerprint=SHA256:k accepted=no", [], id="dead lines do not count"),
        pytest.param(
            "host_keys: host=web1 fingerprint=SHA256:k type=ssh-rsa bits=1024", [], id="host keys open nothing"
        ),
        pytest.param(
            """
            grants: host=web{1..2} account=anna fingerprint=SHA256:k accepted=unknown
            """,
            [
                Found(
                    "high",
                    "medium",
                    KEY,
                    "1 RSA key of 1,024 bits opens 2 accounts on 2 hosts (not proven)",
                    {"bits": 1024},
                    2,
                    (
                        "SHA256:k web1 anna .ssh/authorized_keys 1 sshd False False False",
                        "SHA256:k web2 anna .ssh/authorized_keys 1 sshd False False False",
                    ),
                )
            ],
            id="what is not known counts",
        ),
        pytest.param(
            "grants: host=web1 account=root fingerprint=SHA256:k is_authority=yes opens_root=yes",
            [
                Found(
                    "high",
                    "high",
                    KEY,
                    "1 RSA key of 1,024 bits opens 1 account on 1 host",
                    {"bits": 1024},
                    1,
                    ("SHA256:k web1 root .ssh/authorized_keys 1 sshd True True True",),
                )
            ],
            id="a weak authority opens too",
        ),
        pytest.param(
            """
            hosts: host=web1 login_user=anna login_fingerprint=SHA256:k
            grants: host=web1 account=anna fingerprint=SHA256:k
            """,
            [found("high", "RSA key of 1,024 bits", 1024)],
            id="our own key may be weak like any other",
        ),
    ],
)
def test_what_it_opens(rows: str, expected: list[Found]) -> None:
    key = "keys: fingerprint=SHA256:k type=ssh-rsa bits=1024 weakness=rsa-1024\n"

    assert ask(WeakKey(), key + rows) == expected


@pytest.mark.parametrize(
    ("check", "severity"),
    [
        pytest.param(WeakKey(), ["low"], id="default"),
        pytest.param(WeakKey(high_rsa_bits=3072), ["high"], id="a stricter policy"),
        pytest.param(WeakKey(low_rsa_bits=2048), [], id="a laxer policy"),
        pytest.param(
            WeakKey(high_rsa_bits=4096, low_rsa_bits=2048), ["high"], id="the larger threshold finds, if alone"
        ),
    ],
)
def test_thresholds(check: WeakKey, severity: list[str]) -> None:
    rows = """
    keys: fingerprint=SHA256:k type=ssh-rsa bits=2048 weakness=rsa-2048
    grants: host=web1 fingerprint=SHA256:k
    """

    assert [found.severity for found in ask(check, rows)] == severity

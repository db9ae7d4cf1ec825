from __future__ import annotations

import pytest
from hygiene_checks.revoked_key_accepted import RevokedKeyAccepted
from scenarios import Found, ask

FILE = ".ssh/authorized_keys"
LISTED = "revoked_keys: host=web1 fingerprint=SHA256:lost"
KILLED = "grants: host=web1 fingerprint=SHA256:lost accepted=no cause=revoked"
TAKEN = "grants: host=db1 fingerprint=SHA256:lost"


def found(message: str, hosts: int, *places: str, confidence: str = "high") -> list[Found]:
    words = f"1 key that is revoked on {message}"
    return [Found("high", confidence, "key SHA256:lost", words, {"hosts": hosts}, len(places), places)]


OPEN = f"SHA256:lost db1 anna {FILE} 1 sshd False False True"
ONCE = found("1 host still opens accounts on 1 of 2 hosts", 1, OPEN)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param(f"{LISTED}\n{KILLED}", [], id="revoked where it lies"),
        pytest.param(TAKEN, [], id="revoked nowhere"),
        pytest.param(f"{LISTED}\ngrants: host=db1 fingerprint=SHA256:other", [], id="another key"),
        pytest.param(f"{LISTED}\n{TAKEN}", ONCE, id="in the list of one host, taken by another"),
        pytest.param(f"{KILLED}\n{TAKEN}", ONCE, id="its hash is in a list: a line that this killed tells it"),
        pytest.param(
            f"{LISTED}\n{LISTED} daemon=b\n{KILLED}\n{KILLED} daemon=c\n{TAKEN}",
            ONCE,
            id="lists, lines and daemons of one host are one host",
        ),
        pytest.param(
            f"grants: host=web1 fingerprint=SHA256:lost accepted=no cause=expired\n{TAKEN}",
            [],
            id="dead for another reason is not revoked",
        ),
        pytest.param(
            "grants: host=web1 accepted=no cause=revoked\ngrants: host=db1 fingerprint=SHA256:lost",
            [],
            id="a revoked line without a key revokes none",
        ),
        pytest.param(f"{LISTED}\n{TAKEN} accepted=no cause=typo", [], id="dead elsewhere for another reason"),
        pytest.param(
            f"""
            hosts: host=db1 tenant=acme
            hosts: host=db9 status=unreachable
            revoked_keys: host=web{{1..2}} fingerprint=SHA256:lost
            {TAKEN} account=root opens_root=yes
            {TAKEN} account=anna line=4
            grants: host=db2 fingerprint=SHA256:lost accepted=unknown opens_root=unknown
            """,
            [
                Found(
                    "high",
                    "high",
                    "key SHA256:lost",
                    "1 key that is revoked on 2 hosts still opens accounts on 2 of 5 hosts (1 of them not proven), "
                    "root on 1",
                    {"hosts": 2},
                    3,
                    (
                        f"SHA256:lost db1 acme anna {FILE} 4 sshd False False True",
                        f"SHA256:lost db1 acme root {FILE} 1 sshd False True True",
                    ),
                )
            ],
            id="hosts are counted, not lines",
        ),
        pytest.param(
            f"{LISTED}\n{TAKEN} accepted=unknown",
            found(
                "1 host still opens accounts on 1 of 2 hosts (1 of them not proven)",
                1,
                f"SHA256:lost db1 anna {FILE} 1 sshd False False False",
                confidence="medium",
            ),
            id="where nothing is proven, confidence drops",
        ),
        pytest.param(
            f"{LISTED}\ngrants: host=web1 fingerprint=SHA256:lost accepted=unknown",
            [],
            id="the host that revokes it, and what it takes is not known",
        ),
        pytest.param(
            f"{LISTED}\ngrants: host=web1 fingerprint=SHA256:lost",
            found(
                "1 host still opens accounts on 1 of 1 host", 1, f"SHA256:lost web1 anna {FILE} 1 sshd False False True"
            ),
            id="the host that revokes it takes it all the same, from where its list does not hold",
        ),
        pytest.param(
            f"{LISTED} daemon=a\ngrants: host=web1 fingerprint=SHA256:lost daemon=b accepted=unknown",
            found(
                "1 host still opens accounts on 1 of 1 host (1 of them not proven)",
                1,
                f"SHA256:lost web1 anna {FILE} 1 b False False False",
                confidence="medium",
            ),
            id="another daemon of the same host",
        ),
        pytest.param(
            f"{LISTED}\n{TAKEN} is_authority=yes account=root opens_root=yes",
            found(
                "1 host still opens accounts on 1 of 2 hosts, root on 1",
                1,
                f"SHA256:lost db1 root {FILE} 1 sshd True True True",
            ),
            id="an authority",
        ),
        pytest.param(
            f"hosts: host=db1 login_user=anna login_fingerprint=SHA256:lost\n{LISTED}\n{TAKEN}",
            ONCE,
            id="our own key, too",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(RevokedKeyAccepted(), rows) == expected


def test_each_key_is_a_subject() -> None:
    rows = "revoked_keys: host=web1 fingerprint=SHA256:{1..2}\ngrants: host=db1 fingerprint=SHA256:{1..2} line={1..2}"

    assert [(found.subject, found.places) for found in ask(RevokedKeyAccepted(), rows)] == [
        (f"key SHA256:{n}", (f"SHA256:{n} db1 anna {FILE} {n} sshd False False True",)) for n in (1, 2)
    ]

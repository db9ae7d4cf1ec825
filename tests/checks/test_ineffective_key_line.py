from __future__ import annotations

import pytest
from hygiene_checks.ineffective_key_line import IneffectiveKeyLine
from scenarios import Found, ask

HOST = "host web1"
ONE = "web1 has 1 key line that does not do what it says:"
FILE = ".ssh/authorized_keys"
DEAD = "grants: host=web1 fingerprint=SHA256:a accepted=no"


def found(severity: str, message: str, lines: int, *places: str, total: int = 0, confidence: str = "high") -> Found:
    return Found(severity, confidence, HOST, message, {"lines": lines}, total or len(places), places)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("grants: host=web1 fingerprint=SHA256:a", [], id="a line that works"),
        pytest.param(
            f'{DEAD} cause=typo reason="the option is not known"',
            [
                found(
                    "low",
                    f"{ONE} 1 dead by a typo",
                    1,
                    f"web1 anna {FILE} 1 sshd SHA256:a typo the option is not known",
                )
            ],
            id="a typo",
        ),
        pytest.param(
            'grants: host=web1 accepted=no cause=typo reason="there is no key in the line"',
            [found("low", f"{ONE} 1 dead by a typo", 1, f"web1 anna {FILE} 1 sshd typo there is no key in the line")],
            id="a line that cannot be decoded",
        ),
        pytest.param(
            f"{DEAD} cause=version",
            [found("low", f"{ONE} 1 dead by the version of sshd", 1, f"web1 anna {FILE} 1 sshd SHA256:a version")],
            id="another version would take it",
        ),
        pytest.param(
            f"{DEAD} cause=permissions",
            [found("low", f"{ONE} 1 dead by permissions", 1, f"web1 anna {FILE} 1 sshd SHA256:a permissions")],
            id="StrictModes refuses the file",
        ),
        *(
            pytest.param(f"{DEAD} cause={cause}", [], id=f"{cause}: {why}")
            for cause, why in (
                ("unread", "the will of the administrator"),
                ("settings", "the will of the administrator"),
                ("account", "the will of the administrator"),
                ("source", "from= does what it says"),
                ("authority", "it signs for others"),
                ("expired", "expired-key tells it"),
                ("revoked", "revoked-key-accepted tells it"),
            )
        ),
        *(
            pytest.param(
                f"grants: host=web1 fingerprint=SHA256:a options=no-pty,Verify-Required marks={mark}",
                [
                    found(
                        "medium",
                        f"{ONE} 1 with other limits than meant",
                        1,
                        f"web1 anna {FILE} 1 sshd SHA256:a ['{mark}']",
                    )
                ],
                id=mark,
            )
            for mark in ("from-item-dead", "options-behind-key", "verify-without-effect", "shadowed")
        ),
        pytest.param(
            "grants: host=web1 fingerprint=SHA256:a options=touch-required marks=verify-without-effect",
            [
                found(
                    "medium",
                    f"{ONE} 1 with other limits than meant",
                    1,
                    f"web1 anna {FILE} 1 sshd SHA256:a ['verify-without-effect']",
                )
            ],
            id="touch is asked for on an ordinary key",
        ),
        pytest.param(
            "grants: host=web1 fingerprint=SHA256:a options=no-touch-required,no-verify-required "
            "marks=verify-without-effect",
            [],
            id="what is without effect was no limit",
        ),
        *(
            pytest.param(f"grants: host=web1 fingerprint=SHA256:a marks={mark}", [], id=f"{mark} has its own check")
            for mark in ("from-everyone", "obfuscated")
        ),
        pytest.param(
            f"{DEAD} cause=unread marks=options-behind-key,from-item-dead",
            [],
            id="limits of a line that sshd does not read",
        ),
        pytest.param(
            f"{DEAD} cause=typo marks=options-behind-key",
            [found("low", f"{ONE} 1 dead by a typo", 1, f"web1 anna {FILE} 1 sshd SHA256:a typo")],
            id="a dead line loses no limit",
        ),
        pytest.param(
            "grants: host=web1 fingerprint=SHA256:a marks=obfuscated,options-behind-key,from-everyone,from-item-dead",
            [
                found(
                    "medium",
                    f"{ONE} 1 with other limits than meant",
                    1,
                    f"web1 anna {FILE} 1 sshd SHA256:a ['options-behind-key', 'from-item-dead']",
                )
            ],
            id="several faults of one line, those of other checks left out",
        ),
        pytest.param(
            """
            hosts: host=web1 tenant=acme
            grants: host=web1 line={1..1002} fingerprint=SHA256:a accepted=no cause=typo
            grants: host=web1 line=2001 fingerprint=SHA256:b accepted=no cause=permissions
            grants: host=web1 line=2002 fingerprint=SHA256:c accepted=no cause=version
            grants: host=web1 line=2003 fingerprint=SHA256:d marks=shadowed
            grants: host=web1 line=2004 fingerprint=SHA256:e marks=shadowed accepted=unknown reason="not seen"
            """,
            [
                found(
                    "medium",
                    "web1 has 1,006 key lines that do not do what they say: 2 with other limits than meant (1 of them "
                    "not proven), 1,002 dead by a typo, 1 dead by the version of sshd, 1 dead by permissions",
                    1006,
                    f"web1 acme anna {FILE} 2003 sshd SHA256:d ['shadowed']",
                    f"web1 acme anna {FILE} 2004 sshd SHA256:e ['shadowed'] not seen",
                    total=1006,
                )
            ],
            id="all kinds: the worst come first, one proven line keeps the confidence",
        ),
        pytest.param(
            f"{DEAD} cause=typo\ngrants: host=web1 line=2 fingerprint=SHA256:b marks=shadowed accepted=unknown",
            [
                found(
                    "medium",
                    "web1 has 2 key lines that do not do what they say: 1 with other limits than meant (1 of them not "
                    "proven), 1 dead by a typo",
                    2,
                    f"web1 anna {FILE} 2 sshd SHA256:b ['shadowed']",
                    f"web1 anna {FILE} 1 sshd SHA256:a typo",
                    confidence="medium",
                )
            ],
            id="where what is not proven decides the severity, confidence drops",
        ),
        pytest.param(
            f"{DEAD} cause=version daemon=old\ngrants: host=web1 fingerprint=SHA256:a daemon=new",
            [],
            id="another daemon takes the line",
        ),
        pytest.param(
            f"{DEAD} cause=version daemon=old\n{DEAD} cause=expired daemon=new",
            [],
            id="expired for the daemon that understands it",
        ),
        pytest.param(
            f"{DEAD} cause=typo daemon=a\n{DEAD} daemon=b cause=unread",
            [found("low", f"{ONE} 1 dead by a typo", 1, f"web1 anna {FILE} 1 a SHA256:a typo")],
            id="dead for all daemons",
        ),
        pytest.param(
            """
            grants: host=web1 account=bert file=/srv/keys fingerprint=SHA256:a accepted=no cause=typo
            grants: host=web1 account=anna file=/srv/keys fingerprint=SHA256:a accepted=no cause=typo
            """,
            [
                found(
                    "low",
                    f"{ONE} 1 dead by a typo",
                    1,
                    "web1 anna /srv/keys 1 sshd SHA256:a typo",
                    "web1 bert /srv/keys 1 sshd SHA256:a typo",
                )
            ],
            id="a file that accounts share: the line is one",
        ),
        pytest.param(
            """
            grants: host=web1 account=bert file=/srv/keys fingerprint=SHA256:a accepted=no cause=permissions
            grants: host=web1 account=anna file=/srv/keys fingerprint=SHA256:a
            """,
            [found("low", f"{ONE} 1 dead by permissions", 1, "web1 bert /srv/keys 1 sshd SHA256:a permissions")],
            id="dead for one account, alive for another",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(IneffectiveKeyLine(), rows) == expected


def test_each_host_is_a_subject() -> None:
    rows = "grants: host=web{1..3} fingerprint=SHA256:a accepted=no cause=typo"

    assert [(found.subject, found.places) for found in ask(IneffectiveKeyLine(), rows)] == [
        (f"host web{n}", (f"web{n} anna {FILE} 1 sshd SHA256:a typo",)) for n in (1, 2, 3)
    ]

"""One fleet for all rows of a table: a key and hosts for each, so that the question is asked once."""

from __future__ import annotations

import pytest
from hygiene_checks.stale_key import StaleKey
from scenarios import Found, ask

# hosts were looked at on 2026-06-01 12:00; 180 days before are 2025-12-03 12:00
LONG = "collected_at=2026-06-01T12:00+00:00 logs_since=2025-07-01T00:00+00:00"
SHORT = "collected_at=2026-06-01T12:00+00:00 logs_since=2026-05-01T00:00+00:00"
NONE = "collected_at=2026-06-01T12:00+00:00"
UNUSED = "was not used for 180 days or more"

# id (and the key's name), rows without the key's fingerprint, confidence and the message behind `1 key opens `
CASES: list[tuple[str, str, tuple[str, str] | None]] = [
    (
        "never-used",
        f"""
        hosts: host=a {LONG}
        areas: host=a area=logs
        grants: host=a
        """,
        ("high", f"1 host and {UNUSED}"),
    ),
    (
        "used-yesterday",
        f"""
        hosts: host=b {LONG}
        areas: host=b area=logs
        grants: host=b
        key_uses: host=b last_used=2026-05-31T12:00+00:00
        """,
        None,
    ),
    (
        "used-a-day-too-late",
        f"""
        hosts: host=c {LONG}
        areas: host=c area=logs
        grants: host=c
        key_uses: host=c last_used=2025-12-03T12:00:01+00:00
        """,
        None,
    ),
    (
        "used-180-days-ago",
        f"""
        hosts: host=d {LONG}
        areas: host=d area=logs
        grants: host=d
        key_uses: host=d account=other source=10.0.0.1 last_used=2025-08-01T12:00:00+00:00
        key_uses: host=d last_used=2025-12-03T12:00:00+00:00
        """,
        ("high", f"1 host and {UNUSED}"),
    ),
    (
        "logs-that-do-not-reach-back",
        f"""
        hosts: host=e {SHORT}
        areas: host=e area=logs
        grants: host=e
        """,
        None,
    ),
    (
        "no-logs",
        f"""
        hosts: host=f {NONE}
        areas: host=f area=logs state=unseen
        grants: host=f
        """,
        None,
    ),
    (
        "hosts-without-logs-say-nothing",
        f"""
        hosts: host=g1 {LONG}
        hosts: host=g2 {SHORT}
        hosts: host=g3 {NONE}
        areas: host=g1 area=logs
        areas: host=g2 area=logs
        grants: host=g{{1..3}}
        """,
        ("medium", f"3 hosts and {UNUSED}; the logs of 2 of them do not reach back that far"),
    ),
    (
        "used-on-a-host-whose-logs-do-not-reach-back",
        f"""
        hosts: host=h1 {LONG}
        hosts: host=h2 {SHORT}
        areas: host=h1 area=logs
        areas: host=h2 area=logs
        grants: host=h{{1..2}}
        key_uses: host=h2 last_used=2026-05-31T12:00+00:00
        """,
        None,
    ),
    (
        "used-where-no-line-names-it",
        f"""
        hosts: host=i1 {LONG}
        hosts: host=i2 {LONG}
        areas: host=i1 area=logs
        areas: host=i2 area=logs
        grants: host=i1
        key_uses: host=i2 last_used=2026-05-31T12:00+00:00
        """,
        None,
    ),
    (
        "used-at-a-time-that-is-not-known",
        f"""
        hosts: host=j {LONG}
        areas: host=j area=logs
        grants: host=j
        key_uses: host=j
        """,
        None,
    ),
    (
        "used-tomorrow",
        f"""
        hosts: host=k {LONG}
        areas: host=k area=logs
        grants: host=k
        key_uses: host=k last_used=2027-01-01T12:00+00:00
        """,
        None,
    ),
    (
        "logs-seen-in-part",
        f"""
        hosts: host=l {LONG}
        areas: host=l area=logs state=partial
        grants: host=l
        """,
        ("medium", f"1 host and {UNUSED}"),
    ),
    (
        "accepted-perhaps",
        f"""
        hosts: host=m {LONG}
        areas: host=m area=logs
        grants: host=m accepted=unknown
        """,
        ("medium", f"1 host (1 of them not proven) and {UNUSED}"),
    ),
    (
        "dead-line",
        f"""
        hosts: host=n {LONG}
        areas: host=n area=logs
        grants: host=n accepted=no
        """,
        None,
    ),
    (
        "authority",
        f"""
        hosts: host=o {LONG}
        areas: host=o area=logs
        grants: host=o is_authority=yes
        """,
        None,
    ),
    (
        "two-years",
        """
        hosts: host=p collected_at=2026-06-01T12:00+00:00 logs_since=2024-01-01T00:00+00:00
        areas: host=p area=logs
        grants: host=p
        key_uses: host=p last_used=2024-06-02T12:00:00+00:00
        """,
        ("high", "1 host and was not used for 720 days or more"),
    ),
    (
        "used-200-days-ago",
        """
        hosts: host=r collected_at=2026-06-01T12:00+00:00 logs_since=2024-01-01T00:00+00:00
        areas: host=r area=logs
        grants: host=r
        key_uses: host=r last_used=2025-11-13T12:00:00+00:00
        """,
        ("high", f"1 host and {UNUSED}"),
    ),
    (
        "logs-of-different-length",
        f"""
        hosts: host=q1 collected_at=2026-06-01T12:00+00:00 logs_since=2024-01-01T00:00+00:00
        hosts: host=q2 {LONG}
        areas: host=q1 area=logs
        areas: host=q2 area=logs
        grants: host=q{{1..2}}
        """,
        ("high", "2 hosts and was not used for 180 days or more"),
    ),
]


def rows(name: str, text: str) -> str:
    """The rows with the key's fingerprint in those that have one."""
    return "\n".join(
        f"{line} fingerprint=SHA256:{name}" if line.startswith(("grants", "key_uses")) else line
        for line in map(str.strip, text.splitlines())
    )


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[str, str]]:
    found = ask(StaleKey(), "\n".join(rows(name, text) for name, text, _ in CASES))
    assert {one.severity for one in found} == {"medium"}
    return {
        one.subject.removeprefix("key SHA256:"): (one.confidence, one.message.removeprefix("1 key opens "))
        for one in found
    }


@pytest.mark.parametrize(("name", "expected"), [pytest.param(case[0], case[2], id=case[0]) for case in CASES])
def test_keys(answers: dict[str, tuple[str, str]], name: str, expected: tuple[str, str] | None) -> None:
    assert answers.get(name) == expected


def test_whole_finding() -> None:
    text = f"""
    hosts: host=web1 tenant=acme {LONG}
    hosts: host=web2 {LONG}
    areas: host=web{{1..2}} area=logs
    grants: host=web{{1..2}} fingerprint=SHA256:old
    grants: host=web1 fingerprint=SHA256:old account=root line=4
    grants: host=web1 fingerprint=SHA256:old account=ci is_authority=yes
    key_uses: host=web1 fingerprint=SHA256:old account=root last_used=2025-09-01T08:00:00+00:00
    key_uses: host=web1 fingerprint=SHA256:old source=10.0.0.1 last_used=2025-08-01T08:00:00+00:00
    """

    assert ask(StaleKey(), text) == [
        Found(
            "medium",
            "high",
            "key SHA256:old",
            "1 key opens 2 hosts and was not used for 180 days or more",
            {"days": 180},
            3,
            (
                "SHA256:old web1 acme anna .ssh/authorized_keys 1 sshd True 2025-09-01T08:00:00Z 2025-07-01T00:00:00Z",
                "SHA256:old web1 acme root .ssh/authorized_keys 4 sshd True 2025-09-01T08:00:00Z 2025-07-01T00:00:00Z",
            ),
        )
    ]


def test_our_own_key_is_used_by_us() -> None:
    text = f"""
    hosts: host=web1 login_user=anna login_fingerprint=SHA256:audit {LONG}
    areas: host=web1 area=logs
    grants: host=web1 fingerprint=SHA256:audit
    """

    assert ask(StaleKey(), text) == []


def test_a_policy_may_ask_for_other_days() -> None:
    text = f"hosts: host=web1 {SHORT}\nareas: host=web1 area=logs\ngrants: host=web1 fingerprint=SHA256:old"

    assert [(one.message, one.measure) for one in ask(StaleKey(days=10), text)] == [
        ("1 key opens 1 host and was not used for 30 days or more", {"days": 30})
    ]


def test_it_is_asked_only_where_logs_were_read() -> None:
    assert StaleKey.needs == {"key_uses"}

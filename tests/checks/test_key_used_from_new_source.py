"""One fleet for all rows of a table: a key and hosts for each, so that the question is asked once."""

from __future__ import annotations

import pytest
from hygiene_checks.key_used_from_new_source import KeyUsedFromNewSource
from scenarios import Found, ask

# hosts were looked at on 2026-06-01 12:00; 30 days before are 2026-05-02 12:00
LONG = "collected_at=2026-06-01T12:00+00:00 logs_since=2026-01-01T00:00+00:00"
SHORT = "collected_at=2026-06-01T12:00+00:00 logs_since=2026-05-10T00:00+00:00"
OLD = "source=10.0.0.1 first_used=2026-01-02T08:00+00:00 last_used=2026-05-31T08:00+00:00"
NEW = "source=203.0.113.9 first_used=2026-05-20T08:00+00:00 last_used=2026-05-20T08:00+00:00"
ONE = "1 source first seen in the last 30 days, and before that from 1 other"

# id (and the key's name), rows without the key's fingerprint, confidence and the message behind `was used from `
CASES: list[tuple[str, str, tuple[str, str] | None]] = [
    (
        "new-source",
        f"""
        hosts: host=a {LONG}
        areas: host=a area=logs
        key_uses: host=a {OLD}
        key_uses: host=a {NEW}
        """,
        ("high", ONE),
    ),
    (
        "old-sources-only",
        f"""
        hosts: host=b {LONG}
        areas: host=b area=logs
        key_uses: host=b {OLD}
        key_uses: host=b source=10.0.0.2 first_used=2026-05-02T11:59:59+00:00
        """,
        None,
    ),
    (
        "new-to-the-second",
        f"""
        hosts: host=c {LONG}
        areas: host=c area=logs
        key_uses: host=c {OLD}
        key_uses: host=c source=10.0.0.2 first_used=2026-05-02T12:00:00+00:00
        """,
        ("high", ONE),
    ),
    (
        "new-key",
        f"""
        hosts: host=d {LONG}
        areas: host=d area=logs
        key_uses: host=d {NEW}
        """,
        None,
    ),
    (
        "logs-that-do-not-reach-back",
        f"""
        hosts: host=e1 {LONG}
        hosts: host=e2 {SHORT}
        areas: host=e1 area=logs
        areas: host=e2 area=logs
        key_uses: host=e1 {OLD}
        key_uses: host=e2 {NEW}
        """,
        None,
    ),
    (
        "new-host-for-a-known-source",
        f"""
        hosts: host=f1 {LONG}
        hosts: host=f2 {LONG}
        areas: host=f1 area=logs
        areas: host=f2 area=logs
        key_uses: host=f1 {OLD}
        key_uses: host=f2 source=10.0.0.1 first_used=2026-05-20T08:00+00:00
        """,
        None,
    ),
    (
        "old-sources-on-another-host",
        f"""
        hosts: host=g1 {LONG}
        hosts: host=g2 {LONG}
        areas: host=g1 area=logs
        areas: host=g2 area=logs
        key_uses: host=g1 {OLD}
        key_uses: host=g2 {NEW}
        """,
        ("high", ONE),
    ),
    (
        "also-where-logs-do-not-reach-back",
        f"""
        hosts: host=h1 {LONG}
        hosts: host=h2 {SHORT}
        areas: host=h1 area=logs
        areas: host=h2 area=logs
        key_uses: host=h1 {OLD}
        key_uses: host=h1 {NEW}
        key_uses: host=h2 {NEW}
        """,
        ("medium", ONE),
    ),
    (
        "logs-seen-in-part",
        f"""
        hosts: host=i {LONG}
        areas: host=i area=logs state=partial
        key_uses: host=i {OLD}
        key_uses: host=i {NEW}
        """,
        ("medium", ONE),
    ),
    (
        "source-not-known",
        f"""
        hosts: host=j {LONG}
        areas: host=j area=logs
        key_uses: host=j {OLD}
        key_uses: host=j first_used=2026-05-20T08:00+00:00
        """,
        None,
    ),
    (
        "time-not-known",
        f"""
        hosts: host=k {LONG}
        areas: host=k area=logs
        key_uses: host=k {OLD}
        key_uses: host=k source=203.0.113.9
        """,
        None,
    ),
    (
        "one-time-of-two-not-known",
        f"""
        hosts: host=o {LONG}
        areas: host=o area=logs
        key_uses: host=o {OLD}
        key_uses: host=o {NEW}
        key_uses: host=o account=root source=203.0.113.9
        """,
        ("medium", ONE),
    ),
    (
        "time-not-known-where-logs-reach-back",
        f"""
        hosts: host=p1 {LONG}
        hosts: host=p2 {SHORT}
        areas: host=p1 area=logs
        areas: host=p2 area=logs
        key_uses: host=p1 {OLD}
        key_uses: host=p1 source=203.0.113.9
        key_uses: host=p2 {NEW}
        """,
        None,
    ),
    (
        "no-logs-any-more",
        f"""
        hosts: host=l collected_at=2026-06-01T12:00+00:00
        key_uses: host=l {OLD}
        key_uses: host=l {NEW}
        """,
        None,
    ),
    (
        "authority",
        f"""
        hosts: host=n {LONG}
        areas: host=n area=logs
        grants: host=n is_authority=yes
        key_uses: host=n {OLD}
        key_uses: host=n {NEW}
        """,
        None,
    ),
    (
        "several",
        f"""
        hosts: host=m {LONG}
        areas: host=m area=logs
        key_uses: host=m {OLD}
        key_uses: host=m source=10.0.0.2 first_used=2026-02-01T08:00+00:00
        key_uses: host=m {NEW}
        key_uses: host=m account=root {NEW}
        key_uses: host=m source=2001:db8::1 first_used=2026-05-20T08:00+00:00
        """,
        ("high", "2 sources first seen in the last 30 days, and before that from 2 others"),
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
    found = ask(KeyUsedFromNewSource(), "\n".join(rows(name, text) for name, text, _ in CASES))
    assert {one.severity for one in found} == {"medium"}
    return {
        one.subject.removeprefix("key SHA256:"): (one.confidence, one.message.removeprefix("1 key was used from "))
        for one in found
    }


@pytest.mark.parametrize(("name", "expected"), [pytest.param(case[0], case[2], id=case[0]) for case in CASES])
def test_keys(answers: dict[str, tuple[str, str]], name: str, expected: tuple[str, str] | None) -> None:
    assert answers.get(name) == expected


def test_whole_finding() -> None:
    text = f"""
    hosts: host=web1 tenant=acme {LONG}
    areas: host=web1 area=logs
    key_uses: host=web1 fingerprint=SHA256:k {OLD}
    key_uses: host=web1 fingerprint=SHA256:k account=root uses=3 {NEW}
    key_uses: host=web1 fingerprint=SHA256:k {NEW}
    key_uses: host=web1 fingerprint=SHA256:k source=100.64.0.1 first_used=2026-05-10T08:00+00:00
    """

    assert ask(KeyUsedFromNewSource(), text) == [
        Found(
            "medium",
            "high",
            "key SHA256:k",
            "1 key was used from 2 sources first seen in the last 30 days, and before that from 1 other",
            {"sources": 2},
            3,
            (
                "SHA256:k 100.64.0.1 web1 acme anna 2026-05-10T08:00:00Z 1",
                "SHA256:k 203.0.113.9 web1 acme anna 2026-05-20T08:00:00Z 2026-05-20T08:00:00Z 1",
            ),
        )
    ]


def test_our_own_key_is_worth_most_to_a_thief() -> None:
    text = f"""
    hosts: host=web1 login_user=anna login_fingerprint=SHA256:audit {LONG}
    areas: host=web1 area=logs
    key_uses: host=web1 fingerprint=SHA256:audit {OLD}
    key_uses: host=web1 fingerprint=SHA256:audit {NEW}
    """

    assert [one.subject for one in ask(KeyUsedFromNewSource(), text)] == ["key SHA256:audit"]


def test_a_policy_may_ask_for_other_days() -> None:
    text = f"""
    hosts: host=web1 {LONG}
    areas: host=web1 area=logs
    key_uses: host=web1 fingerprint=SHA256:k {OLD}
    key_uses: host=web1 fingerprint=SHA256:k {NEW}
    """

    assert ask(KeyUsedFromNewSource(days=7), text) == []
    assert [one.message for one in ask(KeyUsedFromNewSource(days=90), text)] == [
        "1 key was used from 1 source first seen in the last 90 days, and before that from 1 other"
    ]


def test_it_is_asked_only_where_logs_were_read() -> None:
    assert KeyUsedFromNewSource.needs == {"key_uses"}

from __future__ import annotations

import pytest
from hygiene_checks.expired_key import ExpiredKey
from scenarios import Found, ask

FILE = ".ssh/authorized_keys"
LINE = "grants: host=web1 fingerprint=SHA256:a accepted=no cause=expired expires_at=2026-01-31"
AT = "2026-01-31T00:00:00Z"


def found(message: str, lines: int, *places: str) -> list[Found]:
    return [Found("low", "high", "host web1", f"web1 has {message}", {"lines": lines}, len(places), places)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("grants: host=web1 fingerprint=SHA256:a expires_at=2099-01-31", [], id="not yet"),
        pytest.param(
            LINE,
            found("1 key line that has expired", 1, f"web1 anna {FILE} 1 sshd SHA256:a {AT}"),
            id="one line",
        ),
        pytest.param(
            f"hosts: host=web1 tenant=acme\n{LINE} line=9\n{LINE} line=10 account=root",
            found(
                "2 key lines that have expired",
                2,
                f"web1 acme anna {FILE} 9 sshd SHA256:a {AT}",
                f"web1 acme root {FILE} 10 sshd SHA256:a {AT}",
            ),
            id="two lines",
        ),
        pytest.param(
            f"{LINE} line=2 daemon=a\n{LINE} daemon=b\n{LINE} daemon=a",
            [
                Found(
                    "low",
                    "high",
                    "host web1",
                    "web1 has 2 key lines that have expired",
                    {"lines": 2},
                    3,
                    (f"web1 anna {FILE} 1 a SHA256:a {AT}", f"web1 anna {FILE} 1 b SHA256:a {AT}"),
                )
            ],
            id="two daemons read one line",
        ),
        pytest.param(
            "grants: host=web1 fingerprint=SHA256:a accepted=no cause=version expires_at=2026-01-31",
            [],
            id="an sshd that does not know the option",
        ),
        pytest.param(
            "grants: host=web1 fingerprint=SHA256:a accepted=unknown expires_at=2026-01-31",
            [],
            id="whether it has expired is not known: a gap",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(ExpiredKey(), rows) == expected

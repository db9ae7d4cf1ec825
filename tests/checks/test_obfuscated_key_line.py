from __future__ import annotations

import pytest
from hygiene_checks.obfuscated_key_line import ObfuscatedKeyLine
from scenarios import Found, ask

FILE = ".ssh/authorized_keys"
LINE = "grants: host=web1 fingerprint=SHA256:a marks=obfuscated"
WHAT = "that sshd takes and usual tools do not see"


def found(message: str, lines: int, *places: str, confidence: str = "high") -> list[Found]:
    return [Found("high", confidence, "host web1", f"web1 has {message}", {"lines": lines}, len(places), places)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("grants: host=web1 fingerprint=SHA256:a from_patterns=10.0.0.1 restricted=yes", [], id="no mark"),
        pytest.param("grants: host=web1 fingerprint=SHA256:a marks=from-everyone", [], id="another mark"),
        pytest.param(
            LINE,
            found(f"1 key line {WHAT}", 1, f"web1 anna {FILE} 1 sshd SHA256:a no True"),
            id="a line for an account without rights",
        ),
        pytest.param(
            f"hosts: host=web1 tenant=acme\n{LINE} line=7 account=root opens_root=yes\n{LINE}",
            found(
                f"2 key lines {WHAT}, 1 of them opens root",
                2,
                f"web1 acme anna {FILE} 1 sshd SHA256:a no True",
                f"web1 acme root {FILE} 7 sshd SHA256:a yes True",
            ),
            id="one of two opens root",
        ),
        pytest.param(
            f"{LINE} line=1 opens_root=yes\n{LINE} line=2 opens_root=yes",
            found(
                f"2 key lines {WHAT}, 2 of them open root",
                2,
                f"web1 anna {FILE} 1 sshd SHA256:a yes True",
                f"web1 anna {FILE} 2 sshd SHA256:a yes True",
            ),
            id="both open root",
        ),
        pytest.param(
            f"{LINE}\n{LINE} line=2 accepted=unknown opens_root=unknown",
            found(
                f"2 key lines {WHAT} (1 of them not proven)",
                2,
                f"web1 anna {FILE} 1 sshd SHA256:a no True",
                f"web1 anna {FILE} 2 sshd SHA256:a unknown False",
            ),
            id="what is not known counts, and is said",
        ),
        pytest.param(
            f"{LINE} accepted=unknown",
            found(
                f"1 key line {WHAT} (1 of them not proven)",
                1,
                f"web1 anna {FILE} 1 sshd SHA256:a no False",
                confidence="medium",
            ),
            id="where nothing is proven, confidence drops",
        ),
        pytest.param(f"{LINE} accepted=no cause=unread", [], id="a dead line"),
        pytest.param(
            f"{LINE} file=/srv/keys daemon=a\n{LINE} file=/srv/keys daemon=b accepted=no\n"
            f"{LINE} file=/srv/keys account=bert daemon=b accepted=unknown",
            found(
                f"1 key line {WHAT}",
                1,
                "web1 anna /srv/keys 1 a SHA256:a no True",
                "web1 bert /srv/keys 1 b SHA256:a no False",
            ),
            id="a line that accounts and daemons share is one, and proven when one of them takes it",
        ),
        pytest.param(
            f"{LINE} marks=shadowed,obfuscated,from-item-dead",
            found(f"1 key line {WHAT}", 1, f"web1 anna {FILE} 1 sshd SHA256:a no True"),
            id="among other marks",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(ObfuscatedKeyLine(), rows) == expected

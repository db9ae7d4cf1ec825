from __future__ import annotations

import pytest
from hygiene_checks.pending_sshd_config import PendingSshdConfig
from scenarios import Found, ask


def found(message: str, settings: int, total: int, *places: str) -> Found:
    return Found("medium", "medium", "host web1", message, {"settings": settings}, total, places)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("settings: host=web1 keyword=usepam value=yes", [], id="what holds is not pending"),
        pytest.param(
            "settings: host=web1 keyword=usepam value=yes state=conflict", [], id="a conflict is another thing"
        ),
        pytest.param("settings: host=web1 keyword=usepam value= state=unknown", [], id="what is not known is a gap"),
        pytest.param(
            """
            hosts: host=web1 tenant=acme
            settings: host=web1 keyword=usepam value=no source=/etc/ssh/sshd_config:7 state=pending
            settings: host=web1 keyword=strictmodes value=yes
            """,
            [
                found(
                    "the files of sshd on web1 changed after it started: what they say of 1 setting may not hold yet",
                    1,
                    1,
                    "web1 acme sshd * usepam no /etc/ssh/sshd_config:7",
                )
            ],
            id="one setting",
        ),
        pytest.param(
            """
            settings: host=web1 daemon=sshd{1..2} keyword=usepam value=no state=pending
            settings: host=web1 keyword=acceptenv value=LANG state=pending
            settings: host=web1 keyword=acceptenv value=LC_* state=pending
            settings: host=web1 keyword=acceptenv value=TZ scope=anna state=pending
            """,
            [
                found(
                    "the files of sshd on web1 changed after it started: what they say of 2 settings may not hold yet",
                    2,
                    5,
                    "web1 sshd * acceptenv LANG default",
                    "web1 sshd * acceptenv LC_* default",
                )
            ],
            id="keywords are counted, not their lines, scopes and daemons",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(PendingSshdConfig(), rows) == expected

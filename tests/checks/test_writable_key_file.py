from __future__ import annotations

import pytest
from hygiene_checks.writable_key_file import WritableKeyFile
from scenarios import Found, ask

LINE = 'grants: host=web1 file=/srv/a fingerprint=SHA256:a writable_by="the group deploy"'


def found(message: str, files: int, *places: str, confidence: str = "high") -> list[Found]:
    return [Found("high", confidence, "host web1", f"web1 has {message}", {"files": files}, len(places), places)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("grants: host=web1 fingerprint=SHA256:a", [], id="nobody else can write the file"),
        pytest.param(
            LINE,
            found("1 key file in use that others can write", 1, "web1 anna /srv/a the group deploy 1 True"),
            id="a group can write it",
        ),
        pytest.param(
            f"""
            hosts: host=web1 tenant=acme
            {LINE} line=1
            {LINE} line=2
            {LINE} line=2 daemon=other
            {LINE} line=1 account=root opens_root=yes
            {LINE} file=/srv/b writable_by=everybody
            """,
            [
                Found(
                    "high",
                    "high",
                    "host web1",
                    "web1 has 2 key files in use that others can write, 1 of them opens root",
                    {"files": 2},
                    3,
                    (
                        "web1 acme anna /srv/a the group deploy 2 True",
                        "web1 acme anna /srv/b everybody 1 True",
                    ),
                )
            ],
            id="files are counted, not lines, accounts or daemons",
        ),
        pytest.param(
            f"{LINE} opens_root=yes\n{LINE} file=/srv/b opens_root=yes",
            found(
                "2 key files in use that others can write, 2 of them open root",
                2,
                "web1 anna /srv/a the group deploy 1 True",
                "web1 anna /srv/b the group deploy 1 True",
            ),
            id="both open root",
        ),
        pytest.param(
            f"{LINE} accepted=no cause=permissions line=1",
            [],
            id="sshd refuses the file: ineffective-key-line tells it",
        ),
        pytest.param(
            f"{LINE} accepted=no cause=typo line=1\n{LINE} line=2",
            found("1 key file in use that others can write", 1, "web1 anna /srv/a the group deploy 1 True"),
            id="one of its lines is enough, dead ones are not counted",
        ),
        pytest.param(
            f"{LINE}\n{LINE} line=2 accepted=unknown\n{LINE} file=/srv/b accepted=unknown",
            found(
                "2 key files in use that others can write (1 of them not proven)",
                2,
                "web1 anna /srv/a the group deploy 2 True",
                "web1 anna /srv/b the group deploy 1 False",
            ),
            id="what is not known counts, and is said",
        ),
        pytest.param(
            f"{LINE} accepted=unknown",
            found(
                "1 key file in use that others can write (1 of them not proven)",
                1,
                "web1 anna /srv/a the group deploy 1 False",
                confidence="medium",
            ),
            id="where nothing is proven, confidence drops",
        ),
        pytest.param(
            "grants: host=web1 file=/etc/ssh/ca.pub account=root fingerprint=SHA256:ca is_authority=yes opens_root=yes "
            "writable_by=anna",
            found(
                "1 key file in use that others can write, 1 of them opens root",
                1,
                "web1 root /etc/ssh/ca.pub anna 1 True",
            ),
            id="the file of an authority, which StrictModes does not look at",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(WritableKeyFile(), rows) == expected

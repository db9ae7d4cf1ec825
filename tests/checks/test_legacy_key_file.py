from __future__ import annotations

import pytest
from hygiene_checks.legacy_key_file import LegacyKeyFile
from scenarios import Found, ask

SECOND = "/home/anna/.ssh/authorized_keys2"
LINE = f"grants: host=web1 file={SECOND} fingerprint=SHA256:a"


def found(message: str, files: int, *places: str, confidence: str = "high") -> list[Found]:
    words = f"web1 takes keys from {message}"
    return [Found("low", confidence, "host web1", words, {"files": files}, len(places), places)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("", [], id="an empty fleet has nothing"),
        pytest.param("grants: host=web1 fingerprint=SHA256:a", [], id="the usual file"),
        pytest.param(
            LINE,
            found("1 file with an old name", 1, f"web1 anna {SECOND} 1 True"),
            id="the second file of old",
        ),
        pytest.param(
            f"""
            hosts: host=web1 tenant=acme
            {LINE} line=1
            {LINE} line=2
            {LINE} line=2 daemon=other
            {LINE} line=3 accepted=no cause=typo
            grants: host=web1 account=root file=/root/.ssh/authorized_keys2 fingerprint=SHA256:a
            """,
            found(
                "2 files with old names",
                2,
                f"web1 acme anna {SECOND} 2 True",
                "web1 acme root /root/.ssh/authorized_keys2 1 True",
            ),
            id="files are counted, not lines or daemons",
        ),
        pytest.param(f"{LINE} accepted=no cause=unread", [], id="sshd does not read it"),
        pytest.param(
            f"{LINE} accepted=unknown",
            found(
                "1 file with an old name (1 of them not proven)", 1, f"web1 anna {SECOND} 1 False", confidence="medium"
            ),
            id="where nothing is proven, confidence drops",
        ),
        pytest.param(
            f"{LINE}\n{LINE} account=root file=/root/.ssh/authorized_keys2 accepted=unknown",
            found(
                "2 files with old names (1 of them not proven)",
                2,
                f"web1 anna {SECOND} 1 True",
                "web1 root /root/.ssh/authorized_keys2 1 False",
            ),
            id="one proven file keeps the confidence",
        ),
        pytest.param(
            "grants: host=web1 file=/srv/authorized_keys2/anna fingerprint=SHA256:a", [], id="a folder of that name"
        ),
        pytest.param(
            "grants: host=web1 file=/srv/authorized_keys2.d fingerprint=SHA256:a", [], id="a name that begins like it"
        ),
        pytest.param(
            "grants: host=web1 file=authorized_keys2 fingerprint=SHA256:a",
            found("1 file with an old name", 1, "web1 anna authorized_keys2 1 True"),
            id="a name without a folder",
        ),
    ],
)
def test_findings(rows: str, expected: list[Found]) -> None:
    assert ask(LegacyKeyFile(), rows) == expected


@pytest.mark.parametrize(
    ("names", "files"),
    [
        pytest.param("authorized_keys2", ["/k/authorized_keys2"], id="the default"),
        pytest.param("*.old keys?", ["/k/a.old", "/k/keys1"], id="patterns, with blanks between them"),
        pytest.param("AUTHORIZED_KEYS2", [], id="upper and lower case are apart"),
        pytest.param("", [], id="none"),
        pytest.param("* ' $host", ["/k/a.old", "/k/authorized_keys2", "/k/keys1", "/k/keys10"], id="no SQL"),
    ],
)
def test_names_of_the_policy(names: str, files: list[str]) -> None:
    rows = "\n".join(
        f"grants: host={host} account=a file=/k/{file} fingerprint=SHA256:a"
        for host, file in (("h1", "a.old"), ("h2", "authorized_keys2"), ("h3", "keys1"), ("h4", "keys10"))
    )

    found = ask(LegacyKeyFile(names=names), rows)

    assert [place for one in found for place in one.places] == [
        f"{one.subject.removeprefix('host ')} a {file} 1 True" for one, file in zip(found, files, strict=True)
    ]

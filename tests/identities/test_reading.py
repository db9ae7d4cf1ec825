"""Encodings, delimiters and wrappings; names shared by exports; users that are there twice."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest

from hygiene.identities.exports import read_exports

from .exporting import as_json, aws, entra, graph, person, read, registration

USER = "jürgen@example.org"
EXPECTED = [person(USER, "strong", "totp", admin=False, enabled=True)]
TABLE = entra(f"{USER}|False|True|True|softwareOneTimePasscode")
JSON = json.dumps([registration(USER, "softwareOneTimePasscode")], ensure_ascii=False)


@pytest.mark.parametrize("text", [pytest.param(TABLE, id="CSV"), pytest.param(JSON, id="JSON")])
@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "cp1252",
        "utf-16",
        pytest.param("utf-16-le", id="UTF-16 LE without a mark"),
        pytest.param("utf-16-be", id="UTF-16 BE without a mark"),
        "utf-32",
    ],
)
def test_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    assert list(read(tmp_path, text.encode(encoding)).people) == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TABLE.replace(",", ";"), id="semicolons"),
        pytest.param(TABLE.replace(",", "\t"), id="tabs"),
        pytest.param(TABLE.replace(",", "|"), id="bars"),
        pytest.param(TABLE.replace("\r\n", "\n"), id="line feeds"),
        pytest.param(TABLE.replace("\r\n", "\r"), id="carriage returns"),
        pytest.param("sep=;\r\n" + TABLE.replace(",", ";"), id="Excel's first line"),
        pytest.param(
            "#TYPE Selected.System.Management.Automation.PSCustomObject\n" + TABLE, id="PowerShell's first line"
        ),
        pytest.param("Registration details\n\n" + TABLE, id="a title"),
        pytest.param(TABLE.replace("\r\n", ",,\r\n"), id="empty columns at the end"),
        pytest.param(TABLE + "\r\n,,\r\n", id="blank rows at the end"),
        pytest.param(TABLE.replace("isAdmin", "IS ADMIN"), id="headers are folded"),
        pytest.param(TABLE.replace("userPrincipalName", '"userPrincipalName"'), id="quoted headers"),
    ],
)
def test_tables(tmp_path: Path, content: str) -> None:
    assert list(read(tmp_path, content).people) == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f'{{"value": {JSON}}}', id="an answer of Graph"),
        pytest.param(f"[{JSON}]", id="pages gathered in a list"),
        pytest.param(f"{JSON}\n[]\n", id="pages one after the other"),
        pytest.param(JSON[1:-1], id="one object"),
        pytest.param(f" \r\n\t{JSON}\n", id="blanks around"),
        pytest.param(JSON[1:-1] + "\n", id="JSON lines"),
    ],
)
def test_documents(tmp_path: Path, content: str) -> None:
    assert list(read(tmp_path, content).people) == EXPECTED


def test_entries_need_not_all_have_every_key(tmp_path: Path) -> None:
    one, two = registration("a@example.org", "fido2"), registration("b@example.org", "sms")
    for key in ("isAdmin", "isMfaRegistered", "methodsRegistered"):
        del one[key]

    assert list(read(tmp_path, graph(one, two)).people) == [
        person("a@example.org", "unknown", enabled=True),
        person("b@example.org", "phishable", "sms", admin=False, enabled=True),
    ]


def test_exports_have_the_names_of_their_files(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one/aws.csv", "two/aws.csv", "three.csv")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(aws("user1|true|true"), encoding="utf-8")
    audit = read_exports([*paths, paths[0]])

    names = [str(paths[0]), str(paths[1]), "three.csv"]
    assert [info.name for info in audit.exports] == names
    assert list(audit.people) == [person("user1", "strong", enabled=True, source=name) for name in names]


def test_a_user_of_whom_the_same_is_said_twice_is_one(tmp_path: Path) -> None:
    audit = read(tmp_path, aws("user1|true|true", "user2|true|true", "USER1|true|true"))

    assert [row.user for row in audit.people] == ["user1", "user2"]
    assert (audit.exports[0].people, audit.exports[0].repeated) == (2, 1)


def test_people_can_be_looked_at_anyhow(tmp_path: Path) -> None:
    people = read(tmp_path, aws("user1|true|true", "user2|true|false", "user3|false|false")).people

    assert people[1] == person("user2", "none", enabled=True)
    assert people[-1] == person("user3", "none", enabled=False)
    assert people[:2] == tuple(people)[:2]
    assert repr(people) == "People(3)"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
def test_names_are_kept_as_they_are(tmp_path: Path, mark: bytes) -> None:
    names = ["=1+1", "+a", "-a", "@a", "a\u202eb", "a\u200bb", "<b>a</b>", "\x1b[31ma", "İ", "ﬁ"]
    table = mark + aws(*(f"{name}|true|true" for name in names)).encode()

    assert [row.user for row in read(tmp_path, table).people] == names
    users = [{"username": name, "two_factor_enabled": True} for name in [*names, "a\0b", "\ud800"]]
    assert [row.user for row in read(tmp_path, as_json(users)).people] == [*names, "a\0b", "\ud800"]

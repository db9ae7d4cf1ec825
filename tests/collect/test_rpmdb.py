"""The version of OpenSSH in an RPM database: real ones, damaged ones, hostile ones; nothing is written beside them."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pytest

from hygiene.collect.rpmdb import openssh_version, read_header

from .disk import Link, make, snapshot

NAME, VERSION, RELEASE, EPOCH, STRING, INT32 = 1000, 1001, 1002, 1003, 6, 4


def header(*entries: tuple[int, str | int]) -> bytes:
    """A package header as rpm keeps it."""
    index, data = b"", b""
    for tag, value in entries:
        if isinstance(value, int):
            data += b"\0" * (-len(data) % 4)
        index += struct.pack(">IIII", tag, STRING if isinstance(value, str) else INT32, len(data), 1)
        data += value.encode() + b"\0" if isinstance(value, str) else struct.pack(">I", value)
    return struct.pack(">II", len(entries), len(data)) + index + data


SERVER = header((NAME, "openssh-server"), (VERSION, "8.7p1"), (RELEASE, "38.el9_4.4"))


def database(path: Path, packages: dict[str, bytes | str | int]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # as rpm does; whoever opens it so makes files beside it
        connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        connection.execute("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
        for number, (name, blob) in enumerate(packages.items(), 1):
            connection.execute("INSERT INTO Packages VALUES (?, ?)", (number, blob))
            connection.execute("INSERT INTO Name VALUES (?, ?, 0)", (name, number))
        connection.commit()
    return path


SYSIMAGE = "usr/lib/sysimage/rpm/rpmdb.sqlite"


@pytest.mark.parametrize(
    ("packages", "version"),
    [
        pytest.param(
            {"bash": header((VERSION, "5"), (RELEASE, "1")), "openssh-server": SERVER}, "8.7p1-38.el9_4.4", id="server"
        ),
        pytest.param(
            {"openssh-server": header((VERSION, "9.6p1"), (EPOCH, 2), (RELEASE, "1.fc40"))},
            "2:9.6p1-1.fc40",
            id="epoch",
        ),
        pytest.param({"openssh": SERVER}, "8.7p1-38.el9_4.4", id="in one package with the client"),
        pytest.param(
            {"openssh": header((VERSION, "9"), (RELEASE, "9")), "openssh-server": SERVER},
            "8.7p1-38.el9_4.4",
            id="the server's own before the common one",
        ),
        pytest.param({"bash": SERVER}, None, id="not installed"),
        pytest.param({"openssh-server": header((VERSION, "9.6p1"))}, None, id="no release"),
        pytest.param({"openssh-server": "text"}, None, id="no header: text"),
        pytest.param({"openssh-server": 7}, None, id="no header: a number"),
        pytest.param({"openssh-server": b""}, None, id="no header: nothing"),
    ],
)
def test_what_a_database_tells(tmp_path: Path, packages: dict[str, bytes | str | int], version: str | None) -> None:
    database(tmp_path / SYSIMAGE, packages)
    before = snapshot(tmp_path)
    assert openssh_version(tmp_path) == version
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("../../opt/rpm", id="relative"),
        pytest.param("/opt/rpm", id="absolute"),
        pytest.param("../../../../../../../../opt/rpm", id="above the root"),
        pytest.param("/var/lib/../../opt/./rpm/", id="dots"),
    ],
)
def test_links_stay_inside_the_root(tmp_path: Path, link: str) -> None:
    root = make(tmp_path / "root", {"/var/lib/rpm": Link(link)})
    database(tmp_path / "root/opt/rpm/rpmdb.sqlite", {"openssh-server": SERVER})
    assert openssh_version(root) == "8.7p1-38.el9_4.4"
    database(tmp_path / "outside/rpmdb.sqlite", {"openssh-server": SERVER})
    other = make(tmp_path / "other", {"/var/lib/rpm": Link(tmp_path / "outside"), "/usr/lib/sysimage/rpm": Link("rpm")})
    assert openssh_version(other) is None


def test_changes_that_were_not_taken_over_make_it_unknown(tmp_path: Path) -> None:
    path = database(tmp_path / SYSIMAGE, {"openssh-server": SERVER})
    journal = path.with_name("rpmdb.sqlite-wal")
    journal.touch()
    assert openssh_version(tmp_path) == "8.7p1-38.el9_4.4"
    journal.write_bytes(b"newer")
    assert openssh_version(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 5000, id="rubbish"),
        pytest.param(None, id="cut"),
    ],
)
def test_what_is_no_database(tmp_path: Path, content: bytes | None) -> None:
    path = database(tmp_path / SYSIMAGE, {"openssh-server": SERVER})
    path.write_bytes(path.read_bytes()[:6000] if content is None else content)
    assert openssh_version(tmp_path) is None


def test_a_database_that_computes_for_ever_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / SYSIMAGE
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS hnum, x AS blob FROM n"
        connection.execute(f"CREATE VIEW Packages AS {endless}")
        connection.execute("CREATE TABLE Name (key, hnum)")
        connection.commit()
    assert openssh_version(tmp_path) is None


def test_any_header_is_read_or_not_and_nothing_raises() -> None:
    assert read_header(SERVER) == "8.7p1-38.el9_4.4"
    for at in range(len(SERVER)):
        assert read_header(SERVER[:at]) is None
        for value in (0, 1, 0x7F, 0xFF):
            read_header(SERVER[:at] + bytes((value,)) + SERVER[at + 1 :])
    assert read_header(struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF)) is None
    assert read_header(header((VERSION, "9\x1b[31m"), (RELEASE, "1"))) is None
    assert read_header(header((VERSION, "9" * 1000), (RELEASE, "1"))) is None

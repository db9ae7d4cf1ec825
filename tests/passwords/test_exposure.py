"""Who else can read a list, as the system says it; and what each format says of itself."""

from __future__ import annotations

import grp
import io
import json
import os
import pwd
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hygiene.passwords.read import open_list
from hygiene.passwords.read.exposure import Exposure, exposure
from hygiene.passwords.read.source import Source

from .spreadsheets import ods, ods_rows, xls
from .workbooks import workbook

ME = os.getuid()
# a group that is nobody's own
SHARED = next(group for group in grp.getgrall() if group.gr_name not in {user.pw_name for user in pwd.getpwall()})
as_root = pytest.mark.skipif(ME != 0, reason="only root may give files away")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all can enter; those of pytest are closed."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def seen(path: Path) -> Exposure:
    with path.open("rb") as file:
        return exposure(file.fileno(), path)


def make(folder: Path, mode: int, group: int = -1) -> Path:
    path = folder / "list.csv"
    path.write_text("user;password\n")
    os.chown(path, -1, group)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("mode", "readable_by"),
    [
        pytest.param(0o600, None, id="its owner alone"),
        pytest.param(0o644, "everybody", id="everybody"),
        pytest.param(0o604, "everybody", id="all but a group"),
        pytest.param(0o622, None, id="to write is not to read"),
        pytest.param(0o640, f"group {SHARED.gr_name}", id="a group", marks=as_root),
    ],
)
def test_mode(open_folder: Path, mode: int, readable_by: str | None) -> None:
    assert seen(make(open_folder, mode, SHARED.gr_gid if ME == 0 else -1)) == Exposure(f"{mode:04o}", readable_by)


@as_root
def test_a_group_of_ones_own_is_nobody_else(open_folder: Path) -> None:
    own = grp.getgrgid(pwd.getpwuid(0).pw_gid)
    expected = None if own.gr_name == "root" and set(own.gr_mem) <= {"root"} else f"group {own.gr_name}"
    assert seen(make(open_folder, 0o640, own.gr_gid)) == Exposure("0640", expected)
    assert seen(make(open_folder, 0o640, 54_321)) == Exposure("0640", "group 54321")


@pytest.mark.parametrize(
    ("folder_mode", "readable_by"),
    [
        pytest.param(0o711, "everybody", id="to enter is enough"),
        pytest.param(0o744, None, id="to list is not"),
        pytest.param(0o700, None, id="closed"),
        pytest.param(0o750, f"group {SHARED.gr_name}", id="a group enters", marks=as_root),
    ],
)
def test_folders_above(open_folder: Path, folder_mode: int, readable_by: str | None) -> None:
    inner = open_folder / "a" / "b"
    inner.mkdir(parents=True)
    path = make(inner, 0o644)
    if ME == 0:
        os.chown(open_folder / "a", -1, SHARED.gr_gid)
    (open_folder / "a").chmod(folder_mode)
    assert seen(path) == Exposure("0644", readable_by)
    link = open_folder / "link.csv"
    link.symlink_to(path)
    assert seen(link) == Exposure("0644", readable_by), "the file's own folders count, not those of a link"


def test_another_name_of_the_file_may_stand_in_the_open(open_folder: Path) -> None:
    inner = open_folder / "a"
    inner.mkdir(0o700)
    path = make(inner, 0o644)
    (open_folder / "other.csv").hardlink_to(path)
    assert seen(path) == Exposure("0644", "everybody")


@as_root
def test_the_owner_of_a_closed_folder(open_folder: Path) -> None:
    inner = open_folder / "a"
    inner.mkdir(0o700)
    path = make(inner, 0o644)
    other = next(user for user in pwd.getpwall() if user.pw_uid != 0)
    os.chown(inner, other.pw_uid, -1)
    assert seen(path) == Exposure("0644", f"user {other.pw_name}")
    path.chmod(0o600)
    assert seen(path) == Exposure("0600", None)


# acl(5); linux/posix_acl_xattr.h: tag, permissions, id
NO_ID = 0xFFFF_FFFF
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20


@pytest.mark.parametrize(
    ("named", "mask", "readable_by"),
    [
        pytest.param((USER, 4, 54_321), 4, "user 54321", id="user"),
        pytest.param((GROUP, 4, 54_321), 4, "group 54321", id="group"),
        pytest.param((USER, 4, 54_321), 0, None, id="masked"),
        pytest.param((USER, 2, 54_321), 6, None, id="to write is not to read"),
        pytest.param((USER, 4, ME), 4, None, id="the owner"),
    ],
)
def test_access_list(open_folder: Path, named: tuple[int, int, int], mask: int, readable_by: str | None) -> None:
    path = make(open_folder, 0o600)
    entries = [(USER_OBJ, 6, NO_ID), named, (GROUP_OBJ, 0, NO_ID), (MASK, mask, NO_ID), (OTHER, 0, NO_ID)]
    entries.sort(key=lambda entry: entry[0])
    data = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", data)
    except OSError as error:
        pytest.skip(f"no access lists here: {error.strerror}")
    assert seen(path) == Exposure(f"06{mask}0", readable_by)


def test_a_pipe_is_no_file() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"Abc\n")
    os.close(writing)
    try:
        source = Source.open(Path(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)
    with source.file:
        assert (source.exposure, source.head) == (Exposure(None, None), b"Abc\n")


ROWS = [["user", "password"], ["root", "Abc"]]
PUX = io.BytesIO()
with zipfile.ZipFile(PUX, "w") as archive:
    archive.writestr("export.data", '{"accounts": []}')
ITEMS = [{"name": "web1", "login": {"username": "root", "password": "Abc"}, "login_url": "web1"}]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        pytest.param("a.csv", b"user;password\nroot;Abc\n", ("CSV", False), id="CSV"),
        pytest.param("a.txt", b"user\tpassword\nroot\tAbc\n", ("TSV", False), id="TSV"),
        pytest.param("a.txt", b"Abc\nDef\n", ("plain lines", False), id="plain"),
        pytest.param("a.txt", b"root:*:19000:0:99999:7:::\n", ("shadow", False), id="shadow"),
        pytest.param("a.xlsx", workbook({"T": ROWS}), ("XLSX", True), id="XLSX"),
        pytest.param("a.xls", xls({"T": ROWS}), ("XLS", True), id="XLS"),
        pytest.param("a.ods", ods({"T": ods_rows(*ROWS)}), ("ODS", True), id="ODS"),
        pytest.param("a.json", json.dumps({"items": ITEMS}).encode(), ("Bitwarden JSON", True), id="Bitwarden"),
        pytest.param("a.json", json.dumps({"records": ITEMS}).encode(), ("Keeper JSON", False), id="Keeper"),
        pytest.param("a.json", json.dumps({"accounts": []}).encode(), ("1Password JSON", False), id="1Password"),
        pytest.param("a.1pux", PUX.getvalue(), ("1PUX", False), id="1PUX"),
        pytest.param(
            "a.xml", b"<?xml version='1.0'?><KeePassFile></KeePassFile>", ("KeePass XML", False), id="KeePass"
        ),
    ],
)
def test_format(tmp_path: Path, name: str, data: bytes, expected: tuple[str, bool]) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with open_list(path) as reader:
        assert (reader.format, reader.encrypted, reader.encryptable) == (expected[0], False, expected[1])

"""What vendors deliver is found, by pair or by a password that tells alone; lists of defaults are read or refused."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.defaults.pairs import Defaults, from_file, read, vendor_defaults


@pytest.mark.parametrize(
    ("account", "password", "expected"),
    [
        pytest.param("admin", "admin", True, id="the commonest"),
        pytest.param("root", "calvin", True, id="a management card"),
        pytest.param("ROOT", "calvin", True, id="users are compared without case"),
        pytest.param(" root ", "calvin", True, id="and without blanks around them"),
        pytest.param("IDRAC\\root", "calvin", True, id="and without a domain before them"),
        pytest.param("root@idrac7", "calvin", True, id="or behind them"),
        pytest.param("root", "Calvin", False, id="passwords are compared exactly"),
        pytest.param("root", "calvin ", False, id="with all their blanks"),
        pytest.param("anna", "calvin", False, id="a name is nobody's default elsewhere"),
        pytest.param(None, "calvin", False, id="nor without a user"),
        pytest.param(None, "change_on_install", True, id="what only a vendor writes tells alone"),
        pytest.param("anna", "changeit", True, id="with any user"),
        pytest.param("admin", "", False, id="an empty one is another matter"),
        pytest.param("SAP*", "06071992", True, id="a star in a user's name is that user's"),
        pytest.param("anna", "06071992", False, id="and a date is a date elsewhere"),
        pytest.param("anna", "*", False, id="a star is no password"),
    ],
)
def test_ours(account: str | None, password: str, expected: bool) -> None:
    assert vendor_defaults().hit(account, password) is expected


def test_ours_is_large_enough() -> None:
    assert len(vendor_defaults().pairs) >= 150
    assert all(user == user.casefold() and len(password) > 1 for user, password in vendor_defaults().pairs)
    assert min(map(len, vendor_defaults().alone)) >= 4


@pytest.mark.parametrize(
    ("text", "pairs", "alone"),
    [
        pytest.param("user,password\nroot,x1y2\n", {("root", "x1y2")}, set(), id="the least"),
        pytest.param(
            "productvendor,username,password\nAcme,Admin,<blank>\nAcme,<blank>,x\nAcme,Ops,Op5\n",
            {("ops", "Op5")},
            set(),
            id="the columns and blanks of a well known collection",
        ),
        pytest.param('# ours\nuser,password\n\n*,"a,b"\n# end', set(), {"a,b"}, id="comments, any user, a comma"),
        pytest.param("password,user\n x ,root\n", {("root", " x ")}, set(), id="blanks belong to a password"),
        pytest.param("\ufeffUser,Password\nroot,y", {("root", "y")}, set(), id="a byte order mark, capitals"),
        pytest.param('user,password\nroot,"x\nops,y', {("root", "x"), ("ops", "y")}, set(), id="one quote, one line"),
    ],
)
def test_read(tmp_path: Path, text: str, pairs: set[tuple[str, str]], alone: set[str]) -> None:
    path = tmp_path / "defaults.csv"
    path.write_text(text, encoding="utf-8")

    assert from_file(path) == Defaults(frozenset(pairs), frozenset(alone))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "{}: expected a first row that names the columns", id="empty"),
        pytest.param(b"root,Zq8canary\n", "{}: expected a first row that names the columns", id="no header"),
        pytest.param(b"user,password\nZq8canary\n", "{}:2: the row has no password column", id="a row is too short"),
        pytest.param(b"user,password\nroot,Zq8canary\xff\n", "{}: is not UTF-8", id="another encoding"),
        pytest.param(b"user,password\n" + b"Zq8canary," * 2_000_000, "{}: more than 16 MiB", id="too large"),
        pytest.param(None, "{}: cannot be read (No such file or directory)", id="not there"),
    ],
)
def test_refused_without_a_word_of_it(tmp_path: Path, data: bytes | None, message: str) -> None:
    path = tmp_path / "defaults.csv"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(ListError) as caught:
        from_file(path)

    assert str(caught.value).startswith(message.format(path))
    assert "Zq8canary" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None or "Zq8canary" not in repr(vars(caught.value.__context__))


def test_a_long_cell_is_refused_or_read() -> None:
    assert read(["user,password", "root," + "x" * 100_000], "a").hit("root", "x" * 100_000)
    with pytest.raises(ListError, match="a:2: "):
        read(["user,password", "root," + "x" * 200_000], "a")


def test_its_repr_shows_a_number() -> None:
    both = read(["user,password", "root,Zq8canary"], "a").joined(read(["user,password", "*,vx7kolibri"], "b"))

    assert both.hit("root", "Zq8canary")
    assert both.hit(None, "vx7kolibri")
    assert repr(both) == "Defaults(2)"

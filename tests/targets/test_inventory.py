"""Sources of hosts, read together."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from hygiene.errors import InventoryError
from hygiene.model import Target
from hygiene.targets.inventory import load

NOTHING = io.BytesIO()


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)


def test_sources_by_extension_and_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "list": b"\xef\xbb\xbfa\n",
            "t.csv": b"host\nb\n",
            "i.ini": b"[g]\nc\n",
            "y.yml": b"g: {hosts: {d: }}\n",
            "plain": b"[g]\ne ansible_port=24\n",
        },
    )
    sources = ["list", "t.csv", "i.ini", "y.yml", "ansible:plain", "-"]
    assert load(sources, io.BytesIO(b"f\n")) == (
        Target("a", "a", place="list:1"),
        Target("b", "b", place="t.csv:2"),
        Target("c", "c", tags=("g",), place="i.ini:2"),
        Target("d", "d", tags=("g",), place="y.yml:1"),
        Target("e", "e", 24, tags=("g",), place="plain:2"),
        Target("f", "f", place="standard input:1"),
    )


def test_same_target_twice_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"a": b"Web1 tag=x\nb\nweb1:22 tag=y tenant=acme\nroot@WEB1\n"})
    assert load(["a", "a"], NOTHING) == (
        Target("Web1", "Web1", 22, "root", "acme", ("x", "y"), "a:1"),
        Target("b", "b", place="a:2"),
    )


REMEDY = "give each host a name of its own, or take one line out"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"a": b"w:22\n", "b.csv": b"host,address\nw,192.0.2.1\n"},
            f"b.csv:2: 'w' has address '192.0.2.1:22' here and 'w:22' at a:1; {REMEDY}",
            id="two-addresses",
        ),
        pytest.param(
            {"a": b"w\nW:2222\n"}, f"a:2: 'W' has address 'w:2222' here and 'w:22' at a:1; {REMEDY}", id="two-ports"
        ),
        pytest.param(
            {"a": b"w tenant=x\nw tenant=y\n"},
            f"a:2: 'w' has tenant 'y' here and 'x' at a:1; {REMEDY}",
            id="two-tenants",
        ),
        pytest.param({"a": b"x@w\ny@w\n"}, f"a:2: 'w' has user 'y' here and 'x' at a:1; {REMEDY}", id="two-users"),
        pytest.param(
            {"a": b"ok\nno:port\n\n-x\n"},
            "a:2: port 'port' is not a number from 1 to 65535\n"
            "a:4: '-x' is not a host name; expected letters, digits, dots and hyphens",
            id="all-bad-lines-at-once",
        ),
        pytest.param(
            {"a": b"w:x\n" * 13},
            "\n".join(f"a:{n}: port 'x' is not a number from 1 to 65535" for n in range(1, 11)) + "\n... and 3 more",
            id="at-most-ten",
        ),
        pytest.param({"a": b"# later\n"}, "a: names no host; expected at least one", id="empty"),
        pytest.param(
            {"a": b"w\n\0\n"},
            "a:2: holds a NUL byte; expected a text file in UTF-8, is this the right file?",
            id="nul-byte",
        ),
        pytest.param(
            {"a": b"w\n# caf\xe9\n"}, "a:2: is not UTF-8; expected a text file in UTF-8, save it as that", id="latin-1"
        ),
        pytest.param({"a": b"\xff\xfew\0"}, "a: is UTF-16; expected UTF-8, save it as that", id="utf-16"),
        pytest.param(
            {"a.csv": b"\x50\x4b\x03\x04\0"},
            "a.csv:1: holds a NUL byte; expected a text file in UTF-8, is this the right file?",
            id="a-spreadsheet",
        ),
    ],
)
def test_bad_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, files)
    with pytest.raises(InventoryError) as caught:
        load(sorted(files), NOTHING)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "none", "none: cannot be read: No such file or directory; check the path given with -i", id="absent"
        ),
        pytest.param(".", ".: is a folder; expected a file, name the inventory inside it", id="folder"),
        pytest.param("-", "standard input: names no host; expected at least one", id="empty-stdin"),
    ],
)
def test_unreadable_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InventoryError) as caught:
        load([source], io.BytesIO())
    assert str(caught.value) == message


def test_a_large_list_is_read_in_linear_time() -> None:
    lines = b"".join(b"ops@h%d:22 tenant=t%d\n" % (n, n % 80) for n in range(20_000))
    targets = load(["-"], io.BytesIO(lines))
    assert (len(targets), targets[-1]) == (
        20_000,
        Target("h19999", "h19999", 22, "ops", "t79", (), "standard input:20000"),
    )

"""Marked passwords, in every format and on every way to fail, appear in nothing that leaves the room."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.lists import Progress, score_lists
from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import RawEntry
from passwords.canaries import ONE, READABLE, REFUSED, TWO, found_in, rendered


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that this process and its workers use."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def contents(folder: Path) -> bytes:
    return b"".join(str(path).encode() + (path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*"))


def of_children(_: Progress) -> bytes:
    """Command lines and environments of the processes that this one started."""
    seen = b""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                seen += (stat.parent / "cmdline").read_bytes()
                seen += (stat.parent / "environ").read_bytes()
        except OSError:
            continue
    return seen


@pytest.mark.prove
@pytest.mark.parametrize("name", READABLE)
def test_scored(
    tmp_path: Path,
    watched: Path,
    name: str,
    caplog: pytest.LogCaptureFixture,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / name
    path.write_bytes(READABLE[name])
    children: list[bytes] = []
    told: list[Progress] = []

    def progress(one: Progress) -> None:
        told.append(one)
        children.append(of_children(one))

    audit = score_lists([path], progress, processes=1)
    assert len(audit.entries) >= 2
    assert b"hygiene.passwords.score.worker" in children[0]
    shown = [repr(audit), *map(repr, audit.entries), *map(repr, audit.lists), *map(repr, told), caplog.text]
    captured = capfdbinary.readouterr()
    everything = "\n".join(shown).encode() + captured.out + captured.err + contents(watched) + b"".join(children)
    assert found_in(everything) == []


@pytest.mark.parametrize("name", READABLE)
def test_raw_entries_show_their_row_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(READABLE[name])
    with open_list(path) as reader:
        raw = list(reader)
    assert found_in("".join(entry.password for entry in raw if isinstance(entry, RawEntry)).encode()) != []
    shown = [
        *map(repr, raw),
        *map(str, raw),
        repr(reader),
        repr(reader.tally),
        *reader.tally.notes(),
        *reader.tally.unread(),
    ]
    assert found_in("\n".join(shown).encode()) == []


@pytest.mark.parametrize("name", REFUSED)
def test_refused(
    tmp_path: Path,
    watched: Path,
    name: str,
    caplog: pytest.LogCaptureFixture,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / name
    path.write_bytes(REFUSED[name])
    with pytest.raises(ListError) as caught:
        score_lists([path], processes=1)
    captured = capfdbinary.readouterr()
    everything = f"{rendered(caught.value)}\n{caplog.text}".encode() + captured.out + captured.err + contents(watched)
    assert "\n" not in str(caught.value)
    assert found_in(everything) == []


def _hex(text: str) -> str:
    return text.encode().hex()


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


@pytest.mark.parametrize("change", [str, repr, ascii, str.upper, lambda text: text[::-1], _hex, _sha1])
def test_the_search_finds_what_is_planted(watched: Path, change: Callable[[str], str]) -> None:
    (watched / "leak").write_text(f"some text {change(TWO)} more text")
    assert found_in(contents(watched)) == [TWO]


def test_the_search_finds_a_hidden_context() -> None:
    error = ListError("clean")
    error.__context__ = KeyError(ONE)
    error.__suppress_context__ = True
    assert found_in(rendered(error).encode()) == [ONE]

"""Marked passwords, in every format and on every way to fail, appear in nothing that leaves the room."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import os
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.lists import Progress, score_lists
from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import RawEntry
from passwords.spreadsheets import ods, ods_rows, xls
from passwords.workbooks import with_part, workbook

CANARIES = ("Zq8canary-Eins!", "Zq8canary-Zwöi€9", "vx7kolibri")


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may look where it was written without thought."""
    data = secret.encode()
    yield data
    yield ascii(secret)[1:-1].encode()
    yield secret.lower().encode()
    yield secret.upper().encode()
    yield secret[::-1].encode()
    yield secret.encode("utf-16-le")
    yield secret.encode("utf-16-be")
    yield secret.encode("cp1252", "replace")
    yield data.hex().encode()
    yield base64.b64encode(data).rstrip(b"=")
    for algorithm in ("md5", "sha1", "sha256", "blake2b"):
        yield hashlib.new(algorithm, data).hexdigest().encode()


def found_in(output: bytes) -> list[str]:
    lower = output.lower()
    return [secret for secret in CANARIES if any(form.lower() in lower for form in forms(secret))]


def rendered(error: BaseException) -> str:
    """All that a careless handler could show of an error: its text, its repr, its chain whether hidden or not."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        parts += [str(seen), repr(seen), repr(vars(seen)), *traceback.format_exception(seen)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


ONE, TWO, THREE = CANARIES
TABLE = f"Benutzer;Kennwort;System\nroot;{ONE};web1\nhans;{TWO};zq8\neva;{THREE};vx7kolibr\nx;{ONE};y\n"
SHEET = [["Benutzer", "Passwort"], ["root", ONE], ["hans", TWO], ["eva", THREE]]


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def bitwarden() -> bytes:
    items = [
        {"login": {"password": one, "username": "u"}, "passwordHistory": [{"password": THREE}]} for one in CANARIES
    ]
    return json.dumps({"items": items}, ensure_ascii=False).encode()


def pux(tail: bytes = b"") -> bytes:
    items = [{"details": {"password": one}} for one in CANARIES]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("export.data", json.dumps({"accounts": [{"vaults": [{"items": items}]}]}).encode() + tail)
    return out.getvalue()


def keepass() -> bytes:
    entries = "".join(f"<Entry><String><Key>Password</Key><Value>{one}</Value></String></Entry>" for one in CANARIES)
    return f"<?xml version='1.0'?><KeePassFile><Root><Group>{entries}</Group></Root></KeePassFile>".encode()


READABLE = {
    "utf-8.csv": TABLE.encode(),
    "bom.csv": TABLE.encode("utf-8-sig"),
    "utf-16.csv": TABLE.encode("utf-16"),
    "cp1252.csv": TABLE.encode("cp1252"),
    "tabs.tsv": TABLE.replace(";", "\t").encode(),
    "two.csv": f"user;pw alt;pw neu\nroot;{ONE};{TWO}\neva;{THREE};n/a\n".encode(),
    "wide.csv": f"user;password\nroot;x;{ONE}\nroot;{TWO};{THREE}\n".encode(),
    "plain.txt": f"{ONE}\n{TWO}\n{THREE}\n".encode(),
    "titles.csv": f"{ONE}\n{TABLE}".encode(),
    "pairs.txt": f"root:{ONE}\nhans:{TWO}\n{THREE}\n".encode(),
    "bitwarden.json": bitwarden(),
    "vault.1pux": pux(),
    "keepass.xml": keepass(),
    "lastpass.csv": f"url,username,password,totp,extra,name,grouping,fav\nh,u,{ONE},,,,,\nh,u,{TWO},,,,,\n".encode(),
    "keepass1.csv": f'Account,Login Name,Password,Web Site,Comments\n"","","{ONE}","",""\n"","","{TWO}"\n'.encode(),
    "sheet.xls": xls({"T": SHEET}),
    "sheet.ods": ods({"T": ods_rows(*SHEET)}),
    "hashed.csv": f"user;password\na;$6$saltsalt${'x' * 86}\nb;{TWO}\nc;{ONE}\n".encode(),
    "keeper.csv": f",T,u,{ONE},https://h,,\n,T,u,{TWO},,,\n".encode(),
    "one-column.csv": f"Passwort\n{ONE}\n{TWO}\n".encode(),
    "sheet.xlsx": workbook({"T": SHEET}),
    "hidden.xlsx": workbook({"T": SHEET, "H": SHEET, "Info": [[ONE, TWO]]}, hidden=("H",)),
    "titles.xlsx": workbook({"T": [[ONE], [], *SHEET]}),
}
REFUSED = {
    "no-header.csv": f"root;{ONE};web1\nhans;{TWO};web2\n".encode(),
    "no-header.txt": f"root;{ONE};web1\nhans;{TWO};web2\n".encode(),
    "no-header-but-names.csv": f"Benutzer;Server;{ONE}\nhans;web2;{TWO}\n".encode(),
    "no-header.xlsx": workbook({"T": [["root", ONE], ["user", TWO, "host"]]}),
    "one.csv": f"{ONE}\n{TWO}\n".encode(),
    "quote.csv": f'user;password\nroot;"{ONE}\nhans;{TWO}\n'.encode(),
    "quote-text.csv": f'user;password\nroot;"{ONE}"{TWO}\n'.encode(),
    "quote-long.csv": (f'user;password\nroot;"{ONE}\n' + f"{TWO}\n" * 2000).encode(),
    "long.txt": (ONE * 20_000).encode(),
    "nul.txt": f"{ONE}\n{TWO}\0\n{THREE * 2000}".encode(),
    "cut-utf-16.txt": f"{ONE}\n{TWO}\n".encode("utf-16")[:-1],
    "lying-mark.csv": b"\xef\xbb\xbf" + TABLE.encode("cp1252"),
    "cut.json": bitwarden()[:-9],
    "another.json": f'[{{"password": "{ONE}"}}]'.encode(),
    "encrypted.json": f'{{"encrypted": true, "data": "{ONE}"}}'.encode(),
    "deep.json": (f'{{"items": ["{ONE}", ' + "[" * 100_000).encode(),
    "cut.1pux": pux()[:-30],
    "torn.1pux": pux(b"x"),
    "list.xml": f"<?xml version='1.0'?><p>{ONE}</p>".encode(),
    "cut.xml": keepass()[:-30],
    "torn.xml": keepass().replace(b"</Value>", f"</{TWO[:7]}>".encode(), 2),
    "entity.xml": keepass().replace(b"<KeePassFile>", f'<!DOCTYPE a [<!ENTITY b "{ONE}">]><KeePassFile>'.encode()),
    "protected.xml": keepass().replace(b"<Value>", b'<Value Protected="True">'),
    "long.xml": keepass().replace(THREE.encode(), THREE.encode() * 20_000),
    "cut.xlsx": cut(workbook({"T": SHEET})),
    "entity.xlsx": with_part(
        workbook({"T": SHEET}),
        "xl/worksheets/sheet1.xml",
        f'<!DOCTYPE x [<!ENTITY a "{ONE}">]><x>&a;{TWO}</x>'.encode(),
    ),
    "broken.xlsx": with_part(workbook({"T": SHEET}), "xl/worksheets/sheet1.xml", f"<x><c>{ONE}</x>".encode()),
    "cut.xls": xls({"T": SHEET})[:1700],
    "locked.xls": xls({"T": SHEET}, locked=True),
    "torn.ods": ods({"T": ods_rows(*SHEET)}, content=f"<a><b>{TWO}</a>"),
    "place.xlsx": with_part(
        workbook({"T": SHEET}), "xl/worksheets/sheet1.xml", f'<x><c r="{THREE.upper()}1">{ONE}</c></x>'.encode()
    ),
    "encrypted.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + ONE.encode() + "EncryptedPackage".encode("utf-16-le"),
}


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

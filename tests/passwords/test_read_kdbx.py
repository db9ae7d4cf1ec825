"""KeePass databases: made by pykeepass and by hand, opened, and refused in one line."""

from __future__ import annotations

import importlib.util
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from hygiene.errors import ListError
from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import HashLine
from hygiene.passwords.read.reading import Reading
from passwords import kdbx

WITHOUT = importlib.util.find_spec("pykeepass") is None
needs_pykeepass = pytest.mark.skipif(WITHOUT, reason="KDBX needs pykeepass: pip install 'ssh-hygiene[keepass]'")
SECRET = "open Sesäme"
kdbx3 = partial(kdbx.kdbx3, secret=SECRET)
Row = tuple[int | str | None, ...]


def read(path: Path, reading: Reading) -> tuple[list[Row], tuple[str, ...], tuple[str, ...]]:
    rows: list[Row] = []
    with open_list(path, reading) as reader:
        for entry in reader:
            assert not isinstance(entry, HashLine)
            rows.append((entry.row, entry.password, entry.account, entry.system))
    return rows, reader.tally.notes(), reader.tally.unread()


def given(passphrase: str | None = SECRET, key_file: Path | None = None) -> Reading:
    return Reading(passphrase=lambda _: passphrase, key_file=key_file)


def entry(password: str, user: str, title: str, history: str = "") -> str:
    fields = (("Title", title), ("UserName", user), ("Password", password))
    strings = "".join(f"<String><Key>{key}</Key><Value>{value}</Value></String>" for key, value in fields)
    return f"<Entry>{strings}<History>{history}</History></Entry>"


XML = (
    "<?xml version='1.0' encoding='utf-8'?><KeePassFile><Meta/><Root><Group><Name>R</Name>"
    + entry("p2", "root", "web1", entry("p1", "root", "web1"))
    + entry("{REF:P@I:00}", "u", "x")
    + entry("p3", "u", "db")
    + "</Group></Root></KeePassFile>"
)
ROWS = [(1, "p2", "root", "web1"), (1, "p1", "root", "web1"), (3, "p3", "u", "db")]
NOTES = (
    "1 row with a placeholder where a password should be",
    "1 row with an older version of a password, kept by the vault",
)


@needs_pykeepass
def test_kdbx_3(tmp_path: Path) -> None:
    path = tmp_path / "vault.kdbx"
    path.write_bytes(kdbx3(XML))
    told = "read as a KeePass database (AES-KDF, 600 rounds); rows are numbers of entries"
    assert read(path, given()) == (ROWS, (*NOTES, told), ())
    with open_list(path, given()) as reader:
        assert (reader.format, reader.encrypted, reader.encryptable) == ("KDBX 3", True, True)


@needs_pykeepass
def test_kdbx_4_of_pykeepass(tmp_path: Path) -> None:
    """With a passphrase and a key file, a bin, a history and values that are protected inside."""
    import pykeepass  # type: ignore[import-not-found]

    key_file = tmp_path / "key"
    key_file.write_bytes(os.urandom(32))
    path = tmp_path / "vault"
    vault = pykeepass.create_database(str(path), password=SECRET, keyfile=str(key_file))
    group = vault.add_group(vault.root_group, "Kunde")
    first = vault.add_entry(group, "web1", "root", "p1", url="ssh://web1")
    first.save_history()
    first.password = " Süß <&>  "
    first.set_custom_property("Root-Passwort", "p3", protect=True)
    vault.trash_entry(vault.add_entry(group, "old", "u", "p4"))
    vault.kdbx.header.value.dynamic_header.kdf_parameters.data.dict["M"].value = 64 << 10
    vault.kdbx.header.value.dynamic_header.kdf_parameters.data.dict["I"].value = 1
    vault.save()
    assert read(path, given(key_file=key_file)) == (
        [
            (1, " Süß <&>  ", "root", "ssh://web1"),
            (1, "p3", "root", "ssh://web1"),
            (1, "p1", "root", "ssh://web1"),
            (2, "p4", "u", "old"),
        ],
        (
            "1 row with an older version of a password, kept by the vault",
            "1 row in the vault's bin or archive; read as all others",
            "read as a KeePass database (Argon2d, 64 KiB, 1 passes); rows are numbers of entries",
        ),
        (),
    )


WRONG = "the passphrase or key file does not open this KeePass database; check them, and that both are given"
NEEDED = (
    "the KeePass database needs its passphrase; give it with --passphrase-file FILE, its key file with --key-file FILE,"
    " or both"
)
DAMAGED = "the KeePass database is damaged or cut; copy it again"
VAULT = kdbx3(XML)
TORN = kdbx3(XML.replace("</Entry>", "</Eintrag>", 1))


@needs_pykeepass
@pytest.mark.parametrize(
    ("make", "reading", "message"),
    [
        pytest.param(lambda: VAULT, given("another"), WRONG, id="wrong passphrase"),
        pytest.param(lambda: VAULT, given(""), WRONG, id="empty passphrase"),
        pytest.param(lambda: VAULT, given(None), NEEDED, id="nothing to ask"),
        pytest.param(lambda: VAULT, Reading(), NEEDED, id="nobody to ask"),
        pytest.param(lambda: VAULT[:-16], given(), DAMAGED, id="cut"),
        pytest.param(lambda: TORN, given(), DAMAGED, id="torn inside"),
    ],
)
def test_refused(tmp_path: Path, make: Callable[[], bytes], reading: Reading, message: str) -> None:
    path = tmp_path / "vault.kdbx"
    path.write_bytes(make())
    with pytest.raises(ListError) as caught:
        read(path, reading)
    assert str(caught.value) == f"{path}: {message}"
    assert caught.value.__context__ is None


@needs_pykeepass
def test_a_key_file_that_is_not_there(tmp_path: Path) -> None:
    path, key_file = tmp_path / "vault.kdbx", tmp_path / "none"
    path.write_bytes(VAULT)
    with pytest.raises(ListError) as caught:
        read(path, given(key_file=key_file))
    assert str(caught.value) == f"{key_file}: the key file cannot be read (No such file or directory); check the path"


@needs_pykeepass
@pytest.mark.prove
@pytest.mark.parametrize("at", [*range(0, 300, 3), *range(300, len(VAULT), 60)])
def test_a_flipped_byte_is_read_or_refused(tmp_path: Path, at: int) -> None:
    path = tmp_path / "vault.kdbx"
    data = bytearray(VAULT)
    data[at] ^= 0x41
    path.write_bytes(data)
    try:
        read(path, given())
    except ListError as error:
        shown = str(error)
    else:
        shown = ""
    assert SECRET not in shown
    assert "\n" not in shown


def argon(memory: int, passes: int) -> bytes:
    def item(kind: int, name: str, value: bytes) -> bytes:
        return struct.pack("<BI", kind, len(name)) + name.encode() + struct.pack("<I", len(value)) + value

    parameters = struct.pack("<H", 0x100)
    parameters += item(0x42, "$UUID", bytes.fromhex("ef636ddf8c29444b91f7a9a403e30a0c"))
    parameters += item(5, "M", struct.pack("<Q", memory)) + item(5, "I", struct.pack("<Q", passes))
    parameters += item(4, "P", struct.pack("<I", 2)) + b"\0"
    header = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + struct.pack("<HH", 0, 4)
    return header + struct.pack("<BI", 11, len(parameters)) + parameters + struct.pack("<BI", 0, 0)


COSTLY = (
    "the key of the KeePass database takes more than 1 GiB of memory, or far more time than KeePass proposes; save it"
    " with a lesser key transformation, or export it as XML"
)
EXTRA = "a KeePass database; reading it takes an extra: pip install 'ssh-hygiene[keepass]', or export it as XML"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5",
            "a KeePass 1 database (KDB), which is not read; open it in KeePass 2 or KeePassXC and save it as KDBX, or"
            " export it as CSV",
            id="kdb",
        ),
        pytest.param(VAULT[:40], DAMAGED, id="cut in its header"),
        pytest.param(argon(1 << 31, 1), COSTLY, id="a key that takes 2 GiB of memory"),
        pytest.param(argon(1 << 20, 1 << 40), COSTLY, id="a key that takes years"),
        pytest.param(
            kdbx3(XML, 1)[:12]
            + kdbx3(XML, 1)[12:].replace(struct.pack("<BHQ", 6, 8, 1), struct.pack("<BHQ", 6, 8, 1 << 60)),
            COSTLY,
            id="rounds without end",
        ),
        pytest.param(b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\0\0\x07\0", DAMAGED, id="of a version to come"),
    ],
)
def test_refused_before_it_is_opened(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "vault"
    path.write_bytes(data)
    with pytest.raises(ListError) as caught:
        read(path, given())
    assert str(caught.value) == f"{path}: {message}"


_WITHOUT = """
import sys
from pathlib import Path
sys.modules["pykeepass"] = None  # what Python keeps of a package that is not there
from hygiene.errors import ListError
from hygiene.passwords.lists import score_lists
try:
    score_lists([Path(sys.argv[1])], processes=1)
except ListError as error:
    print(error)
"""


def test_without_the_extra(tmp_path: Path) -> None:
    path = tmp_path / "vault"
    path.write_bytes(VAULT)
    done = subprocess.run([sys.executable, "-c", _WITHOUT, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"{path}: {EXTRA}\n"

"""What must hold for any bytes that are handed in as a list of passwords or hashes: rows, or one line that refuses it.

`damaged` makes such bytes from lists of every format. `read` raises AssertionError where something does not hold; any
other exception is a fault as well.
"""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from passwords.canaries import CANARIES, PASSPHRASE, READABLE, REFUSED, found_in, hash_files, keepass, vaults
from passwords.kdbx import kdbx3

from hygiene.errors import ListError
from hygiene.passwords.hashes.schemes import classify
from hygiene.passwords.read import open_list
from hygiene.passwords.read.reader import HashLine
from hygiene.passwords.read.reading import Reading

_READING = Reading(passphrase=lambda _: PASSPHRASE)
_NUMBERS = (b"\xff" * 4, b"\x00" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"999999999", b"-1", b"1e999", b"\x80")
_PIECES = (
    b"\0",
    b'"',
    b"'",
    b"\n",
    b"\r",
    b";",
    b",",
    b"\t",
    b":",
    b"<",
    b"&",
    b"{",
    b"[",
    b"\\",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
)

Damage = Callable[[random.Random, bytes], bytes]


def seeds() -> Mapping[str, bytes]:
    """Lists of every format, whole and already refused ones, of at most 100 kB each."""
    found = READABLE | vaults() | hash_files()[0] | REFUSED
    return {name: data for name, data in found.items() if len(data) <= 100_000}


def damaged(rng: random.Random, name: str, data: bytes) -> bytes:
    """One list, damaged in one to four ways; inside of its package too, where it has one."""
    if name.endswith(".kdbx") and rng.random() < 0.5:
        return kdbx3(_torn(rng, keepass()).decode("utf-8", "replace"), secret=PASSPHRASE)
    if data[:2] == b"PK" and rng.random() < 0.7:
        return _repacked(rng, data)
    return _torn(rng, data)


def read(path: Path) -> bool:
    """Whether the list was read; otherwise it was refused in one line that shows no password."""
    refusal = None
    try:
        with open_list(path, _READING) as reader:
            for entry in reader:
                assert entry.row >= 1
                if isinstance(entry, HashLine):
                    classify(entry.field)
            told = " ".join((*reader.tally.notes(), *reader.tally.unread()))
    except ListError as error:
        refusal = error
        told = str(error).removeprefix(str(path))
    hold(told)
    # a handler that shows whole chains would show what could not be read
    assert refusal is None or refusal.__context__ is None
    return refusal is None


def hold(told: str) -> None:
    """It is one line and shows no password."""
    assert "\n" not in told
    assert found_in(told.encode("utf-8", "surrogatepass"), CANARIES) == []


def _torn(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_WAYS)(rng, data or b" ")
    return data


def _slice(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 4, 16, 64, 512, 4096)))


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice((*_PIECES, *_NUMBERS, rng.randbytes(rng.randint(1, 40)))) + data[at:]


def _overwrite(rng: random.Random, data: bytes) -> bytes:
    at, piece = rng.randrange(len(data)), rng.choice((*_PIECES, *_NUMBERS))
    return data[:at] + piece + data[at + len(piece) :]


def _leave_out(rng: random.Random, data: bytes) -> bytes:
    start, stop = _slice(rng, data)
    return data[:start] + data[stop:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    start, stop = _slice(rng, data)
    times = rng.choice((2, 2, 20, 2_000))
    return data[:start] + (data[start:stop] * times)[:200_000] + data[stop:]


def _move(rng: random.Random, data: bytes) -> bytes:
    start, stop = _slice(rng, data)
    rest = data[:start] + data[stop:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + data[start:stop] + rest[at:]


_WAYS: tuple[Damage, ...] = (_cut, _flip, _flip, _insert, _insert, _overwrite, _overwrite, _leave_out, _repeat, _move)


def _repacked(rng: random.Random, data: bytes) -> bytes:
    """The same package with one part damaged, and sums that are right."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            names = old.namelist()
            chosen = rng.choice(names)
            for name in names:
                part = old.read(name)
                new.writestr(name, _torn(rng, part) if name == chosen else part)
    except (zipfile.BadZipFile, zlib.error, EOFError, IndexError):
        return _torn(rng, data)
    return out.getvalue()

"""Makes the compact index of a list, once, in one pass and in bounded memory."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from array import array
from binascii import unhexlify
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO, Final

from hygiene.errors import InputError, StorageError
from hygiene.passwords.breach.breaches import TextSource, refused
from hygiene.passwords.breach.index import (
    DIRECTORY_AT,
    DIRECTORY_BITS,
    LINES_MAX,
    SUFFIX_BYTES,
    SUFFIXES_AT,
    header,
)
from hygiene.passwords.breach.kind import Kind
from hygiene.passwords.breach.leading import HEAD_BYTES, heads, tops

Progress = Callable[[int, int], None]  # bytes read so far, bytes in all (about)

_PIECE: Final = 1 << 20


def build(source: TextSource, path: Path, progress: Progress = lambda _done, _all: None) -> int:
    """Write the index of `source` to `path`, replacing what is there; the number of lines.

    It is written under another name beside it and renamed when it is complete. InputError for a line that is no
    HASH:COUNT or not in order, StorageError where it cannot be written.
    """
    problem: str | None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                lines = _write(source, file, progress)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        problem = error.strerror
    else:
        return lines
    raise StorageError(f"{path}: the index cannot be written: {problem}")


def _write(source: TextSource, file: BinaryIO, progress: Progress) -> int:
    file.seek(SUFFIXES_AT)
    sizes = array("I", bytes(4 * 2**DIRECTORY_BITS))
    lines = done = before = 0
    size = source.size_bytes()
    whole = _whole(source.kind)
    for block in source.blocks():
        # bounded, so that a block does not become a million small objects at once
        start = 0
        while start < len(block):
            stop = len(block) if start + _PIECE >= len(block) else block.rfind(b"\n", start, start + _PIECE) + 1
            piece = block[start:stop] if stop > start else b""
            held = _held(piece, whole)
            if held is None:
                raise refused(source.path, "a line that is no HASH:COUNT")
            ascending = heads(held, HEAD_BYTES).tolist()
            if ascending[0] < before or ascending != sorted(ascending):
                raise refused(source.path, "not sorted by hash")
            before = ascending[-1]
            lines += len(ascending)
            if lines > LINES_MAX:
                raise InputError(f"{source.path}: more than {LINES_MAX:,} lines, which an index cannot hold")
            for top, number in Counter(tops(held, HEAD_BYTES)).items():
                sizes[top] += number
            suffixes = bytearray(SUFFIX_BYTES * len(ascending))
            for at in range(SUFFIX_BYTES):
                suffixes[at::SUFFIX_BYTES] = held[HEAD_BYTES - SUFFIX_BYTES + at :: HEAD_BYTES]
            file.write(suffixes)
            start = stop
        done += len(block)
        progress(min(done, size), size)
    if not lines:
        raise refused(source.path, "empty")
    directory = array("I", accumulate(sizes, initial=0))
    if sys.byteorder == "big":
        directory.byteswap()
    file.seek(DIRECTORY_AT)
    file.write(directory)
    file.seek(0)
    file.write(header(source.kind, lines, source.signature()))
    progress(size, size)
    return lines


def _whole(kind: Kind) -> re.Pattern[bytes]:
    return re.compile(rb"(?:[0-9A-Fa-f]{%d}:[0-9]{1,12}\r?\n)*+" % kind.digits)


def _held(piece: bytes, whole: re.Pattern[bytes]) -> bytes | None:
    """The first 8 bytes of each line's hash, one after the other; None unless all lines are HASH:COUNT."""
    if not piece or whole.fullmatch(piece) is None:
        return None
    return unhexlify(b"".join([line[: 2 * HEAD_BYTES] for line in piece.split(b"\n")]))

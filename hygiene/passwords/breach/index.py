"""The list as a compact index: 8 bytes of each hash, of which a directory holds the first 3, and no counts.

A header, a directory of 2^24 + 1 numbers (where the hashes of each first 3 bytes begin), then 5 bytes for each hash in
ascending order: about 5.1 bytes a line for the full list. Two of 10^9 hashes agree in 8 bytes with a password that is
in none of them once in 2 * 10^10 look-ups; the text that it was made of leaves no doubt.
"""

from __future__ import annotations

import mmap
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from operator import sub
from pathlib import Path
from typing import Final, Self

from hygiene.errors import InputError
from hygiene.passwords.breach.breaches import Breaches, TextSource
from hygiene.passwords.breach.kind import Kind
from hygiene.passwords.breach.leading import HEAD_BYTES, TOP_BYTES, tops

MAGIC: Final = b"hygiene breach\r\n"
VERSION: Final = 1
DIRECTORY_BITS: Final = 8 * TOP_BYTES
SUFFIX_BYTES: Final = HEAD_BYTES - TOP_BYTES
LINES_MAX: Final = 2**32 - 1

_HEADER: Final = struct.Struct("<16sHB5xQ16s16s")  # magic, version, kind, lines, signature of the text, digest of these
_SIGNED: Final = _HEADER.size - 16
_KINDS: Final = {1: Kind.SHA1, 2: Kind.NTLM}
_PAIR: Final = struct.Struct("<II")
_DIRECTORY_BYTES: Final = 4 * (2**DIRECTORY_BITS + 1)
DIRECTORY_AT: Final = _HEADER.size
SUFFIXES_AT: Final = DIRECTORY_AT + _DIRECTORY_BYTES
_SAMPLES: Final = 256
_BUCKET: Final = 512  # the largest that is searched byte by byte
_SMALL: Final = 256 << 20  # bytes
_AGAIN: Final = "build it again from the list"


def header(kind: Kind, lines: int, signature: bytes) -> bytes:
    number = next(number for number, one in _KINDS.items() if one is kind)
    head = _HEADER.pack(MAGIC, VERSION, number, lines, signature, bytes(16))[:_SIGNED]
    return head + blake2b(head, digest_size=16).digest()


class IndexList(Breaches):
    def __init__(self, path: Path, view: mmap.mmap, kind: Kind, lines: int, text: TextSource | None) -> None:
        self.kind = kind
        self.counted = text is not None
        self.lines = lines
        self.source = path.name
        self._path = path
        self._map = view
        self._text = text

    @classmethod
    def open(cls, path: Path, text: TextSource | None = None) -> Self:
        """The open index; it closes `text` with itself. InputError if it is damaged, or was made of another text."""
        try:
            with path.open("rb") as file:
                head = file.read(_HEADER.size)
                size = file.seek(0, 2)
                view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else None
        except OSError as error:
            reason = error.strerror
        else:
            if view is None:
                raise _damaged(path)
            try:
                opened = cls(path, view, *_read_header(path, head, size, text), text)
                opened._sample()
            except BaseException:
                view.close()
                raise
            return opened
        raise InputError(f"{path}: the index of breached passwords cannot be read: {reason}")

    def _sample(self) -> None:
        """Look at pieces all over the file: the directory ascends to the number of lines, and so do suffixes."""
        last = 2**DIRECTORY_BITS
        before = 0
        for top in (*range(0, last, last // _SAMPLES), last - 1):
            begin, end = _PAIR.unpack_from(self._map, DIRECTORY_AT + 4 * top)
            if not before <= begin <= end <= self.lines or (not top and begin):
                raise _damaged(self._path)
            before = end
            bucket = self._map[SUFFIXES_AT + SUFFIX_BYTES * begin : SUFFIXES_AT + SUFFIX_BYTES * min(end, begin + 999)]
            suffixes = [bucket[at : at + SUFFIX_BYTES] for at in range(0, len(bucket), SUFFIX_BYTES)]
            if suffixes != sorted(suffixes):
                raise _damaged(self._path)
        if before != self.lines:
            raise _damaged(self._path)

    def _batch(self, batch: Sequence[bytes]) -> list[int]:
        # neighbours on a disk, where the index is too large to be in memory before long
        return super()._batch(batch) if len(self._map) > _SMALL else self._counts(batch)

    def _counts(self, digests: Sequence[bytes]) -> list[int]:
        view, base, width, joined = self._map, SUFFIXES_AT, SUFFIX_BYTES, b"".join(digests)
        begins, ends = self._bounds(tops(joined, self.kind.size))
        sizes = list(map(sub, ends, begins))
        if min(sizes) < 0 or max(ends) > self.lines:
            raise _damaged(self._path)
        suffixes = struct.unpack(f"{TOP_BYTES}x{width}s{self.kind.size - HEAD_BYTES}x" * len(digests), joined)
        if max(sizes) > _BUCKET:
            begins, ends = self._narrowed(suffixes, begins, ends)
        near = [
            (number, at)
            for number, suffix, begin, end in zip(range(len(digests)), suffixes, begins, ends, strict=True)
            if begin != end and (at := view[base + width * begin : base + width * end].find(suffix)) >= 0
        ]
        hits = [
            number
            for number, at in near
            # else the end of one and the begin of the next
            if not at % width or self._aligned(suffixes[number], begins[number], ends[number])
        ]
        counts = [0] * len(digests)
        if self._text is None:
            for number in hits:
                counts[number] = 1
        elif hits:
            for number, found in zip(hits, self._text.count([digests[hit] for hit in hits]), strict=True):
                counts[number] = found
        return counts

    def _aligned(self, suffix: bytes, begin: int, end: int) -> bool:
        """Is one of them this one?"""
        bucket = self._map[SUFFIXES_AT + SUFFIX_BYTES * begin : SUFFIXES_AT + SUFFIX_BYTES * end]
        return any(bucket[at : at + SUFFIX_BYTES] == suffix for at in range(0, len(bucket), SUFFIX_BYTES))

    def _narrowed(
        self, suffixes: Iterable[bytes], begins: Iterable[int], ends: Iterable[int]
    ) -> tuple[list[int], list[int]]:
        """Fewer of each, by halving: a list that was made up; hashes of the real one are evenly spread."""
        fewer: tuple[list[int], list[int]] = ([], [])
        for suffix, begin, end in zip(suffixes, begins, ends, strict=True):
            while end - begin > _BUCKET:
                middle = (begin + end) // 2
                at = SUFFIXES_AT + SUFFIX_BYTES * middle
                if self._map[at : at + SUFFIX_BYTES] <= suffix:
                    begin = middle
                else:
                    end = middle
            fewer[0].append(begin)
            fewer[1].append(end)
        return fewer

    def _bounds(self, tops: array[int]) -> tuple[list[int], list[int]]:
        """Where the hashes of these first bytes begin and end."""
        if sys.byteorder == "big":
            pairs = [_PAIR.unpack_from(self._map, DIRECTORY_AT + 4 * top) for top in tops]
            return [begin for begin, _ in pairs], [end for _, end in pairs]
        with (
            memoryview(self._map) as view,
            view[DIRECTORY_AT : SUFFIXES_AT - 4] as first,
            view[DIRECTORY_AT + 4 : SUFFIXES_AT] as second,
            first.cast("I") as begins,
            second.cast("I") as ends,
        ):
            return [begins[top] for top in tops], [ends[top] for top in tops]

    def close(self) -> None:
        self._map.close()
        if self._text is not None:
            self._text.close()


def _read_header(path: Path, head: bytes, size: int, text: TextSource | None) -> tuple[Kind, int]:
    if len(head) != _HEADER.size:
        raise _damaged(path)
    magic, version, number, lines, signature, digest = _HEADER.unpack(head)
    if magic != MAGIC:
        raise InputError(f"{path}: no index of breached passwords; {_AGAIN}")
    if version != VERSION:
        raise InputError(f"{path}: an index of version {version}, this program reads version {VERSION}; {_AGAIN}")
    if (
        digest != blake2b(head[:_SIGNED], digest_size=16).digest()
        or number not in _KINDS
        or size != SUFFIXES_AT + SUFFIX_BYTES * lines
    ):
        raise _damaged(path)
    if text is not None and text.signature() != signature:
        raise InputError(f"{path}: the index was made of another list than {text.path}; {_AGAIN}, or leave one out")
    return _KINDS[number], lines


def _damaged(path: Path) -> InputError:
    return InputError(f"{path}: the index of breached passwords is cut or damaged; {_AGAIN}")

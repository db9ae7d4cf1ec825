"""The list as the downloader's folder: a file for each prefix of five digits, the rest of each hash in its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from typing import Final, Self

from hygiene.passwords.breach.breaches import COUNT, TextSource, refused
from hygiene.passwords.breach.kind import Kind

PREFIX_DIGITS: Final = 5
_PREFIXES: Final = 16**PREFIX_DIGITS
# about 40 kB each today
_FILE_MAX: Final = 16 << 20
_SAMPLES: Final = 64
_JOINED: Final = 64
_SUFFIX: Final = re.compile(rb"([0-9A-Fa-f]{27}|[0-9A-Fa-f]{35}):[0-9]{1,12}\r?")
_COLON: Final = frozenset(b":")
_INCOMPLETE: Final = "a file of the folder is missing or cannot be read; 00000.txt to FFFFF.txt have to be there"
_NO_LINE: Final = "a file of the folder holds a line that is no SUFFIX:COUNT"


class FolderList(TextSource):
    def __init__(self, path: Path, kind: Kind, name: str) -> None:
        self.path = path
        self.source = path.resolve().name
        self.kind = kind
        self._name = name

    @classmethod
    def open(cls, path: Path) -> Self:
        """The folder; InputError unless sampled files are there and hold lines `SUFFIX:COUNT` of one kind."""
        name = "{:05X}.txt" if (path / "FFFFF.txt").is_file() else "{:05x}.txt"
        if not (path / name.format(_PREFIXES - 1)).is_file():
            raise refused(path, "a folder without the files 00000.txt to FFFFF.txt")
        opened = cls(path, Kind.SHA1, name)
        kinds = set()
        for prefix in range(0, _PREFIXES, _PREFIXES // _SAMPLES):
            for line in opened._read(prefix).splitlines()[:: _SAMPLES // 2]:
                found = _SUFFIX.fullmatch(line)
                if found is None:
                    raise refused(path, _NO_LINE)
                kinds.add(len(found[1]) + PREFIX_DIGITS)
        if len(kinds) != 1:
            raise refused(path, "files with hashes of several kinds" if kinds else "files without any hash")
        opened.kind = Kind.SHA1 if kinds == {Kind.SHA1.digits} else Kind.NTLM
        return opened

    def _read(self, prefix: int) -> bytes:
        """A file's content, each line ended by LF. No name in the message: it is a part of what is looked up."""
        try:
            with (self.path / self._name.format(prefix)).open("rb") as file:
                content = file.read(_FILE_MAX + 1)
        except OSError:
            content = None
        if content is None:
            raise refused(self.path, _INCOMPLETE)
        if len(content) > _FILE_MAX:
            raise refused(self.path, "a file of the folder is far larger than one prefix can be")
        content = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n")
        return content + b"\n" if content else b""

    def _counts(self, digests: Sequence[bytes]) -> list[int]:
        counts = []
        opened, content = -1, b""
        for digest in digests:
            prefix = int.from_bytes(digest[:3]) >> 4
            if prefix != opened:  # the digests are ascending: each file is read once
                opened, content = prefix, b"\n" + self._read(prefix).upper()
                self._check(content)
            suffix = digest.hex().upper().encode()[PREFIX_DIGITS:]
            at = content.find(b"\n" + suffix + b":")
            counts.append(self._number(content, at + 2 + len(suffix)) if at >= 0 else 0)
        return counts

    def _check(self, content: bytes) -> None:
        # each line has one colon, in its place; what stands in between is looked at where it matters
        lines = content.split(b"\n")[1:-1]
        try:
            told = set(map(itemgetter(self.kind.digits - PREFIX_DIGITS), lines))
        except IndexError:
            told = None
        if told is None or not told <= _COLON:
            raise refused(self.path, _NO_LINE)

    def _number(self, content: bytes, at: int) -> int:
        text = content[at : content.index(b"\n", at)]
        if COUNT.fullmatch(text) is None:
            raise refused(self.path, _NO_LINE)
        return int(text)

    def blocks(self) -> Iterator[bytes]:
        for first in range(0, _PREFIXES, _JOINED):
            parts = []
            for prefix in range(first, first + _JOINED):
                if content := self._read(prefix):
                    start = f"{prefix:05X}".encode()
                    parts.append(start + content[:-1].replace(b"\n", b"\n" + start) + b"\n")
            if parts:
                yield b"".join(parts)

    def signature(self) -> bytes:
        digest = blake2b(f"folder {self.kind.value}".encode(), digest_size=16)
        for prefix in range(0, _PREFIXES, _PREFIXES // _SAMPLES):
            digest.update(self._read(prefix))
        return digest.digest()

    def size_bytes(self) -> int:
        sampled = range(0, _PREFIXES, _PREFIXES // _SAMPLES)
        sizes = [self._read(prefix) for prefix in sampled]
        lines = sum(content.count(b"\n") for content in sizes)
        return (sum(map(len, sizes)) + PREFIX_DIGITS * lines) * (_PREFIXES // len(sampled))

    def close(self) -> None:
        """Nothing stays open between look-ups."""

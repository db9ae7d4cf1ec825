"""Files of password hashes: nothing in them is a password, and each line is handed on as a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, Self

from hygiene.errors import ListError
from hygiene.passwords.read.hashes import HASH_FORMATS, HTDIGEST, HashFormat
from hygiene.passwords.read.reader import HashLine, ListReader, rows_text
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import Encoding, find_encoding, lines

_SAMPLE_LINES: Final = 100
_HEX: Final = re.compile(r"[0-9a-fA-F]{32}")


class HashReader(ListReader):
    def __init__(self, source: Source, encoding: Encoding, format_: HashFormat) -> None:
        super().__init__(source)
        self.encoding = encoding.name
        self._encoding = encoding
        self._format = format_

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:  # noqa: ARG003  # nothing can be told of these
        """A reader if every one of the first lines has the form of one kind of file, comments left out."""
        encoding = find_encoding(source)
        sample = [text for line in islice(lines(source, encoding), _SAMPLE_LINES) if (text := _content(line))]
        if not sample:
            return None
        if all(map(HTDIGEST.fullmatch, sample)):
            raise ListError(
                f"{source.path}: an htdigest file, the hashes of which are not judged; make it anew with htpasswd -B"
            )
        for format_ in HASH_FORMATS:
            hits = [format_.line.fullmatch(line) for line in sample]
            if all(hits) and format_.holds([hit[2] for hit in hits if hit]):
                return cls(source, encoding, format_)
        return None

    def __iter__(self) -> Iterator[HashLine]:
        others = 0
        self.tally.remarks.append(f"{self._format.name} lines: hashes, no passwords")
        for number, line in enumerate(lines(self.source, self._encoding), 1):
            self.tally.rows = number
            if not (text := _content(line)):
                continue
            hit = self._format.line.fullmatch(text)
            if hit is None:
                others += 1
                continue
            yield HashLine(hit[1], _field(self._format, hit[2]), number)
        if others:
            self.tally.doubts.append(
                f"{rows_text(others)} in another form than the {self._format.name} lines; not read"
            )


def _content(line: str) -> str:
    text = line.strip("\r\n")
    return "" if text.isspace() or text.startswith("#") else text


def _field(format_: HashFormat, field: str) -> str:
    # crypt(5), NTHASH: `$3$$` and 32 hex digits
    return f"$3$${field.lower()}" if format_.name == "pwdump" and _HEX.fullmatch(field) else field

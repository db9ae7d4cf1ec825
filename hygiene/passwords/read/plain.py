"""Plain lists: one password a line, no header. Blanks at its ends belong to a password; the line end does not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Self

from hygiene.errors import ListError
from hygiene.passwords.read.columns import read_header
from hygiene.passwords.read.delimited import UNDEFINED_NOTE
from hygiene.passwords.read.reader import ListReader, RawEntry
from hygiene.passwords.read.rows import classify
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import CP1252, Encoding, find_encoding, has_undefined, lines

_SAMPLE_LINES = 100


class PlainReader(ListReader):
    def __init__(self, source: Source, encoding: Encoding) -> None:
        super().__init__(source)
        self.encoding = encoding.name
        self._encoding = encoding

    @classmethod
    def recognise(cls, source: Source) -> Self | None:
        """A reader for any text that is not `name:password` lines: those, read whole, would all look strong."""
        encoding = find_encoding(source)
        sample = [line for line in islice(lines(source, encoding), _SAMPLE_LINES) if not line.isspace()]
        if len(sample) >= 2 and all(_is_pair(line) for line in sample):
            raise ListError(
                f"{source.path}: every line has the form name:password, which this version does not read;"
                " save the list as CSV with a header, such as user;password"
            )
        return cls(source, encoding)

    def __iter__(self) -> Iterator[RawEntry]:
        undefined = False
        watch = self._encoding is CP1252
        for number, line in enumerate(lines(self.source, self._encoding), 1):
            password = line.rstrip("\r\n")
            self.tally.rows = number
            if number == 1 and read_header([password]).passwords:
                self.tally.remarks.append("row 1 reads like a column name; it was scored as a password")
            undefined = undefined or (watch and has_undefined(line))
            if classify(password, self.tally):
                yield RawEntry(number, password)
        if undefined:
            self.tally.remarks.append(UNDEFINED_NOTE)


def _is_pair(line: str) -> bool:
    name, colon, rest = line.strip().partition(":")
    return bool(colon and name and rest) and not any(character.isspace() for character in name)

"""Plain lists without a header: one password a line, or `name:password`.

Blanks at its ends belong to a password, but for those behind every colon (`name: password`); the line end does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Self

from hygiene.counted import counted
from hygiene.passwords.read.columns import read_header
from hygiene.passwords.read.delimited import UNDEFINED_NOTE
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.rows import found, name
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import CP1252, Encoding, find_encoding, has_undefined, lines

_SAMPLE_LINES = 100
_BLANKS = " \t"
_LINE_ENDS = ("", "\r", "\n")


class PlainReader(ListReader):
    format = "plain lines"

    def __init__(self, source: Source, encoding: Encoding, sample: Sequence[str]) -> None:
        super().__init__(source)
        self.encoding = encoding.name
        self._encoding = encoding
        pairs = sum(map(_is_pair, sample))
        self._pairs = len(sample) >= 2 and pairs == len(sample)
        # `root: secret`: with a blank behind each colon it belongs to the colon
        self._spaced = self._pairs and all(line.partition(":")[2][:1] in {*_BLANKS, *_LINE_ENDS} for line in sample)
        if not self._pairs and pairs > len(sample) / 2:
            self.tally.doubts.append(
                f"{pairs} of the first {counted(len(sample), 'line')} read like name:password, the others do not; each"
                " line was taken for a password: give pairs as CSV with a header"
            )

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:  # noqa: ARG003  # nothing can be told of these
        """A reader for any text. Where all of the first lines are pairs, the list is one of pairs."""
        encoding = find_encoding(source)
        sample = [line for line in islice(lines(source, encoding), _SAMPLE_LINES) if not line.isspace()]
        return cls(source, encoding, sample)

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        if self._pairs:
            self.tally.remarks.append("read as name:password lines")
        undefined = False
        watch = self._encoding is CP1252
        for number, line in enumerate(lines(self.source, self._encoding), 1):
            account, password = "", line.rstrip("\r\n")
            self.tally.rows = number
            if number == 1 and read_header([password]).passwords:
                self.tally.remarks.append("row 1 reads like a column name; it was scored as a password")
            undefined = undefined or (watch and has_undefined(line))
            if self._pairs and password and not password.isspace():
                account, colon, rest = password.partition(":")
                if not colon:
                    self.tally.lone += 1
                    continue
                password = rest.lstrip(_BLANKS) if self._spaced else rest
            if (entry := found(number, password, name(account), None, None, self.tally)) is not None:
                yield entry
        if undefined:
            self.tally.remarks.append(UNDEFINED_NOTE)


def _is_pair(line: str) -> bool:
    before, colon, _ = line.strip().partition(":")
    return bool(colon and before) and not any(character.isspace() for character in before)

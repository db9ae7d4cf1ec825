"""The records of a delimited file, with a bound on how many lines one may take."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence

from hygiene.errors import InputError
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import CP1252, Encoding, has_undefined, lines

# a quoted cell may span lines; a quote that is never closed would swallow the file
_LINES_IN_A_RECORD = 1000


class Records:
    """The records below each other, numbered from 1 as a person counts them; iterated once.

    `error` makes the exception for a record that is not well quoted, `advice` says in it what to do. `escape`: quotes
    in a cell follow this sign instead of being doubled.
    """

    def __init__(
        self,
        source: Source,
        encoding: Encoding,
        delimiter: str,
        error: Callable[[str], InputError],
        advice: str,
        escape: str | None = None,
    ) -> None:
        self._path = source.path
        self._error = error
        self._advice = advice
        self._lines = lines(source, encoding)
        self._watch = encoding is CP1252
        self._taken = 0
        self.read = 0  # records so far
        self.undefined = False  # cp1252 does not define some of the bytes
        # strict: what is not well quoted would otherwise swallow the rows that follow, in silence
        self._reader = csv.reader(
            self._fed(), delimiter=delimiter, strict=True, doublequote=escape is None, escapechar=escape
        )

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader = self._reader
        problem = ""
        try:
            for number, cells in enumerate(reader, 1):
                self._taken = 0
                self.read = number
                yield number, cells
        except csv.Error:
            problem = f"{self._path}: row {self.read + 1}: a quoted cell does not end as CSV demands; {self._advice}"
        # raised outside: the error of the csv module would hold a cell
        if problem:
            raise self._error(problem)

    def _fed(self) -> Iterator[str]:
        for line in self._lines:
            self._taken += 1
            if self._taken > _LINES_IN_A_RECORD:
                raise self._error(
                    f"{self._path}: a quoted cell spans more than {_LINES_IN_A_RECORD:,} lines;"
                    " look for a quote that is never closed"
                )
            if self._watch and has_undefined(line):
                self.undefined = True
            yield line


def sample_rows(sample: Sequence[str], delimiter: str) -> list[list[str]]:
    """The rows of some lines, as far as they can be read: reading itself is strict and says where."""
    rows = []
    try:
        for row in csv.reader(sample, delimiter=delimiter):
            rows.append(row)
    except csv.Error:
        pass
    return rows

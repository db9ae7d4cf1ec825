"""Files of password hashes: nothing in them is a password, and each line is handed on as a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, Self

from hygiene.accounts.shadow import never_expires
from hygiene.counted import counted
from hygiene.errors import ListError
from hygiene.passwords.read.hashes import HASH_FORMATS, HTDIGEST, HashFormat
from hygiene.passwords.read.reader import HashLine, ListReader
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import Encoding, find_encoding, lines

_SAMPLE_LINES: Final = 100
_HEX: Final = re.compile(r"[0-9a-fA-F]{32}")
_NT_OF_NOTHING: Final = "31d6cfe0d16ae931b73c59d7e0c089c0"  # RFC 1320, A.5: MD4 of no bytes
_DIRECTORY: Final = "+-"  # nsswitch.conf(5), compat: `+`, `+name` and `-name` stand for accounts of NIS


class HashReader(ListReader):
    def __init__(self, source: Source, encoding: Encoding, format_: HashFormat) -> None:
        super().__init__(source)
        self.format = format_.name
        self.encoding = encoding.name
        self._encoding = encoding
        self._format = format_

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:  # noqa: ARG003  # nothing can be told of these
        """A reader if every one of the first lines has the form of one kind of file, comments left out."""
        return cls._of(source, handed_in=False)

    @classmethod
    def handed_in(cls, source: Source) -> Self:
        """The reader of a file that was said to hold hashes; ListError when it does not."""
        reader = cls._of(source, handed_in=True)
        if reader is None:
            raise ListError(
                f"{source.path}: no file of hashes; expected lines of shadow, master.passwd, passwd, htpasswd or"
                " pwdump; a list of passwords is given without --hashes"
            )
        return reader

    @classmethod
    def _of(cls, source: Source, *, handed_in: bool) -> Self | None:
        encoding = find_encoding(source)
        first = map(_content, islice(lines(source, encoding), _SAMPLE_LINES))
        sample = [text for text in first if text and text[0] not in _DIRECTORY]
        if not sample:
            return None
        if all(map(HTDIGEST.fullmatch, sample)):
            raise ListError(
                f"{source.path}: an htdigest file, the hashes of which are not judged; make it anew with htpasswd -B"
            )
        for format_ in HASH_FORMATS:
            hits = [format_.line.fullmatch(line) for line in sample]
            holds = (format_.may_hold or format_.holds) if handed_in else format_.holds
            if all(hits) and holds([hit[2] for hit in hits if hit]):
                return cls(source, encoding, format_)
        return None

    def __iter__(self) -> Iterator[HashLine]:
        others = directory = 0
        self.tally.remarks.append(f"{self._format.name} lines: hashes, no passwords")
        for number, line in enumerate(lines(self.source, self._encoding), 1):
            self.tally.rows = number
            if not (text := _content(line)):
                continue
            hit = self._format.line.fullmatch(text)
            if text[0] in _DIRECTORY:
                directory += 1
            elif hit is None or not self._format.takes(hit[2]):
                others += 1
            else:
                yield HashLine(hit[1], _field(self._format, hit[2]), number, *_ages(hit))
        if directory:
            self.tally.doubts.append(
                f"{counted(directory, 'row that stands', 'rows that stand')} for accounts of a directory (+ or -),"
                " which are not in this file: give those from there too"
            )
        if others:
            self.tally.doubts.append(
                f"{counted(others, 'row')} in another form than the {self._format.name} lines; not read: mend these"
            )


def _content(line: str) -> str:
    text = line.strip("\r\n")
    return "" if text.isspace() or text.startswith("#") else text


def _field(format_: HashFormat, field: str) -> str:
    """What crypt(5) knows of a field: of pwdump, `$3$$` and the NT hash, or what says that there is none."""
    if format_.name != "pwdump":
        return field
    if _HEX.fullmatch(field) is None:
        return "" if field.upper().startswith("NO PASSWORD") else "*"
    return "" if field.lower() == _NT_OF_NOTHING else f"$3$${field.lower()}"


def _ages(hit: re.Match[str]) -> tuple[int | None, bool | None]:
    """The day of the last change and whether the password never ends, where the file says so."""
    found = hit.groupdict()
    if "due" in found:
        # master.passwd(5): the second from which it has to be changed; 0 or nothing: never
        return None, not found["due"].strip("0")
    if "maximum" not in found:
        return None, None
    changed, maximum = (int(text) if text else None for text in (found["changed"], found["maximum"]))
    return changed if changed and changed > 0 else None, never_expires(changed, maximum)

"""The formats of password lists, recognised by content first: each gives raw entries, which hold passwords.

A format is a `ListReader`; a new one is a module here and a place in `READERS`, the most certain first.
"""

from __future__ import annotations

from pathlib import Path

from hygiene.errors import ListError
from hygiene.passwords.read.delimited import DelimitedReader
from hygiene.passwords.read.hashed import HashReader
from hygiene.passwords.read.json_vault import JsonReader, OnePuxReader
from hygiene.passwords.read.kdbx import KdbxReader
from hygiene.passwords.read.keepass_xml import KeepassXmlReader
from hygiene.passwords.read.plain import PlainReader
from hygiene.passwords.read.reader import ListReader
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.workbook import OpenDocumentReader, XlsReader, XlsxReader

READERS: tuple[type[ListReader], ...] = (
    KdbxReader,
    OnePuxReader,
    OpenDocumentReader,
    XlsxReader,
    XlsReader,
    KeepassXmlReader,
    JsonReader,
    HashReader,
    DelimitedReader,
    PlainReader,
)


def open_list(path: Path, reading: Reading | None = None) -> ListReader:
    """The reader of one list, to be iterated once inside `with`.

    A file that is missing, unreadable, of a format that is not read, damaged, or without a password column
    gives a ListError here or, where only reading on shows it, while iterating.
    """
    source = Source.open(path)
    try:
        for format_ in READERS:
            reader = format_.recognise(source, reading or Reading())
            if reader is not None:
                return reader
        raise ListError(f"{path}: no password list that can be read; expected CSV, TSV, plain lines or XLSX")
    except BaseException:
        source.close()
        raise


def open_hashes(path: Path) -> HashReader:
    """The reader of a file that was handed in as one of hashes; ListError when it is none, or cannot be read."""
    source = Source.open(path)
    try:
        return HashReader.handed_in(source)
    except BaseException:
        source.close()
        raise

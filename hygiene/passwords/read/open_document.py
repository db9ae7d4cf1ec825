"""What must be known of an OpenDocument sheet before it is opened: its size, whether it is encrypted, what is empty."""

from __future__ import annotations

import zipfile
import zlib
from typing import Final
from xml.parsers import expat

from hygiene.errors import ListError
from hygiene.passwords.read.source import Source

_PARTS: Final = 10_000
_CONTENT_BYTES: Final = 1 << 30
_MANIFEST_BYTES: Final = 1 << 24
_RATIO: Final = 200
_RATIO_FROM_BYTES: Final = 10 << 20
_CHUNK_BYTES: Final = 1 << 18
_MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_LOCKED: Final = "the workbook is encrypted; open it with its password, save it without one, and remove the copy after"


def is_open_document(source: Source) -> bool:
    """Whether the file is an OpenDocument sheet (ODF 1.3, part 2, 3.3: the type comes first, and is not packed)."""
    return source.head.startswith(b"PK") and _MIMETYPE in source.head[:200]


def examine(source: Source) -> int:
    """How many cells hold an error or a formula without a stored result. ListError when the file must not be opened."""
    problem, blanks = "", 0
    source.file.seek(0)
    try:
        with zipfile.ZipFile(source.file) as archive:
            parts = {part.filename: part for part in archive.infolist()}
            problem = _refusal(archive, parts)
            if not problem:
                scan = _Scan()
                with archive.open("content.xml") as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        scan.parser.Parse(chunk, False)
                    scan.parser.Parse(b"", True)
                blanks = scan.blanks
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, NotImplementedError, RuntimeError, ValueError),
        expat.ExpatError,
    ):
        problem = "the workbook is damaged or cut; copy it again, or save it again as XLSX"
    if problem:
        raise ListError(f"{source.path}: {problem}")
    return blanks


def _refusal(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> str:
    manifest = parts.get("META-INF/manifest.xml")
    if "encrypted-package" in parts:
        return _LOCKED
    if manifest is not None and manifest.file_size <= _MANIFEST_BYTES and b"encryption-data" in archive.read(manifest):
        return _LOCKED
    for part in parts.values():
        swollen = part.file_size > _RATIO_FROM_BYTES and part.file_size > _RATIO * max(part.compress_size, 1)
        if part.file_size > _CONTENT_BYTES or swollen or len(parts) > _PARTS:
            return (
                "a part of the workbook unpacks to far more than a list needs (a zip bomb?); save it again, or as CSV"
            )
    return ""


class _Scan:
    """Counts the cells of which calamine gives nothing, or the text of an error."""

    def __init__(self) -> None:
        self.blanks = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table-cell":
            kind = attributes.get("calcext:value-type") or attributes.get("office:value-type")
            self.blanks += kind == "error" or ("table:formula" in attributes and kind is None)

    def _doctype(self, *_: object) -> None:
        # no spreadsheet writes one, and an entity declared there could unfold to any size
        raise ValueError

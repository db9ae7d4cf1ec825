"""An export's bytes: opened once, told apart as JSON or a table, decoded as password lists are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hygiene.errors import ExportError, ListError
from hygiene.passwords.read.source import HEAD_BYTES, Source, seekable
from hygiene.passwords.read.text import Encoding, find_encoding

# parsed it takes about ten times as much; 10^5 people of a provider that says much
JSON_BYTES = 64 << 20
_FOREIGN = (
    (b"PK\x03\x04", "a workbook or zip file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file"),
    (b"%PDF-", "a PDF file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"<", "HTML or XML, perhaps a sign-in page that was saved"),
)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Source, Encoding]]:
    """Open an export. ExportError when it cannot be read or is of no kind that is read here."""
    reason = ""
    file: BinaryIO | None = None
    try:
        file, reason = seekable(path.open("rb"))
        head = file.read(HEAD_BYTES)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or type(error).__name__}); check the path and its permissions"
    if reason or file is None:
        raise ExportError(f"{path}: {reason}")
    with file:
        source = Source(path, file, head)
        _refuse_foreign(source)
        try:
            yield source, find_encoding(source)
        except ListError as error:  # what the reader of lines says holds for any text
            reason = str(error)
        if reason:
            raise ExportError(reason)


def _refuse_foreign(source: Source) -> None:
    if not source.head.strip():
        raise ExportError(f"{source.path}: the file is empty; expected an export as CSV or JSON")
    kind = next((kind for magic, kind in _FOREIGN if source.head.lstrip(b"\xef\xbb\xbf \r\n").startswith(magic)), None)
    if kind:
        raise ExportError(f"{source.path}: {kind}; expected an export as CSV or JSON")


def is_json(source: Source, encoding: Encoding) -> bool:
    """Whether the text begins as JSON does."""
    head = source.head[encoding.skip_bytes :].decode(encoding.codec, "replace").lstrip()
    return head.startswith(("[", "{"))


def whole_text(source: Source, encoding: Encoding) -> str:
    """The decoded text of a JSON file. ExportError when it is too large or not of its encoding."""
    source.file.seek(encoding.skip_bytes)
    data = source.file.read(JSON_BYTES + 1)
    if len(data) > JSON_BYTES:
        raise ExportError(
            f"{source.path}: more than {JSON_BYTES >> 20} MiB of JSON; export as CSV, or in several files"
        )
    text = None
    with contextlib.suppress(UnicodeDecodeError):
        text = data.decode(encoding.codec, encoding.errors)
    if text is None:
        raise ExportError(f"{source.path}: not {encoding.name}, which its first bytes promise; save it as UTF-8")
    return text

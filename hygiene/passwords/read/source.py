"""A list's bytes: opened once, seekable, and never written anywhere."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hygiene.errors import ListError
from hygiene.passwords.read.exposure import NO_FILE, Exposure, exposure

HEAD_BYTES = 64 * 1024
# a pipe (`--passwords <(decrypt list)`) cannot be read twice, so it is held in memory
_PIPE_BYTES = 256 * 1024 * 1024

# formats that people hand in and that this version does not read: how they begin, what they are
_FOREIGN = (
    (b"%PDF-", "a PDF file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file"),
    (b"Rar!\x1a\x07", "a RAR file"),
    (b"-----BEGIN PGP", "an OpenPGP message"),
    (b"$ANSIBLE_VAULT;", "an Ansible vault"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_FOREIGN_SUFFIXES = {
    ".html": "an HTML file",
    ".htm": "an HTML file",
    ".xlsb": "a binary Excel workbook",
}
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2: header signature
_CFB_SCAN_BYTES = 64 * 1024 * 1024


def seekable(file: BinaryIO) -> tuple[BinaryIO, str]:
    """The file, or what came through a pipe in its place; and why it is not all of it, else empty."""
    if file.seekable():
        return file, ""
    with file:
        held = file.read(_PIPE_BYTES + 1)
    reason = f"more than {_PIPE_BYTES >> 20} MiB through a pipe; give it as a file"
    return io.BytesIO(held), reason if len(held) > _PIPE_BYTES else ""


@dataclass(slots=True)
class Source:
    path: Path
    file: BinaryIO
    head: bytes  # the first bytes, at most HEAD_BYTES
    exposure: Exposure = NO_FILE

    @classmethod
    def open(cls, path: Path) -> Source:
        """The list at `path`. ListError when it cannot be opened, is empty, or is of a format that is not read."""
        reason = ""
        try:
            if path.is_char_device() or path.is_block_device():
                raise ListError(f"{path}: a device, which may never end; give a file or a pipe")
            file: BinaryIO = path.open("rb")
            found = exposure(file.fileno(), path)
            file, reason = seekable(file)
            head = file.read(HEAD_BYTES)
            file.seek(0)
        except OSError as error:
            reason = f"cannot be read ({error.strerror or type(error).__name__}); check the path and its permissions"
        if reason:
            raise ListError(f"{path}: {reason}")
        source = cls(path, file, head, found)
        try:
            source._refuse_foreign()
        except BaseException:
            file.close()
            raise
        return source

    def close(self) -> None:
        self.file.close()

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    def _refuse_foreign(self) -> None:
        if not self.head:
            raise ListError(f"{self.path}: the file is empty; expected a password list (CSV, TSV, plain lines, XLSX)")
        if self.head.startswith(COMPOUND_FILE):
            problem = self._refuse_compound_file()
            if problem:
                raise ListError(f"{self.path}: {problem}")
        kind = next((kind for magic, kind in _FOREIGN if self.head.startswith(magic)), None)
        kind = kind or _FOREIGN_SUFFIXES.get(self.suffix)
        if kind:
            raise ListError(
                f"{self.path}: {kind}, which this version does not read; export it as CSV, TSV, plain lines or XLSX"
            )

    def _refuse_compound_file(self) -> str:
        content = self.file.read(_CFB_SCAN_BYTES)
        self.file.seek(0)
        # [MS-OFFCRYPTO] 1.3: an encrypted workbook is a compound file with the stream EncryptedPackage
        if "EncryptedPackage".encode("utf-16-le") in content:
            return (
                "the workbook is encrypted; open it with its password, save it without one, and remove the copy after"
            )
        if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
            return ""
        return "an encrypted or old Office file; save it as XLSX without a password, and remove the copy after"

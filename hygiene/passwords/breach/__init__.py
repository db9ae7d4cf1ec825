"""Is a password in a list of breached ones? Looked up by its digest, in the full Pwned Passwords list on this machine.

`open_breaches` takes what the downloader wrote (one sorted text file, or a folder of a file for each prefix) or the
compact index that `build.build` made of it. `online.RangeApi` asks the service, where the admin wants that. Digests are
held for one batch and stand in no message.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hygiene.errors import InputError
from hygiene.passwords.breach.breaches import Breaches, TextSource, refused
from hygiene.passwords.breach.folder import FolderList
from hygiene.passwords.breach.index import MAGIC, IndexList
from hygiene.passwords.breach.text import TextList

# what the admin may hand in as it came
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")


def open_breaches(path: Path, text: Path | None = None) -> Breaches:
    """The list at `path`, of whichever form, to be used inside `with`.

    `text` is the list that an index was made of: hits of the index are then looked up there, which gives their counts
    and leaves no false hit. InputError for what is no such list, not sorted, damaged or of another version.
    """
    head = b"" if path.is_dir() else _head(path)
    if not head.startswith(MAGIC):
        if text is not None:
            raise InputError(f"{path}: no index, so that there is nothing to look up again in {text}; give one of them")
        return open_text(path)
    if text is None:
        return IndexList.open(path)
    source = open_text(text)
    try:
        return IndexList.open(path, source)
    except BaseException:
        source.close()
        raise


def open_given(paths: Sequence[Path]) -> Breaches:
    """The list of one path, or that of an index and the text it was made of, in either order."""
    first, *rest = paths
    if rest and not first.is_dir() and not _head(first).startswith(MAGIC):
        return open_breaches(rest[0], first)
    return open_breaches(first, rest[0] if rest else None)


def open_text(path: Path) -> TextSource:
    """The list at `path`: a folder of prefixes or one sorted text."""
    if path.is_dir():
        return FolderList.open(path)
    head = _head(path)
    if head.startswith(_PACKED):
        raise refused(path, "compressed", "unpack it first")
    if head.startswith(MAGIC):
        raise refused(path, "an index, not the list itself")
    return TextList.open(path)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(64)
    except OSError as error:
        reason = error.strerror
    raise InputError(f"{path}: the list of breached passwords cannot be read: {reason}")

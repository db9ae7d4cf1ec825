"""KeePass 2's XML: the export, and what is inside of a database once it is open.

`row` is the number of the entry in the file, from 1; the versions in its history have its number too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final, Self
from xml.parsers import expat

from hygiene.errors import ListError
from hygiene.passwords.read.columns import names_password
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import LINE_CHARACTERS
from hygiene.passwords.read.vault import Item, entries

_CHUNK_BYTES: Final = 1 << 16
# groups within groups; KeePass itself stops far below
_DEPTH: Final = 500
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class KeepassXmlReader(ListReader):
    format = "KeePass XML"

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:  # noqa: ARG003  # nothing can be told of these
        """A reader for KeePass 2's XML; ListError for any other XML."""
        head = source.head
        for mark in _MARKS:
            head = head.removeprefix(mark)
        # UTF-16 has a NUL beside each sign
        head = head.replace(b"\0", b"").lstrip()
        if not head.startswith((b"<?xml", b"<KeePassFile")):
            return None
        if b"<KeePassFile" not in head:
            raise ListError(
                f"{source.path}: an XML file that is no export of KeePass 2; export it as CSV, TSV, plain lines or XLSX"
            )
        return cls(source)

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        self.tally.remarks.append("read as an export of KeePass; rows are numbers of entries")
        self.source.file.seek(0)
        for number, item in enumerate(read_items(self.source.file, str(self.source.path)), 1):
            yield from entries(number, item, self.tally)


def read_items(stream: BinaryIO, path: str, *, unprotected: bool = False) -> Iterator[Item]:
    """The items of KeePass' XML, as they end. ListError for what is not well-formed, or goes beyond all measure.

    `unprotected`: what is marked as protected was decrypted before.
    """
    handler = _Handler(unprotected=unprotected)
    problem = ""
    while not problem:
        chunk = stream.read(_CHUNK_BYTES)
        try:
            handler.parser.Parse(chunk, not chunk)
        except (expat.ExpatError, LookupError, ValueError):
            problem = "the XML is damaged or cut; export it again"
        problem = handler.problem or problem
        yield from handler.take()
        if not chunk:
            break
    if problem:
        raise ListError(f"{path}: {problem}")


class _Handler:
    """Follows the elements; an entry is kept only until it ends."""

    def __init__(self, *, unprotected: bool) -> None:
        self.problem = ""
        self._unprotected = unprotected
        self._ended: list[Item] = []
        self._path: list[str] = []
        self._bin = ""
        self._groups: list[bool] = []  # whether each open group is the bin
        self._items: list[Item] = []  # the open entry, and within it one of its history
        self._key = ""
        self._text: list[str] | None = None
        self._size = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype

    def take(self) -> list[Item]:
        ended, self._ended = self._ended, []
        return ended

    def _refuse(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

    def _doctype(self, *_: object) -> None:
        # an entity declared there could unfold to any size
        self._refuse("the XML has a document type declaration, which KeePass does not write; export it again")
        raise ValueError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > _DEPTH:
            self._refuse("the XML is nested too deeply; export it again")
            raise ValueError
        parent = self._path[-2] if len(self._path) > 1 else ""
        if name == "Group":
            self._groups.append(False)
        elif name == "Entry":
            if len(self._items) < 2:
                self._items.append(Item([], [], deleted=any(self._groups)))
            self._key = ""
        elif (parent, name) in (("String", "Key"), ("String", "Value"), ("Group", "UUID"), ("Meta", "RecycleBinUUID")):
            if name == "Value" and attributes.get("Protected") == "True" and not self._unprotected:
                self._refuse("the XML has encrypted values; export the database again from KeePass")
                raise ValueError
            self._text, self._size = [], 0

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._size += len(text)
            # of what is longer (notes) nothing is needed; a password of this length is refused where it ends
            if self._size <= LINE_CHARACTERS:
                self._text.append(text)

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._text is not None:
            text, self._text = "".join(self._text), None
            self._take_text(name, text, self._path[-1] if self._path else "")
        elif name == "Group" and self._groups:
            self._groups.pop()
        elif name == "Entry" and self._items and "Entry" not in self._path:
            self._ended.append(self._items[0])
            self._items = []
        elif name == "Entry" and len(self._items) > 1:
            older = self._items.pop()
            self._items[0].older += older.passwords

    def _take_text(self, name: str, text: str, parent: str) -> None:
        if name == "RecycleBinUUID":
            self._bin = text
        elif name == "UUID" and self._groups:
            self._groups[-1] = bool(self._bin) and text == self._bin
        elif name == "Key":
            self._key = text
        elif name == "Value" and parent == "String" and self._items:
            self._take_field(self._items[-1], text)

    def _take_field(self, item: Item, text: str) -> None:
        if self._key == "UserName":
            item.account = text
        elif self._key == "URL":
            item.system = text
        elif self._key == "Title":
            item.title = text
        elif self._key == "Password" or names_password(self._key):
            if self._size > LINE_CHARACTERS:
                self._refuse(f"a password has more than {LINE_CHARACTERS:,} characters; expected an export of KeePass")
                raise ValueError
            if text:
                item.passwords.append(text)

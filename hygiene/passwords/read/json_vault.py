"""Vaults as JSON: Bitwarden and Vaultwarden, Keeper, and the file inside of 1Password's 1PUX.

`row` is the number of the item in the file, from 1. Whatever is not of the form that is expected counts as not there.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Self

from hygiene.errors import ListError
from hygiene.passwords.read.columns import names_password
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import find_encoding
from hygiene.passwords.read.vault import Item, entries

# parsed it takes about ten times as much; some 10^5 items
JSON_BYTES: Final = 64 << 20
_TRASHED: Final = ("archived", "trashed", "deleted")
_HIDDEN: Final = 1  # Bitwarden, FieldType.Hidden
_PUX_DATA: Final = "export.data"
_PUX_RATIO: Final = 200
_PUX_PARTS: Final = 100_000


class JsonReader(ListReader):
    def __init__(self, source: Source, name: str, items: Callable[[], Iterator[Item]], encoding: str | None) -> None:
        super().__init__(source)
        self.format = f"{name} JSON"
        # https://bitwarden.com/help/encrypted-export/: the same file with its items encrypted
        self.encryptable = name == "Bitwarden"
        self.encoding = encoding
        self._name = name
        self._items = items

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:  # noqa: ARG003  # nothing can be told of these
        """A reader for the export of a vault; ListError for any other JSON."""
        encoding = find_encoding(source)
        head = source.head.decode(encoding.codec, "replace").lstrip("\ufeff \t\r\n")
        if not _begins_json(head, source.suffix):
            return None
        source.file.seek(encoding.skip_bytes)
        data = source.file.read(JSON_BYTES + 1)
        if len(data) > JSON_BYTES:
            raise ListError(f"{source.path}: a JSON file of more than {JSON_BYTES >> 20} MiB; export the vault as CSV")
        document = _parsed(data, encoding.codec)
        if document is None and source.suffix != ".json":
            return None  # a plain list may begin with a brace
        if isinstance(document, dict):
            if document.get("encrypted") is True:
                raise ListError(
                    f"{source.path}: an encrypted export of Bitwarden, which cannot be read; export again as .json"
                    " without encryption, and delete the copy after"
                )
            for name, key, read in (("Bitwarden", "items", _bitwarden), ("Keeper", "records", _keeper)):
                if isinstance(found := document.get(key), list):
                    return cls(source, name, _over(read, found, document), encoding.name)
            if isinstance(document.get("accounts"), list):
                return cls(source, "1Password", _over(_one_password, document["accounts"], document), encoding.name)
        why = "cut, damaged or nested too deeply" if document is None else "of no vault that is known"
        raise ListError(
            f"{source.path}: a JSON file, {why}; expected an export of Bitwarden, Keeper or 1Password: export it again,"
            " or as CSV"
        )

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        self.tally.remarks.append(f"read as an export of {self._name}; rows are numbers of items")
        for number, item in enumerate(self._items(), 1):
            yield from entries(number, item, self.tally)


class OnePuxReader(JsonReader):
    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:  # noqa: ARG003  # nothing can be told of these
        """A reader for a zip file that holds `export.data`; it is unpacked in memory, and nothing else of it."""
        if not source.head.startswith(b"PK"):
            return None
        problem, data = "", None
        try:
            with zipfile.ZipFile(source.file) as archive:
                parts = [part for part in archive.infolist() if part.filename == _PUX_DATA]
                if not parts:
                    return None
                part = parts[-1]
                if part.file_size > JSON_BYTES or part.file_size > _PUX_RATIO * max(part.compress_size, 1 << 10):
                    problem = "unpacks to far more than a vault needs; export it again, or as CSV"
                elif len(archive.infolist()) > _PUX_PARTS:
                    problem = f"has more than {_PUX_PARTS:,} parts; export it again, or as CSV"
                else:
                    with archive.open(part) as stream:
                        data = stream.read(JSON_BYTES)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
            problem = "is damaged, cut or encrypted; export it again"
        if problem or data is None:
            if source.suffix == ".1pux" or data is not None or "unpacks" in problem or "parts" in problem:
                raise ListError(f"{source.path}: the 1Password export {problem}")
            return None
        document = _parsed(data, "utf-8")
        if not isinstance(document, dict) or not isinstance(document.get("accounts"), list):
            raise ListError(
                f"{source.path}: the 1Password export holds no accounts, or is damaged; export it again, or as CSV"
            )
        reader = cls(source, "1Password", _over(_one_password, document["accounts"], document), None)
        reader.format = "1PUX"
        return reader


def _begins_json(head: str, suffix: str) -> bool:
    if suffix == ".json":
        return True
    rest = head[1:].lstrip()
    return (head.startswith("{") and rest.startswith('"')) or (head.startswith("[") and rest.startswith("{"))


def _parsed(data: bytes, codec: str) -> object | None:
    """The document, or None: the errors of the parser hold the text."""
    try:
        parsed: object = json.loads(data.decode(codec))
    except (ValueError, RecursionError):
        return None
    return parsed


_Object = Mapping[str, object]


def _over(
    read: Callable[[Sequence[object], _Object], Iterator[Item]], found: Sequence[object], document: _Object
) -> Callable[[], Iterator[Item]]:
    return lambda: read(found, document)


def _bitwarden(items: Sequence[object], _document: _Object) -> Iterator[Item]:
    """https://bitwarden.com/help/condition-bitwarden-import/: `items[].login`, `passwordHistory`, `fields`."""
    for entry in map(_object, items):
        login = _object(entry.get("login"))
        yield Item(
            passwords=[
                *_texts([login.get("password")]),
                *_texts(
                    field.get("value")
                    for field in map(_object, _list(entry.get("fields")))
                    if field.get("type") == _HIDDEN and names_password(_text(field.get("name")))
                ),
            ],
            older=_texts(_object(old).get("password") for old in _list(entry.get("passwordHistory"))),
            account=_text(login.get("username")),
            system=next(iter(_texts(_object(uri).get("uri") for uri in _list(login.get("uris")))), ""),
            title=_text(entry.get("name")),
            deleted=bool(entry.get("deletedDate")),
        )


def _keeper(records: Sequence[object], _document: _Object) -> Iterator[Item]:
    """Keeper Commander, importer/json/json.py: `records[].login`, `password`, `login_url`, `custom_fields`."""
    for entry in map(_object, records):
        custom = _object(entry.get("custom_fields"))
        yield Item(
            passwords=_texts(
                [entry.get("password"), *(value for key, value in custom.items() if names_password(key.lstrip("$")))]
            ),
            older=[],
            account=_text(entry.get("login")),
            system=_text(entry.get("login_url")),
            title=_text(entry.get("title")),
        )


def _one_password(accounts: Sequence[object], _document: _Object) -> Iterator[Item]:
    """https://support.1password.com/1pux-format/: `accounts[].vaults[].items[]`."""
    for account in map(_object, accounts):
        for vault in map(_object, _list(account.get("vaults"))):
            for wrapped in map(_object, _list(vault.get("items"))):
                yield _one_password_item(_object(wrapped.get("item")) or wrapped)


def _one_password_item(entry: _Object) -> Item:
    details, overview = _object(entry.get("details")), _object(entry.get("overview"))
    item = Item(passwords=_texts([details.get("password")]), older=[], title=_text(overview.get("title")))
    for field in map(_object, _list(details.get("loginFields"))):
        if field.get("designation") == "password":
            item.passwords += _texts([field.get("value")])
        elif field.get("designation") == "username":
            item.account = _text(field.get("value"))
    for section in map(_object, _list(details.get("sections"))):
        for field in map(_object, _list(section.get("fields"))):
            value, key = _object(field.get("value")), _text(field.get("id"))
            if "concealed" in value and (names_password(key) or names_password(_text(field.get("title")))):
                item.passwords += _texts([value["concealed"]])
            elif key == "username":
                item.account = item.account or _text(value.get("string"))
            elif key == "url":
                item.system = item.system or _text(value.get("string")) or _text(value.get("url"))
    item.older = _texts(_object(old).get("value") for old in _list(details.get("passwordHistory")))
    urls = _texts(_object(url).get("url") for url in _list(overview.get("urls")))
    item.system = _text(overview.get("url")) or next(iter(urls), "") or item.system
    item.deleted = entry.get("state") in _TRASHED or entry.get("trashed") is True
    return item


def _object(value: object) -> _Object:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: Iterator[object] | Sequence[object]) -> list[str]:
    return [value for value in values if isinstance(value, str) and value]

"""Exports in JSON: the objects of people, out of the wrappings in which providers and tools put them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hygiene.errors import ExportError
from hygiene.identities.row import shown_name

# where the list of people lies: Graph; Google, Keycloak, Okta by script; others' tools
_LISTS: Final = ("value", "users", "members", "people", "items", "data")
# of a page of an answer that has further pages
_NEXT: Final = ("@odata.nextLink", "nextPageToken")
# Keycloak's hashes, seeds and codes: not kept for a moment longer than the text itself
_SECRETS: Final = frozenset({"secretData", "credentialData", "hashedSaltedValue", "salt", "secret"})

Entry = Mapping[str, Any]


@dataclass(slots=True)
class Documents:
    """The entries of a file, and what is missing of it."""

    entries: list[Entry] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)


class _TwiceError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read(path: Path, text: str) -> Documents:
    """All entries of the JSON values in a text: pages written one after the other are one list.

    ExportError for what is no JSON, is nested too deep, names a key twice, or has anything but objects as entries.
    """
    found = Documents()
    for value in _values(path, text):
        for entry in _unwrapped(path, value, found):
            if not isinstance(entry, dict):
                raise ExportError(
                    f"{path}: entry {len(found.entries) + 1} is no object; expected a list of users as the provider"
                    " exports it"
                )
            found.entries.append(entry)
    return found


def _values(path: Path, text: str) -> Iterator[Any]:
    # numbers stay texts: none decides anything, and one of a million digits costs nothing so
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str)
    at = _skip(text, 0)
    while at < len(text):
        problem = ""
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            problem = f"line {error.lineno}: no JSON ({error.msg}); the file may be cut: export again"
        except RecursionError:
            problem = "nested deeper than any export; expected a list of users"
        except _TwiceError as error:
            problem = f"an object has the key {shown_name(error.key)} twice, so which counts is not known; export again"
        # outside: these errors hold the text
        if problem:
            raise ExportError(f"{path}: {problem}")
        yield value
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,\x1e\ufeff":
        at += 1
    return at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {key: None if key in _SECRETS else value for key, value in pairs}
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TwiceError(key)
            seen.add(key)
    return found


def _unwrapped(path: Path, value: Any, found: Documents) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            # pages as they were gathered, or the realms of a server
            if isinstance(item, list) or (isinstance(item, dict) and _people(item) is not None):
                yield from _unwrapped(path, item, found)
            else:
                yield item
        return
    people = _people(value) if isinstance(value, dict) else None
    if people is None and isinstance(value, dict) and "realm" in value:
        raise ExportError(
            f"{path}: a Keycloak realm without its users; export it with `kc.sh export --users realm_file`"
        )
    if people is None:
        yield value
        return
    if any(value.get(name) for name in _NEXT):
        found.lacks.append("it is one page of several, and the others are not here; export all pages")
    if value.get("federatedUsers"):
        found.lacks.append("`federatedUsers` of the realm are not read; export the users of the directory behind them")
    yield from _with_factors(people, value.get("factors"))


def _people(value: Mapping[str, Any]) -> list[Any] | None:
    """The list of people in an object; None when the object is itself one."""
    lists = [value[name] for name in _LISTS if isinstance(value.get(name), list)]
    return lists[0] if len(lists) == 1 and "username" not in value and "profile" not in value else None


def _with_factors(people: Iterable[Any], factors: Any) -> Iterator[Any]:
    """Okta's factors are asked for user by user: here they lie beside the users, by their ids, or inside them."""
    for person in people:
        if isinstance(person, dict) and isinstance(factors, dict) and isinstance(person.get("id"), str):
            yield {"factors": factors.get(person["id"]), **person}
        else:
            yield person


def keys(entries: Iterable[Entry]) -> list[str]:
    """Every key of the entries, in the order in which they first stand there."""
    return list(dict.fromkeys(key for entry in entries for key in entry))

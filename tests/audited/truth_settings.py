"""The rows that the table settings must hold: what the daemons print, and which line of which file says so."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping

from .machines import Daemon, Planted
from .truth import Row, everybody

# lists whose default differs by build, so that only the daemon knows it: where it was not asked they have no row
ONLY_PRINTED = {"ciphers", "macs", "kexalgorithms", "gssapikexalgorithms"}
Printed = Callable[[Daemon, Mapping[str, str]], str]  # what `sshd -T` prints, with `-C` for a connection


def settings(host: Planted, printed: Printed, files: Mapping[str, str], base_passwd: str) -> list[Row]:
    """What `sshd -T` prints on the host, a row for each line, and where the host's files or its arguments say so."""
    found = []
    for daemon in host.daemons:
        places: dict[str, str] = {}
        for option in daemon.options:
            places.setdefault(option.partition("=")[0].lower(), "command line")
        _places(daemon.main, files, places)
        outside = _lines(printed(daemon, {}))
        for keyword, value in outside:
            if host.sshd_t or keyword not in ONLY_PRINTED:
                source = places.get(keyword, "sshd -T" if keyword in ONLY_PRINTED else "default")
                found.append(_setting(host, daemon, "*", keyword, value, source))
        if host.scopes:
            found += _in_scopes(host, daemon, printed, outside, base_passwd)
    return found


def _in_scopes(
    host: Planted, daemon: Daemon, printed: Printed, outside: list[tuple[str, str]], base_passwd: str
) -> Iterator[Row]:
    """What differs by Match blocks, for each account and class of source; the accounts of the tree are all alike."""
    asked: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
    classes = {None: None} | {scope.source: scope.address for scope in host.scopes if scope.source}
    for name, person in everybody(host, base_passwd).items():
        for source, address in classes.items():
            key = (person.name if person else None, source)
            if key not in asked:
                connection = {"user": name, "host": address or "none", "addr": address or "192.0.2.1"}
                asked[key] = _lines(printed(daemon, connection))
            places: dict[str, str] = {}
            for scope in host.scopes:
                if name in (scope.accounts or (name,)) and scope.source in (None, source):
                    places |= scope.lines
            here = asked[key]
            changed = {keyword for keyword, _ in {*here} ^ {*outside}}
            assert changed == {*places}, (name, source)
            for keyword, value in here:
                if keyword in changed:
                    label = name if source is None else f"{name} from {source}"
                    yield _setting(host, daemon, label, keyword, value, places[keyword])


def _lines(printed: str) -> list[tuple[str, str]]:
    return [(keyword, value) for keyword, _, value in (line.partition(" ") for line in printed.splitlines())]


def _setting(host: Planted, daemon: Daemon, scope: str, keyword: str, value: str, source: str) -> Row:
    return {
        "host": host.name,
        "daemon": daemon.name,
        "scope": scope,
        "keyword": keyword,
        "value": value,
        "source": source,
        "state": "pending" if host.pending else "effective",
    }


def _places(path: str, files: Mapping[str, str], found: dict[str, str]) -> None:
    """Where each keyword stands first, up to the first Match: an Include stands for its files, in order of names."""
    for number, line in enumerate(files[path].splitlines(), 1):
        keyword, *rest = line.split() or ["#"]
        if keyword == "Match":
            return
        if keyword == "Include":
            for name in sorted(files):
                if fnmatch.fnmatchcase(name, rest[0]):
                    _places(name, files, found)
        elif not keyword.startswith("#"):
            found.setdefault(keyword.lower(), f"{path}:{number}")

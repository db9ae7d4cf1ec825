"""/etc/nsswitch.conf: where accounts, hashes, groups and sudo rules come from besides the files."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.accounts.text import lines

# `systemd` makes up root, nobody and dynamic service users: no account that anybody logs in to. `compat` is `files`
# plus the + and - entries, which the readers of the files report.
_LISTED = frozenset({"files", "systemd", "compat"})


@dataclass(frozen=True, slots=True)
class Sources:
    """The services of each database, in order."""

    passwd: tuple[str, ...]
    shadow: tuple[str, ...]
    group: tuple[str, ...]
    sudoers: tuple[str, ...]


def parse(data: bytes | None) -> Sources:
    """The services; None stands for a host without the file (musl has none), where all comes from the files.

    nsswitch.conf(5): a database that is not named comes from `files`, shadow from where passwd comes from; the last
    line of a database counts. Actions in brackets are passed over: they only shorten the search.
    """
    found: dict[str, tuple[str, ...]] = {}
    for raw in lines(data or b""):
        database, colon, services = raw.partition("#")[0].partition(":")
        if colon:
            found[database.strip()] = tuple(_services(services))
    passwd = found.get("passwd") or ("files",)
    return Sources(
        passwd,
        found.get("shadow") or passwd,
        found.get("group") or ("files",),
        found.get("sudoers") or ("files",),
    )


def _services(text: str) -> list[str]:
    words: list[str] = []
    for index, part in enumerate(text.split("[")):
        words.extend((part if index == 0 else part.partition("]")[2]).split())
    return words


def unlisted(sources: Sources, database: str) -> tuple[str, ...]:
    """The services of `passwd`, `shadow`, `group` or `sudoers` whose entries stand in no file of the host."""
    services: tuple[str, ...] = getattr(sources, database)
    return tuple(dict.fromkeys(service for service in services if service not in _LISTED))


def gap_reason(sources: Sources, database: str) -> str | None:
    """Why the list of this database may not be all, naming the sources; None when the files are all there is."""
    foreign = unlisted(sources, database)
    if not foreign:
        return None
    what = {
        "passwd": "accounts",
        "shadow": "password states",
        "group": "group members",
        "sudoers": "sudo rules",
    }[database]
    named = ", ".join(service[:40] for service in foreign[:5])
    return f"{what} also come from {named} (nsswitch.conf, {database}), which cannot be listed from the host's files"

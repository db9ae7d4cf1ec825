"""Entries of password lists and the accounts of hosts that they name: by system, user and customer."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from hygiene.model import EntryAccount, EntryTie
from hygiene.store.fleet import Fleet
from hygiene.store.store import Store

_CELL_MAX: Final = 4096  # a longer one is a text, and names no system
# between several systems in one cell; blanks separate words of a title
_BETWEEN: Final = re.compile(r"[,;|\n\t]| / ")
_AUTHORITY: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*+:)?//([^/?#]*+)")
_BRACKETED: Final = re.compile(r"\[([^\]]++)\](?::(\d{1,5}))?")
_WITH_PORT: Final = re.compile(r"([^:]++):(\d{1,5})")
_NOTE: Final = re.compile(r"(?<!\s)\s++\([^()]*+\)$")  # `web1 (old)`
_WORD: Final = re.compile(r"\w++")

# an entry without a system may still name one: `root@web1`
_CELLS: Final = """
SELECT DISTINCT CASE WHEN system IS NOT NULL THEN system WHEN contains(account, '@') THEN account END AS cell, tenant
FROM password_entries WHERE cell IS NOT NULL AND len(cell) <= $longest
"""
# as it stands, else without case and domain where that fits one account alone
_TIES: Final = r"""
WITH said AS (SELECT unnest(json_transform_strict($rows,
    '[{"cell": "VARCHAR", "tenant": "VARCHAR", "user": "VARCHAR", "host": "VARCHAR"}]')) AS s),
named AS (SELECT s.cell AS cell, s.tenant AS tenant, s.user AS told, s.host AS host FROM said),
entries AS (
    SELECT list, row, sheet, tenant, coalesce(system, account) AS cell,
        CASE WHEN system IS NOT NULL THEN account END AS account
    FROM password_entries
),
meant AS (
    SELECT DISTINCT e.list, e.row, e.sheet, n.host, trim(coalesce(e.account, n.told)) AS wanted
    FROM entries AS e JOIN named AS n ON e.cell = n.cell AND e.tenant IS NOT DISTINCT FROM n.tenant
    WHERE coalesce(e.account, n.told) IS NOT NULL
),
there AS (SELECT DISTINCT host, account FROM accounts WHERE host IN (SELECT host FROM named)),
asked AS (
    SELECT DISTINCT host, wanted, lower(split_part(string_split(wanted, '\')[-1], '@', 1)) AS bare FROM meant
),
exact AS (SELECT host, wanted, wanted AS account FROM asked SEMI JOIN there
    ON asked.host = there.host AND asked.wanted = there.account),
folded AS (
    SELECT a.host, a.wanted, any_value(t.account) AS account
    FROM (FROM asked ANTI JOIN exact USING (host, wanted)) AS a
    JOIN there AS t ON t.host = a.host AND lower(t.account) = a.bare
    GROUP BY a.host, a.wanted HAVING count(*) = 1
)
SELECT DISTINCT m.list, m.row, m.sheet, m.host, f.account
FROM meant AS m JOIN (FROM exact UNION ALL FROM folded) AS f ON f.host = m.host AND f.wanted = m.wanted
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A system as a cell names it: in lower case, addresses in their usual form."""

    name: str
    port: int | None = None
    user: str | None = None


def tie(store: Store) -> None:
    """Fill `entry_accounts` with what lists and hosts in the store say together; ties by hash stay as they are.

    Nothing happens where no list was read, or no host is known: then the question has no answer.
    """
    fleet = store.fleet()
    if not fleet.table_present("password_entries") or not fleet.hosts_total():
        return
    by_hash = list(fleet.rows(EntryAccount, "tie = 'hash'"))
    store.put(EntryAccount, (row for rows in (by_hash, by_name(fleet)) for row in rows))


def by_name(fleet: Fleet) -> Iterator[EntryAccount]:
    """Give the entries that name an account of a host, in the order of the lists.

    An entry names a host by its name or address in the inventory, or by the first part of its name where no other host
    has that; its customer, if it says one, must not be another than the host's. Its user is an account that is there,
    as it stands, or without case and domain where one account alone fits. All else is no tie.
    """
    inventory = Inventory(fleet.query("SELECT host, address, port, tenant FROM hosts ORDER BY host"))
    cells = fleet.query(_CELLS, {"longest": _CELL_MAX})
    rows = [tie._asdict() for tie in inventory.ties(cells)]
    if rows:
        for name, row, sheet, host, account in fleet.query(_TIES, {"rows": json.dumps(rows)}):
            yield EntryAccount(name, row, sheet, host, account, EntryTie.NAME)


def systems(cell: str) -> Iterator[Named]:
    """The systems that a cell may name: URLs, `user@host`, `host:port`, `[address]:port`, `host/path`, several of them.

    A part with blanks in it is a title and names none, but for a note in brackets behind it.
    """
    for part in _BETWEEN.split(cell):
        text = _NOTE.sub("", part.strip()).lower()
        if text and not any(map(str.isspace, text)):
            named = _system(text)
            if named is not None:
                yield named


def _system(text: str) -> Named | None:
    url = _AUTHORITY.match(text)
    text = url[1] if url else text.lstrip("\\").partition("/")[0].partition("\\")[0]
    user, _, text = text.rpartition("@")
    user = user.partition(":")[0]  # `user:password@host`
    port: str | None = None
    if match := _BRACKETED.fullmatch(text) or _WITH_PORT.fullmatch(text):
        text, port = match[1], match[2]
    elif text.count(":") == 1:
        text = text.partition(":")[0]  # `host:` before a path
    name = _usual(text)
    return Named(name, int(port) if port else None, user or None) if name else None


def _usual(name: str) -> str:
    """A name or address as it is compared."""
    lower = name.strip().lower().removesuffix(".")
    if ":" not in lower:
        return lower
    try:
        return str(ipaddress.IPv6Address(lower))
    except ValueError:
        return lower


class Tie(NamedTuple):
    """What a cell of a list says of one host."""

    cell: str
    tenant: str | None  # of the entry
    user: str | None  # whom the cell names
    host: str


@dataclass(frozen=True, slots=True)
class _Host:
    host: str
    port: int
    tenant: str | None


class Inventory:
    """The hosts by all that an entry may call them."""

    def __init__(self, hosts: Iterable[tuple[str, str, int, str | None]]) -> None:
        self._named: dict[str, list[_Host]] = {}  # by name and address
        self._short: dict[str, list[_Host]] = {}  # by the first part of a name with dots
        self._undotted: dict[str, list[_Host]] = {}  # those of which no name has a dot
        for host, address, port, tenant in hosts:
            known = _Host(host, port, tenant)
            names = dict.fromkeys(_usual(name) for name in (host, address) if not name.startswith("/"))
            for name in names:
                self._named.setdefault(name, []).append(known)
            dotted = {name.partition(".")[0] for name in names if "." in name and not _is_address(name)}
            for short in dotted - names.keys():
                self._short.setdefault(short, []).append(known)
            if not dotted:
                for name in names:
                    self._undotted.setdefault(name, []).append(known)

    def ties(self, cells: Iterable[tuple[str, str | None]]) -> Iterator[Tie]:
        """One for each host that a cell names, without repeats.

        A host without a domain may be the one of a name with a domain, unless cells have it in two domains.
        """
        found: dict[Tie, str | None] = {}  # with the full name that was taken for a host without a domain
        guessed: dict[str, set[str]] = {}
        for cell, tenant in cells:
            for named in systems(cell):
                host = _chosen(self._named.get(named.name, ()), named, tenant)
                guess = None
                if host is None and named.name not in self._named and not _is_address(named.name):
                    first, dot, _ = named.name.partition(".")
                    host = _chosen((self._undotted if dot else self._short).get(first, ()), named, tenant)
                    guess = named.name if dot else None
                if host is not None:
                    found.setdefault(Tie(cell, tenant, named.user, host), guess)
                    if guess is not None:
                        guessed.setdefault(host, set()).add(guess)
        return (tie for tie, guess in found.items() if guess is None or len(guessed[tie.host]) == 1)


def _chosen(hosts: Sequence[_Host], named: Named, tenant: str | None) -> str | None:
    """The one host that is meant, None where it may be several."""
    left = [host for host in hosts if not _contradict(tenant, host.tenant)]
    if len(left) > 1:  # one address, and several daemons behind it
        left = [host for host in left if host.port == named.port]
    return left[0].host if len(left) == 1 else None


def _contradict(one: str | None, other: str | None) -> bool:
    """Whether two names are not of one customer: `Example GmbH` may be `example`."""
    if one is None or other is None or one == other:
        return False
    words, others = (frozenset(_WORD.findall(name.casefold())) for name in (one, other))
    return not (words and others and (words <= others or others <= words))


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdecimal()

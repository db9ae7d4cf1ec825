"""The places of many findings at once: one pass over a table for all findings of a check, not one for each.

A finding's places are a query with the subject as a parameter. Asked one by one, 100,000 findings would read the grants
100,000 times. Where the query has the usual form (`X = $X` once, X among its columns, ORDER BY at its end), it is asked
for all subjects together and shared out by X; any other query is asked by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import duckdb

from hygiene.model import Places
from hygiene.store.rows import plain

_EQUAL: Final = re.compile(r"\b(\w+) = \$(\w+)\b")
# what stands in the way of taking the end of a query for its order alone
_MORE_THAN_ORDER: Final = re.compile(r"[)']|\b(?:LIMIT|OFFSET|FETCH)\b", re.IGNORECASE)
_NUMBER: Final = "place_number"
_TOTAL: Final = "places_total"


@dataclass(frozen=True, slots=True)
class Look:
    """How many places a finding has, and the first of them."""

    total: int
    sample: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Together:
    """A query for many subjects: `sql` without its order, `name` the parameter that tells them apart."""

    name: str
    sql: str
    order: str


class Asker(Protocol):
    """What answers the questions: the fleet."""

    def named(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[dict[str, Any]]: ...

    def count(self, places: Places) -> int: ...

    def sample(self, places: Places, n: int) -> tuple[dict[str, Any], ...]: ...


def look(fleet: Asker, places: Sequence[Places], n: int) -> list[Look]:
    """Give total and first `n` of the places of each finding, in the order of the findings."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for index, place in enumerate(places):
        name = _subject_parameter(place)
        if name is not None:
            others = repr(sorted((k, v) for k, v in place.parameters.items() if k != name))
            groups.setdefault((place.sql, name, others), []).append(index)
    looks: dict[int, Look] = {}
    for (_, name, _), indexes in groups.items():
        looks.update(_look_together(fleet, places, indexes, name, n))
    return [looks[i] if i in looks else _look_alone(fleet, place, n) for i, place in enumerate(places)]


def _look_alone(fleet: Asker, place: Places, n: int) -> Look:
    return Look(fleet.count(place), fleet.sample(place, n))


def _look_together(
    fleet: Asker, places: Sequence[Places], indexes: Sequence[int], name: str, n: int
) -> Mapping[int, Look]:
    """Give the looks of those that differ in one parameter alone; nothing when they cannot be asked together."""
    first = places[indexes[0]]
    together = _together(first, name)
    if len(indexes) < 2 or together is None:
        return {}
    try:
        found = _ask(together, {**first.parameters, name: [places[i].parameters[name] for i in indexes]}, n, fleet)
    except (duckdb.Error, KeyError):  # a query that cannot be asked so, or X is not among its columns
        return {}
    looks = {index: found.get(places[index].parameters[name], Look(0, ())) for index in indexes}
    # a query may have the usual form and yet mean something else by it: then it answers differently by itself
    if any(looks[index] != _look_alone(fleet, places[index], n) for index in {indexes[0], indexes[-1]}):
        return {}
    return looks


def _subject_parameter(place: Places) -> str | None:
    """Give the one parameter that the query compares with the column of its name, once and nowhere else."""
    candidates = [
        column
        for column, parameter in _EQUAL.findall(place.sql)
        if column == parameter and len(re.findall(rf"\${parameter}\b", place.sql)) == 1
    ]
    usable = [name for name in candidates if isinstance(place.parameters.get(name), str)]
    return usable[0] if len(usable) == 1 else None


def apart_from_order(sql: str) -> tuple[str, str]:
    """The query without the order at its end, and that order; nothing where it has none, or where it is more."""
    head, found, order = sql.rpartition("ORDER BY")
    return (head, order) if found and not _MORE_THAN_ORDER.search(order) else (sql, "")


def _together(place: Places, name: str) -> _Together | None:
    head, order = apart_from_order(place.sql)
    if not order:
        return None
    sql = re.sub(rf"\b{name} = \${name}\b", f"{name} IN (SELECT unnest(${name}::VARCHAR[]))", head)
    return _Together(name, sql, order)


def _ask(together: _Together, parameters: Mapping[str, object], n: int, fleet: Asker) -> dict[object, Look]:
    name = together.name
    sql = f"""
        SELECT *, row_number() OVER (PARTITION BY "{name}" ORDER BY {together.order}) AS {_NUMBER},
            count(*) OVER (PARTITION BY "{name}") AS {_TOTAL}
        FROM ({together.sql}) QUALIFY {_NUMBER} <= {max(n, 1):d} ORDER BY "{name}", {_NUMBER}
    """  # noqa: S608  the check's own query; names are words by the patterns above
    looks: dict[object, Look] = {}
    for row in fleet.named(sql, parameters):
        del row[_NUMBER]
        total = row.pop(_TOTAL)
        before = looks.get(row[name], Look(total, ()))
        place = {column: plain(value) for column, value in row.items()}
        looks[row[name]] = Look(total, (*before.sample, place)[:n])
    return looks

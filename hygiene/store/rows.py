"""Rows in and out: records to DuckDB in bulk, and tuples from DuckDB to records."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

import duckdb

from hygiene.model import TABLES
from hygiene.store.schema import INTERNAL, Column, columns

Record = TypeVar("Record")

_TABLE_OF: Final = {record: name for name, record in {**TABLES, **INTERNAL}.items()}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INT64: Final = 2**63 - 1


@runtime_checkable
class Columnar(Protocol):
    """Rows of a table that are held as columns: records of them need not be made to be stored."""

    def __len__(self) -> int: ...

    def columns(self, start: int, stop: int, /) -> Mapping[str, Sequence[object]]:
        """The values of each field of the record, in the rows from one place to another (not included)."""


@functools.cache
def _statement(record: type) -> str:
    """Prepare the insert of one kind of record: a JSON array for each column, turned into a column by DuckDB.

    Measured with 100,000 grants on DuckDB 1.5 and 2.0, rows per CPU second: this about 100,000, one JSON object for
    each row half of that, lists as parameters 350 on 1.5, `executemany` 2,700. A column of lists is sent as its
    different values and the number of one for each row: a list for each row takes six times as long.
    """
    cells = ", ".join(_cell(column) for column in columns(record))
    return f"INSERT INTO {_TABLE_OF[record]} SELECT {cells}"


def _cell(column: Column) -> str:
    if column.sql_type == "VARCHAR[]":
        numbers = "unnest(json_transform_strict(?, '[\"BIGINT\"]'))"
        return f"list_extract(json_transform_strict(?, '[[\"VARCHAR\"]]'), {numbers})"
    return f"unnest(json_transform_strict(?, '[\"{column.sql_type}\"]'))"


@functools.cache
def _values(record: type) -> Callable[[Any], tuple[Any, ...]]:
    names = [column.name for column in columns(record)]
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda row: (get(row),)


def insert(connection: duckdb.DuckDBPyConnection, record: type, rows: Sequence[Any]) -> None:
    """Insert records of one kind into their table, in order.

    Values that DuckDB cannot hold come from hostile hosts and must not end the run: a lone surrogate is written as
    `\\uNNNN`, a number beyond 64 bits becomes the nearest that fits.
    """
    connection.execute(_statement(record), _parameters(record, zip(*map(_values(record), rows), strict=True)))


def insert_columns(
    connection: duckdb.DuckDBPyConnection, record: type, batches: Iterable[Mapping[str, Sequence[object]]]
) -> None:
    """Insert rows that are held as columns, one for each field of the record; else as `insert`.

    DuckDB takes one batch in while the next one is made.
    """
    names = [column.name for column in columns(record)]
    with ThreadPoolExecutor(1) as beside:
        taken: Future[object] | None = None
        for held in batches:
            parameters = _parameters(record, (held[name] for name in names))
            if taken is not None:
                taken.result()
            taken = beside.submit(connection.execute, _statement(record), parameters)
        if taken is not None:
            taken.result()


def _parameters(record: type, values: Iterable[Sequence[Any]]) -> list[str]:
    """The columns as the statement takes them."""
    parameters: list[str] = []
    for column, cells in zip(columns(record), values, strict=True):
        if column.sql_type == "VARCHAR[]":
            numbers: dict[tuple[str, ...] | None, int] = {}
            rows = [numbers.setdefault(cell, len(numbers) + 1) for cell in cells]
            parameters += (_dump(column, list(numbers)), json.dumps(rows))
        else:
            parameters.append(_dump(column, cells))
    return parameters


def _dump(column: Column, values: Sequence[Any]) -> str:
    text = json.dumps(values, default=_time_text, ensure_ascii=False)
    if _storable(column, values, text):
        return text
    return json.dumps([_clean(value) for value in values], default=_time_text, ensure_ascii=False)


def _storable(column: Column, values: Sequence[Any], text: str) -> bool:
    if column.sql_type == "BIGINT":
        numbers = [*filter(None, values)]
        return not numbers or (min(numbers) >= -_INT64 - 1 and max(numbers) <= _INT64)
    return text.isascii() or not _SURROGATE.search(text)


def _clean(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
        case tuple():
            return [_clean(item) for item in value]
        case int():
            return max(-_INT64 - 1, min(_INT64, value))
        case _:
            return value


def _time_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored")


# ---------------------------------------------------------------- out


def records(record: type[Record], rows: Iterable[Sequence[Any]]) -> Iterator[Record]:
    """Turn tuples in the order of the record's fields into records."""
    convert = [_converter(column) for column in columns(record)]
    for row in rows:
        yield record(*[value if f is None else f(value) for f, value in zip(convert, row, strict=True)])


def _converter(column: Column) -> Callable[[Any], Any] | None:
    if column.words is not None:
        words: dict[str | None, Any] = {member.value: member for member in column.words}
        return ({**words, None: None} if column.nullable else words).__getitem__
    if column.sql_type == "VARCHAR[]":
        return lambda value: None if value is None else tuple(value)
    if column.sql_type == "TIMESTAMP":
        return lambda value: None if value is None else value.replace(tzinfo=UTC)
    return None


def plain(value: Any) -> Any:
    """Give a value as JSON says it: times as ISO 8601 in UTC with Z; anything else is plain already."""
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return value

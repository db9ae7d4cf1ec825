"""What a check or a report may ask: SQL over the tables, typed rows, places. Nothing here writes or opens a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import duckdb

from hygiene.model import TABLES, Coverage, Places, Status
from hygiene.store.database import Opened
from hygiene.store.places import Look, apart_from_order, look
from hygiene.store.rows import plain, records
from hygiene.store.schema import ORDER, RUN_TABLES, columns, table_of

Record = TypeVar("Record")

_CHUNK: Final = 10_000

# `tables` and `views` are the places of a database that is open
_VIEWS: Final = (
    """
CREATE OR REPLACE VIEW {views}.auditor_grants AS
SELECT DISTINCT host, account, fingerprint FROM {tables}.grants
WHERE fingerprint IN (SELECT fingerprint FROM {views}.auditor_keys)
UNION
SELECT host, login_user, login_fingerprint FROM {tables}.hosts
WHERE login_user IS NOT NULL AND login_fingerprint IS NOT NULL
""",
    """
CREATE OR REPLACE VIEW {views}.openings AS
SELECT g.host, h.tenant, g.daemon, g.account, g.fingerprint, g.file, g.line, g.restricted, g.is_authority,
    g.accepted = 'yes' AS proven,
    g.opens_root <> 'no' AS root,
    g.accepted = 'yes' AND g.opens_root = 'yes' AS root_proven,
    (g.host, g.account, g.fingerprint) IN (
        SELECT (host, account, fingerprint) FROM {views}.auditor_grants
    ) AS auditor
FROM {tables}.grants AS g JOIN {tables}.hosts AS h USING (host)
WHERE g.accepted <> 'no' AND g.fingerprint IS NOT NULL
""",
)


def select(table: str, where: str = "") -> str:
    """Give the question for all columns of a table, or those rows of it for which `where` holds, in stable order."""
    names = ", ".join(f'"{column.name}"' for column in columns(TABLES[table]))
    condition = f"WHERE {where}" if where else ""
    return f"SELECT {names} FROM {table} {condition} ORDER BY {ORDER[table]}"  # noqa: S608 own names


class Fleet:
    """Read-only questions to the tables of DESIGN section 4, and to two views made for checks.

    `auditor_grants` (host, account, fingerprint): with what this run, or the auditor that the policy names, gets in.
    `openings`: the grants that let someone in as far as we know, so accepted or unknown, with `tenant`, `proven`
    (accepted for certain), `root` (opens root, or that is unknown), `root_proven`, `restricted`, `is_authority` and
    `auditor` (it is one of `auditor_grants`).
    """

    def __init__(self, opened: Opened, auditor_keys: frozenset[str] = frozenset()) -> None:
        self.opened = opened  # for this room alone
        connection = opened.connection
        connection.execute(f"CREATE OR REPLACE TABLE {opened.views}.auditor_keys (fingerprint VARCHAR)")
        connection.execute(
            f"INSERT INTO {opened.views}.auditor_keys SELECT unnest($keys::VARCHAR[])",
            {"keys": sorted(auditor_keys)},
        )
        for view in _VIEWS:
            connection.execute(view.format(tables=opened.tables, views=opened.views))
        opened.confine()

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[tuple[Any, ...]]:
        """Give the rows of one SELECT, some thousand at a time. Its `$name`s are taken from `parameters`."""
        cursor = self._ask(sql, parameters)
        try:
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows
        finally:
            cursor.close()

    def named(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[dict[str, Any]]:
        """Give the rows of one SELECT as mappings by column name."""
        cursor = self._ask(sql, parameters)
        try:
            names = [column[0] for column in cursor.description or ()]
            while rows := cursor.fetchmany(_CHUNK):
                for row in rows:
                    yield dict(zip(names, row, strict=True))
        finally:
            cursor.close()

    def _ask(self, sql: str, parameters: Mapping[str, object] | None) -> duckdb.DuckDBPyConnection:
        cursor = self.opened.cursor()
        statements = cursor.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            cursor.close()
            raise ValueError("a question to the fleet is one SELECT")
        return cursor.execute(statements[0], dict(parameters or {}))

    def rows(
        self, record: type[Record], where: str = "", parameters: Mapping[str, object] | None = None
    ) -> Iterator[Record]:
        """Give the rows of a record's table as records, in the table's stable order; `where` is an SQL condition."""
        return records(record, self.query(select(table_of(record), where), parameters))

    def table_present(self, name: str) -> bool:
        """True when a table has been filled, if only with nothing: what was never asked has no answer."""
        if name == "key_uses":  # logs are read on request only
            return bool(self._one("SELECT count(*) FROM areas WHERE area = 'logs' AND state IN ('seen', 'partial')"))
        if name == "probes":  # daemons are asked on request only
            asked = "SELECT host FROM probes UNION ALL SELECT host FROM gaps WHERE area = 'probe'"
            return bool(self._one(f"SELECT count(*) FROM ({asked})"))  # noqa: S608 our own
        if name not in RUN_TABLES:
            return name in TABLES
        return bool(self._one("SELECT count(*) FROM meta WHERE name = $name", {"name": f"present:{name}"}))

    def count(self, places: Places) -> int:
        """Give the number of a finding's places."""
        # to bring them in order would take longer than to find them
        found, _ = apart_from_order(places.sql)
        return int(self._one(f"SELECT count(*) FROM ({found}\n)", places.parameters))  # noqa: S608

    def sample(self, places: Places, n: int) -> tuple[dict[str, Any], ...]:
        """Give the first places of a finding, with plain values: times as ISO 8601 text."""
        rows = self.named(f"SELECT * FROM ({places.sql}) LIMIT {n:d}", places.parameters)  # noqa: S608
        return tuple({name: plain(value) for name, value in row.items()} for row in rows)

    def look(self, places: Sequence[Places], n: int) -> list[Look]:
        """Give total and first `n` of the places of many findings, in their order: what `count` and `sample` give for
        each, but asked together where that is possible.
        """
        return look(self, places, n)

    def hosts_total(self) -> int:
        """Give the number of hosts, seen or not."""
        return int(self._one("SELECT count(*) FROM hosts"))

    def coverage(self) -> Coverage:
        """Give the books: how the scan of each host ended."""
        counts = dict(self.query("SELECT status, count(*) FROM hosts GROUP BY status"))
        return Coverage(**{status.value: int(counts.get(status.value, 0)) for status in Status})

    def _one(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:
        return next(self.query(sql, parameters))[0]

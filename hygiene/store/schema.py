"""The tables as SQL, made from the records in `model.TABLES`, and the tables that are only ours.

A record's fields are the columns in this order: str and enum VARCHAR, int BIGINT, bool BOOLEAN,
datetime TIMESTAMP (UTC), tuple[str, ...] VARCHAR[]. A field that may be None is a column that may be NULL.
"""

from __future__ import annotations

import enum
import functools
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from hygiene.model import TABLES

VERSION: Final = 4

# DuckDB 2.0 writes a newer format by default, which 1.5 cannot read (duckdb.org: Storage Versions and Format)
STORAGE_VERSION: Final = "v1.4.0"

# what tells one row from another, for a stable order; rows of one host keep the order in which they were put
ORDER: Final[Mapping[str, str]] = {
    "hosts": "host",
    "areas": "host, rowid",
    "accounts": "host, rowid",
    "keys": "fingerprint",
    "grants": "host, rowid",
    "private_keys": "host, rowid",
    "host_keys": "host, rowid",
    "settings": "host, rowid",
    "dynamic_sources": "host, rowid",
    "revoked_keys": "host, rowid",
    "login_paths": "host, rowid",
    "root_paths": "host, rowid",
    "tokens": "host, rowid",
    "key_uses": "host, rowid",
    "probes": "host, rowid",
    "host_hashes": "host, rowid",
    "password_lists": "list",
    "password_entries": "list, row, rowid",
    "list_hashes": "list, row, rowid",
    "breach_lookups": "source",
    "entry_accounts": "list, row, rowid",
    "identities": "source, rowid",
    "findings": '"check", subject',
    "gaps": "host NULLS LAST, subject, area, reason",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    sql_type: str  # as DuckDB writes it
    nullable: bool
    words: type[enum.Enum] | None = None  # the enum whose values stand in it


@dataclass(frozen=True, slots=True)
class Meta:
    """Facts about the database itself, a JSON text for each name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class KeyFact:
    """What one key is. It follows from the key alone, so it is kept once; the newest `version` counts."""

    fingerprint: str
    type: str
    bits: int | None
    weakness: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Modulus:
    """The RSA modulus of a key in hex, kept once."""

    fingerprint: str
    modulus: str


@dataclass(frozen=True, slots=True)
class KeptScan:
    """The books of an audit that was run on this database."""

    id: str
    started_at: datetime
    finished_at: datetime
    targets: int
    complete: int
    partial: int
    unreachable: int
    refused: int
    skipped: int
    policy_digest: str
    tool_version: str


INTERNAL: Final[Mapping[str, type]] = {"meta": Meta, "key_facts": KeyFact, "moduli": Modulus, "scans": KeptScan}

# filled by put_hosts from HostFacts; gaps are apart: those of lists belong to no host
HOST_TABLES: Final = (
    "areas",
    "accounts",
    "grants",
    "private_keys",
    "host_keys",
    "settings",
    "dynamic_sources",
    "revoked_keys",
    "login_paths",
    "root_paths",
    "tokens",
    "key_uses",
    "probes",
    "host_hashes",
)

# filled by a run as a whole, and there only then: what was never asked has no answer
RUN_TABLES: Final = (
    "password_lists",
    "password_entries",
    "list_hashes",
    "breach_lookups",
    "entry_accounts",
    "identities",
    "findings",
)

_TYPES: Final[Mapping[object, str]] = {str: "VARCHAR", int: "BIGINT", bool: "BOOLEAN", datetime: "TIMESTAMP"}


def columns(record: type) -> tuple[Column, ...]:
    """Give the columns of a record's table, in order."""
    return _columns(record)


@functools.cache
def _columns(record: type) -> tuple[Column, ...]:
    hints = typing.get_type_hints(record)
    return tuple(_column(field.name, hints[field.name]) for field in fields(record))


def _column(name: str, hint: Any) -> Column:
    nullable = False
    if isinstance(hint, types.UnionType):
        nullable = type(None) in typing.get_args(hint)
        (hint,) = (part for part in typing.get_args(hint) if part is not type(None))
    if hint == tuple[str, ...]:
        return Column(name, "VARCHAR[]", nullable)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return Column(name, "VARCHAR", nullable, hint)
    return Column(name, _TYPES[hint], nullable)


def create_table(name: str, record: type) -> str:
    """Give the CREATE TABLE statement of a record's table."""
    parts = (f'"{c.name}" {c.sql_type}{"" if c.nullable else " NOT NULL"}' for c in columns(record))
    return f"CREATE TABLE {name} ({', '.join(parts)})"


@functools.cache
def ddl() -> Mapping[str, str]:
    """Give the statements that make an empty database, by table."""
    return {name: create_table(name, record) for name, record in {**TABLES, **INTERNAL}.items()}


def table_of(record: type) -> str:
    """Give the name of a record's table."""
    for name, candidate in TABLES.items():
        if candidate is record:
            return name
    raise LookupError(f"{record.__name__} is no record of a table")

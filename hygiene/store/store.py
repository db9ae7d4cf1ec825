"""The store as its one writer sees it: rows of hosts and lists go in, in transactions; the fleet comes out."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from hygiene.model import Gap, Host, HostFacts
from hygiene.store import database
from hygiene.store.fleet import Fleet
from hygiene.store.rows import Columnar, insert, insert_columns, records
from hygiene.store.schema import HOST_TABLES, RUN_TABLES, KeptScan, KeyFact, Meta, Modulus, table_of

Record = TypeVar("Record")

# rows in one transaction: large enough that commits do not count, small enough to hold in memory twice
_BATCH_ROWS: Final = 20_000

_USED = """
SELECT fingerprint FROM grants WHERE fingerprint IS NOT NULL
UNION SELECT fingerprint FROM private_keys WHERE fingerprint IS NOT NULL
UNION SELECT fingerprint FROM host_keys
"""
_KEYS = """
INSERT INTO keys
WITH facts AS (
    SELECT fingerprint, arg_max(f, version) AS f FROM key_facts AS f GROUP BY fingerprint
), counted AS (
    SELECT fingerprint, comment, count(*) AS uses FROM grants WHERE comment <> '' GROUP BY fingerprint, comment
), comments AS (
    SELECT fingerprint, arg_min(comment, (-uses, comment)) AS comment FROM counted GROUP BY fingerprint
)
SELECT fingerprint, f.type, f.bits, comment,
    CASE WHEN list_contains($factorable::VARCHAR[], fingerprint) THEN 'factorable' ELSE f.weakness END
FROM facts LEFT JOIN comments USING (fingerprint)
ORDER BY fingerprint
"""


class Store:
    """One database file, held by this process until it is closed. Use it as a context manager."""

    def __init__(self, opened: database.Opened) -> None:
        self._opened = opened
        self._connection = opened.connection
        self._hosts: set[str] = {str(host) for (host,) in self._all("SELECT host FROM hosts")}
        self._known_keys: dict[str, tuple[str, int | None, str | None]] | None = None
        self._known_moduli: set[str] = set()
        self._version = 0

    @classmethod
    def open(cls, path: Path, *, create: bool, read_only: bool = False) -> Self:
        """Open a database of ours, or make it when `create` and there is none.

        Raises DatabaseError when there is none, or it is another program's or another version's; LockedError while
        another process writes it; StorageError when it cannot be created. Several readers may hold a file at once.
        """
        return cls(database.open_database(path, create=create, read_only=read_only))

    @classmethod
    def in_memory(cls) -> Self:
        """Give an empty store that leaves no file: for one question, and for tests."""
        return cls(database.memory_database())

    def apart(self, *records: type) -> Self:
        """Give an empty store in memory, one at a time, that shows these tables as they are here.

        It is no longer than this one, and none of these tables is put through it.
        """
        tables = [_run_table(record) for record in records]
        made = type(self)(self._opened.apart(tables))
        for name in (f"present:{table}" for table in tables):
            if (present := self.get_meta(name)) is not None:
                made.set_meta(name, present)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._opened.close()

    # ---------------------------------------------------------------- hosts

    def digests(self) -> dict[str, str]:
        """Give the digest of the evidence behind each host's rows, for hosts that have one."""
        return dict(self._all("SELECT host, evidence FROM hosts WHERE evidence IS NOT NULL"))

    def put_hosts(self, facts: Iterable[HostFacts]) -> None:
        """Replace all rows of these hosts, some hundred hosts in each transaction. Findings made before are dropped.

        Call `finish` when all are in.
        """
        batch: dict[str, HostFacts] = {}
        rows = 0
        for host in facts:
            name = host.host.host
            if name in batch or rows >= _BATCH_ROWS:
                self._put(list(batch.values()))
                batch, rows = {}, 0
            batch[name] = host
            rows += 1 + sum(len(getattr(host, table)) for table in HOST_TABLES) + len(host.gaps)
        if batch:
            self._put(list(batch.values()))

    def _put(self, batch: Sequence[HostFacts]) -> None:
        names = [facts.host.host for facts in batch]
        with self._writing():
            self._drop_findings()
            self._delete([name for name in names if name in self._hosts])
            self._insert(Host, [facts.host for facts in batch])
            for table in HOST_TABLES:
                self._insert(None, [row for facts in batch for row in getattr(facts, table)])
            self._insert(Gap, [gap for facts in batch for gap in facts.gaps])
            self._put_keys(batch)
        self._hosts.update(names)

    def _put_keys(self, batch: Sequence[HostFacts]) -> None:
        """Keep what a key is once, however many hosts show it."""
        if self._known_keys is None:
            self._load_known()
        known = self._known_keys
        assert known is not None
        facts: dict[str, KeyFact] = {}
        moduli: dict[str, Modulus] = {}
        for host in batch:
            for key in host.keys:
                fact = (key.type, key.bits, key.weakness)
                if known.get(key.fingerprint) != fact:
                    known[key.fingerprint] = fact
                    facts[key.fingerprint] = KeyFact(key.fingerprint, *fact, version=self._version)
            for fingerprint, modulus in host.moduli:
                if fingerprint not in self._known_moduli:
                    self._known_moduli.add(fingerprint)
                    moduli[fingerprint] = Modulus(fingerprint, modulus)
        self._insert(KeyFact, list(facts.values()))
        self._version += 1
        self._insert(Modulus, list(moduli.values()))

    def _load_known(self) -> None:
        rows = self._all("SELECT fingerprint, type, bits, weakness, version FROM key_facts ORDER BY version")
        self._known_keys = {fingerprint: (kind, bits, weakness) for fingerprint, kind, bits, weakness, _ in rows}
        self._version = 1 + max((version for *_, version in rows), default=0)
        self._known_moduli = {fingerprint for (fingerprint,) in self._all("SELECT fingerprint FROM moduli")}

    def forget_hosts(self, names: Iterable[str]) -> None:
        """Drop all rows of these hosts. Findings made before are dropped. Call `finish` afterwards."""
        known = sorted(self._hosts.intersection(names))
        if not known:
            return
        with self._writing():
            self._drop_findings()
            self._delete(known)
        self._hosts.difference_update(known)

    def _delete(self, names: Sequence[str]) -> None:
        if not names:
            return
        for table in ("hosts", *HOST_TABLES, "gaps"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE host IN (SELECT unnest($names::VARCHAR[]))",  # noqa: S608 our own name
                {"names": list(names)},
            )

    def finish(self) -> None:
        """Rebuild `keys` from all hosts: one row for each key, its usual comment, and factors shared over the fleet."""
        with self._writing():
            for table in ("key_facts", "moduli"):
                self._connection.execute(f"DELETE FROM {table} WHERE fingerprint NOT IN ({_USED})")  # noqa: S608 our own
        factorable = self._factorable()
        with self._writing():
            self._connection.execute("DELETE FROM keys")
            self._connection.execute(_KEYS, {"factorable": sorted(factorable)})
        self._known_keys = None

    def _factorable(self) -> frozenset[str]:
        """Give the RSA keys that share a factor with another; computed again only when the set of keys changed."""
        fingerprints = [name for (name,) in self._all("SELECT fingerprint FROM moduli ORDER BY fingerprint")]
        if not fingerprints:
            return frozenset()
        digest = hashlib.sha256("\n".join(fingerprints).encode()).hexdigest()
        kept = self.get_meta("factorable")
        if isinstance(kept, dict) and kept.get("of") == digest:
            return frozenset(kept["keys"])
        # here, because only this needs the arithmetic library
        from hygiene.openssh.weakness import shared_factors

        moduli = {name: int(text, 16) for name, text in self._all("SELECT fingerprint, modulus FROM moduli")}
        found = frozenset(shared_factors(moduli))
        self.set_meta("factorable", {"of": digest, "keys": sorted(found)})
        return found

    # ---------------------------------------------------------------- lists, findings, gaps, scans

    def put(
        self,
        record: type[Record],
        rows: Iterable[Record] | Columnar,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Replace all rows of a table that a run fills as a whole. Findings made before are dropped.

        `progress` is told how many are in, where they are held as columns.
        """
        table = _run_table(record)
        with self._writing():
            self._drop_findings()
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 our own name
            self._insert_all(record, rows, progress)
            self._set_meta(f"present:{table}", True)

    def empty(self, record: type) -> None:
        """Empty a table that a run fills, as if nothing had been asked. Findings made before are dropped."""
        table = _run_table(record)
        with self._writing():
            self._drop_findings()
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 our own name
            self._connection.execute("DELETE FROM meta WHERE name = $name", {"name": f"present:{table}"})

    def _drop_findings(self) -> None:
        """Findings about other facts would be lies."""
        self._connection.execute("DELETE FROM findings")
        self._connection.execute("DELETE FROM meta WHERE name = 'present:findings'")

    def put_gaps(self, gaps: Iterable[Gap]) -> None:
        """Replace the gaps that belong to no host: of lists, and of the run."""
        rows = list(gaps)
        if any(gap.host is not None for gap in rows):
            raise ValueError("the gaps of a host come with its facts")
        with self._writing():
            self._connection.execute("DELETE FROM gaps WHERE host IS NULL")
            self._insert(Gap, rows)

    def accept_gaps(self, accepted: Callable[[Gap], bool]) -> None:
        """Set `accepted` of every gap to what the policy says of it."""
        old = list(records(Gap, self._connection.execute("SELECT * FROM gaps").fetchall()))
        new = [Gap(gap.host, gap.subject, gap.area, gap.reason, accepted(gap)) for gap in old]
        if new != old:
            with self._writing():
                self._connection.execute("DELETE FROM gaps")
                self._insert_all(Gap, new)

    def put_scan(self, scan: KeptScan) -> None:
        """Keep the books of one audit; the same evidence judged again replaces its row."""
        with self._writing():
            self._connection.execute("DELETE FROM scans WHERE id = $id", {"id": scan.id})
            self._insert(KeptScan, [scan])

    def set_meta(self, name: str, value: object) -> None:
        """Keep a small fact about the database itself, anything that JSON can say."""
        with self._writing():
            self._set_meta(name, value)

    def _set_meta(self, name: str, value: object) -> None:
        self._connection.execute("DELETE FROM meta WHERE name = $name", {"name": name})
        self._insert(Meta, [Meta(name, json.dumps(value, sort_keys=True))])

    def get_meta(self, name: str) -> Any:
        """Give what `set_meta` kept, None when there is nothing."""
        found = self._connection.execute("SELECT value FROM meta WHERE name = $name", {"name": name}).fetchone()
        return None if found is None else json.loads(found[0])

    # ---------------------------------------------------------------- questions

    def fleet(self, auditor_keys: frozenset[str] = frozenset()) -> Fleet:
        """Give the fleet to checks and reports: read-only, and without access to files.

        `auditor_keys` are fingerprints that the policy names as the auditor's, beside those with which hosts were
        entered. Files are closed to the whole store from here on; only the rows can still be written.
        """
        return Fleet(self._opened, auditor_keys)

    # ---------------------------------------------------------------- inside

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self._opened.writing():
            try:
                yield
            except BaseException:
                self._known_keys = None  # may name keys that are rolled back
                raise

    def _insert_all(
        self,
        record: type[Record],
        rows: Iterable[Record] | Columnar,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        if isinstance(rows, Columnar):
            insert_columns(self._connection, record, _batches(rows, progress))
            return
        batch: list[Record] = []
        for row in rows:
            batch.append(row)
            if len(batch) >= _BATCH_ROWS:
                self._insert(record, batch)
                batch = []
        self._insert(record, batch)

    def _insert(self, record: type[Record] | None, rows: Sequence[Any]) -> None:
        if rows:
            insert(self._connection, record or type(rows[0]), rows)


def _batches(rows: Columnar, progress: Callable[[int], None]) -> Iterator[Mapping[str, Sequence[object]]]:
    for start in range(0, len(rows), _BATCH_ROWS):
        yield rows.columns(start, start + _BATCH_ROWS)
        progress(min(start + _BATCH_ROWS, len(rows)))


def _run_table(record: type) -> str:
    table = table_of(record)
    if table not in RUN_TABLES:
        raise ValueError(f"the rows of {table} come with their host")
    return table

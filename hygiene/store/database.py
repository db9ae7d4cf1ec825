"""The database file: made private, opened once, closed to all other files, its errors told as ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from hygiene.errors import DatabaseError, HygieneError, LockedError, StorageError
from hygiene.store.schema import STORAGE_VERSION, VERSION, ddl

# the file is attached under this name; the views of a fleet live in the memory of the process, under `memory`
_ATTACHED: Final = "hygiene"
_APART: Final = "apart"
_MEMORY: Final = Path(":memory:")
_REBUILD: Final = "name another file with --db, or move this one away and collect or import again"


@dataclass(slots=True)
class Opened:
    """A database of ours that this process holds."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    scratch: Path  # a private folder for what does not fit into memory, and for exports on their way out
    read_only: bool
    tables: str = f"{_ATTACHED}.main"  # where they are written
    views: str = "memory.main"  # where those of a fleet are made
    beside: Opened | None = None  # what it was attached to: tables that are not here are looked up there
    _confined: bool = field(default=False)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a connection of its own, so that several questions can be open at once."""
        cursor = self.connection.cursor()
        cursor.execute(self._search_path())
        return cursor

    def _search_path(self) -> str:
        return f"SET search_path = '{self.tables},{self.beside.tables if self.beside else self.views}'"

    def apart(self, shown: Collection[str]) -> Opened:
        """Make an empty database in memory, one at a time, through which these tables of this one can be read."""
        connection = self.connection.cursor()
        connection.execute(f"ATTACH ':memory:' AS {_APART}")
        place = f"{_APART}.main"
        made = Opened(_MEMORY, connection, self.scratch, read_only=False, tables=place, views=place, beside=self)
        connection.execute(made._search_path())
        _create_tables(made, shown)
        return made

    def confine(self) -> None:
        """Close all files but the database and the scratch folder, for good: what follows may be others' SQL."""
        if not self._confined:
            self.connection.execute("SET enable_external_access = false")
            self._confined = True

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Do what is inside in one transaction: all of it is written, or nothing.

        Raises StorageError when it cannot be written: disk full, no permission.
        """
        if self.read_only:
            raise StorageError(f"{self.path}: opened for reading only; nothing can be written")
        with private_files():
            try:
                self.connection.execute("BEGIN")
                yield
                self.connection.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(duckdb.Error):
                    self.connection.execute("ROLLBACK")
                if _cannot_write(error):
                    raise StorageError(
                        f"{self.path}: cannot write: {_first_line(error)}; what was finished before is kept: "
                        "make room, then run the same command again"
                    ) from error
                raise

    def close(self) -> None:
        """Let go of the file; what is still asking loses its connection."""
        with contextlib.suppress(duckdb.Error), private_files():
            self.connection.execute("SET search_path = 'memory.main'")
            self.connection.execute(f"DETACH {self.tables.partition('.')[0]}")
        self.connection.close()
        if self.beside is None:
            shutil.rmtree(self.scratch, ignore_errors=True)


def open_database(path: Path, *, create: bool, read_only: bool) -> Opened:
    """Open the file, or make it; see `Store.open`."""
    exists = path.is_file() and path.stat().st_size > 0
    if not exists and not create:
        raise DatabaseError(
            f"{path}: there is no database; expected one made by `hygiene audit` or `hygiene collect`: "
            "run one of them first, or name the file with --db"
        )
    with private_files():
        if not exists:
            _make_room(path)
        options = "READ_ONLY" if read_only else f"STORAGE_VERSION '{STORAGE_VERSION}'"
        try:
            opened = _attached(path, options, path.parent, read_only=read_only)
            try:
                if not _is_empty(opened.connection):
                    _check_version(path, opened.connection)
                elif create and not read_only:
                    _create_tables(opened)
                else:
                    raise _not_ours(path)
            except BaseException:
                opened.close()
                raise
        except StorageError:
            if not exists:  # half a file would be taken for another program's
                path.unlink(missing_ok=True)
                path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            raise
        return opened


def memory_database() -> Opened:
    """Make a database that is gone when it is closed."""
    opened = _attached(_MEMORY, "", Path(tempfile.gettempdir()), read_only=False)
    _create_tables(opened)
    return opened


def _create_tables(opened: Opened, without: Collection[str] = ()) -> None:
    with opened.writing():
        for name, statement in ddl().items():
            if name not in without:
                opened.connection.execute(statement)
        opened.connection.execute("INSERT INTO meta VALUES ('schema', $version)", {"version": str(VERSION)})


def _make_room(path: Path) -> None:
    """Check that a new file can be made; an empty one, left by a killed run, is no database yet."""
    if path.is_dir():
        raise DatabaseError(f"{path}: is a folder; expected a database file: name one with --db")
    try:
        path.touch(mode=0o600)
        path.unlink()
    except OSError as error:
        raise StorageError(
            f"{path}: cannot create the database: {error.strerror}; name a file in a folder you can write with --db"
        ) from error


def _attached(path: Path, options: str, beside: Path, *, read_only: bool) -> Opened:
    """Attach a database, with a scratch folder beside it, or with the machine's other temporary files for a reader."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=None if read_only else beside))
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET temp_directory = {quoted(scratch)}")
        connection.execute(f"SET allowed_directories = [{quoted(scratch)}]")
        connection.execute(f"ATTACH {quoted(path)} AS {_ATTACHED}" + (f" ({options})" if options else ""))
        opened = Opened(path, connection, scratch, read_only)
        connection.execute(opened._search_path())
    except BaseException as error:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)
        if isinstance(error, duckdb.Error):
            raise why_not_opened(path, str(error)) from error
        raise
    return opened


def why_not_opened(path: Path, told: str) -> HygieneError:
    """Say as ours what DuckDB told when it did not open a file."""
    first = told.partition("\n")[0].strip()
    if "onflicting lock" in told or "Could not set lock" in told or "already attached" in told:
        return LockedError(
            f"{path}: another process is using this database; wait until it has ended, or name another file with --db"
        )
    if "ould not write" in told:
        return StorageError(f"{path}: cannot create the database: {first}; make room, or name another file with --db")
    if "with version number" in told:
        return DatabaseError(
            f"{path}: written by a newer DuckDB than {duckdb.__version__} can read ({first}); expected storage version "
            f"{STORAGE_VERSION}: upgrade the duckdb package, or {_REBUILD}"
        )
    if "not a valid DuckDB" in told:
        return _not_ours(path)
    if "which is lower than what the database itself uses" in told:
        return DatabaseError(
            f"{path}: not a database of hygiene, or changed by a newer DuckDB ({first}); expected storage version "
            f"{STORAGE_VERSION}: {_REBUILD}"
        )
    return DatabaseError(f"{path}: cannot be opened as a database: {first}; {_REBUILD}")


def _cannot_write(error: BaseException) -> bool:
    # what a commit cannot write down is a TransactionException, as is some misuse; what follows a failed one is fatal
    if isinstance(error, duckdb.TransactionException):
        return "Failed to commit" in str(error)
    return isinstance(error, (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException))


def _is_empty(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = $name", {"name": _ATTACHED}
    ).fetchone()
    return found == (0,)


def _check_version(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        found = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    except duckdb.Error as error:
        raise _not_ours(path) from error
    if found is None:
        raise _not_ours(path)
    if found[0] != str(VERSION):
        raise DatabaseError(f"{path}: database of version {found[0]}; expected version {VERSION}: {_REBUILD}")


def _not_ours(path: Path) -> DatabaseError:
    return DatabaseError(f"{path}: not a database of hygiene; expected one of version {VERSION}: {_REBUILD}")


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0].strip() if str(error).strip() else type(error).__name__


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Make the files that DuckDB creates inside (database, log of a transaction) readable by their owner alone."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)

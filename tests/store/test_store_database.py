"""The file: private, ours alone, of one version, written whole or not at all, open to one process."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from hygiene.errors import DatabaseError, HygieneError, LockedError, StorageError
from hygiene.model import HostFacts
from hygiene.store.database import why_not_opened
from hygiene.store.store import Store
from hygiene.testing.planting import rows_of

HOST = "hosts: host=web1"
READABLE = {"storage_compatibility_version": "v1.4.0"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "it's a fleet.duckdb"


def put(store: Store, *names: str) -> None:
    store.put_hosts(HostFacts(row) for name in names for row in rows_of(f"hosts: host={name}"))


def hosts(path: Path) -> list[str]:
    with Store.open(path, create=False) as store:
        return [host for (host,) in store.fleet().query("SELECT host FROM hosts ORDER BY host")]


def test_what_was_put_is_there_when_it_is_opened_again(path: Path) -> None:
    with Store.open(path, create=True) as store:
        put(store, "web1", "web2")

    assert hosts(path) == ["web1", "web2"]


def test_the_file_and_its_log_are_the_owners_alone(path: Path) -> None:
    before = os.umask(0o000)
    try:
        with Store.open(path, create=True) as store:
            put(store, "web1")
            modes = {name.name: stat.S_IMODE(name.stat().st_mode) for name in path.parent.iterdir()}
            assert os.umask(0o000) == 0o000
    finally:
        os.umask(before)

    scratch = next(name for name in modes if name.startswith("."))
    assert modes == {path.name: 0o600, f"{path.name}.wal": 0o600, scratch: 0o700}


def test_nothing_is_left_beside_a_closed_file(path: Path) -> None:
    with Store.open(path, create=True) as store:
        put(store, "web1")
        unfinished = store.fleet().query("SELECT * FROM range(100000)")
        next(unfinished)

    assert [name.name for name in path.parent.iterdir()] == [path.name]
    assert hosts(path) == ["web1"]


def test_the_format_is_one_that_duckdb_1_4_reads(path: Path) -> None:
    with Store.open(path, create=True) as store:
        put(store, "web1")

    # the main header: 8 bytes checksum, `DUCK`, the version of the storage (67: 1.4; 2.0 writes a newer one by itself)
    assert path.read_bytes()[8:20] == b"DUCK" + (67).to_bytes(8, "little")


def test_an_empty_file_is_no_database_yet(path: Path) -> None:
    path.touch()

    with Store.open(path, create=True) as store:
        put(store, "web1")

    assert hosts(path) == ["web1"]


def test_a_database_without_tables_left_by_a_killed_run_is_made_whole(path: Path) -> None:
    duckdb.connect(str(path), config=READABLE).close()

    with Store.open(path, create=True) as store:
        put(store, "web1")

    assert hosts(path) == ["web1"]


def _text(path: Path) -> None:
    path.write_text("web1 web2\n" * 1000)


def _others(path: Path) -> None:
    with duckdb.connect(str(path), config=READABLE) as connection:
        connection.execute("CREATE TABLE meta (id INT)")


def _others_with_meta(path: Path) -> None:
    with duckdb.connect(str(path), config=READABLE) as connection:
        connection.execute("CREATE TABLE meta (name VARCHAR, value VARCHAR)")


def _changed_by_newer(path: Path) -> None:
    # the newest that this DuckDB writes; the same as ours where that is all it knows
    with duckdb.connect(str(path), config={"storage_compatibility_version": "latest"}) as connection:
        connection.execute("CREATE TABLE meta (id INT)")


def _other_version(path: Path) -> None:
    Store.open(path, create=True).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")


def _cut(path: Path) -> None:
    Store.open(path, create=True).close()
    path.write_bytes(path.read_bytes()[:9000])


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("create", [True, False], ids=["to write", "to read"])
@pytest.mark.parametrize(
    ("make", "messages"),
    [
        pytest.param(_text, ["not a database of hygiene; expected one of version 4"], id="some text"),
        pytest.param(_others, ["not a database of hygiene"], id="another program's"),
        pytest.param(_others_with_meta, ["not a database of hygiene"], id="another program's that looks alike"),
        pytest.param(_other_version, ["database of version 99; expected version 4"], id="another version of ours"),
        pytest.param(_changed_by_newer, ["not a database of hygiene"], id="another program's in a newer format"),
        pytest.param(_cut, ["cannot be opened as a database"], id="a file that is cut"),
        pytest.param(_folder, [": "], id="a folder"),
    ],
)
def test_what_is_no_database_of_this_version_is_named(
    path: Path, make: object, messages: list[str], create: bool
) -> None:
    make(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(DatabaseError) as raised:
        Store.open(path, create=create)

    assert str(raised.value).startswith(f"{path}: ")
    assert all(message in str(raised.value) for message in messages)
    assert "--db" in str(raised.value)
    assert before is None or path.read_bytes() == before
    assert [name.name for name in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(
            # DuckDB 1.5.6, given a file that DuckDB 2.0.0 made with its defaults
            "IO Error: Trying to read a database file with version number 69, but we can only read versions between 64 "
            "and 68.\nThe database file was created with a newer version of DuckDB.",
            f"x.duckdb: written by a newer DuckDB than {duckdb.__version__} can read (IO Error: Trying to read a "
            "database file with version number 69, but we can only read versions between 64 and 68.); expected storage "
            "version v1.4.0: upgrade the duckdb package, or name another file with --db, or move this one away and "
            "collect or import again",
            id="a newer storage format",
        ),
        pytest.param(
            'IO Error: Cannot open file "x.duckdb": Permission denied',
            'x.duckdb: cannot be opened as a database: IO Error: Cannot open file "x.duckdb": Permission denied; name '
            "another file with --db, or move this one away and collect or import again",
            id="no permission",
        ),
    ],
)
def test_what_duckdb_tells_is_told_as_ours(told: str, expected: str) -> None:
    error = why_not_opened(Path("x.duckdb"), told)

    assert (type(error), str(error)) == (DatabaseError, expected)


def test_a_file_that_is_not_there_is_not_made_to_be_read(path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"there is no database; expected one made by `hygiene audit`"):
        Store.open(path, create=False)

    assert not path.exists()


@pytest.mark.parametrize(
    "name", [pytest.param("missing/x.duckdb", id="no folder"), pytest.param("file/x.duckdb", id="a file as folder")]
)
def test_a_file_that_cannot_be_made_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match=r"x\.duckdb: cannot create the database"):
        Store.open(tmp_path / name, create=True)


OTHER_PROCESS = """
import sys
from pathlib import Path
from hygiene.errors import HygieneError
from hygiene.store.store import Store
try:
    with Store.open(Path(sys.argv[1]), create=False, read_only=sys.argv[2] == "read") as store:
        print(sorted(store.digests()), flush=True)
        sys.stdin.read()
except HygieneError as error:
    print(type(error).__name__, error, flush=True)
"""


def other_process(path: Path, how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OTHER_PROCESS, str(path), how]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", ["write", "read"])
def test_while_one_process_writes_no_other_comes_in(path: Path, how: str) -> None:
    with Store.open(path, create=True), other_process(path, how) as other:
        assert other.stdout is not None
        told = other.stdout.readline()
        other.communicate()

    assert told.startswith(f"LockedError {path}: another process is using this database; wait until it has ended")


def test_several_processes_may_read(path: Path) -> None:
    Store.open(path, create=True).close()

    with other_process(path, "read") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "[]\n"
        with Store.open(path, create=False, read_only=True) as store:
            assert store.digests() == {}
        with pytest.raises(LockedError):
            Store.open(path, create=True)
        other.communicate()


def test_one_process_does_not_open_it_twice(path: Path) -> None:
    with Store.open(path, create=True), pytest.raises(LockedError):
        Store.open(path, create=True)


def test_a_reader_writes_nothing(path: Path) -> None:
    Store.open(path, create=True).close()

    with (
        Store.open(path, create=False, read_only=True) as store,
        pytest.raises(StorageError, match="opened for reading only"),
    ):
        store.set_meta("a", 1)


FULL_DISK = f"""
import resource, sys
from dataclasses import replace
from pathlib import Path
from hygiene.errors import HygieneError
from hygiene.model import HostFacts
from hygiene.store.store import Store
from hygiene.testing.planting import rows_of
path = Path(sys.argv[1])
with Store.open(path, create=True) as store:
    store.put_hosts([HostFacts(*rows_of("{HOST}"))])
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    noise = "".join(chr(0x4E00 + (i * i) % 20000) for i in range(400))
    (gap,) = rows_of("gaps: host=x area=sshd")
    for part in range(200):
        try:
            store.put_hosts([
                HostFacts(row, gaps=tuple(
                    replace(gap, host=row.host, reason=f"{{noise[k:]}}{{row.host}}") for k in range(10)
                ))
                for row in rows_of(f"hosts: host=p{{part}}-{{{{1..100}}}}")
            ])
        except HygieneError as error:
            print(part, type(error).__name__, error, flush=True)
            break
"""


def test_when_the_disk_is_full_nothing_is_half_written(path: Path) -> None:
    """A limit on the size of files stands for a full disk: write() fails in the same place."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY

    ended = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True)

    part, error, message = ended.stdout.split(" ", 2)
    assert error == "StorageError"
    assert message.startswith(f"{path}: cannot write: ")
    assert "make room, then run the same command again" in message
    with Store.open(path, create=False) as store:
        fleet = store.fleet()
        kept = sorted(host for (host,) in fleet.query("SELECT host FROM hosts"))
        gaps = dict(fleet.query("SELECT host, count(*) FROM gaps GROUP BY host"))
    whole = sorted(f"p{i}-{k}" for i in range(int(part)) for k in range(1, 101))
    assert kept == [*whole, "web1"]
    assert gaps == dict.fromkeys(whole, 10)


def test_a_killed_writer_leaves_whole_batches(path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from hygiene.model import HostFacts\n"
        "from hygiene.store.store import Store; from hygiene.testing.planting import rows_of\n"
        "store = Store.open(Path(sys.argv[1]), create=True)\n"
        f"store.put_hosts([HostFacts(*rows_of('{HOST}'))])\n"
        "with store._opened.writing():\n"
        "    store._insert(None, rows_of('hosts: host=half'))\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)

    assert ended.returncode == -9
    assert hosts(path) == ["web1"]


def test_every_error_ends_a_command_with_its_own_code() -> None:
    assert {kind: kind.exit_code for kind in (DatabaseError, LockedError, StorageError)} == {
        DatabaseError: 2,
        LockedError: 2,
        StorageError: 1,
    }
    assert issubclass(DatabaseError, HygieneError)

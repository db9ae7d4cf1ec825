"""The command run as a user runs it, and all that left it: outputs, files, tables, its processes as others see them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

_WORKER = b"hygiene.passwords.score.worker"
_GLANCE_S = 0.1
_PATIENCE_S = 240


@dataclass(slots=True)
class Left:
    """What a run left. `seen`: what was to be seen of its processes and in their temporary files while it ran."""

    code: int
    out: bytes
    err: bytes
    files: bytes
    tables: bytes
    seen: bytes
    workers: set[int] = field(default_factory=set)
    core_limits: set[str] = field(default_factory=set)  # of processes, once passwords are read

    @property
    def everything(self) -> bytes:
        return b"\n".join((self.out, self.err, self.files, self.tables, self.seen))


def run(
    folder: Path,
    *arguments: str | Path,
    during: Callable[[int, set[int]], bool] = lambda _pid, _workers: True,
    limit: Callable[[], None] | None = None,
    stdin: bytes = b"",
) -> Left:
    """Run `hygiene` in a folder of its own under `folder`, with its temporary files there.

    `during` is called with the process and those that score, from when these are there until it gives True.
    """
    here = folder / "run"
    (here / "temporary").mkdir(parents=True, exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(here / "temporary"), "HOME": str(here / "temporary")}
    (folder / "stdin").write_bytes(stdin)
    left = Left(-1, b"", b"", b"", b"", b"")
    with (
        (folder / "stdin").open("rb") as given,
        (folder / "stdout").open("wb") as out,
        (folder / "stderr").open("wb") as err,
        subprocess.Popen(
            [sys.executable, "-m", "hygiene", *arguments],
            cwd=here,
            env=environment,
            stdin=given,
            stdout=out,
            stderr=err,
            preexec_fn=limit,
        ) as process,
    ):
        pieces: set[bytes] = set()
        done = False
        for _ in range(int(_PATIENCE_S / _GLANCE_S)):
            pieces.update(_glance(process.pid, here, left))
            if left.workers and not done:
                done = during(process.pid, left.workers)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GLANCE_S)
                break
        else:
            process.kill()
    left.code, left.seen = process.returncode, b"\n".join(pieces)
    left.out, left.err = (folder / "stdout").read_bytes(), (folder / "stderr").read_bytes()
    left.files = contents(here)
    left.tables = b"".join(tables(path) for path in here.rglob("*.duckdb"))
    return left


def contents(folder: Path) -> bytes:
    """Names and bytes of all files."""
    pieces = []
    for path in folder.rglob("*"):
        pieces.append(str(path).encode())
        with contextlib.suppress(OSError):  # gone meanwhile, or a folder
            pieces.append(path.read_bytes())
    return b"\n".join(pieces)


def tables(database: Path) -> bytes:
    """All rows of all tables as text: the file itself may hold them compressed."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.sql("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        rows = [
            repr(connection.sql(f'SELECT * FROM "{schema}"."{name}"').fetchall())  # names are from the catalogue
            for schema, name in found
        ]
    return "\n".join(rows).encode()


def parquet(path: Path) -> bytes:
    """All rows of a file whose columns are compressed."""
    with duckdb.connect() as connection:
        return repr(connection.read_parquet(str(path)).fetchall()).encode()


def _glance(pid: int, here: Path, left: Left) -> Iterator[bytes]:
    yield contents(here / "temporary")
    family = {pid, *_descendants(pid)}
    for one in family:
        process = Path(f"/proc/{one}")
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            yield command
            if _WORKER in command:
                left.workers.add(one)
            yield (process / "environ").read_bytes()
            yield (process / "comm").read_bytes()
            for descriptor in (process / "fd").iterdir():
                target = str(descriptor.readlink())
                yield target.encode()
                if "(deleted)" in target or "/dev/shm" in target or "memfd:" in target:
                    yield descriptor.read_bytes()
    if left.workers:
        for one in family:
            with contextlib.suppress(OSError):
                left.core_limits.update(_core_limit(Path(f"/proc/{one}/limits").read_text()))


def _descendants(pid: int) -> Sequence[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def _core_limit(limits: str) -> Iterator[str]:
    return (" ".join(line.split()[4:6]) for line in limits.splitlines() if line.startswith("Max core file size"))

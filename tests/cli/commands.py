"""The command as a user runs it: in a folder and a home of its own, with an environment that says nothing else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hygiene.store.export import export
from hygiene.store.store import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Hygiene:
    """Runs commands in `work`; `home` is the user's."""

    folder: Path
    _requests: IO[str]
    _answers: IO[str]

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LOGNAME": "anna", "TZ": "UTC"}

    def __call__(
        self,
        *args: str | Path,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        stdout: Path | None = None,
        limit_bytes: int | None = None,
        uid: int | None = None,
    ) -> Answer:
        """Run `hygiene ARGS`; `limit_bytes` bounds every file that it writes, as a full disk does."""
        given, out, err = (self.folder / name for name in ("stdin", "stdout", "stderr"))
        given.write_bytes(stdin)
        for path in (out, err):
            path.write_bytes(b"")
            path.chmod(0o666)
        order = {
            "args": [str(arg) for arg in args],
            "cwd": str(self.work),
            "env": {**self.environment, **(env or {})},
            "stdin": str(given),
            "stdout": str(stdout or out),
            "stderr": str(err),
            "limit_bytes": limit_bytes,
            "uid": uid,
        }
        self._requests.write(json.dumps(order) + "\n")
        self._requests.flush()
        code = int(self._answers.readline())
        return Answer(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def write(self, name: str, content: str | bytes, mode: int = 0o600) -> Path:
        """Write a file into the folder of the command."""
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def rows(self, table: str, database: str = "hygiene.duckdb") -> list[dict[str, Any]]:
        """The rows of a table, as `hygiene export` gives them."""
        return self.tables([table], database)[table]

    def tables(self, names: Iterable[str], database: str = "hygiene.duckdb") -> dict[str, list[dict[str, Any]]]:
        """The rows of several tables."""
        found = {}
        with Store.open(self.work / database, create=False, read_only=True) as store:
            fleet = store.fleet()
            for name in names:
                out = io.BytesIO()
                export(fleet, name, "jsonl", out)
                found[name] = [json.loads(line) for line in out.getvalue().splitlines()]
        return found

    def left(self) -> list[str]:
        """What lies in the folder of the command, hidden files too."""
        return sorted(path.name for path in self.work.iterdir())


@dataclass(frozen=True, slots=True)
class Starter:
    """The process that starts commands."""

    requests: IO[str]
    answers: IO[str]

    def hygiene(self, folder: Path) -> Hygiene:
        for name in ("work", "home"):
            (folder / name).mkdir()
        return Hygiene(folder, self.requests, self.answers)


@contextmanager
def starter() -> Iterator[Starter]:
    """Start the process that starts commands; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("zygote.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Starter(process.stdin, process.stdout)
        finally:
            process.stdin.close()

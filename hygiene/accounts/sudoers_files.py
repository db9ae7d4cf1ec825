"""sudoers and what it includes, in the order in which sudo reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from hygiene.accounts.sudoers_grammar import Include, Opaque, Statement, parse

MAIN = "/etc/sudoers"
_DEPTH_MAX = 20  # sudo itself allows 128
_FILES_MAX = 1000  # files that include each other would multiply
_STATEMENTS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and the file that holds it."""

    path: str
    statement: Statement

    @property
    def place(self) -> str:
        return f"{self.path}:{self.statement.line}"


@dataclass(frozen=True, slots=True)
class Sudoers:
    statements: tuple[Placed, ...]
    problems: tuple[str, ...]  # what was not understood or not seen, with its place


def read(files: Mapping[str, bytes | None], folders: Collection[str], hostname: str | None = None) -> Sudoers:
    """All statements of /etc/sudoers and its includes, in order.

    `files`: what was collected; None for a file that is there and could not be read. `folders`: those whose files are
    all known. An include that was not collected, and does not stand in such a folder, may hold anything: it becomes an
    opaque statement. A host without /etc/sudoers has no rules. Owners and modes of the files, by which sudo may refuse
    one, are not looked at.
    """
    reader = _Reader(files, frozenset(folder.rstrip("/") for folder in folders), hostname)
    statements = tuple(reader.file(MAIN, MAIN, 0, 0)) if MAIN in files else ()
    problems = tuple(
        f"{placed.place}: {placed.statement.reason}" for placed in statements if isinstance(placed.statement, Opaque)
    )
    return Sudoers(statements, (*problems, *reader.missing))


class _Reader:
    def __init__(self, files: Mapping[str, bytes | None], folders: frozenset[str], hostname: str | None) -> None:
        self.files, self.folders, self.hostname = files, folders, hostname
        self.missing: list[str] = []
        self.count = self.opened = 0

    def file(self, path: str, by: str, line: int, depth: int) -> Iterator[Placed]:
        data = self.files.get(path)
        if data is None:
            if path not in self.files and path.rpartition("/")[0] in self.folders:
                self.missing.append(f"{by}:{line}: includes a file that is not there")
                return
            yield Placed(by, Opaque(line, f"{path} could not be read"))
            return
        self.opened += 1
        if depth > _DEPTH_MAX or self.opened > _FILES_MAX:
            yield Placed(by, Opaque(line, f"includes are nested more than {_DEPTH_MAX} deep, or without end"))
            return
        for statement in parse(data.decode("utf-8", "backslashreplace")):
            self.count += 1
            if self.count > _STATEMENTS_MAX:
                # once more than this for each include that is still open, not for each statement
                yield Placed(path, Opaque(statement.line, f"more than {_STATEMENTS_MAX:,} statements in all"))
                return
            if isinstance(statement, Include):
                yield from self.include(statement, path, depth)
            else:
                yield Placed(path, statement)

    def include(self, statement: Include, path: str, depth: int) -> Iterator[Placed]:
        wanted = self.expanded(statement.path, path)
        if wanted is None:
            yield Placed(path, Opaque(statement.line, "includes a path with this host's name, which is not known"))
            return
        if not statement.folder:
            yield from self.file(wanted, path, statement.line, depth + 1)
            return
        folder = wanted.rstrip("/")
        if folder not in self.folders:
            yield Placed(path, Opaque(statement.line, f"{folder} could not be listed"))
        # sudoers(5): names that end in ~ or hold a dot are skipped, the others read in the order of their bytes
        names = (name for name in self.files if name.rpartition("/")[0] == folder)
        for name in sorted(names, key=lambda name: name.encode()):
            base = name.rpartition("/")[2]
            if base and "." not in base and not base.endswith("~"):
                yield from self.file(name, path, statement.line, depth + 1)

    def expanded(self, wanted: str, path: str) -> str | None:
        if "%h" in wanted:
            if self.hostname is None:
                return None
            wanted = wanted.replace("%h", self.hostname.partition(".")[0])
        return wanted if wanted.startswith("/") else f"{path.rpartition('/')[0]}/{wanted}"

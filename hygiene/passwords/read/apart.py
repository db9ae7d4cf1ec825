"""Old Excel and OpenDocument workbooks, opened by calamine in a process of their own.

On damaged files of these formats calamine panics, or asks for memory without bound, which ends its process at once and
cannot be caught. So another process does it, within limits, and its rows come over a pipe.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Final, Self

from hygiene.errors import ListError
from hygiene.passwords.read.source import Source

Cell = str | int | float | bool | datetime.date | datetime.time | datetime.datetime | datetime.timedelta

FILE_BYTES: Final = 256 << 20
# as much as an XLSX may span; a repeated row costs a file of this kind nothing
_CELLS: Final = 20_000_000
_LINE_CHARACTERS: Final = 1 << 24
_CHUNK_BYTES: Final = 1 << 20
# the paths of this process: its -I keeps the folder and the environment of whoever runs us out
_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.buffer.readline());"
    " from hygiene.passwords.read.apart_worker import main; main()"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    is_table: bool
    is_visible: bool
    empty_columns: int  # to the left of the first cell; its rows begin behind them


class ApartWorkbook:
    """A workbook that another process reads. Iterate it once inside `with`: each sheet, its rows before the next."""

    def __init__(self, source: Source, kind: str) -> None:
        self._path = str(source.path)
        self._damaged = f"{self._path}: {kind} is damaged, or larger than what can be read; save it again as XLSX"
        source.file.seek(0)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a panic may name a cell
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._answers: IO[bytes] = self._process.stdout
        self._cells = 0
        # when it has ended already, the first answer is missing
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(sys.path).encode() + b"\n")
            size = 0
            while (chunk := source.file.read(_CHUNK_BYTES)) and (size := size + len(chunk)) <= FILE_BYTES:
                self._process.stdin.write(chunk)
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def sheets(self) -> Iterator[tuple[Sheet, Iterator[tuple[int, list[Cell]]]]]:
        """The sheets with their rows. ListError when the workbook is damaged, encrypted or too large."""
        while True:
            answer = self._answer()
            match answer:
                case {"end": True}:
                    return
                case {"sheet": str(name), "table": bool(table), "visible": bool(visible), "left": int(left)}:
                    yield Sheet(name, table, visible, left), self._rows()
                case {"locked": True}:
                    raise ListError(
                        f"{self._path}: the workbook is encrypted; open it with its password, save it without one, and"
                        " remove the copy after"
                    )
                case _:
                    raise ListError(self._damaged)

    def _rows(self) -> Iterator[tuple[int, list[Cell]]]:
        number = 0
        while True:
            answer = self._answer()
            if answer is None:
                return  # the sheet ends
            number += 1
            cells = answer if isinstance(answer, list) else []
            self._cells += len(cells) + 1
            if self._cells > _CELLS:
                raise ListError(
                    f"{self._path}: the sheets span more than {_CELLS:,} cells; delete what stands far away from the"
                    " list, or save it as CSV"
                )
            yield number, [_cell(cell) for cell in cells]

    def _answer(self) -> object:
        line = self._answers.readline(_LINE_CHARACTERS)
        if not line.endswith(b"\n"):
            raise ListError(self._damaged)
        answer: object = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()


def _cell(cell: object) -> Cell:
    match cell:
        case str() | bool() | int() | float():
            return cell
        case {"date": str(text)}:
            return datetime.datetime.fromisoformat(text)
        case {"day": str(text)}:
            return datetime.date.fromisoformat(text)
        case {"time": str(text)}:
            return datetime.time.fromisoformat(text)
        case {"seconds": int() | float() as seconds}:
            return datetime.timedelta(seconds=seconds)
        case _:
            return ""

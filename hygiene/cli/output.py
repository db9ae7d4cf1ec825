"""Where results go: reports to standard output or, written aside and renamed, to files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from hygiene.api import Audit, Medium, Report
from hygiene.errors import StorageError, UsageError

_NARROWEST = 40


def check_formats(reports: Sequence[type[Report]], wanted: Sequence[str], folder: Path | None) -> list[type[Report]]:
    """Give the reports for `--format`, or say what is wrong before anything long has run."""
    known = {report.name: report for report in reports}
    for name in wanted:
        if name not in known:
            raise UsageError(f"--format {name}: there is no such report; expected one of {', '.join(sorted(known))}")
    chosen = [known[name] for name in dict.fromkeys(wanted)]
    if folder is None and len(chosen) > 1:
        raise UsageError("several formats need a folder to write to: add -o DIR")
    if folder is not None:
        if not chosen:
            raise UsageError("-o DIR writes report.EXT for each --format; add one, as --format json")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{folder}: cannot be made: {error.strerror}; name another folder with -o") from None
    return chosen


def medium(stream: IO[str], no_color: bool) -> Medium:
    """What standard output is: a terminal has a width and colours, a pipe has 80 columns and none."""
    terminal = stream.isatty()
    width = max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST) if terminal else 80
    colour = terminal and not no_color and not os.environ.get("NO_COLOR")
    return Medium(width, colour)


def write_reports(
    audit: Audit, chosen: Sequence[type[Report]], table: type[Report], folder: Path | None, no_color: bool
) -> list[Path]:
    """Write the reports and give the files: with a folder the table goes to standard output besides."""
    if folder is None:
        report = chosen[0] if chosen else table
        to_stdout(report().render(audit, medium(sys.stdout, no_color)))
        return []
    written = []
    for report in chosen:
        path = folder / f"report.{report.extension}"
        write_text(path, report().render(audit, Medium()))
        written.append(path)
    to_stdout(table().render(audit, medium(sys.stdout, no_color)))
    return written


def text(*pieces: str) -> None:
    """Write to standard output, whatever its encoding: what it cannot show appears as \\uNNNN."""
    to_stdout(iter(pieces))


def to_stdout(pieces: Iterable[str]) -> None:
    """Write a text in pieces to standard output."""
    for piece in pieces:
        sys.stdout.write(
            piece.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode(sys.stdout.encoding or "utf-8")
        )
    sys.stdout.flush()


def write_text(path: Path, pieces: Iterator[str]) -> None:
    """Write a file aside and rename it, readable by its owner alone: never half a file."""
    with writing(path) as file:
        for piece in pieces:
            file.write(piece.encode("utf-8", "backslashreplace"))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when all is written. StorageError when it cannot be."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}; name another place with -o") from None
    aside = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # takes over the open descriptor
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}; make room and run again") from error
    finally:
        aside.unlink(missing_ok=True)

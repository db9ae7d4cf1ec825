"""Where results go: reports to standard output or, written aside and renamed, to files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO, TextIO

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
    if folder is not None and not chosen:
        raise UsageError("-o DIR writes report.EXT for each --format; add one, as --format json")
    by_extension: dict[str, str] = {}
    for report in chosen:
        other = by_extension.setdefault(report.extension, report.name)
        if other != report.name:
            raise UsageError(f"{other} and {report.name} both write report.{report.extension}; ask for one at a time")
    return chosen


def make_folder(folder: Path | None) -> None:
    """Make the folder of the reports, if one is wanted; what is wrong with it is said before anything long has run."""
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made: {error.strerror}; name another folder with -o") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"{folder}: cannot be written: Permission denied; name another folder with -o")


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
    with standard_output() as out:
        encoding = out.encoding or "utf-8"
        for piece in pieces:
            out.write(piece.encode(encoding, "backslashreplace").decode(encoding))


@contextlib.contextmanager
def standard_output() -> Iterator[TextIO]:
    """Give standard output, flushed at the end: StorageError when it takes no more, BrokenPipeError for no reader."""
    try:
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        # what is still buffered would fail once more, with a message of Python's own, when the process ends
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  # a device, not a path of ours
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise StorageError(f"standard output: cannot be written: {error.strerror}; make room and run again") from None


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

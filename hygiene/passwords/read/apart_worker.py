"""The process that reads a workbook for `apart`: the file comes on standard input, rows leave as lines of JSON.

A line is an object for a sheet, a list for each of its rows, null where it ends; at last an object `end`.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import re
import resource
import signal
import sys
from typing import TextIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hygiene.passwords.score.protect import forbid_core_dumps, forbid_memory_access

# 20 million cells, the file, and what calamine keeps beside them
_MEMORY_BYTES = 3 << 30
_CPU_S = 900
# [MS-XLS] 2.1.7.20.3: BOF (of BIFF8), perhaps WriteProtect, then FilePass, where the workbook is encrypted
_LOCKED = re.compile(rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    forbid_memory_access()
    for limit, value in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_S)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))
    # ASCII with escapes: lone surrogates pass too
    answers = open(sys.stdout.fileno(), "w", encoding="ascii", closefd=False)  # noqa: SIM115  # a descriptor
    # the reader may have had enough
    with contextlib.suppress(BrokenPipeError):
        _write(sys.stdin.buffer.read(), answers)
        answers.flush()


def _write(data: bytes, answers: TextIO) -> None:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError:
        # of a format that it found for itself calamine does not say what was wrong
        _say({"locked": True} if _LOCKED.search(data) else {"damaged": True}, answers)
        return
    for meta in book.sheets_metadata:
        table = meta.typ is SheetTypeEnum.WorkSheet
        visible = meta.visible is SheetVisibleEnum.Visible
        sheet = book.get_sheet_by_name(meta.name) if table else None
        start = sheet.start if sheet is not None else None
        _say({"sheet": meta.name, "table": table, "visible": visible, "left": start[1] if start else 0}, answers)
        if sheet is not None and start is not None:
            for cells in sheet.iter_rows():
                _say([_plain(cell) for cell in cells], answers)
        _say(None, answers)
    _say({"end": True}, answers)


def _say(answer: object, answers: TextIO) -> None:
    answers.write(json.dumps(answer) + "\n")


def _plain(cell: object) -> object:
    match cell:
        case datetime.datetime():
            return {"date": cell.isoformat()}
        case datetime.date():
            return {"day": cell.isoformat()}
        case datetime.time():
            return {"time": cell.isoformat()}
        case datetime.timedelta():
            return {"seconds": cell.total_seconds()}
        case _:
            return cell

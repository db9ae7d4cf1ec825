"""Where in a TOML text a key stands, for messages that name the line (tomllib gives none)."""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_TABLE = re.compile(r"\s*+(\[\[?)([^\]]++)\]")
_KEY = re.compile(
    r"""\s*+((?:"[^"]*+"|'[^']*+'|[A-Za-z0-9_-]++)(?:\s*+\.\s*+(?:"[^"]*+"|'[^']*+'|[A-Za-z0-9_-]++))*+)\s*+="""
)
_PART = re.compile(r"""\s*+(?:"([^"]*+)"|'([^']*+)'|([^.\s]++))\s*+\.?""")


def locate(text: str) -> Mapping[Path, int]:
    """Map the path of each table and key to its line, counted from 1; entries of `[[name]]` are numbered from 0.

    A key inside a multi-line string or array may be taken for a real one; the first line that a path has wins,
    so this can only name a wrong line, never a wrong value.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            name = _parts(match[2])
            if match[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                table = (*name, counts[name])
            else:
                table = name
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            lines.setdefault((*table, *_parts(match[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))

"""/etc/master.passwd of the BSDs as the collector reduces it: states and schemes, and whether anything ends."""

from __future__ import annotations

from hygiene.accounts.shadow import UNKNOWN, Shadow, ShadowEntry, read_field
from hygiene.accounts.text import lines, number

_COLONS = 9


def parse(data: bytes, path: str = "/etc/master.passwd") -> Shadow:
    """Read `name:state,scheme,cost:uid:gid:class:change:expire::home:shell` lines.

    master.passwd(5): `change` and `expire` are seconds since 1970, nothing or 0 for never. What becomes of others is up
    to the login program of each system, so that such an entry is not `judged`.
    """
    entries: dict[str, ShadowEntry] = {}
    problems: list[str] = []
    for index, line in enumerate(lines(data), 1):
        if not line or line.startswith("#"):
            continue
        if line[0] in "+-":
            problems.append(
                f"{path}:{index}: a {line[0]} entry: password states of a directory, which are not listed here"
            )
            continue
        fields = line.split(":")
        name = fields[0]
        password = read_field(fields[1]) if len(fields) > 1 else UNKNOWN
        dates = [number(field) if field else 0 for field in fields[5:7]]
        if not name or len(fields) != _COLONS + 1 or None in dates or "\0" in line or password == UNKNOWN:
            problems.append(f"{path}:{index}: not a line of master.passwd; expected ten fields")
            if name:
                entries.setdefault(name, ShadowEntry(name, UNKNOWN, *[None] * 6))
        elif name in entries:
            problems.append(f"{path}:{index}: a second line of an account; the first one holds")
        else:
            entries[name] = ShadowEntry(name, password, *[None] * 6, judged=not any(dates))
    return Shadow(entries, tuple(problems))

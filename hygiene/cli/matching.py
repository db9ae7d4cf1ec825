"""Files of hashes on the command line, whether passwords are tried on them, and what that came to in a line."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from hygiene.counted import counted
from hygiene.errors import UsageError
from hygiene.passwords.hashes.listed import HashFile
from hygiene.store.fleet import Fleet
from hygiene.visible import visible

_BUDGET_S: Final = 60
_LINES_MAX: Final = 5

# a hash behind a lock opens nothing today; one line of a host's file without a lock is enough. In other files than
# those of a system's accounts root is a name like any other
_OPENED: Final = """
WITH held AS (
    SELECT coalesce(host, list) AS host, account, bool_and(state = 'locked-hash') AS locked,
        bool_or(account = 'root' AND format IN ('shadow', 'master.passwd', 'passwd')) AS root
    FROM list_hashes LEFT JOIN password_lists USING (list)
    WHERE account IS NOT NULL AND state IN ('set', 'locked-hash') GROUP BY ALL
), opened AS (
    SELECT DISTINCT e.list, e.host, e.account, h.locked, coalesce(h.root, false) AS root
    FROM entry_accounts AS e JOIN held AS h USING (host, account) WHERE e.tie = 'hash'
)
SELECT list,
    count(*) FILTER (NOT locked AND root) AS roots,
    count(*) FILTER (NOT locked AND NOT root) AS others,
    count(DISTINCT host) FILTER (NOT locked AND NOT root) AS hosts,
    count(*) FILTER (locked) AS locked
FROM opened GROUP BY list ORDER BY roots DESC, others DESC, list
"""


def hash_files_of(args: Namespace) -> tuple[HashFile, ...]:
    """What --hashes gives, each file once. UsageError for a file that is said to be of two hosts."""
    files: dict[Path, HashFile] = {}
    for given in args.hashes:
        name, equals, file = given.partition("=")
        path, host = (Path(file), name) if equals else (Path(given), None)
        if host == "" or not path.name:
            raise UsageError(f"--hashes {given}: expected a file, or a host's name and a file: --hashes HOST=FILE")
        found = files.setdefault(path.resolve(), HashFile(path, host))
        if found.host != host:
            raise UsageError(f"--hashes {given}: the file is given for {found.host or 'no host'} too; name one host")
    return tuple(files.values())


def match_budget_of(args: Namespace, passwords: Sequence[Path]) -> float | None:
    """How many seconds passwords may be tried on hashes, None for none. `passwords`: lists of those to try."""
    if not args.match:
        if args.match_budget is not None:
            raise UsageError("--match-budget bounds how long passwords are tried on hashes; add --match")
        return None
    if not passwords:
        raise UsageError("--match tries the passwords of lists on hashes; add a list with passwords in it")
    return float(args.match_budget or _BUDGET_S)


def opened_lines(fleet: Fleet) -> Iterator[str]:
    """For each list what it opens of the hashes that were handed in: `vault.csv opens root on 214 hosts`."""
    if not (fleet.table_present("entry_accounts") and fleet.table_present("list_hashes")):
        return
    rows = list(fleet.query(_OPENED))
    for name, roots, others, hosts, locked in rows[:_LINES_MAX]:
        opens = [f"root on {counted(roots, 'host')}"] if roots else []
        if others:
            opens.append(f"{counted(others, 'other account' if roots else 'account')} on {counted(hosts, 'host')}")
        told = [f"opens {' and '.join(opens)}"] if opens else []
        if locked:
            told.append(f"would open {counted(locked, 'account')} if unlocked")
        yield f"{visible(name)} {', and '.join(told)}"
    if len(rows) > _LINES_MAX:
        yield f"{counted(len(rows) - _LINES_MAX, 'more list')} of this kind"

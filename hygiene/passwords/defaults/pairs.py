"""Whether a user and password are what a vendor delivers. Texts come in, a yes or no goes out."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from hygiene.errors import ListError

# the largest known list has about 4,000 rows
_BYTES = 16 * 1024 * 1024
_USER = ("user", "username")
_ANY_USER = "*"
# how lists of defaults write that there is no password, or that it differs
_NO_PASSWORD = frozenset({"", "-", "<blank>", "(blank)", "blank", "<none>", "(none)", "none", "n/a", "<n/a>"})


@dataclass(frozen=True, slots=True, repr=False)
class Defaults:
    """Pairs of user and password, and passwords that tell by themselves. Its repr shows their number alone."""

    pairs: frozenset[tuple[str, str]]  # the user in lower case
    alone: frozenset[str]

    def __repr__(self) -> str:
        return f"Defaults({len(self.pairs) + len(self.alone):,})"

    def hit(self, account: str | None, password: str) -> bool:
        """Whether a vendor delivers this. Users are compared without case and without a domain, passwords exactly."""
        if password in self.alone:
            return True
        if not account:
            return False
        user = account.strip().casefold()
        if (user, password) in self.pairs:
            return True
        bare = user.rpartition("\\")[2].partition("@")[0]
        return bare != user and (bare, password) in self.pairs

    def joined(self, other: Defaults) -> Defaults:
        """Both together."""
        return Defaults(self.pairs | other.pairs, self.alone | other.alone)


@cache
def vendor_defaults() -> Defaults:
    """The list that comes with this tool."""
    text = files(__package__).joinpath("vendor.csv").read_text(encoding="utf-8")
    return read(text.splitlines(), "vendor.csv")


def from_file(path: Path) -> Defaults:
    """A list that is handed in: CSV in UTF-8 with the columns `user` (or `username`) and `password`, others unread.

    Lines that begin with `#` are comments, the user `*` stands for any, a row without a password says nothing.
    ListError when it cannot be read; the message holds nothing of its cells.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_BYTES + 1)
    except OSError as error:
        raise ListError(
            f"{path}: cannot be read ({error.strerror or type(error).__name__}); check the path and its permissions"
        ) from None
    if len(data) > _BYTES:
        raise ListError(f"{path}: more than {_BYTES >> 20} MiB; expected a list of default passwords")
    text = None
    # raised outside: the error of the codec holds what it could not read
    with contextlib.suppress(UnicodeDecodeError):
        text = data.decode("utf-8-sig")
    if text is None:
        raise ListError(f"{path}: is not UTF-8; save the list of default passwords as UTF-8")
    return read(text.splitlines(), str(path))


def read(lines: Iterable[str], name: str) -> Defaults:
    """The pairs in the lines of such a list; `name` says in messages where they come from."""
    rows = _rows(lines, name)
    _, header = next(rows, (0, []))
    titles = [title.strip().casefold() for title in header]
    user = next((titles.index(title) for title in _USER if title in titles), None)
    if user is None or "password" not in titles:
        raise ListError(f"{name}: expected a first row that names the columns `user` and `password`, between commas")
    password = titles.index("password")
    pairs, alone = set(), set()
    for number, cells in rows:
        if len(cells) <= max(user, password):
            raise ListError(f"{name}:{number}: the row has no password column; quote cells that hold a comma")
        if cells[password].strip().casefold() in _NO_PASSWORD:
            continue
        who = cells[user].strip().casefold()
        if who == _ANY_USER:
            alone.add(cells[password])
        elif who not in _NO_PASSWORD:
            pairs.add((who, cells[password]))
    return Defaults(frozenset(pairs), frozenset(alone))


def _rows(lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Each line is a row, so that one quote cannot swallow all others."""
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            if len(line) > csv.field_size_limit():
                raise ListError(f"{name}:{number}: the line is too long for a user and a password")
            yield number, next(csv.reader((line,)), [])

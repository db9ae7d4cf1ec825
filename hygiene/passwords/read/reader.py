"""What every format gives: raw entries one after the other, and an account of what was met on the way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from hygiene.counted import counted
from hygiene.passwords.read.hashes import Doubtful
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source

_ROWS_NAMED = 5


# not frozen: a list has a million of them, and each would take four times as long to make
@dataclass(slots=True, repr=False)
class RawEntry:
    """One password as it stands in the list, with what stands beside it. Its repr shows the row alone."""

    row: int  # 1 is the first line or row, the header included
    password: str
    account: str | None = None
    system: str | None = None
    tenant: str | None = None
    sheet: str | None = None  # of a workbook

    def __repr__(self) -> str:
        return f"RawEntry(row={self.row})"


@dataclass(frozen=True, slots=True, repr=False)
class HashLine:
    """A password's hash as it stands in the list: judged as a hash, never as a password. Its repr shows the row alone.

    `field` is what stands where the password would: a hash, or what says that there is none (empty, `*`, `!`, `x`).
    """

    account: str | None
    field: str
    row: int
    changed_day: int | None = None  # days since 1970-01-01
    never_expires: bool | None = None  # None: the file does not say

    def __repr__(self) -> str:
        return f"HashLine(row={self.row})"


@dataclass(slots=True)
class Tally:
    """What was met while reading; complete when the entries are exhausted. Holds counts and rows, no texts of cells."""

    rows: int = 0
    remarks: list[str] = field(default_factory=list)  # for a person, nothing is missing
    doubts: list[str] = field(default_factory=list)  # something was not read, or perhaps not as it was typed
    empty: int = 0
    placeholders: int = 0
    mangled: int = 0
    multiline: int = 0
    older: int = 0
    deleted: int = 0
    lone: int = 0
    wide: int = 0
    wide_rows: list[int] = field(default_factory=list)
    doubtful: Doubtful = field(default_factory=Doubtful)

    def note_wide(self, row: int) -> None:
        self.wide += 1
        if len(self.wide_rows) < _ROWS_NAMED:
            self.wide_rows.append(row)

    def doubt_column(self, which: str) -> None:
        self.doubts.append(
            f"{which} speaks of passwords in its header; not read as one: if it is, name it in the policy's"
            " [passwords.NAME]"
        )

    def notes(self) -> tuple[str, ...]:
        """What a person should know of this list, counts first."""
        numbers = (
            (self.empty, "{} without a password (cell or line empty or blank)"),
            (self.placeholders, "{} with a placeholder where a password should be"),
            (self.older, "{} with an older version of a password, kept by the vault"),
            (self.deleted, "{} in the vault's bin or archive; read as all others"),
            (self.multiline, "{} with a password that spans several lines"),
            (
                self.mangled,
                "{} with a password stored as a number, date or truth value (excel-mangled): what it dropped is lost",
            ),
        )
        return (*(text.format(counted(count, "row")) for count, text in numbers if count), *self.remarks)

    def unread(self) -> tuple[str, ...]:
        """What was not read, or perhaps not as it was typed; empty when nothing is in doubt."""
        doubts = list(self.doubts)
        if self.lone:
            lone = f"{counted(self.lone, 'row')} without a colon in a list of name:password lines; not read"
            doubts.insert(0, f"{lone}: give lone passwords as a list of their own")
        if count := self.doubtful.count:
            doubts.append(
                f"{counted(count, 'row')} with what may be a hash (hexadecimal digits, DES, an unknown scheme) where a"
                " password should be; scored as a password: if they are hashes, give user:hash lines with --hashes"
            )
        if not self.wide:
            return tuple(doubts)
        named = ", ".join(map(str, self.wide_rows)) + (", ..." if self.wide > len(self.wide_rows) else "")
        wide = f"{counted(self.wide, 'row')} wider than the header; a password may be cut at a delimiter (row {named})"
        return (f"{wide}: quote such cells", *doubts)


class ListReader(ABC):
    """One open list. Iterate it once inside `with`; then `tally` is complete."""

    format: str  # as a person calls it: `CSV`, `KDBX 4`
    encoding: str | None = None  # None where the format fixes it
    encrypted: bool = False
    encryptable: bool = False  # a file of this format may be encrypted

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tally = Tally()

    @classmethod
    @abstractmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader if the content is of this format, None if it is not; ListError if it is and cannot be read."""

    @abstractmethod
    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        """The entries in the order of the file. Passwords are as they stand there, never stripped."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.source.close()

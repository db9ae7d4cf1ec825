"""Files of hashes: shadow(5), master.passwd(5), passwd(5) with hashes, htpasswd and other `user:hash` lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from hygiene.accounts.text import number
from hygiene.model import HashState
from hygiene.passwords.hashes.schemes import classify

_SHADOW_FIELDS: Final = 9
_MASTER_FIELDS: Final = 10
_PASSWD_FIELDS: Final = 7
_PWDUMP_FIELDS: Final = 7
_NEVER: Final = 99_999  # login.defs(5): what PASS_MAX_DAYS is where nobody chose
_DAY_S: Final = 86_400
_LINE_MAX: Final = 4096
_TOGETHER: Final = frozenset({HashState.SET, HashState.LOCKED_HASH, HashState.EMPTY, HashState.LOCKED, HashState.NONE})


class HashFile(Enum):
    SHADOW = "shadow"
    MASTER = "master.passwd"
    ACCOUNTS = "passwd"
    PWDUMP = "pwdump"
    PAIRS = "user:hash"


@dataclass(frozen=True, slots=True)
class Ages:
    """Days since 1970-01-01, or days; None where the file says nothing."""

    last_change: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    inactive: int | None = None
    expire: int | None = None
    change_due: int | None = None  # master.passwd(5): the day from which it has to be changed

    @property
    def never_expires(self) -> bool:
        """Neither an age nor a day ends the password."""
        return self.change_due is None and (self.maximum is None or not 0 <= self.maximum < _NEVER)

    def age_days(self, day: int) -> int | None:
        """How old the password is on this day (days since 1970-01-01); None if not known or to be changed at once."""
        return day - self.last_change if self.last_change and day >= self.last_change else None


@dataclass(frozen=True, slots=True)
class HashRecord:
    """One account's line. The hash is neither shown nor compared by the record: `shared` and `matching` take it."""

    row: int  # 1 is the first line
    account: str
    field: str = field(repr=False, compare=False)
    ages: Ages = Ages()
    uid: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is none of its file."""

    row: int


def records(data: bytes, kind: HashFile | None = None) -> Iterator[HashRecord | Unread]:
    """The accounts of a file in its order; blank lines and comments are left out.

    `kind` None: told for each line by the number of its fields. Bytes that are not UTF-8 appear as `\\xNN`. Never an
    error; a line that cannot be read is Unread.
    """
    for row, raw in enumerate(data.split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        if len(line) > _LINE_MAX or b"\0" in line:
            yield Unread(row)
            continue
        yield _record(row, line.decode("utf-8", "backslashreplace").split(":"), kind) or Unread(row)


def _record(row: int, fields: list[str], kind: HashFile | None) -> HashRecord | None:
    if not fields[0] or fields[0][0] in "+-":  # an entry of a directory
        return None
    kind = kind or _kind(fields)
    match kind:
        case HashFile.SHADOW if 2 <= len(fields) <= _SHADOW_FIELDS:
            last_change, minimum, maximum, _, inactive, expire = map(_days, [*fields, *[""] * 7][2:8])
            return HashRecord(row, fields[0], fields[1], Ages(last_change, minimum, maximum, inactive, expire))
        case HashFile.MASTER if len(fields) == _MASTER_FIELDS:
            due, expire = (_from_seconds(text) for text in fields[5:7])
            return HashRecord(row, fields[0], fields[1], Ages(expire=expire, change_due=due), number(fields[2]))
        case HashFile.ACCOUNTS if len(fields) == _PASSWD_FIELDS:
            return HashRecord(row, fields[0], fields[1], uid=number(fields[2]))
        case HashFile.PWDUMP if len(fields) == _PWDUMP_FIELDS and len(fields[3]) == 32:
            return HashRecord(row, fields[0], f"$3$${fields[3].lower()}", uid=number(fields[1]))
        case HashFile.PAIRS if len(fields) >= 2:
            # what follows a second colon is a comment there, or the next field of a longer line
            return HashRecord(row, fields[0], fields[1])
    return None


def _kind(fields: list[str]) -> HashFile | None:
    if len(fields) == _SHADOW_FIELDS:
        return HashFile.SHADOW
    if len(fields) == _MASTER_FIELDS:
        return HashFile.MASTER
    if len(fields) == _PASSWD_FIELDS:
        return HashFile.PWDUMP if len(fields[2]) == len(fields[3]) == 32 else HashFile.ACCOUNTS
    if len(fields) == 2 and classify(fields[1]).state in _TOGETHER:
        return HashFile.PAIRS
    return None


def _days(text: str) -> int | None:
    days = number(text) if text.strip() else None
    return None if days is None or days < 0 else days  # shadow(5): -1 is as good as empty


def _from_seconds(text: str) -> int | None:
    seconds = number(text) if text.strip() else None
    return seconds // _DAY_S if seconds else None  # master.passwd(5): 0 is none

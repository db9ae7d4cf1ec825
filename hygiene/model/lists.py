"""Rows of the tables about password lists, files of hashes and identity exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hygiene.model.words import EntryTie, HashState, HashWeakness, SecondFactor, Truth


@dataclass(frozen=True, slots=True)
class PasswordEntry:
    list: str
    row: int
    account: str | None
    system: str | None
    tenant: str | None
    length_band: str | None  # None where a reason narrows the entry to a word: `context`, `default`
    zxcvbn_score: int
    score: int
    group_id: int | None
    group_size: int
    reasons: tuple[str, ...]
    sheet: str | None = None  # of a workbook
    similar_id: int | None = None  # numbers the sets of similar passwords of a run; None: like no other
    similar_size: int = 1
    similar_by: tuple[str, ...] = ()  # in what the passwords of the set differ: `case`, `l33t`, `ending`, `one-sign`
    breached: Truth | None = None  # None: not looked up; unknown: the service did not answer


@dataclass(frozen=True, slots=True)
class PasswordList:
    """A file of passwords or hashes that was read, and who else can read it."""

    list: str
    path: str
    format: str  # `CSV`, `XLSX`, `KDBX 4`, `shadow`, ...
    rows: int  # all rows, the header included
    entries: int
    hashes: int
    encoding: str | None  # None where the format fixes it
    mode: str | None  # None: it was no file on this machine's disk, such as a pipe
    readable_by: str | None  # besides its owner and root: `everybody`, `group NAME`; None: nobody
    encrypted: Truth
    encryptable: bool  # the format has encryption


@dataclass(frozen=True, slots=True)
class ListHash:
    """A line of a file of hashes that was handed in, without the hash; as `HostHash`."""

    list: str
    row: int
    host: str | None  # whose file it is, where that was said
    account: str | None
    state: HashState
    scheme: str | None
    cost: str | None
    weakness: HashWeakness | None
    changed_at: datetime | None
    never_expires: bool | None
    digest: str | None
    digest_key: str | None
    tried: Truth | None = None  # passwords of the lists were tried on it; None: that was not asked for


@dataclass(frozen=True, slots=True)
class BreachLookup:
    """One list of breached passwords, or a service, in which the passwords of a run were looked up."""

    source: str  # the file's name, or the service's host
    kind: str  # `sha1`, `ntlm`
    passwords: int  # distinct ones
    breached: int
    unanswered: int
    online: bool = False  # a service was asked: the first five digits of each digest left this machine


@dataclass(frozen=True, slots=True)
class EntryAccount:
    """An entry of a password list that belongs to an account of a host."""

    list: str
    row: int
    sheet: str | None
    host: str
    account: str
    tie: EntryTie


@dataclass(frozen=True, slots=True)
class Identity:
    source: str
    user: str
    admin: bool | None  # None: the export does not say
    enabled: bool | None
    second_factor: SecondFactor
    methods: tuple[str, ...]

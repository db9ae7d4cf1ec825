"""Which column is which, by its header in English or German."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEADER_SEARCH_ROWS = 20
_HEADER_CHARACTERS = 64
_TOKENS = re.compile(r"[^\W_]++")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# All folded: lower case, umlauts spelt out, letters and digits only.
_PASSWORD = frozenset(
    _words(
        "passwort passwoerter kennwort kennwoerter password passwords pass passwd pwd pw passphrase secret geheimnis"
    )
)
# what may stand beside one of them without changing what the column holds
_QUALIFIERS = frozenset(
    _words(
        "neu neues alt altes aktuell aktuelles initial initiales start standard new old current login user username"
        " benutzer root admin administrator account konto system server host ssh windows linux domain db local lokal"
        " klartext plain plaintext fuer for web wlan ilo ipmi bmc idrac bios"
    )
)
# in the order of preference where several are there
_ACCOUNT = _words(
    "benutzername username loginname anmeldename loginusername benutzer user login benutzerkennung kennung userid"
    " benutzerid accountname kontoname account konto email emailadresse mail"
)
_SYSTEM = _words(
    "system systemname hostname host server servername geraet geraetename device fqdn rechner rechnername maschine"
    " machine anwendung application dienst service url website webseite loginuri ipadresse ipaddress ip"
)
_TENANT = _words(
    "mandant mandantenname tenant kunde kundenname customer customername firma firmenname company client"
    " organisation organization kundennummer"
)
# what a program calls an entry: the system, where no column or cell says it better
_TITLE = _words("title titel bezeichnung")
# they speak of passwords and hold none: exports of browsers and vaults
_NO_PASSWORD = frozenset(_words("timepasswordchanged passwordrevisiondate passwordmodifiedtime"))
# columns of exports and of grown sheets that are not read; only such names are ever repeated in a message
_OTHER = _words(
    "name titel title notiz notizen notes note bemerkung bemerkungen kommentar kommentare comment comments gruppe group"
    " grouping ordner folder typ type id nr nummer datum date created erstellt geaendert modified ort stadt abteilung"
    " department zweck beschreibung description port protokoll protocol rolle role vorname nachname"
)
_SHOWABLE = frozenset((*_ACCOUNT, *_SYSTEM, *_TENANT, *_OTHER))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands in a row; indexes count from 0."""

    passwords: tuple[int, ...]
    account: int | None
    system: int | None
    tenant: int | None
    doubtful: tuple[int, ...]  # the header speaks of passwords, yet may mean something else
    width: int  # cells of the header row, empty ones too
    title: int | None = None  # the system of rows that name no other
    mapped: bool = False  # the policy named them

    @property
    def known(self) -> int:
        return len(self.passwords) + sum(index is not None for index in (self.account, self.system, self.tenant))


def find_header(
    rows: Sequence[Sequence[str]], mappings: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[int, Columns] | None:
    """The index of the header in `rows` and its columns; titles above it are passed over.

    A row with all the columns of one of the policy's `mappings` comes before what is known here. A lone cell is a
    header only where the rows have but one cell each: above a table it is a title.
    """
    for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        for mapping in (mappings or {}).values():
            if (mapped := _read_mapped(row, mapping)) is not None:
                return index, mapped
    for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        if _filled(row) >= 2:
            columns = read_header(row)
            if columns.passwords:
                return index, columns
    if all(_filled(row) <= 1 for row in rows):
        first = next((index for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]) if _filled(row)), None)
        if first is not None and (columns := read_header(rows[first])).passwords:
            return first, columns
    return None


def read_header(cells: Sequence[str]) -> Columns:
    """What each cell says if the row is a header."""
    tokens = [_fold(cell) for cell in cells]
    names = ["".join(words) for words in tokens]
    passwords = tuple(index for index, words in enumerate(tokens) if _is_password(words))
    return Columns(
        passwords=passwords,
        account=_first(names, _ACCOUNT),
        system=_first(names, _SYSTEM),
        tenant=_first(names, _TENANT),
        doubtful=tuple(i for i, name in enumerate(names) if i not in passwords and _speaks_of_passwords(name)),
        width=len(cells),
        title=_first(names, _TITLE),
    )


def _read_mapped(cells: Sequence[str], mapping: Mapping[str, str]) -> Columns | None:
    names = [header_name(cell) for cell in cells]
    wanted = {key: header_name(name) for key, name in mapping.items()}
    if not wanted.get("password") or not all(name in names for name in wanted.values()):
        return None
    index = {key: names.index(name) for key, name in wanted.items()}
    return Columns(
        passwords=tuple(at for at, name in enumerate(names) if name == wanted["password"]),
        account=index.get("user"),
        system=index.get("system"),
        tenant=index.get("tenant"),
        doubtful=(),
        width=len(cells),
        mapped=True,
    )


def header_name(cell: str) -> str:
    """A header folded: `Kenn-Wort (SSH)` is `kennwortssh`."""
    return "".join(_fold(cell))


EXPECTED = (
    "expected a column named like Passwort, Kennwort or password (beside Benutzer/user, System/host, Kunde/tenant)"
)


def describe_headers(rows: Sequence[Sequence[str]]) -> str:
    """The likeliest header for a message: known names are repeated, everything else is only counted.

    A list without a header has a password in its first row, so a name that is not known is never shown,
    and one known name alone may be a password too.
    """
    shown: list[str] = []
    others = 0
    for row in rows[:HEADER_SEARCH_ROWS]:
        known = [cell.strip() for cell in row if header_name(cell) in _SHOWABLE]
        if len(known) > max(1, len(shown)):
            shown, others = known, _filled(row) - len(known)
    if not shown:
        return "found no column names that are known"
    return f"found the columns {', '.join(shown)}" + (f" and {others} more" if others else "")


def column_name(index: int) -> str:
    """`A`, `B`, ... `AA` as a spreadsheet names it."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _fold(cell: str) -> list[str]:
    if len(cell) > _HEADER_CHARACTERS:
        return []
    return _TOKENS.findall(unicodedata.normalize("NFKC", cell).casefold().translate(_UMLAUTS))


def names_password(name: str) -> bool:
    """Whether what a person named so is a password: a column, or a field of their own in a vault."""
    return _is_password(_fold(name))


def _is_password(words: list[str]) -> bool:
    if "".join(words) in _PASSWORD:
        return True
    named = 0
    for word in words:
        stem = word.rstrip("0123456789")
        if any(stem == name or (stem.endswith(name) and stem.removesuffix(name) in _QUALIFIERS) for name in _PASSWORD):
            named += 1
        elif stem and stem not in _QUALIFIERS:
            return False
    return named == 1


def _speaks_of_passwords(name: str) -> bool:
    return name not in _NO_PASSWORD and any(
        stem in name for stem in ("passwor", "passwoer", "kennwor", "kennwoer", "pwd", "passphrase")
    )


def _first(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell and not cell.isspace())

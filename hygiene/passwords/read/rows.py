"""Rows of a table to raw entries, for every format that has rows and columns."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from hygiene.passwords.read.columns import Columns
from hygiene.passwords.read.hashes import is_hash
from hygiene.passwords.read.reader import HashLine, RawEntry, Tally

# names go into the tables; a cell that is longer is no name
_NAME_CHARACTERS = 255
_NOWHERE = sys.maxsize  # no row is that wide
_BLANKS = re.compile(r"(\s++)")
_PATH = re.compile(r"[/?#]")
_QUERY = re.compile(r"[?#]")
_PORT = re.compile(r"\d++[/?#]")
# What people and vaults write where a password should be. Exact and few: what is not here is scored.
_PLACEHOLDER_WORDS = frozenset(
    {
        *(
            "-",
            "--",
            "---",
            "\u2013",
            "\u2014",
            "n/a",
            "n.a.",
            "#n/a",
            "k.a.",
            "k. a.",
            "keine angabe",
            "tbd",
            "t.b.d.",
        ),
        # six and more are among the commonest passwords of all
        *("xxx", "xxxx", "xxxxx"),
        *("<leer>", "(leer)", "[leer]", "<empty>", "(empty)", "[empty]", "<none>", "(none)", "[none]"),
        *("<redacted>", "(redacted)", "[redacted]"),
    }
)
# `siehe KeePass`; bullets and stars are how programs mask
_PLACEHOLDER = re.compile(
    r"(?:siehe\s++\S.*+"
    r"|(?:s\.|see|in)\s++(?:keepass|keepassxc|bitwarden|vaultwarden|1password|lastpass|vault|tresor|safe)\b.*+"
    r"|[*\u2022\u25cf]{3,}+)",
    re.DOTALL,
)
# most passwords begin otherwise, and need not be looked at again
_PLACEHOLDER_BEGINS = frozenset({*(word[0] for word in _PLACEHOLDER_WORDS), *"si*\u2022\u25cf"})
# KeePass, "Field References": `{REF:P@I:46C9B1FF...}` stands for a field of another entry
_REFERENCE = re.compile(r"\{ref:[a-z]@[a-z]:", re.IGNORECASE)


def classify(password: str, tally: Tally) -> bool:
    """Whether a cell or line holds a password; what is none is counted."""
    if not password or password.isspace():
        tally.empty += 1
        return False
    if len(password) <= 200:
        folded = password.strip().casefold()
        if (folded[0] in _PLACEHOLDER_BEGINS and (folded in _PLACEHOLDER_WORDS or _PLACEHOLDER.fullmatch(folded))) or (
            "{" in folded and _REFERENCE.search(folded)
        ):
            tally.placeholders += 1
            return False
    return True


def entries(
    rows: Iterable[tuple[int, Sequence[str]]], columns: Columns, tally: Tally, sheet: str | None = None
) -> Iterator[RawEntry | HashLine]:
    """The entries of the rows below a header, one for each password column that is filled."""
    account_at, system_at, tenant_at, title_at = (
        _NOWHERE if index is None else index
        for index in (columns.account, columns.system, columns.tenant, columns.title)
    )
    for number, cells in rows:
        if not any(cells):
            continue
        width = len(cells)
        if width > columns.width and any(cells[columns.width :]):
            tally.note_wide(number)
        account = name(cells[account_at]) if account_at < width else None
        tenant = name(cells[tenant_at]) if tenant_at < width else None
        system = name(cells[system_at]) if system_at < width else None
        if system is None and title_at < width:
            system = name(cells[title_at])
        for index in columns.passwords:
            password = cells[index] if index < width else ""
            if (entry := found(number, password, account, system, tenant, tally, sheet)) is not None:
                yield entry


def found(
    row: int,
    password: str,
    account: str | None,
    system: str | None,
    tenant: str | None,
    tally: Tally,
    sheet: str | None = None,
) -> RawEntry | HashLine | None:
    """What one password of any list is: an entry, a hash, or None for what is counted and no password."""
    if not classify(password, tally):
        return None
    if is_hash(password):
        return HashLine(account, password.strip(), row)
    tally.doubtful.look(password)
    if "\n" in password or "\r" in password:
        tally.multiline += 1
    return RawEntry(row, password, account, system, tenant, sheet)


def name(text: str) -> str | None:
    """A name that stands beside a password, without blanks around it; None where there is none.

    Names are kept, so the password of an address (`https://user:password@host`) is left out, and all that it asks for
    (`?token=...`).
    """
    text = text.strip()
    if ":" in text and ("@" in text or "://" in text):
        text = "".join(_without_query(_without_password(word)) for word in _BLANKS.split(text))
    return text[:_NAME_CHARACTERS] or None


def _without_password(word: str) -> str:
    """RFC 3986, 3.2.1: what stands behind a colon before `@`, with signs too that should have been escaped."""
    scheme, slashes, rest = word.partition("://") if "://" in word else ("", "", word)
    user, colon, secret = rest.partition(":")
    secret, at, host = secret.rpartition("@")
    # else a port, or both signs stand in a path
    if (
        (colon and at and word[:7].lower() != "mailto:")
        and not (slashes and _PORT.match(secret))
        and not _PATH.search(user)
    ):
        return f"{scheme}{slashes}{user}@{host}"
    return word


def _without_query(word: str) -> str:
    """RFC 3986, 3.4 and 3.5, of what has a scheme."""
    return _QUERY.split(word, maxsplit=1)[0] if "://" in word else word

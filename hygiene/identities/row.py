"""A row of an export, whatever it was written as, and the words in it: what is neither of those expected is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hygiene.errors import ExportError
from hygiene.identities.methods import fold
from hygiene.visible import visible

Word = TypeVar("Word")

# directories end far below: Entra 113 characters, Okta 100, Keycloak 255
USER_CHARACTERS = 1024
_SHOWN_CHARACTERS = 40
# words that decide look like this; what does not may be a person's data in the wrong column
_SHOWABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _./-]{0,39}+")
_SEPARATORS = re.compile(r"[,;|\r\n]")
_AROUND = " \t\"'[]{}()"

TRUE = frozenset({"true", "yes", "y", "1", "on", "t", "enabled", "wahr", "ja", "ein", "aktiviert"})
FALSE = frozenset({"false", "no", "n", "0", "off", "f", "disabled", "falsch", "nein", "aus", "deaktiviert"})
NOTHING = frozenset({"", "null", "na", "unknown"})


@dataclass(frozen=True, slots=True)
class Row:
    """The cells that a format reads, by its own names for them; a cell that is not there is None."""

    place: str  # `entra.csv: row 7`
    cells: Mapping[str, object]
    headers: Mapping[str, str]  # what each is called in the file, for messages

    def get(self, key: str) -> object:
        return self.cells.get(key)

    def text(self, key: str) -> str:
        """The cell as one text without blanks around it; empty when there is none."""
        match self.get(key):
            case None:
                return ""
            case str() as text:
                return text.strip()
            case bool() as truth:
                return "true" if truth else "false"
            case _:
                raise self.refuse(key, "expected one word or text")

    def user(self, *keys: str) -> str:
        """The name of the account, from the first of these cells that is filled."""
        name = next(filter(None, map(self.text, keys)), "")
        if not name:
            raise self._error(f"there is no user name in {self._called(keys[0])}; remove the row, or export again")
        if len(name) > USER_CHARACTERS:
            raise self._error(
                f"{self._called(keys[0])} holds more than {USER_CHARACTERS:,} characters, which no user name has;"
                " check that the columns stand under their headers"
            )
        return name

    def truth(self, key: str) -> bool | None:
        """Yes or no; None for an empty cell."""
        word = fold(self.text(key))
        if word in TRUE:
            return True
        if word in FALSE:
            return False
        if word in NOTHING:
            return None
        raise self.refuse(key, "expected yes or no")

    def word(self, key: str, known: Mapping[str, Word]) -> Word | None:
        """What a folded word means; None for an empty cell."""
        word = fold(self.text(key))
        if word in known:
            return known[word]
        if word in NOTHING:
            return None
        raise self.refuse(key, f"expected one of {', '.join(known)}")

    def any_word(self, key: str, known: Mapping[str, bool]) -> bool | None:
        """Whether any word of a list is a yes; None for an empty cell."""
        words = [fold(word) for word in self.words(key)]
        if any(word not in known for word in words):
            raise self.refuse(key, f"expected some of {', '.join(known)}")
        return any(known[word] for word in words) if words else None

    def words(self, key: str) -> list[str]:
        """The words of a list, whether it came as JSON or as one cell with separators."""
        value = self.get(key)
        parts: Iterable[object] = value if isinstance(value, list) else _SEPARATORS.split(self.text(key))
        words = []
        for part in parts:
            if not isinstance(part, str):
                raise self.refuse(key, "expected a list of words")
            if word := part.strip(_AROUND):
                words.append(word)
        return words

    def objects(self, key: str) -> list[Mapping[str, object]] | None:
        """The objects of a JSON list; None where there is no list."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(key, "expected a list of objects")
        return value

    def refuse(self, key: str, expected: str) -> ExportError:
        """The error for a cell that cannot be understood; it shows a word, and never a text that may be a person's."""
        value = self.get(key)
        if isinstance(value, str) and _SHOWABLE.fullmatch(value.strip()):
            found = f"is {value.strip()!r}"
        else:
            found = "holds something else"
        return self._error(
            f"{self._called(key)} {found}; {expected}; check that the columns stand under their headers,"
            " or map them in the policy with [identities.NAME]"
        )

    def _called(self, key: str) -> str:
        return f"column {shown_name(self.headers.get(key, key))}"

    def _error(self, message: str) -> ExportError:
        return ExportError(f"{self.place}: {message}")


def shown_name(name: str) -> str:
    """A column's name for a message."""
    text = visible(name.strip())
    return f"`{text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + '...'}`"


def shown_names(names: Sequence[str], most: int = 40) -> str:
    """Column names for a message. What is hardly one (an address, a number) is counted: a file may have no header."""
    good = [name for name in names if name.strip() and "@" not in name and not name.strip().isdigit()]
    shown = ", ".join(map(shown_name, good[:most])) or "none"
    more = len(names) - len(good[:most])
    return f"{shown} and {more:,} more" if more else shown

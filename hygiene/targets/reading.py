"""Inventory files as text, and the bad lines of them gathered into one error."""

from __future__ import annotations

from dataclasses import dataclass, field

from hygiene.errors import InventoryError

FILE_MAX_BYTES = 256 * 1024 * 1024
TARGETS_MAX = 1_000_000
_SHOWN = 10


@dataclass(slots=True)
class Problems:
    """Bad lines, gathered so that a person mends a file once and not line by line; all are counted, ten are kept."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, place: str, text: object) -> None:
        self.count += 1
        if len(self.shown) < _SHOWN:
            self.shown.append(f"{place}: {text}")

    def raise_any(self) -> None:
        """Raise InventoryError with the first ten, when there are any."""
        if not self.count:
            return
        more = f"\n... and {self.count - len(self.shown):,} more" if self.count > len(self.shown) else ""
        raise InventoryError("\n".join(self.shown) + more)


def decode(data: bytes, name: str) -> str:
    """The text of an inventory file: UTF-8, with or without a byte order mark, without NUL bytes.

    InventoryError names the line of the first byte that does not belong there.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InventoryError(f"{name}: is UTF-16; expected UTF-8, save it as that")
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise InventoryError(f"{name}:{line}: holds a NUL byte; expected a text file in UTF-8, is this the right file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InventoryError(f"{name}:{line}: is not UTF-8; expected a text file in UTF-8, save it as that") from None


def lines(text: str) -> list[str]:
    """The lines of a text, ended by LF or CRLF; other controls stay inside, where the checks refuse them."""
    return [line.removesuffix("\r") for line in text.split("\n")]

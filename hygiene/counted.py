"""Numbers with their nouns, as a person reads them."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Give `1 host`, `1,034 hosts`; with a plural that is no mere s `2 people`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"

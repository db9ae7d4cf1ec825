"""Numbers as C programs read them."""

from __future__ import annotations

import re

# strtol(3) with base 0, the whole text: 0x is hexadecimal, a leading 0 octal
_NUMBER = re.compile(r"[ \t\n\v\f\r]*+([+-]?)(?:0[xX]([0-9a-fA-F]++)|(0[0-7]*+)|([1-9][0-9]*+))", re.ASCII)
_LONGEST = 64


def integer(text: str, limit: int = 2**63) -> int | None:
    """The number, or None when the text is none or does not fit below the limit (and above its negative)."""
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    sign, hexadecimal, octal, decimal = match.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(octal, 8) if octal else int(decimal)
    number = -number if sign == "-" else number
    return number if -limit <= number < limit else None

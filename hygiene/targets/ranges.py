"""Host ranges of Ansible: `web[01:50]`, `db-[a:f]`, `[1:9:2]`, several in one name."""

from __future__ import annotations

import itertools
import math
import string
from collections.abc import Iterator

from hygiene.targets.address import is_ip, show
from hygiene.targets.reading import TARGETS_MAX

_LETTERS = string.ascii_letters  # ansible/inventory/helpers: letters run a-z, then A-Z


def expand(pattern: str) -> Iterator[str]:
    """Every name that the pattern stands for, in order; ValueError when a range cannot be read or is too long.

    Follows expand_hostname_range of ansible/plugins/inventory/__init__.py: both ends belong to it, a leading zero
    of the first end asks for equal widths.
    """
    parts: list[list[str] | range | _Padded] = []
    rest = pattern
    while True:
        before, bracket, behind = rest.partition("[")
        inside, closing, after = behind.partition("]")
        if not bracket:
            parts.append([before])
            break
        if not closing or ":" not in inside:
            raise ValueError(f"{show(pattern)}: expected a range like [01:50] or [a:f]")
        parts.append([before])
        parts.append(_range(inside, pattern))
        rest = after
    if math.prod(len(part) for part in parts) > TARGETS_MAX:
        raise ValueError(f"{show(pattern)} stands for more than {TARGETS_MAX:,} hosts; shorten the range")
    return ("".join(map(str, chosen)) for chosen in itertools.product(*parts))


def is_pattern(text: str) -> bool:
    """Does the text hold a range? An IPv6 address in brackets is none."""
    return "[" in text and not is_ip(text[1:].partition("]")[0])


class _Padded:
    """Numbers with leading zeros, made one at a time."""

    def __init__(self, numbers: range, width: int) -> None:
        self._numbers, self._width = numbers, width

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return (str(number).zfill(self._width) for number in self._numbers)


def _range(inside: str, pattern: str) -> list[str] | range | _Padded:
    ends = inside.split(":")
    first, last = ends[0] or "0", ends[1]
    step = ends[2] if len(ends) == 3 else "1"
    wrong = ValueError(f"{show(pattern)}: [{inside[:40]}] is no range; expected [01:50], [a:f] or [1:9:2]")
    if len(ends) > 3 or not _is_number(step) or int(step) == 0:
        raise wrong
    if len(first) == len(last) == 1 and first in _LETTERS and last in _LETTERS:
        found = list(_LETTERS[_LETTERS.index(first) : _LETTERS.index(last) + 1 : int(step)])
        if not found:
            raise wrong
        return found
    if not _is_number(first) or not _is_number(last) or int(first) > int(last):
        raise wrong
    numbers = range(int(first), int(last) + 1, int(step))
    if len(numbers) > TARGETS_MAX:
        raise ValueError(f"{show(pattern)} stands for more than {TARGETS_MAX:,} hosts; shorten the range")
    if len(first) > 1 and first.startswith("0"):
        if len(first) != len(last):
            raise ValueError(f"{show(pattern)}: both ends of [{inside[:40]}] need the same number of digits")
        return _Padded(numbers, len(first))
    return numbers


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 12 and text.isascii() and text.isdigit()

"""The time in expiry-time=, as sshd reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hygiene.openssh.option_text import OptionError, shown
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """When a line stops working: `at` is read as UTC, and is local time of the host unless `exact`."""

    at: datetime
    exact: bool


def parse_expiry(value: bytes, version: Version) -> Expiry:
    """Read YYYYMMDD[HHMM[SS]] with an optional Z or UTC (parse_absolute_time in misc.c), or raise OptionError."""
    digits, utc = value, False
    for suffix in (b"Z", b"UTC") if version.since(9, 1) else ():
        if len(value) > len(suffix) and value[-len(suffix) :].upper() == suffix:
            digits, utc = value[: -len(suffix)], True
            break
    widths = {8: (4, 2, 2), 12: (4, 2, 2, 2, 2), 14: (4, 2, 2, 2, 2, 2)}.get(len(digits), ())
    parts, at = [], 0
    for width, most in zip(widths, (9999, 12, 31, 23, 59, 61), strict=False):
        number, rest = _strptime_number(digits[at : at + width], width, most)
        at += width
        # what stood behind the last number did not matter before 9.1
        parts.append(-1 if rest and (at < len(digits) or version.since(9, 1)) else number)
    year, month, day, hour, minute, second = (parts + [0] * 6)[:6] if parts else (-1,) * 6
    if min(year, hour, minute, second) < 0 or month < 1 or day < 1 or (year < 1970 and not version.since(10, 4)):
        if not version.since(9, 1) and value[-1:].upper() in (b"Z", b"C"):
            raise OptionError(f"expiry-time with a zone is not known to OpenSSH {version}")
        raise OptionError(f"expiry-time is {shown(value)}, not a date like 20270630")
    if year < 1970:  # a negative time is taken as a very large one
        return Expiry(datetime.max.replace(tzinfo=UTC), utc)
    try:  # mktime() takes 31 June as 1 July
        length = timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
        return Expiry(datetime(year, month, 1, tzinfo=UTC) + length, utc)
    except OverflowError:
        return Expiry(datetime.max.replace(tzinfo=UTC), utc)


def _strptime_number(text: bytes, width: int, most: int) -> tuple[int, bytes]:
    """Read a number as strptime() of glibc does: blanks before it, and no digit that would make it too large.

    The number, -1 where there is none, and what is left behind it.
    """
    start = len(text) - len(text.lstrip(b" "))
    number = -1
    at = start
    while at < len(text) and at - start < width and 48 <= text[at] <= 57 and (number < 0 or number * 10 <= most):
        number = max(number, 0) * 10 + text[at] - 48
        at += 1
    return (number if number <= most else -1), text[at:]

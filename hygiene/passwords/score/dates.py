"""Years and dates in a password, as zxcvbn finds them: with the year 2017 as its present."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zxcvbn.matching import DATE_SPLITS

from hygiene.passwords.score.patterns import Match

_PRESENT = 2017  # zxcvbn's own; its guesses must not change with the calendar
_LEAST_YEARS = 20
_FIRST_YEAR, _LAST_YEAR = 1000, 2050
_LAST_DAY = 31
_DAYS = frozenset([*map(str, range(1, 10)), *(f"{day:02}" for day in range(1, _LAST_DAY + 1))])
_YEAR = re.compile(r"19\d\d|200\d|201\d")
_MAYBE = re.compile(r"\d{4}|\d[\s/\\_.-]\d")
_DIGITS = re.compile(r"\d{4,}")
# each place where a day, month or year and two equal separators start
_SEPARATED = re.compile(r"(?=(\d{1,4})([\s/\\_.-])(\d{1,2})\2(\d{1,4}))")
_LONGEST_BARE, _SHORTEST, _LONGEST = 8, 6, 10
# zxcvbn's patterns take a line feed for the end, and then it fails on these
BREAKS_THE_PACKAGE = re.compile(r"\d{5}\n")


def years(password: str) -> Iterator[Match]:
    if "19" not in password and "20" not in password:
        return
    for found in _YEAR.finditer(password):
        yield found.start(), found.end(), max(abs(int(found[0]) - _PRESENT), _LEAST_YEARS)


def dates(password: str) -> list[Match]:
    """Day, month and year in any order, bare or with separators; of those inside each other the longest."""
    if not _MAYBE.search(password):
        return []
    found = sorted((*_bare(password), *_separated(password)), key=lambda match: (match[0], -match[1]))
    kept = []
    reach = 0
    for match in found:
        if match[1] > reach:
            reach = match[1]
            kept.append(match)
    return kept


def _bare(password: str) -> Iterator[Match]:
    for run in _DIGITS.finditer(password):
        first, last = run.span()
        digits = run[0] if run[0].isascii() else "".join(str(int(digit)) for digit in run[0])
        reach = 0
        for start in range(last - first - 3):
            # what ends no later than one before it lies inside that
            for stop in range(min(last - first, start + _LONGEST_BARE), max(start + 3, reach), -1):
                away = _bare_distance(digits[start:stop], stop - start)
                if away is not None:
                    yield first + start, first + stop, _guesses(away)
                    reach = stop
                    break
        # a line feed at the end is part of the match: of longer runs see BREAKS_THE_PACKAGE
        if password[last : last + 1] == "\n":
            away = _bare_distance(digits, len(digits) + 1)
            if away is not None:
                yield first, last + 1, _guesses(away)


def _bare_distance(digits: str, length: int) -> int | None:
    """How far the likeliest year is from the present."""
    best = None
    for one, two in DATE_SPLITS[length]:
        if digits[one:two] in _DAYS:
            away = _distance(int(digits[:one]), int(digits[one:two]), int(digits[two:]))
            if away is not None and (best is None or away < best):
                best = away
    return best


def _separated(password: str) -> Iterator[Match]:
    for found in _SEPARATED.finditer(password):
        start, last = found.start(1), found.start(4)
        one, two = int(found[1]), int(found[3])
        for stop in range(found.end(4), last, -1):
            end = stop
            if password[stop : stop + 1] == "\n" and stop - start < _LONGEST:
                end = stop + 1
            if end - start > _LONGEST or end - start < _SHORTEST:
                continue
            away = _distance(one, two, int(password[last:stop]))
            if away is not None:
                yield start, end, 4 * _guesses(away)
                break


def _guesses(years_away: int) -> int:
    return 365 * max(years_away, _LEAST_YEARS)


def _distance(one: int, two: int, three: int) -> int | None:
    """How far the year is from the present when these are day, month and year, None when they are not."""
    if not 1 <= two <= _LAST_DAY:
        return None
    for number in (one, three):
        if 99 < number < _FIRST_YEAR or number > _LAST_YEAR:
            return None
    if one > 31 < three or (one > 12 and two > 12 and three > 12) or one == 0 == three:
        return None
    if three >= _FIRST_YEAR:
        return abs(three - _PRESENT) if _day_and_month(one, two) else None
    if one >= _FIRST_YEAR:
        return abs(one - _PRESENT) if _day_and_month(two, three) else None
    if _day_and_month(one, two):
        return abs(_whole_year(three) - _PRESENT)
    if _day_and_month(two, three):
        return abs(_whole_year(one) - _PRESENT)
    return None


def _day_and_month(one: int, two: int) -> bool:
    return 1 <= one <= 31 and 1 <= two <= 31 and (one <= 12 or two <= 12)


def _whole_year(short: int) -> int:
    return short + (1900 if short > 50 else 2000)

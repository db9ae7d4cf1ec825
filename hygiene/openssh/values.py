"""The arguments of a keyword as `sshd -T` prints them, or None where that depends on what the file does not say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence


class ValueRefusedError(ValueError):
    """sshd would refuse the arguments, and with them the whole file; the message says why."""


Reader = Callable[[Sequence[str]], str | None]

_NUMBER = re.compile(r"[ \t\n\v\f\r]*+([+-]?)([0-9]++)")  # what strtoll(3) takes
_TIME = re.compile(r"[ \t\n\v\f\r]*+\+?([0-9]++)([smhdw]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_INT_MAX = 0x7FFFFFFF
_DIGITS_MAX = 30
_SCALES = "bkmgtpe"
_QOS = {f"af{x}{y}": x * 32 + y * 8 for x in range(1, 5) for y in range(1, 4)}
_QOS |= {f"cs{x}": x * 32 for x in range(8)} | {"ef": 0xB8, "le": 4, "va": 0xB0}
_OLD_QOS = {"lowdelay": 0x10, "throughput": 0x08, "reliability": 0x04}


def one(words: Sequence[str]) -> str:
    """The only argument."""
    if not words or not words[0]:
        raise ValueRefusedError("the value is missing")
    if len(words) > 1:
        raise ValueRefusedError("there are extra arguments at the end of the line")
    return words[0]


def choice(words: Sequence[str], choices: Sequence[str]) -> str:
    """One of the choices, in any case of letters."""
    value = one(words).lower()
    if value not in choices:
        raise ValueRefusedError(f'the value is "{words[0][:40]}", not one of {", ".join(choices)}')
    return value


def exact_choice(words: Sequence[str], choices: Sequence[str]) -> str:
    """One of the choices, letter for letter."""
    value = one(words)
    if value not in choices:
        raise ValueRefusedError(f'the value is "{value[:40]}", not one of {", ".join(choices)}')
    return value


def number(words: Sequence[str]) -> str:
    """A number of 0 or more, as strtonum(3) reads it."""
    return str(parse_number(one(words)))


def parse_number(value: str) -> int:
    """A number that fits into an int and is not negative."""
    match = _NUMBER.fullmatch(value)
    found = int(match[2]) if match and len(match[2]) < _DIGITS_MAX else -1
    if match is None or found < 0 or found > _INT_MAX or (match[1] == "-" and found):
        raise ValueRefusedError(f'the value is "{value[:40]}", not a number')
    return found


def loose_number(words: Sequence[str]) -> str | None:
    """What atoi(3) makes of it: the digits at its start, 0 without any."""
    match = _NUMBER.match(one(words))
    if match is None:
        return "0"
    found = int(match[1] + match[2]) if len(match[2]) < _DIGITS_MAX else _INT_MAX + 1
    return str(found) if -_INT_MAX <= found <= _INT_MAX else None


def seconds(words: Sequence[str]) -> str:
    """A time such as `2m` or `1h30m`, in seconds (convtime in misc.c)."""
    return str(parse_seconds(one(words)))


def parse_seconds(value: str) -> int:
    """A time in seconds."""
    total, end = 0, 0
    for match in _TIME.finditer(value[:100]):
        if match.start() != end:
            break
        if len(match[1]) > _DIGITS_MAX:
            break
        total += int(match[1]) * _SECONDS[match[2].lower()]
        end = match.end()
    if not value or end != len(value) or total > _INT_MAX:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a time')
    return total


def octal(words: Sequence[str]) -> str:
    """Permission bits."""
    value = one(words)
    match = re.match(r"[0-7]{1,12}", value)
    if not match or int(match[0], 8) > 0o777:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a mode')
    return f"0{int(match[0], 8):o}"


def port(words: Sequence[str]) -> str | None:
    """A port; a service's name is not looked up."""
    value = one(words)
    if not value.isascii() or not re.fullmatch(r"[ \t]*+[+-]?\d++", value):
        return None  # getservbyname(3) may know it
    found = parse_number(value)
    if not 0 < found <= 65535:
        raise ValueRefusedError(f'the value is "{value}", not a port')
    return str(found)


def path(words: Sequence[str]) -> str | None:
    """A file; one that is relative, to the folder in which sshd was started or to root's home, is not known."""
    value = one(words)
    return "none" if value.lower() == "none" else value if value.startswith("/") else None


def none_or(words: Sequence[str]) -> str:
    """A word as it stands, `none` in lower case."""
    value = one(words)
    return "none" if value.lower() == "none" else value


def size(value: str) -> int | None:
    """Bytes, as scan_scaled(3) reads them; None for a fraction, which is not computed here."""
    match = re.fullmatch(r"[ \t]*+\+?(\d{1,18})(\.\d++)?([bkmgtpe]?)", value, re.IGNORECASE)
    if match is None:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a size')
    if match[2]:
        return None
    found = int(match[1]) << (10 * _SCALES.index(match[3].lower()) if match[3] else 0)
    if 0 < found < 16:
        raise ValueRefusedError(f'the value is "{value[:40]}", which is too small')
    return found


def startups(value: str) -> tuple[int, ...]:
    """The one or three numbers of MaxStartups; what stands behind them is not looked at (sscanf)."""
    match = re.match(r"\s*+(\d{1,9})(?::\s*+(\d{1,9})(?::\s*+(\d{1,9}))?)?", value)
    given = tuple(int(part) for part in match.groups() if part is not None) if match else ()
    if len(given) not in (1, 3):
        raise ValueRefusedError(f'the value is "{value[:40]}", not a limit')
    if len(given) == 3 and (given[0] > given[2] or not 1 <= given[1] <= 100):
        raise ValueRefusedError(f'the value is "{value[:40]}", not a limit')
    return given


def net_block(words: Sequence[str]) -> tuple[int, ...]:
    """The one or two mask lengths of PerSourceNetBlockSize."""
    value = one(words)
    match = re.match(r"\s*+(\d{1,9})(?::\s*+(\d{1,9}))?", value)
    given = tuple(int(part) for part in match.groups() if part is not None) if match else ()
    if not given or given[0] > 32 or (len(given) > 1 and given[1] > 128):
        raise ValueRefusedError(f'the value is "{value[:40]}", not mask lengths')
    return given


def quality(value: str, old: bool, any_base: bool) -> str:
    """One value of IPQoS. `old`: the names of RFC 1349 still count; `any_base`: numbers may be octal or hexadecimal."""
    low = value.lower()
    if low in _OLD_QOS:
        return low if old else "none"
    if low == "none" or (low in _QOS and (low != "va" or not old)):
        return low
    try:
        found = int(value, 0 if any_base else 10) if value.isascii() and len(value) < _DIGITS_MAX else -1
    except ValueError:
        found = int(value, 8) if any_base and re.fullmatch(r"0[0-7]{1,20}", value) else -1
    if not 0 <= found <= 255 or "_" in value:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a class of service')
    names = {number: name for name, number in reversed((_QOS | (_OLD_QOS if old else {})).items())}
    if old:
        names.pop(_QOS["va"], None)
    return names.get(found, f"0x{found:02x}")

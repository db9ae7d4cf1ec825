"""The arguments of a keyword as `sshd -T` prints them."""

from __future__ import annotations

import re
from collections.abc import Sequence


class ValueRefusedError(ValueError):
    """sshd would refuse the arguments, and with them the whole file; the message says why."""


_TIME = re.compile(r"(\d+)([smhdw]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_INT_MAX = 0x7FFFFFFF


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


def number(words: Sequence[str]) -> str:
    """A number of 0 or more."""
    value = one(words)
    if not (value.isascii() and value.isdigit() and len(value) < 20 and int(value) <= _INT_MAX):
        raise ValueRefusedError(f'the value is "{value[:40]}", not a number')
    return str(int(value))


def seconds(words: Sequence[str]) -> str:
    """A time such as `2m` or `1h30m`, in seconds."""
    value = one(words)
    total, end = 0, 0
    for match in _TIME.finditer(value[:100]):
        if match.start() != end:
            break
        total += int(match[1]) * _SECONDS[match[2].lower()]
        end = match.end()
    if end != len(value) or total > _INT_MAX:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a time')
    return str(total)


def octal(words: Sequence[str]) -> str:
    """Permission bits."""
    value = one(words)
    if not re.fullmatch(r"[0-7]{1,6}", value) or int(value, 8) > 0o777:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a mode')
    return f"0{int(value, 8):o}"


def port(words: Sequence[str]) -> str:
    """A port; a service's name is not looked up."""
    value = number(words)
    if not 0 < int(value) <= 65535:
        raise ValueRefusedError(f'the value is "{value}", not a port')
    return value


def rekey_limit(words: Sequence[str]) -> str:
    """Bytes and seconds."""
    if not 1 <= len(words) <= 2:
        raise ValueRefusedError("the value is not a size and a time")
    size = 0
    if words[0] != "default":
        match = re.fullmatch(r"(\d{1,15})([kmgt]?)b?", words[0], re.IGNORECASE)
        if match is None:
            raise ValueRefusedError(f'the value is "{words[0][:40]}", not a size')
        size = int(match[1]) << {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}[match[2].lower()]
    return f"{size} {'0' if len(words) == 1 or words[1] == 'none' else seconds(words[1:])}"


def max_startups(words: Sequence[str]) -> str:
    """Begin, rate and full."""
    value = one(words)
    match = re.fullmatch(r"(\d{1,9})(?::(\d{1,9}):(\d{1,9}))?", value)
    if match is None:
        raise ValueRefusedError(f'the value is "{value[:40]}", not a limit')
    return value if match[2] else f"{value}:30:{value}"

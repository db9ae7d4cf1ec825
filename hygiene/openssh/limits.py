"""The keywords that limit connections: numbers, times and sizes of more than one part."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hygiene.openssh import values
from hygiene.openssh.keywords import Taking
from hygiene.openssh.parts import Part, Parts
from hygiene.openssh.sources import INVALID, address_verdict
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Version


def channel_timeouts(arguments: Sequence[str], _: str, version: Version) -> Parts:
    """ChannelTimeout: kinds of channels, each with a time."""
    # an empty argument is not refused as such
    if not arguments and version.since(9, 7):
        raise ValueRefusedError("the value is missing or empty")
    for word in arguments:
        if word.lower() == "none":
            if len(arguments) > 1:
                raise ValueRefusedError("none does not stand alone")
            continue
        kind, equals, time = word.partition("=")
        if not kind or not equals:
            raise ValueRefusedError(f'"{word[:40]}" is not a channel and a time')
        values.parse_seconds(time)
    return (Part("channeltimeout", (" ".join(arguments),)),) if arguments else ()


def unused_connection(arguments: Sequence[str], _: str, __: Version) -> Parts:
    """UnusedConnectionTimeout: a time, or none, which replaces whatever stands before it."""
    if arguments and arguments[0].lower() == "none":
        values.one(arguments)
        return (Part("unusedconnectiontimeout", ("none",), Taking.LAST),)  # whatever stands before it
    text = values.seconds(arguments)
    return (Part("unusedconnectiontimeout", ("none" if text == "0" else text,)),)


def max_startups(arguments: Sequence[str], _: str, version: Version) -> Parts:
    """MaxStartups: one number, or three."""
    given = values.startups(values.one(arguments))
    if version.since(9, 2) and not (given[0] > 0 and given[-1] > 0):
        raise ValueRefusedError("a limit of MaxStartups is 0")
    begin, rate, full = given if len(given) == 3 else (given[0], None, given[0])
    if version.since(10, 1):
        # one number is the limit alone in 10.1 and 10.2
        start = begin if len(given) == 3 or version.since(10, 3) else None
        texts = ["" if part is None else str(part) for part in (start, rate, full)]
        return (Part("maxstartups", (":".join(texts),)),)
    parts = [Part("maxstartups/begin", (str(begin),), Taking.LAST), Part("maxstartups/full", (str(full),), Taking.LAST)]
    if rate is not None:
        parts.append(Part("maxstartups/rate", (str(rate),), Taking.LAST))
    return tuple(parts)


def per_source_startups(arguments: Sequence[str], _: str, version: Version) -> Parts:
    """PerSourceMaxStartups: a number or none."""
    value = values.one(arguments)
    text = "none" if value == "none" or values.parse_number(value) == 0x7FFFFFFF else values.number(arguments)
    return (Part("persourcemaxstartups", (text,), Taking.FIRST if version.since(9, 5) else Taking.LAST),)


def net_block(arguments: Sequence[str], _: str, version: Version) -> Parts:
    """PerSourceNetBlockSize: one mask length, or two."""
    given = values.net_block(arguments)
    # before 10.3 one number leaves the other to chance
    second = str(given[1]) if len(given) > 1 else "128" if version.since(10, 3) else None
    text = None if second is None else f"{given[0]}:{second}"
    return (Part("persourcenetblocksize", (text,), Taking.FIRST if version.since(10, 1) else Taking.LAST),)


_PENALTY = re.compile(r"([a-z0-9-]++):(.*)", re.DOTALL)
_PENALTIES = ("crash", "authfail", "noauth", "grace-exceeded", "max", "min")


def penalties(arguments: Sequence[str], _: str, version: Version) -> Parts:
    """PerSourcePenalties: each of its parts counts where it stands first."""
    times = (*_PENALTIES, *(("refuseconnection",) if version.since(9, 9) else ()))
    times += ("invaliduser",) if version.since(10, 3) else ()
    parts = []
    for index, word in enumerate(arguments):
        if word.lower() in ("yes", "no"):
            if index + 1 < len(arguments):
                raise ValueRefusedError(f"{word} does not stand alone")
            parts.append(Part("persourcepenalties/enabled", (word.lower(),)))
            continue
        match = _PENALTY.fullmatch(word)
        name, text = (match[1], match[2]) if match else ("", "")
        if name in times:
            value: str | None = None if version.since(10, 3) and "." in text else str(values.parse_seconds(text))
        elif name in ("max-sources4", "max-sources6"):
            value = values.number((text,))
        elif name in ("overflow", "overflow6") and text in ("deny-all", "permissive"):
            value = text
        else:
            raise ValueRefusedError(f'"{word[:40]}" is no penalty')
        parts.append(Part(f"persourcepenalties/{name}", (value,)))
        parts.append(Part("persourcepenalties/enabled", ("yes",), Taking.LAST))
    if not parts:
        raise ValueRefusedError("the value is missing or empty")
    return tuple(parts)


def exempt(arguments: Sequence[str], _: str, __: Version) -> Parts:
    """PerSourcePenaltyExemptList: a list of addresses."""
    value = values.one(arguments)
    if address_verdict(None, value) == INVALID:
        raise ValueRefusedError(f'"{value[:80]}" is no list of addresses')
    return (Part("persourcepenaltyexemptlist", ("none" if value.lower() == "none" else value,)),)


def ip_qos(arguments: Sequence[str], _: str, version: Version) -> Parts:
    """IPQoS: one class of service, or two."""
    if not arguments or len(arguments) > 2:
        raise ValueRefusedError("the value is not one or two classes of service")
    if not version.since(7, 6) and "none" in [word.lower() for word in arguments]:
        raise ValueRefusedError("none is no class of service in this version")
    debian = version.vendor is not None and version.vendor.takes_private_groups
    old = not version.since(10, 0) if debian else not version.since(10, 1)  # Debian 13 has taken it from 10.1
    found = [values.quality(word, old, not version.since(9, 8)) for word in arguments]
    return (Part("ipqos", (f"{found[0]} {found[-1]}",), Taking.FIRST if version.since(10, 3) else Taking.LAST),)


def rekey_limit(arguments: Sequence[str], rest: str, version: Version) -> Parts:
    """RekeyLimit: a size, and perhaps a time, which are two settings."""
    if not arguments or not arguments[0] or len(arguments) > 2:
        raise ValueRefusedError("the value is not a size and a time")
    if not version.since(7, 5) and arguments[1:] in ([], ["none"], (), ("none",)) and rest != rest.rstrip(" \t\r\n"):
        raise ValueRefusedError("a blank at the end of the line stands where this version wants a time")
    size = 0 if arguments[0] == "default" else values.size(arguments[0])
    parts = [Part("rekeylimit/size", (None if size is None else str(size),))]
    if len(arguments) == 2 and arguments[1] != "none":
        parts.append(Part("rekeylimit/time", (values.seconds(arguments[1:]),)))
    return tuple(parts)

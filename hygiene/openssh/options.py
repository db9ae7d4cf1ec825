"""The options before a key, as sshd reads them: fail closed, by version."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hygiene.openssh.sources import Sources, judge
from hygiene.openssh.version import Version


class OptionError(ValueError):
    """sshd refuses the whole line for its options; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """When a line stops working: `at` is read as UTC, and is local time of the host unless `exact`."""

    at: datetime
    exact: bool


@dataclass(frozen=True, slots=True)
class Options:
    """What the options of a line come to."""

    texts: tuple[str, ...] = ()  # one by one, as written
    command: str | None = None
    from_patterns: tuple[str, ...] | None = None
    limits_source: bool = False  # from= keeps somebody out
    names_only: bool = False  # from= holds host names alone: without UseDNS nobody matches
    restrict: bool = False
    port_forwarding: bool = True
    agent_forwarding: bool = True
    x11_forwarding: bool = True
    pty: bool = True
    user_rc: bool = True
    touch_required: bool = True  # says nothing for keys that are not sk-*
    verify_required: bool = False
    expires: Expiry | None = None  # the earliest
    cert_authority: bool = False
    principals: tuple[str, ...] | None = None
    environment: tuple[str, ...] = ()
    permitopen: tuple[str, ...] = ()
    permitlisten: tuple[str, ...] = ()
    tunnel: str | None = None


NONE = Options()

_ENVIRONMENT_MAX = 1024  # SSH_AUTHOPT_ENV_MAX
_PERMIT_MAX = 4096  # SSH_AUTHOPT_PERMIT_MAX
_HOST_MAX = 1025  # NI_MAXHOST
_REMEMBERED_SIZE = 1024  # bytes: fleets repeat their options, and a hostile file must not fill the memory
_TUNNEL_MAX = 0x7FFFFFFD  # SSH_TUNID_MAX

# possessive, so that an unclosed quote costs linear time; a backslash escapes a quote and nothing else
_QUOTED = rb'"(?:[^"\\]++|\\"?+)*+"'
_TOKEN = re.compile(rb'(?:[^ \t"\\]++|\\"?+|' + _QUOTED + rb")*+")
_ROUGH_ITEM = re.compile(rb'(?:[^",\\]++|\\"?+|' + _QUOTED + rb'|")++')
_ITEM = re.compile(rb'([^,"= \t]*+)(?:(=)(' + _QUOTED + rb")?+)?+")
_COMMA = ord(",")
_ENVIRONMENT_NAME = re.compile(rb"[A-Za-z0-9_]+")

# name -> what holds without it, and the first version that knows it
_FLAGS: dict[bytes, tuple[bool, tuple[int, int]]] = {
    b"port-forwarding": (True, (0, 0)),
    b"agent-forwarding": (True, (0, 0)),
    b"x11-forwarding": (True, (0, 0)),
    b"pty": (True, (0, 0)),
    b"user-rc": (True, (0, 0)),
    b"touch-required": (True, (8, 2)),
    b"verify-required": (False, (8, 4)),
}
_DEFAULTS = {name: default for name, (default, _) in _FLAGS.items()}
_RESTRICTED = (b"port-forwarding", b"agent-forwarding", b"x11-forwarding", b"pty", b"user-rc")


def split(line: bytes) -> tuple[bytes, bytes] | None:
    """Cut the options off the start of a line (sshkey_advance_past_options); None for an open quote."""
    match = _TOKEN.match(line)
    end = match.end() if match else 0
    return None if line[end : end + 1] == b'"' else (line[:end], line[end:])


def parse(options: bytes, version: Version) -> Options:
    """Read the options of one line as this version does (sshauthopt_parse in auth-options.c).

    OptionError where sshd would refuse the line. Text that is not UTF-8 is kept as `\\xNN`.
    """
    return _remembered(options, version) if len(options) <= _REMEMBERED_SIZE else _parse(options, version)


def _parse(options: bytes, version: Version) -> Options:
    state = _State(version)
    at, found = 0, []
    while at < len(options):
        match = _ITEM.match(options, at)
        assert match is not None  # every part of it may be empty
        name, equals, value = match.groups()
        name = name.lower()
        if value is not None:
            state.value(name, value[1:-1].replace(b'\\"', b'"'))
        elif equals:
            started = options[match.end() : match.end() + 1] == b'"'
            problem = "is not closed by a quote" if started else "does not stand in double quotes"
            raise OptionError(f"the value of {_shown(name)}= {problem}")
        elif name:
            state.flag(name)
        end = match.end()
        if end < len(options) and options[end] != _COMMA:
            raise OptionError(f"there is something other than a comma behind the option {_shown(name)}")
        if end > at:
            found.append(_text(match[0]))
        at = end + 1
    return state.options(tuple(found))


_remembered = functools.lru_cache(maxsize=16384)(_parse)


def texts(options: bytes) -> tuple[str, ...]:
    """The options one by one, as written, without judging them: for lines that sshd refuses."""
    return tuple(_text(match[0]) for match in _ROUGH_ITEM.finditer(options))


def parse_expiry(value: bytes, version: Version) -> Expiry:
    """Read YYYYMMDD[HHMM[SS]] with an optional Z or UTC (parse_absolute_time in misc.c), or raise OptionError."""
    digits, utc = value, False
    for suffix in (b"Z", b"UTC"):
        if len(value) > len(suffix) and value[-len(suffix) :].upper() == suffix:
            digits, utc = value[: -len(suffix)], True
            break
    if utc and not version.since(9, 1):
        raise OptionError(f"expiry-time with a zone is not known to OpenSSH {version}")
    widths = {8: (4, 2, 2), 12: (4, 2, 2, 2, 2), 14: (4, 2, 2, 2, 2, 2)}.get(len(digits))
    parts, at = [], 0
    for width in widths or ():
        field_ = digits[at : at + width].lstrip(b" ")
        parts.append(int(field_) if field_.isdigit() else -1)
        at += width
    year, month, day, hour, minute, second = (parts + [0] * 6)[:6] if parts else (-1,) * 6
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and 0 <= hour <= 23):
        raise OptionError(f"expiry-time is {_shown(value)}, not a date like 20270630")
    if not (0 <= minute <= 59 and 0 <= second <= 61):
        raise OptionError(f"expiry-time is {_shown(value)}, not a date like 20270630")
    try:  # mktime() takes 31 June as 1 July
        length = timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
        return Expiry(datetime(year, month, 1, tzinfo=UTC) + length, utc)
    except OverflowError:
        return Expiry(datetime.max.replace(tzinfo=UTC), utc)


class _State:
    """The options seen so far."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._flags = _DEFAULTS.copy()
        self._restrict = self._authority = False
        self._once: dict[bytes, str] = {}
        self._sources: Sources | None = None
        self._expires: Expiry | None = None
        self._environment: dict[bytes, bytes] = {}
        self._permits: dict[bytes, list[bytes]] = {b"permitopen": [], b"permitlisten": []}
        self._tunnel: str | None = None

    def flag(self, name: bytes) -> None:
        positive = not name.startswith(b"no-")
        known = _FLAGS.get(name.removeprefix(b"no-"))
        if name == b"cert-authority":
            self._authority = True
        elif name == b"restrict" and self._version.since(7, 2):
            self._restrict = True
            self._flags.update(dict.fromkeys(_RESTRICTED, False))
        elif known is not None and self._version.since(*(max(known[1], (7, 2)) if positive else known[1])):
            self._flags[name.removeprefix(b"no-")] = positive
        else:
            self._unknown(name)

    def value(self, name: bytes, value: bytes) -> None:
        strict = self._version.since(7, 7)  # the parser was rewritten in 7.7
        match name:
            case b"command" | b"principals" | b"from":
                if strict and name in self._once:
                    raise OptionError(f"the option {name.decode()}= is given twice")
                self._once[name] = _text(value)
                if name == b"from":
                    self._judge_sources(_text(value))
            case b"expiry-time" if strict:
                expiry = parse_expiry(value, self._version)
                self._expires = min(self._expires, expiry) if self._expires else expiry
            case b"environment":
                self._add_environment(value, strict)
            case b"permitopen":
                self._add_permit(name, value)
            case b"permitlisten" if self._version.since(7, 8):
                self._add_permit(name, value if b":" in value else b"*:" + value)
            case b"tunnel":
                if value.lower() != b"any" and not _is_number(value, _TUNNEL_MAX):
                    raise OptionError(f"tunnel is {_shown(value)}, neither a number nor any")
                self._tunnel = _text(value)
            case _:
                self._unknown(name)

    def options(self, texts: tuple[str, ...]) -> Options:
        if b"principals" in self._once and not self._authority and self._version.since(7, 7):
            raise OptionError("principals= stands on a key that is no authority")
        lists = {name: tuple(text.split(",")) for name, text in self._once.items() if name != b"command"}
        return Options(
            texts=texts,
            command=self._once.get(b"command"),
            from_patterns=lists.get(b"from"),
            limits_source=self._sources is not None and self._sources.limits,
            names_only=self._sources is not None and self._sources.names_only,
            restrict=self._restrict,
            port_forwarding=self._flags[b"port-forwarding"],
            agent_forwarding=self._flags[b"agent-forwarding"],
            x11_forwarding=self._flags[b"x11-forwarding"],
            pty=self._flags[b"pty"],
            user_rc=self._flags[b"user-rc"],
            touch_required=self._flags[b"touch-required"],
            verify_required=self._flags[b"verify-required"],
            expires=self._expires,
            cert_authority=self._authority,
            principals=lists.get(b"principals"),
            environment=tuple(map(_text, self._environment.values())),
            permitopen=tuple(map(_text, self._permits[b"permitopen"])),
            permitlisten=tuple(map(_text, self._permits[b"permitlisten"])),
            tunnel=self._tunnel,
        )

    def _judge_sources(self, text: str) -> None:
        self._sources = judge(text)
        if self._sources.broken:
            raise OptionError(self._sources.broken)

    def _add_environment(self, value: bytes, strict: bool) -> None:
        name, equals, _ = value.partition(b"=")
        if strict and not (equals and _ENVIRONMENT_NAME.fullmatch(name)):
            raise OptionError("environment= does not hold NAME=value with letters, digits and _ in the name")
        if len(self._environment) > _ENVIRONMENT_MAX:
            raise OptionError(f"there are more than {_ENVIRONMENT_MAX} environment= options")
        self._environment.setdefault(name, value)

    def _add_permit(self, name: bytes, value: bytes) -> None:
        permits = self._permits[name]
        if len(permits) > _PERMIT_MAX:
            raise OptionError(f"there are more than {_PERMIT_MAX} {name.decode()}= options")
        if not _is_permit(value):
            raise OptionError(f"{name.decode()} is {_shown(value)}, not host:port")
        permits.append(value)

    def _unknown(self, name: bytes) -> None:
        raise OptionError(f"the option {_shown(name)} is not known to OpenSSH {self._version}")


def _is_permit(value: bytes) -> bool:
    """True for host:port as handle_permit takes it; a service's name counts as a port (the host may know it)."""
    if value.startswith(b"["):
        host, bracket, rest = value.partition(b"]")
        if not bracket or rest[:1] not in (b":", b"/"):
            return False
        port = rest[1:]
    else:
        match = re.search(rb"[:/]", value)
        if match is None:
            return False
        host, port = value[: match.start()], value[match.end() :]
    if len(host) >= _HOST_MAX:
        return False
    if port == b"*":
        return True
    if port.isdigit():
        return _is_number(port, 65535) and int(port) > 0
    return re.fullmatch(rb"(?=.*[a-z])[a-z0-9][a-z0-9+._-]{0,31}", port) is not None


def _is_number(digits: bytes, most: int) -> bool:
    return digits.isdigit() and len(digits) <= 20 and int(digits) <= most


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _shown(data: bytes) -> str:
    """A piece of the line for a message: short, and with its control characters made visible."""
    cut = data[:40]
    text = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in _text(cut))
    return f'"{text}{"..." if len(data) > len(cut) else ""}"'

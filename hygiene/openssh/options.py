"""The options before a key, as sshd reads them: fail closed, by version."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hygiene.openssh.expiry import Expiry as Expiry
from hygiene.openssh.expiry import parse_expiry
from hygiene.openssh.option_text import OptionError as OptionError
from hygiene.openssh.option_text import shown, text
from hygiene.openssh.sources import Sources, judge
from hygiene.openssh.version import Version


# not frozen, though nothing changes it: a frozen one of so many fields takes three times as long to make
@dataclass(slots=True, unsafe_hash=True)
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
    doubt: str | None = None  # why it cannot be known here whether sshd takes the line


NONE = Options()

_HOST_MAX = 1025  # NI_MAXHOST
_REMEMBERED_SIZE = 1024  # bytes: fleets repeat their options, and a hostile file must not fill the memory
_TUNNEL_MAX = 0x7FFFFFFD  # SSH_TUNID_MAX

# possessive, so that an unclosed quote costs linear time; a backslash escapes a quote and nothing else
_QUOTED = rb'"(?:[^"\\]++|\\"?+)*+"'
_TOKEN = re.compile(rb'(?:[^ \t"\\]++|\\"?+|' + _QUOTED + rb")*+")
_ROUGH_ITEM = re.compile(rb'(?:[^",\\]++|\\"?+|' + _QUOTED + rb'|")++')
_ITEM = re.compile(rb'([^,"= \t]*+)(?:(=)(' + _QUOTED + rb")?+)?+")
_COMMA = ord(",")
_ENVIRONMENT_NAME = re.compile(rb"[A-Za-z0-9_]++")
_PORT = re.compile(rb"[ \t\n\v\f\r]*+([+-]?+)([0-9]++)")

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
_RESTRICTED = dict.fromkeys((b"port-forwarding", b"agent-forwarding", b"x11-forwarding", b"pty", b"user-rc"), False)
_AUTHORITY, _RESTRICT = b"cert-authority", b"restrict"
FLAG_NAMES = frozenset((_AUTHORITY, _RESTRICT, *_FLAGS, *(b"no-" + name for name in _FLAGS)))
VALUE_NAMES = frozenset(
    (b"command", b"environment", b"expiry-time", b"from", b"permitlisten", b"permitopen", b"principals", b"tunnel")
)


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """What differs between versions."""

    version: Version
    flags: Mapping[bytes, tuple[bytes, bool]]  # as written -> its name, and on or off
    strict: bool  # the parser that was written for 7.7: each of command=, from=, principals= once
    environment: re.Pattern[bytes] | None  # of a name; None: anything goes
    environment_max: float  # SSH_AUTHOPT_ENV_MAX
    permit_max: float  # SSH_AUTHOPT_PERMIT_MAX
    services: bool  # a port may be given by name (a2port in misc.c)


@functools.lru_cache(maxsize=64)
def grammar(version: Version) -> Grammar:
    flags: dict[bytes, tuple[bytes, bool]] = {_AUTHORITY: (_AUTHORITY, True)}
    for name, (_, since) in _FLAGS.items():
        if version.since(*since):
            flags[b"no-" + name] = (name, False)
        if version.since(*max(since, (7, 2))):
            flags[name] = (name, True)
    if version.since(7, 2):
        flags[_RESTRICT] = (_RESTRICT, True)
    environment = None
    if version.since(7, 9):
        environment = _ENVIRONMENT_NAME
    elif version.since(7, 7):
        environment = re.compile(rb"[A-Za-z0-9_]*+" if version.since(7, 8) else rb"[A-Za-z0-9]*+")
    return Grammar(
        version,
        flags,
        strict=version.since(7, 7),
        environment=environment,
        environment_max=1024 if version.since(8, 7) else float("inf"),
        permit_max=4096 if version.since(8, 1) else float("inf"),
        services=version.since(7, 9),
    )


def split(line: bytes) -> tuple[bytes, bytes] | None:
    """Cut the options off the start of a line (sshkey_advance_past_options); None for an open quote."""
    match = _TOKEN.match(line)
    end = match.end() if match else 0
    return None if line[end : end + 1] == b'"' else (line[:end], line[end:])


def parse(options: bytes, version: Version) -> Options:
    """Read the options of one line as this version does (sshauthopt_parse in auth-options.c).

    OptionError where sshd would refuse the line. Text that is not UTF-8 is kept as `\\xNN`.
    """
    by = grammar(version)
    return _remembered(options, by) if len(options) <= _REMEMBERED_SIZE else read(options, by)


def read(options: bytes, grammar: Grammar) -> Options:
    """As `parse`, for those who remember themselves what they have read."""
    state = _State(grammar)
    at, end, size, found = 0, 0, len(options), []
    while at < size:
        match = _ITEM.match(options, at)
        assert match is not None  # every part of it may be empty
        name, equals, value = match.groups()
        name = name.lower()
        end = match.end()
        if value is not None:
            state.value(name, value[1:-1].replace(b'\\"', b'"'))
        elif equals:
            problem = (
                "is not closed by a quote" if options[end : end + 1] == b'"' else "does not stand in double quotes"
            )
            raise OptionError(f"the value of {shown(name)}= {problem}")
        elif name:
            state.flag(name)
        if end < size and options[end] != _COMMA:
            raise OptionError(f"there is something other than a comma behind the option {shown(name)}")
        if end > at:
            found.append(text(match[0]))
        at = end + 1
    return state.options(tuple(found))


_remembered = functools.lru_cache(maxsize=4096)(read)
_judged = functools.lru_cache(maxsize=4096)(judge)


def forget() -> None:
    """Keep nothing any longer of what was read."""
    _remembered.cache_clear()
    _judged.cache_clear()


def texts(options: bytes) -> tuple[str, ...]:
    """The options one by one, as written, without judging them: for lines that sshd refuses."""
    return tuple(text(match[0]) for match in _ROUGH_ITEM.finditer(options))


class _State:
    """The options seen so far."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._flags = _DEFAULTS.copy()
        self._restrict = self._authority = False
        self._once: dict[bytes, str] = {}
        self._sources: Sources | None = None
        self._expires: Expiry | None = None
        self._environment: dict[bytes, bytes] | None = None
        self._permits: dict[bytes, list[bytes]] = {}
        self._tunnel: str | None = None
        self._doubt: str | None = None

    def flag(self, name: bytes) -> None:
        known = self._grammar.flags.get(name)
        if known is None:
            self._unknown(name)
        elif known[0] in self._flags:
            self._flags[known[0]] = known[1]
        elif name == _AUTHORITY:
            self._authority = True
        else:
            self._restrict = True
            self._flags.update(_RESTRICTED)

    def value(self, name: bytes, value: bytes) -> None:
        grammar = self._grammar
        match name:
            case b"command" | b"principals" | b"from":
                if grammar.strict and name in self._once:
                    raise OptionError(f"the option {name.decode()}= is given twice")
                read_ = text(value)
                if name == b"from":
                    self._judge_sources(read_)
                self._once[name] = read_
            case b"expiry-time" if grammar.strict:
                expiry = parse_expiry(value, grammar.version)
                self._expires = min(self._expires, expiry) if self._expires else expiry
            case b"environment":
                self._add_environment(value)
            case b"permitopen":
                self._add_permit(name, value)
            case b"permitlisten" if grammar.version.since(7, 8):
                self._add_permit(name, value if b":" in value else b"*:" + value)
            case b"tunnel":
                if value.lower() != b"any" and not 0 <= _number(value) <= _TUNNEL_MAX:
                    raise OptionError(f"tunnel is {shown(value)}, neither a number nor any")
                self._tunnel = text(value)
            case _:
                self._unknown(name)

    def options(self, found: tuple[str, ...]) -> Options:
        once, flags = self._once, self._flags
        if b"principals" in once and not self._authority and self._grammar.strict:
            raise OptionError("principals= stands on a key that is no authority")
        sources = self._sources
        return Options(
            texts=found,
            command=once.get(b"command"),
            from_patterns=tuple(once[b"from"].split(",")) if sources is not None else None,
            limits_source=sources is not None and sources.limits,
            names_only=sources is not None and sources.names_only,
            restrict=self._restrict,
            port_forwarding=flags[b"port-forwarding"],
            agent_forwarding=flags[b"agent-forwarding"],
            x11_forwarding=flags[b"x11-forwarding"],
            pty=flags[b"pty"],
            user_rc=flags[b"user-rc"],
            touch_required=flags[b"touch-required"],
            verify_required=flags[b"verify-required"],
            expires=self._expires,
            cert_authority=self._authority,
            principals=tuple(once[b"principals"].split(",")) if b"principals" in once else None,
            environment=tuple(map(text, self._environment.values())) if self._environment else (),
            permitopen=tuple(map(text, self._permits.get(b"permitopen", ()))),
            permitlisten=tuple(map(text, self._permits.get(b"permitlisten", ()))),
            tunnel=self._tunnel,
            doubt=self._doubt,
        )

    def _judge_sources(self, patterns: str) -> None:
        sources = _judged(patterns) if len(patterns) <= _REMEMBERED_SIZE else judge(patterns)
        if sources.broken:
            raise OptionError(sources.broken)
        before = self._sources
        if before is not None and before.limits and sources.limits and patterns != self._once[b"from"]:
            self._doubt = f"there are two from=, and OpenSSH {self._grammar.version} asks that both match"
        if before is None or sources.limits:
            self._sources = sources

    def _add_environment(self, value: bytes) -> None:
        name, equals, _ = value.partition(b"=")
        rule = self._grammar.environment
        if rule is not None and not (equals and rule.fullmatch(name)):
            raise OptionError("environment= does not hold NAME=value with letters, digits and _ in the name")
        if self._environment is None:
            self._environment = {}
        if len(self._environment) > self._grammar.environment_max:
            raise OptionError(f"there are more than {self._grammar.environment_max} environment= options")
        self._environment.setdefault(name, value)

    def _add_permit(self, name: bytes, value: bytes) -> None:
        permits = self._permits.setdefault(name, [])
        if len(permits) > self._grammar.permit_max:
            raise OptionError(f"there are more than {self._grammar.permit_max} {name.decode()}= options")
        port = _port_of(value)
        if port is None or not (port == b"*" or 0 < _number(port) <= 65535):
            if port is None or not self._grammar.services or not _SERVICE.fullmatch(port):
                raise OptionError(f"{name.decode()} is {shown(value)}, not host:port")
            self._doubt = f"{name.decode()} names the service {shown(port)}, and the host's list of them was not seen"
        permits.append(value)

    def _unknown(self, name: bytes) -> None:
        raise OptionError(f"the option {shown(name)} is not known to OpenSSH {self._grammar.version}")


# what may stand in /etc/services, where a2port looks a port up that is no number
_SERVICE = re.compile(rb"(?=[^a-zA-Z]*+[a-zA-Z])[!-\"$-~]{1,64}")


def _port_of(value: bytes) -> bytes | None:
    """The port of host:port as handle_permit finds it (hpdelim2 in misc.c); None where that fails."""
    if value.startswith(b"["):
        host, bracket, rest = value.partition(b"]")
        host += bracket
        if not bracket or rest[:1] not in (b":", b"/"):
            return None
        port = rest[1:]
    else:
        match = re.search(rb"[:/]", value)
        if match is None:
            return None
        host, port = value[: match.start()], value[match.end() :]
    return port if len(host) < _HOST_MAX else None


def _number(text: bytes) -> int:
    """The number as strtonum() reads it, with blanks and a sign before it; -1 where it is none."""
    match = _PORT.fullmatch(text)
    if match is None or len(match[2].lstrip(b"0")) > 19:
        return -1
    number = int(match[2].lstrip(b"0") or b"0")
    return number if match[1] != b"-" or number == 0 else -1

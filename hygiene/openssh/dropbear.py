"""authorized_keys as dropbear reads it, which takes less than OpenSSH in some places, and more in others."""

from __future__ import annotations

import binascii
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hygiene.model import Cause
from hygiene.openssh import authorized_keys, keys, marks, options
from hygiene.openssh.authorized_keys import Content, Line
from hygiene.openssh.key_text import BLANK, NO_KEY, Found
from hygiene.openssh.keys import KeyFormatError, Reading
from hygiene.openssh.option_text import OptionError, shown, text
from hygiene.openssh.options import Options
from hygiene.openssh.wire import string

Release = tuple[int, int]  # year and count

# each the last before something changed: one of them takes what any takes
_RELEASES: tuple[Release, ...] = ((2026, 94), (2026, 91), (2022, 82), (2018, 76), (2017, 75))
_BANNER = re.compile(r"(?:SSH-2\.0-)?dropbear_(\d{4})\.(\d{2,3})(?!\d)")
_SHORTEST = 10  # MIN_AUTHKEYS_LINE
_SHORTEST_WITH_KEY = 76  # `ed25519 ` and base64, as an old OpenSSH takes it
_END = re.compile(rb"[\r\n]")
_QUOTED = re.compile(rb'(?:[^ \t"]++|"[^"]*+")*+')  # a backslash does not keep a quote from ending
_COMMAND = re.compile(rb'((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_PORT = re.compile(rb"[ \t\n\v\f\r]*+(?:\+|(-))?+([0-9]++)")  # strtoul()

# name -> since when, and what it switches off
_FLAGS: dict[bytes, tuple[Release, tuple[str, ...]]] = {
    b"no-port-forwarding": ((0, 0), ("port_forwarding",)),
    b"no-agent-forwarding": ((0, 0), ("agent_forwarding",)),
    b"no-x11-forwarding": ((0, 0), ("x11_forwarding",)),
    b"no-pty": ((0, 0), ("pty",)),
    b"restrict": ((2022, 82), ("port_forwarding", "agent_forwarding", "x11_forwarding", "pty")),
    b"no-touch-required": ((2022, 83), ("touch_required",)),
    b"verify-required": ((2022, 83), ()),
}
_VALUES: dict[bytes, Release] = {b"command": (0, 0), b"permitopen": (2022, 83), b"permitlisten": (2026, 90)}


@dataclass(frozen=True, slots=True)
class _Rules:
    """What differs between releases; builds may leave out more."""

    release: Release
    types: re.Pattern[bytes]
    least_rsa_bits: int  # MIN_RSA_KEYLEN
    line_max: int  # MAX_AUTHKEYS_LINE
    bounded: bool  # the file ends at a line of 10,000 bytes, and behind 300 lines

    @property
    def name(self) -> str:
        return f"dropbear {self.release[0]}.{self.release[1]}"


def release(banner: str) -> Release | None:
    """The release that an SSH identification names; None when it is not dropbear's."""
    match = _BANNER.match(banner[:200].strip())
    return (int(match[1]), int(match[2])) if match else None


def parse(data: bytes, of: Release | None) -> Iterator[Line]:
    """Read a file: one item for each line that is neither blank nor a comment, dead ones too.

    Follows checkpubkey_line in svr-authpubkey.c. A carriage return ends a line as well, so one number may come twice.
    With `of` None a line lives when any release takes it.
    """
    if of is not None:
        yield from _parse(data, _rules(of))
        return
    found: dict[int, list[list[Line]]] = {}
    for each in _RELEASES:
        for number, lines in itertools.groupby(_parse(data, _rules(each)), lambda line: line.number):
            found.setdefault(number, []).append(list(lines))
    for number in sorted(found):
        yield from next((it for it in found[number] if any(line.dead is None for line in it)), found[number][0])


def _rules(of: Release) -> _Rules:
    types = [b"ssh-rsa", b"ecdsa-sha2-nistp256", b"ecdsa-sha2-nistp384", b"ecdsa-sha2-nistp521"]
    if of < (2022, 83):
        types.append(b"ssh-dss")  # DROPBEAR_DSS, which later is off
    if of >= (2020, 79):
        types.append(b"ssh-ed25519")
    if of >= (2022, 82):
        types += [b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"]
    bounded = of >= (2026, 92)
    return _Rules(
        of,
        re.compile(b"(" + b"|".join(map(re.escape, types)) + b") ([^ ]++)"),
        1024 if of >= (2018, 76) else 512,
        3000 if bounded else 4199,
        bounded,
    )


def _parse(data: bytes, by: _Rules) -> Iterator[Line]:
    number, at, count = 1, 0, 0
    while at <= len(data):
        match = _END.search(data, at)
        end = match.start() if match else len(data)
        yield from _one(data[at:end], number, count, by)
        count += 1
        if by.bounded and end - at >= 10_000:
            count = 300
        number += data[end : end + 1] == b"\n"
        at = end + 1


def _one(line: bytes, number: int, before: int, by: _Rules) -> Iterator[Line]:
    """What becomes of one line; a line that is too long went on as the next one, up to 2026.91."""
    start = 0
    while not by.bounded and len(line) - start > by.line_max:
        yield Line(number, _dead(f"{by.name} passes over so many bytes without a line end"))
        start += by.line_max + 1
    line = line[start:]
    content = _read(line, by)
    if content is None:
        return
    if by.bounded and before >= 300:
        content = replace(content, dead=f"{by.name} reads 300 lines, and none of more than 10,000 bytes or behind it")
    elif len(line) > by.line_max:
        content = replace(content, dead=f"the line is longer than {by.line_max} bytes, which {by.name} passes over")
    if content.dead is not None:
        content = replace(content, cause=_cause(line))
    yield Line(number, content)


def _dead(reason: str) -> Content:
    return Content(dead=reason, cause=Cause.TYPO)


def _cause(line: bytes) -> Cause:
    """A line that OpenSSH or another release takes is no typo."""
    if len(line) < _SHORTEST_WITH_KEY:
        return Cause.TYPO
    if any(other.dead is None for other in authorized_keys.parse(line, None)):
        return Cause.VERSION
    others = (_read(line, _rules(each)) for each in _RELEASES)
    return Cause.VERSION if any(other is not None and other.dead is None for other in others) else Cause.TYPO


def _read(line: bytes, by: _Rules) -> Content | None:
    """One line; None when it is blank or a comment."""
    stripped = line.lstrip(b" \t")
    if not stripped.strip(BLANK) or stripped.startswith(b"#"):
        return None
    if len(line) < _SHORTEST:
        return _dead(NO_KEY)
    if b"\0" in line:
        return _dead(f"there is a NUL byte in the line, which {by.name} passes over")
    raw, at = b"", 0
    match = by.types.match(line)
    if match is None:
        cut = _QUOTED.match(stripped)
        raw = cut[0] if cut else b""
        at = len(line) - len(stripped) + len(raw) + 1  # one blank, and no more
        match = by.types.match(line, at)
        if match is None:
            return _dead(_why_none(line, by))
    reading = _decoded(match[2], match[1])
    if isinstance(reading, str):
        return _dead(reading)
    comment = line[match.end() :].strip(BLANK).decode("utf-8", "backslashreplace") or None
    dead = None
    try:
        read = _options(raw, by)
    except OptionError as error:
        read, dead = Options(texts=options.texts(raw)), str(error)
    if reading.key.n is not None and reading.key.bits < by.least_rsa_bits:
        dead = f"the RSA key has {reading.key.bits} bits, fewer than the {by.least_rsa_bits} that {by.name} needs"
    if dead is None and not reading.canonical:
        read = replace(read, doubt="the key stands in other bytes than clients send, which dropbear compares")
    found = Found(reading, match[1], match[2], b" ", match.end() - at)
    odd = marks.of(at, line[match.end() :], found, read, dead is None)
    return Content(reading.key, read, comment, dead, None, odd)


def _why_none(line: bytes, by: _Rules) -> str:
    lives = [it for it in authorized_keys.parse(line, None) if it.key is not None]
    if not lives or lives[0].key is None:
        return NO_KEY
    if lives[0].key.type not in by.types.pattern.decode("latin-1").replace("\\", ""):
        return f"{by.name} does not know the type {lives[0].key.type}"
    return f"blanks, tabs, quotes or the name of its type keep {by.name} from the key, which OpenSSH finds"


def _decoded(token: bytes, name: bytes) -> Reading | str:
    """Decode base64 as libtomcrypt's base64_decode does, which passes over all that is none, padding too."""
    digits = token.translate(None, _NOT_BASE64)
    if len(digits) % 4 == 1:
        return "the base64 of the key has a wrong length"
    blob = binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
    try:
        reading = keys.inspect(blob)
    except KeyFormatError as error:
        return str(error)
    return reading if blob.startswith(string(name)) else "the key is of another type than the line says"


def _options(raw: bytes, by: _Rules) -> Options:
    """Read the options (svr_parse_pubkey_options in svr-authpubkeyoptions.c), or raise OptionError."""
    off: set[str] = set()
    lists: dict[bytes, list[str]] = {b"permitopen": [], b"permitlisten": []}
    command: str | None = None
    found: list[str] = []
    at = 0
    while at < len(raw):
        start = at
        name, at = _name(raw, at, by)
        if name in _FLAGS:
            off.update(_FLAGS[name][1])
        elif name == b"command":
            match = _COMMAND.match(raw, at)
            if match is None or command is not None:
                raise OptionError("command= is given twice, or not closed by a quote")
            command, at = text(match[1]), match.end()
        elif name:
            value, quote, _ = raw[at:].partition(b'"')
            if not quote or not _is_permit(name, value, by):
                raise OptionError(f"{name.decode()} is {shown(value)}, which {by.name} does not take")
            lists[name].append(text(value))
            at += len(value) + 1
        if at < len(raw) and raw[at] != ord(","):
            raise OptionError(f"the option {shown(raw[start:].partition(b',')[0])} is not known to {by.name}")
        if at > start:
            found.append(text(raw[start:at]))
        at += 1
    return Options(
        texts=tuple(found),
        command=command,
        restrict=any(one.lower() == "restrict" for one in found),
        verify_required=any(one.lower() == "verify-required" for one in found),
        permitopen=tuple(lists[b"permitopen"]),
        permitlisten=tuple(lists[b"permitlisten"]),
        port_forwarding="port_forwarding" not in off,
        agent_forwarding="agent_forwarding" not in off,
        x11_forwarding="x11_forwarding" not in off,
        pty="pty" not in off,
        touch_required="touch_required" not in off,
    )


def _name(raw: bytes, at: int, by: _Rules) -> tuple[bytes, int]:
    """The option that begins here, and where it or the quote behind it ends; an empty name for none."""
    low = raw[at : at + 32].lower()
    for name, since in _VALUES.items():
        if by.release >= since and low.startswith(name + b'="'):
            return name, at + len(name) + 2
    for name, (since, _) in _FLAGS.items():
        if by.release >= since and low.startswith(name):
            return name, at + len(name)
    return b"", at


def _is_permit(name: bytes, value: bytes, by: _Rules) -> bool:
    host, colon, port = value.rpartition(b":")
    if name == b"permitopen":
        if not colon or not host:
            return False
        if port == b"*":
            return True
    match = _PORT.fullmatch(port if name == b"permitopen" else value)
    if match is None:
        return False
    # m_str_to_uint in dbutil.c; ports were not compared with 65,535 before
    most = 65535 if by.release >= (2026, 92) else 2**32 - 1
    digits = match[2].lstrip(b"0")
    return not digits or (not match[1] and len(digits) <= 10 and int(digits) <= most)

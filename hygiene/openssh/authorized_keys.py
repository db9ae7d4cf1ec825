"""authorized_keys as sshd reads it: which lines hold a key that can log in, and with what restrictions."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hygiene.openssh import keys, options
from hygiene.openssh.keys import NAMES, SHORT_NAMES, Form, KeyFormatError, PublicKey
from hygiene.openssh.options import OptionError, Options
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is neither blank nor a comment."""

    number: int  # 1 is the first
    key: PublicKey | None  # None when nothing in the line decodes as one
    options: Options  # of a line whose options sshd refuses, `texts` alone
    comment: str | None
    dead: str | None  # why no sshd of this version takes anything from this line; None when it does


_Release = tuple[int, int]

# the first version that knows a type, and the first that no longer does
_LIVES: dict[bytes, tuple[_Release, _Release | None]] = {
    b"ssh-dss": ((0, 0), (10, 0)),
    b"ssh-ed25519": ((6, 5), None),
    b"sk-ssh-ed25519@openssh.com": ((8, 2), None),
    b"sk-ecdsa-sha2-nistp256@openssh.com": ((8, 2), None),
    b"ssh-mldsa44-ed25519@openssh.com": ((10, 4), None),
}
_NAME_SINCE: dict[bytes, _Release] = {
    b"rsa-sha2-256": (7, 2),
    b"rsa-sha2-512": (7, 2),
    b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com": (8, 4),
}
_LINE_MAX = 16384  # bytes with the line end, before 7.8: SSH_MAX_PUBKEY_BYTES
_REMEMBERED_SIZE = 1024  # bytes: an RSA key of 4096 bits with its comment has 750
_REMEMBERED = 16384  # lines, and keys: what a hostile fleet can make us hold stays below 64 MB each
_HASH = ord("#")
_BLANK = b" \t\n\v\f\r"
_TYPE_AND_KEY = re.compile(rb"([^ \t]++)[ \t]++([^ \t]++)")
_OLD_TYPE_AND_KEY = re.compile(rb"([^ ]*+) ([^ ]++)")


@dataclass(frozen=True, slots=True)
class _Rules:
    """What differs between versions before the options are looked at."""

    version: Version
    names: Mapping[bytes, Form]  # as the type of a line
    type_and_key: re.Pattern[bytes]
    short_names: bool
    getline: bool  # no limit of a line's length, and a NUL only ends the text
    least_rsa_bits: int


@functools.lru_cache(maxsize=64)
def _rules(version: Version) -> _Rules:
    names = {}
    for name, form in NAMES.items():
        since, until = _LIVES.get(form.plain, ((0, 0), None))
        if version.since(*max(since, _NAME_SINCE.get(name, since))) and not (until and version.since(*until)):
            names[name] = form
    modern = version.since(7, 7)  # sshkey_read was rewritten
    return _Rules(
        version,
        names,
        _TYPE_AND_KEY if modern else _OLD_TYPE_AND_KEY,
        short_names=not modern,
        getline=version.since(7, 8),
        least_rsa_bits=1024 if version.since(7, 6) else 768,  # SSH_RSA_MINIMUM_MODULUS_SIZE
    )


# every verdict is given by at least one of these; newest first, and 9.9 is the last that knows ssh-dss
_ANY_VERSION = (Version(10, 5), Version(9, 9), Version(7, 6))


@dataclass(frozen=True, slots=True)
class _Content:
    """A line without its number: equal lines are read once."""

    key: PublicKey | None
    options: Options
    comment: str | None
    dead: str | None


def parse(data: bytes, version: Version | None) -> Iterator[Line]:
    """Read a file: one item for each line that is neither blank nor a comment, in order, dead ones too.

    Follows auth_check_authkeys_file in auth2-pubkeyfile.c. With `version` None a line lives when any version takes
    it. Nothing here raises on bad input.
    """
    remembered = _reader(version)
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.strip(_BLANK)
        if not text or (text[0] == _HASH and line.lstrip(b" \t")[0] == _HASH):
            continue
        content = remembered(line) if len(line) <= _REMEMBERED_SIZE else _read(line, version)
        yield Line(number, content.key, content.options, content.comment, content.dead)


def _read(line: bytes, version: Version | None) -> _Content:
    if version is not None:
        return _read_as(line, _rules(version))
    first = _read_as(line, _rules(_ANY_VERSION[0]))
    if first.dead:
        for other in _ANY_VERSION[1:]:
            content = _read_as(line, _rules(other))
            if not content.dead:
                return content
    return first


@functools.lru_cache(maxsize=8)
def _reader(version: Version | None) -> Callable[[bytes], _Content]:
    """The function that reads a line as this version does, each distinct line once."""
    return functools.lru_cache(maxsize=_REMEMBERED)(functools.partial(_read, version=version))


def _read_as(line: bytes, rules: _Rules) -> _Content:
    if not rules.getline:
        if b"\0" in line:
            return _skipped(line, f"there is a NUL byte in the line, which OpenSSH {rules.version} skips")
        if len(line) >= _LINE_MAX:
            return _skipped(line, f"the line is longer than {_LINE_MAX} bytes, which OpenSSH {rules.version} skips")
    text = line.partition(b"\0")[0].lstrip(b" \t")
    if not text:
        return _Content(None, options.NONE, None, "the line starts with a NUL byte")
    raw = b""
    found = _find_key(text, rules)
    if isinstance(found, str):
        first = found
        cut = options.split(text)
        if cut is None:
            return _Content(None, options.NONE, None, "a double quote in the options is not closed")
        raw, rest = cut
        found = _find_key(rest.lstrip(b" \t"), rules)
        if isinstance(found, str):
            # a line that starts with a type was meant to have no options
            return _Content(None, options.NONE, None, first if raw in NAMES else found)
    key, behind = found
    comment = behind.strip(_BLANK).decode("utf-8", "backslashreplace") or None
    try:
        read = options.parse(raw, rules.version) if raw else options.NONE
    except OptionError as error:
        return _Content(key, Options(texts=options.texts(raw)), comment, str(error))
    return _Content(key, read, comment, _why_dead(key, rules))


def _find_key(text: bytes, rules: _Rules) -> tuple[PublicKey, bytes] | str:
    """Read `type key` at the start of text (sshkey_read in sshkey.c): the key and what is behind it, or why not."""
    match = rules.type_and_key.match(text)
    if match is None:
        return "there is no key behind its type" if text.strip(_BLANK) in NAMES else _NO_KEY
    name = match[1]
    form = rules.names.get(name) or (SHORT_NAMES.get(name.lower()) if rules.short_names else None)
    if form is None:
        known = NAMES.get(name)
        return f"OpenSSH {rules.version} does not know the type {name.decode()}" if known else _NO_KEY
    token = match[2]
    key = (_decode_remembered if len(token) <= _REMEMBERED_SIZE else _decode)(token)
    if isinstance(key, str):
        return key
    if NAMES[key.type.encode()] != form:
        return "the key is of another type than the line says"
    return key, text[match.end() :]


_NO_KEY = "there is no key in the line"


def _decode(token: bytes) -> PublicKey | str:
    try:
        return keys.decode(keys.unbase64(token))
    except KeyFormatError as error:
        return str(error)


_decode_remembered = functools.lru_cache(maxsize=_REMEMBERED)(_decode)


def _why_dead(key: PublicKey, rules: _Rules) -> str | None:
    if key.is_certificate:
        # sshkey_equal compares the offered key, or the authority of an offered certificate: both are plain keys
        return "a certificate in this file lets nobody in"
    if key.n is not None and key.bits < rules.least_rsa_bits:
        return f"the RSA key has {key.bits} bits, fewer than the {rules.least_rsa_bits} that sshd needs"
    return None


def _skipped(line: bytes, reason: str) -> _Content:
    """A line that an old sshd skips: its key is shown where a new one would find it."""
    content = _read_as(line, _rules(_ANY_VERSION[1]))
    return _Content(content.key, Options(texts=content.options.texts), content.comment, reason)

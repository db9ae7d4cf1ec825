"""A public key written as `type base64`, as sshkey_read in sshkey.c reads it: by version."""

from __future__ import annotations

import binascii
import functools
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hygiene.openssh import keys
from hygiene.openssh.keys import NAMES, SHORT_NAMES, Form, KeyFormatError, Reading
from hygiene.openssh.remembered import Budget, Remembered
from hygiene.openssh.version import Version

BLANK = b" \t\n\v\f\r"
NO_KEY = "there is no key in the line"

_Release = tuple[int, int]
# the first version that knows a type, and the first that no longer does
_LIVES: dict[bytes, tuple[_Release, _Release | None]] = {
    b"ssh-dss": ((0, 0), (9, 8)),  # from then on left out unless built with --enable-dsa-keys, and gone in 10.0
    b"ssh-ed25519": ((6, 5), None),
    b"sk-ssh-ed25519@openssh.com": ((8, 2), None),
    b"sk-ecdsa-sha2-nistp256@openssh.com": ((8, 2), None),
    b"ssh-mldsa44-ed25519@openssh.com": ((10, 4), None),
}
_NAME_SINCE: dict[bytes, _Release] = {
    b"rsa-sha2-256": (7, 2),
    b"rsa-sha2-512": (7, 2),
    b"rsa-sha2-256-cert-v01@openssh.com": (7, 8),
    b"rsa-sha2-512-cert-v01@openssh.com": (7, 8),
    b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com": (8, 4),
    b"webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": (10, 3),
}
# before 7.7, when sshkey_read was rewritten: one blank and no tab, and the comment begins at the next blank
_TYPE_AND_KEY = re.compile(rb"([^ \t]++)[ \t]++([^ \t]++)")
_OLD_TYPE_AND_KEY = re.compile(rb"([^ ]*+) ([^ ]++)")
_REMEMBERED_SIZE = 1024  # bytes: an RSA key of 4096 bits has 724
_SPLIT_MAX = 1 << 20  # bytes that are cut into lines at once
_LINE_MAX, _OLD_LINE_MAX = 16384, 8192  # SSH_MAX_PUBKEY_BYTES from 7.2 on, and before


NEWEST = Version(10, 5)
# versions that took something last, newest first: one of them or the newest takes each line that any version takes.
# 9.8 short names in a key; 9.7 ssh-dss; 9.0 expiry-time with more behind it; 8.6, 8.0 any number of environment= and
# permitopen=; 7.8 environment= without a name; 7.6 the first parser; 7.5 RSA below 1024 bits
LAST = tuple(Version(*it) for it in ((9, 8), (9, 7), (9, 0), (8, 6), (8, 0), (7, 8), (7, 6), (7, 5)))
# versions that took something first, oldest first
FIRST = tuple(Version(*it) for it in ((7, 7), (7, 8), (7, 9), (8, 2), (8, 4), (9, 1), (10, 3), (10, 4)))


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between versions before the options are looked at."""

    version: Version
    names: Mapping[bytes, Form]  # as the type of a line
    old_names: Mapping[bytes, Form]  # short ones in any case of letters
    type_and_key: re.Pattern[bytes]
    getline: bool  # no limit of a line's length, and a NUL only ends the text
    line_max: int  # bytes of the buffer for a line, where there is one
    least_rsa_bits: int  # SSH_RSA_MINIMUM_MODULUS_SIZE
    takes_short_inside: bool
    takes_edge_points: bool
    usual: re.Pattern[bytes]  # a line as ssh-keygen and people write it: type, or options and type; base64; comment


@functools.lru_cache(maxsize=64)
def rules(version: Version) -> Rules:
    names = {}
    for name, form in NAMES.items():
        since, until = _LIVES.get(form.plain, ((0, 0), None))
        if version.since(*max(since, _NAME_SINCE.get(name, since))) and not (until and version.since(*until)):
            names[name] = form
    modern = version.since(7, 7)
    return Rules(
        version,
        names,
        {} if modern else {name: form for name, form in SHORT_NAMES.items() if form.name in names},
        _TYPE_AND_KEY if modern else _OLD_TYPE_AND_KEY,
        getline=version.since(7, 8),
        line_max=_LINE_MAX if version.since(7, 2) else _OLD_LINE_MAX,
        least_rsa_bits=1024 if version.since(7, 6) else 768,
        takes_short_inside=not version.since(9, 9),
        takes_edge_points=version.since(10, 3),
        usual=_usual([name for name, form in names.items() if form.name == name and not form.cert]),
    )


def _usual(names: Iterable[bytes]) -> re.Pattern[bytes]:
    types = b"|".join(map(re.escape, names))
    options = rb'(?!#)(?:[^ \t"\\\0]++|"[^"\\\0]*+")++'
    return re.compile(
        rb"(?:(" + types + rb")|(" + options + rb") (" + types + rb")) (AAAA[A-Za-z0-9+/]++={0,2}+)(?: ([^\0]*+))?+"
    )


@dataclass(slots=True)
class Found:
    """A key in a text, and where."""

    reading: Reading
    name: bytes  # the type as written
    token: bytes  # the base64 as written
    gap: bytes  # between them
    end: int  # behind the base64


def find_key(text: bytes, by: Rules) -> Found | str:
    """Read `type key` at the start of a text: the key and where it ends, or why there is none."""
    match = by.type_and_key.match(text)
    if match is None:
        return "there is no key behind its type" if text.strip(BLANK) in NAMES else NO_KEY
    name, token = match.groups()
    form = by.names.get(name) or (by.old_names.get(name.lower()) if by.old_names else None)
    if form is None:
        known = NAMES.get(name)
        return f"OpenSSH {by.version} does not know the type {name.decode()}" if known else NO_KEY
    reading = read_key(token)
    if isinstance(reading, str):
        return reading
    if reading.form is not form:
        return "the key is of another type than the line says"
    return Found(reading, name, token, text[len(name) : match.start(2)], match.end())


def why_refused(reading: Reading, by: Rules) -> str | None:
    """Why this version does not decode a key that others do; None when it does."""
    key = reading.key
    if key.n is not None and key.bits < by.least_rsa_bits:
        return f"the RSA key has {key.bits} bits, fewer than the {by.least_rsa_bits} that sshd needs"
    if reading.short_name and not by.takes_short_inside:
        return f"the key names its type in short, which OpenSSH {by.version} does not know"
    if reading.edge_point and not by.takes_edge_points:
        return f"the point of the key is too near the edge of the curve for OpenSSH {by.version}"
    return None


def lines(data: bytes, by: Rules | None) -> Iterable[tuple[bytes, str | None]]:
    """The lines of a file, and for those that sshd does not see why not; with `by` None it sees all of them.

    Before 7.8 a NUL byte hides the end of its line, and what is read as the rest of that line is the next one
    (read_keyfile_line in misc.c).
    """
    if by is not None and not by.getline and (b"\0" in data or len(data) >= by.line_max - 1):
        return _old_lines(data, by)
    if len(data) > _SPLIT_MAX:
        return ((line.removesuffix(b"\n"), None) for line in io.BytesIO(data))
    return zip(data.split(b"\n"), itertools.repeat(None), strict=False)


def _old_lines(data: bytes, by: Rules) -> Iterator[tuple[bytes, str | None]]:
    most = by.line_max - 2  # fgets() wants room for the line end and a NUL
    too_long = f"the line is longer than {most} bytes, which OpenSSH {by.version} skips"
    with_nul = f"there is a NUL byte in the line, which OpenSSH {by.version} skips"
    behind = f"OpenSSH {by.version} skips the line behind one with a NUL byte"
    discarding = False
    for line in io.BytesIO(data):
        text = line.removesuffix(b"\n")
        while len(text) > most and text.startswith(b"\0") and not discarding:
            text = text[most + 1 :]  # a full buffer that seems empty is skipped, and the rest is the next line
        if discarding:
            discarding = False
            yield text, behind
        elif len(text) > most:
            yield text, too_long
        elif b"\0" in text and line.endswith(b"\n") and not text.startswith(b"\0"):
            discarding = True
            yield text, with_nul
        else:
            yield text, None


budget = Budget(32 << 20)
_readings: Remembered[bytes, Reading | str] = Remembered(budget)


def forget() -> None:
    """Keep no key any longer."""
    budget.clear()


def read_key(token: bytes) -> Reading | str:
    """Read the base64 of a key, or say why it is none; each is decoded once."""
    known = _readings.young.get(token)
    if known is not None:
        return known
    charge = 3 * len(token) + 800
    known = _readings.older(token, charge)
    if known is not None:
        return known
    try:
        reading: Reading | str = keys.inspect(_decoded(token))
    except KeyFormatError as error:
        reading = str(error)
    if len(token) <= _REMEMBERED_SIZE:
        _readings.put(token, reading, charge)
    return reading


def _decoded(token: bytes) -> bytes:
    try:
        blob = binascii.a2b_base64(token)
    except binascii.Error:
        return keys.unbase64(token)
    # a2b_base64 passes over what it does not know
    return blob if binascii.b2a_base64(blob, newline=False) == token else keys.unbase64(token)

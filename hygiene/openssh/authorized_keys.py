"""authorized_keys as sshd reads it: which lines hold a key that can log in, and with what restrictions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hygiene.model import Cause
from hygiene.openssh import key_text, marks, options
from hygiene.openssh.key_text import BLANK, FIRST, LAST, NEWEST, Found, Rules, find_key, lines, rules
from hygiene.openssh.keys import NAMES, PublicKey, Reading
from hygiene.openssh.options import OptionError, Options
from hygiene.openssh.remembered import Budget, Remembered
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class Content:
    """What sshd makes of a line, whatever its number: equal lines share one."""

    key: PublicKey | None = None  # None when nothing in the line decodes as one
    options: Options = options.NONE  # of a line whose options sshd refuses, `texts` alone
    comment: str | None = None
    dead: str | None = None  # why no sshd of this version takes anything from this line; None when it does
    cause: Cause | None = None  # of `dead`: a typo, or the version
    marks: tuple[str, ...] = ()  # the words of `openssh.marks`


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is neither blank nor a comment."""

    number: int  # 1 is the first
    content: Content

    @property
    def key(self) -> PublicKey | None:
        return self.content.key

    @property
    def options(self) -> Options:
        return self.content.options

    @property
    def comment(self) -> str | None:
        return self.content.comment

    @property
    def dead(self) -> str | None:
        return self.content.dead

    @property
    def cause(self) -> Cause | None:
        return self.content.cause

    @property
    def marks(self) -> tuple[str, ...]:
        return self.content.marks

    @property
    def doubt(self) -> str | None:
        """Why it cannot be known from here whether sshd takes a line that is not dead."""
        return self.content.options.doubt


_SHORTEST = 76  # bytes of a line with a key in it: `ed25519 ` and its base64
_HASH = ord("#")

_REMEMBERED_SIZE = 1024  # bytes of a line: an RSA key of 4096 bits with its comment has 750
_WHOLE_MAX = 1 << 20  # bytes of a file that is kept whole; larger ones are read line by line
_LINE_COST, _CONTENT_COST = 120, 700  # bytes that a line of a file, and one that is remembered, take besides its text
_VERSIONS_MAX = 64
_NOTHING = Content()  # of a blank line or a comment
_budget = Budget(128 << 20)
_contents: dict[Version | None, Remembered[bytes, Content]] = {}
_files: Remembered[bytes, tuple[Line, ...]] = Remembered(Budget(64 << 20))


def parse(data: bytes, version: Version | None) -> Iterable[Line]:
    """Read a file: one item for each line that is neither blank nor a comment, in order, dead ones too.

    Follows auth_check_authkeys_file in auth2-pubkeyfile.c. With `version` None a line lives when any version takes
    it. Nothing here raises on bad input. Files up to 1 MB come as a tuple, larger ones line by line.
    """
    if len(data) > _WHOLE_MAX:
        return _read_lines(data, version)
    digest = hashlib.sha256(data).digest() + str(version).encode()
    known = _files.young.get(digest)
    if known is None:
        charge = 200 + len(data)
        known = _files.older(digest, charge)
        if known is None:
            known = tuple(_read_lines(data, version))
            _files.put(digest, known, charge + _LINE_COST * len(known))
    return known


def _read_lines(data: bytes, version: Version | None) -> Iterator[Line]:
    remembered = _remembered(version)
    get = remembered.young.get
    junk = 0
    for number, (line, hidden) in enumerate(lines(data, rules(version) if version is not None else None), 1):
        content = get(line) or _read(line, version, remembered)
        if content.key is None:
            junk += 1
            if content is _NOTHING:
                continue
        elif junk >= marks.JUNK and content.dead is None:
            content = _marked(content, marks.OBFUSCATED)
        if hidden is not None:
            content = _hide(content, hidden)
        elif content.dead is None:
            junk = 0
        yield Line(number, content)


def _remembered(version: Version | None) -> Remembered[bytes, Content]:
    found = _contents.get(version)
    if found is None:
        if len(_contents) >= _VERSIONS_MAX:
            _contents.clear()
            _budget.clear()
        found = _contents[version] = Remembered(_budget)
    return found


def _read(line: bytes, version: Version | None, remembered: Remembered[bytes, Content]) -> Content:
    charge = 2 * len(line) + _CONTENT_COST
    content = remembered.older(line, charge)
    if content is None:
        text = line.strip(BLANK)
        if not text or (text[0] == _HASH and line.lstrip(b" \t")[0] == _HASH):
            content = _NOTHING
        else:
            content = _as_any(line) if version is None else _as_one(line, version)
        if len(line) <= _REMEMBERED_SIZE:
            remembered.put(line, content, charge)
    return content


def _as_any(line: bytes) -> Content:
    first = _read_as(line, rules(NEWEST))
    if first.dead is None:
        return first
    for version in LAST:
        if _lives(line, rules(version)):
            return _read_as(line, rules(version))
    return replace(first, cause=Cause.TYPO)


def _as_one(line: bytes, version: Version) -> Content:
    """A line as one version reads it; another may take what this one does not."""
    content = _read_as(line, rules(version))
    if content.dead is None:
        return content
    for other in FIRST:
        if version < other and _lives(line, rules(other)):
            return replace(content, dead=f"{content.dead}; OpenSSH {other} takes the line", cause=Cause.VERSION)
    for other in LAST:
        if other < version and _lives(line, rules(other)):
            return replace(content, dead=f"{content.dead}; OpenSSH {other} took the line", cause=Cause.VERSION)
    return replace(content, cause=Cause.TYPO)


def _hide(content: Content, reason: str) -> Content:
    """A line that an old sshd does not see: its key is shown where a newer one would find it."""
    cause = Cause.VERSION if content.dead is None else content.cause
    return Content(content.key, Options(texts=content.options.texts), content.comment, reason, cause)


def _marked(content: Content, mark: str) -> Content:
    return content if mark in content.marks else replace(content, marks=(*content.marks, mark))


def _read_as(line: bytes, by: Rules) -> Content:
    parts = _dissect(line, by)
    if isinstance(parts, str):
        return Content(dead=parts)
    text, raw, at, found = parts
    comment = text[at + found.end :].strip(BLANK).decode("utf-8", "backslashreplace") or None
    try:
        read = options.parse(raw, by.version) if raw else options.NONE
        dead = _why_dead(found.reading, by)
    except OptionError as error:
        read, dead = Options(texts=options.texts(raw)), str(error)
    before = len(line) - len(text) + at if b"\0" not in line else at
    return Content(found.reading.key, read, comment, dead, None, marks.of(text, at, before, found, read, dead is None))


def _lives(line: bytes, by: Rules) -> bool:
    parts = _dissect(line, by) if len(line) >= _SHORTEST else ""
    if isinstance(parts, str) or _why_dead(parts[3].reading, by) is not None:
        return False
    try:
        options.parse(parts[1], by.version)
    except OptionError:
        return False
    return True


def _dissect(line: bytes, by: Rules) -> tuple[bytes, bytes, int, Found] | str:
    """The text of a line, its options, and its key and where that begins; or why there is none."""
    text = line.partition(b"\0")[0].lstrip(b" \t")
    if not text:
        return "the line starts with a NUL byte"
    found = find_key(text, by)
    if not isinstance(found, str):
        return text, b"", 0, found
    cut = options.split(text)
    if cut is None:
        return "a double quote in the options is not closed"
    raw, rest = cut
    rest = rest.lstrip(b" \t")
    behind = find_key(rest, by)
    if isinstance(behind, str):
        # a line that starts with a type was meant to have no options
        return found if raw in NAMES else behind
    return text, raw, len(text) - len(rest), behind


def _why_dead(reading: Reading, by: Rules) -> str | None:
    if reading.form.cert:
        # sshkey_equal compares the offered key, or the authority of an offered certificate: both are plain keys
        return "a certificate in this file lets nobody in"
    return key_text.why_refused(reading, by)

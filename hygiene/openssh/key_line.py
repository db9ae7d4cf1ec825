"""One line of authorized_keys: its key, its options, and where it is dead, why and who takes it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from hygiene.model import Cause
from hygiene.openssh import key_text, marks, options
from hygiene.openssh.key_text import BLANK, FIRST, LAST, NEWEST, Found, Rules, find_key, rules
from hygiene.openssh.keys import NAMES, PublicKey, Reading
from hygiene.openssh.options import OptionError, Options
from hygiene.openssh.version import Version

_SHORTEST = 76  # bytes of a line with a key in it: `ed25519 ` and its base64
_HASH = ord("#")


# not frozen, though nothing changes it: that would triple the time to make one, and fleets have millions
@dataclass(slots=True)
class Content:
    """What sshd makes of a line, whatever its number: equal lines share one."""

    key: PublicKey | None = None  # None when nothing in the line decodes as one
    options: Options = options.NONE  # of a line whose options sshd refuses, `texts` alone
    comment: str | None = None
    dead: str | None = None  # why no sshd of this version takes anything from this line; None when it does
    cause: Cause | None = None  # of `dead`: a typo, or the version
    marks: tuple[str, ...] = ()  # the words of `openssh.marks`


def read_line(line: bytes, version: Version | None) -> Content | None:
    """Read a line as this version does, or any with None; None for a blank line or a comment."""
    text = line.strip(BLANK)
    if not text or (text[0] == _HASH and line.lstrip(b" \t")[0] == _HASH):
        return None
    return _as_any(line) if version is None else _as_one(line, version)


def _as_any(line: bytes) -> Content:
    first = _read_as(line, rules(NEWEST))
    if first.dead is None:
        return first
    other = _other(line, None) if len(line) >= _SHORTEST else None
    return replace(first, cause=Cause.TYPO) if other is None else _read_as(line, rules(other))


def _as_one(line: bytes, version: Version) -> Content:
    """A line as one version reads it; another may take what this one does not."""
    content = _read_as(line, rules(version))
    if content.dead is None:
        return content
    certificate = content.key is not None and content.key.is_certificate
    other = _other(line, version) if len(line) >= _SHORTEST and not certificate else None
    if other is None:
        return replace(content, cause=Cause.TYPO)
    reason = f"{content.dead}; OpenSSH {other} {'takes' if version < other else 'took'} the line"
    if content.key is None:
        read = _read_as(line, rules(other))
        content = Content(read.key, Options(texts=read.options.texts), read.comment)
    return replace(content, dead=reason, cause=Cause.VERSION)


def _other(line: bytes, version: Version | None) -> Version | None:
    """The nearest version that takes a line that this one does not, or the newest does not with None."""
    for by, grammar in _others(version):
        parts = _dissect(line, by)
        if not isinstance(parts, str) and _why_dead(parts[3].reading, by) is None:
            try:
                options.read(parts[1], grammar)
            except OptionError:
                continue
            return by.version
    return None


@functools.lru_cache(maxsize=64)
def _others(version: Version | None) -> tuple[tuple[Rules, options.Grammar], ...]:
    newer = [other for other in FIRST if version is not None and version < other]
    older = [other for other in LAST if version is None or other < version]
    return tuple((rules(other), options.grammar(other)) for other in (*newer, *older))


def hidden(content: Content, reason: str) -> Content:
    """A line that an old sshd does not see: its key is shown where a newer one would find it."""
    cause = Cause.VERSION if content.dead is None else content.cause
    return Content(content.key, Options(texts=content.options.texts), content.comment, reason, cause)


def marked(content: Content, mark: str) -> Content:
    return content if mark in content.marks else replace(content, marks=(*content.marks, mark))


def _read_as(line: bytes, by: Rules) -> Content:
    parts = _dissect(line, by)
    if isinstance(parts, str):
        return Content(dead=parts)
    text, raw, at, found = parts
    behind = text[at + found.end :]
    comment = behind.strip(BLANK).decode("utf-8", "backslashreplace") or None
    try:
        read = options.parse(raw, by.version) if raw else options.NONE
        dead = _why_dead(found.reading, by)
    except OptionError as error:
        read, dead = Options(texts=options.texts(raw)), str(error)
    blanks = len(line) - len(line.lstrip(b" \t"))
    return Content(
        found.reading.key, read, comment, dead, None, marks.of(blanks + at, behind, found, read, dead is None)
    )


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

"""The lines and words of a PAM file, as libpam cuts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_BLANKS = " \t"
_SEPARATORS = frozenset(" \t\n")
LINE_MAX = 1022  # bytes before the line end: BUF_SIZE in pam_handlers.c up to 1.5


@dataclass(frozen=True, slots=True)
class Logical:
    """A rule's text, joined over backslashes, without its comment, and the number of its first line.

    `doubt`: why versions of libpam do not agree about where it ends; what stands in it is then nothing to go by.
    """

    number: int
    text: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """The file ends within a rule: libpam gives up here (PAM_ABORT)."""

    number: int


def logical(data: bytes) -> Iterator[Logical | Broken]:
    """The rules of a file in order; blank lines and comments are left out.

    Follows _pam_assemble_line (pam_handlers.c, up to 1.5) and _pam_line_assemble (pam_line.c, since 1.6), and doubts
    where they differ: lines of more than 1,022 bytes, NUL, and a blank line or comment behind a backslash.
    """
    parts: list[str] = []
    start, size, doubt = 1, 0, None
    for number, raw in enumerate(_physical(data), 1):
        if not parts:
            start, size, doubt = number, 0, None
        size += len(raw) + 1
        if b"\0" in raw:
            doubt = "a NUL byte"
        elif size > LINE_MAX + 1:
            doubt = f"more than {LINE_MAX:,} bytes, which libpam before 1.6 cuts"
        elif raw.startswith(b"hyg:dropped "):
            doubt = "too long to be collected"
        text, comment, _ = raw.decode("utf-8", "backslashreplace").partition("#")
        text = text.strip(_BLANKS)
        if not text:
            if parts:
                doubt = doubt or "a blank line or comment behind a backslash, which libpam 1.6 reads in another way"
                size -= len(raw) + 1
            elif doubt is not None:
                yield Logical(number, "", doubt)
            if not (parts and doubt):
                continue
        if text.endswith("\\") and not comment:
            parts.append(text[:-1])
            continue
        yield Logical(start, " ".join([*parts, text]), doubt)
        parts = []
    if parts:
        yield Broken(start)


def _physical(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        yield data[at:end]
        at = end + 1


def words(text: str) -> list[str]:
    """Words at blanks; what stands in square brackets is one word without them, and `\\]` is a bracket within.

    Follows _pam_StrTok (pam_misc.c): a bracket that is left open reaches to the end of the line.
    """
    found: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in _SEPARATORS:
            at += 1
        if at == len(text):
            return found
        if text[at] == "[":
            word, at = _bracket(text, at + 1)
        else:
            end = at
            while end < len(text) and text[end] not in _SEPARATORS:
                end += 1
            word, at = text[at:end], end
        found.append(word)


def _bracket(text: str, at: int) -> tuple[str, int]:
    pieces: list[str] = []
    while True:
        end = text.find("]", at)
        if end < 0:
            pieces.append(text[at:])
            return "".join(pieces), len(text)
        if end > at and text[end - 1] == "\\":
            pieces.append(text[at : end - 1] + "]")
            at = end + 1
            continue
        pieces.append(text[at:end])
        return "".join(pieces), end + 1

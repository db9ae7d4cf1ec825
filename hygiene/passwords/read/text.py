"""Bytes to text lines: which encoding a list has, and its lines with a bound on each.

The ladder is byte order mark, the NUL pattern of UTF-16, strict UTF-8, cp1252. Statistical guessers were tried and
left out: they called cp1252 ISO 8859-10 (which loses the euro sign) and cp850 a Japanese code page.
"""

from __future__ import annotations

import codecs
import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.errors import ListError
from hygiene.passwords.read.source import Source

# the csv module's own default for a field; a longer line is no line of a password list
LINE_CHARACTERS = 131_072
_CHUNK_BYTES = 1 << 20
_LINES_BYTES = 1 << 14
_PROBE_BYTES = 4096


def _keep_c1(error: UnicodeError) -> tuple[str, int]:
    """What WHATWG windows-1252 does with the five bytes that cp1252 leaves undefined: the C1 control."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("hygiene-keep-c1", _keep_c1)
_UNDEFINED_IN_CP1252 = frozenset("\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str  # for a person
    codec: str
    skip_bytes: int = 0  # the byte order mark
    errors: str = "strict"


CP1252 = Encoding("cp1252", "cp1252", errors="hygiene-keep-c1")

# UTF-32 first: its little-endian mark begins with UTF-16's
_MARKS = (
    (codecs.BOM_UTF32_LE, Encoding("utf-32 (byte order mark)", "utf-32-le", 4)),
    (codecs.BOM_UTF32_BE, Encoding("utf-32 (byte order mark)", "utf-32-be", 4)),
    (codecs.BOM_UTF8, Encoding("utf-8 (byte order mark)", "utf-8", 3)),
    (codecs.BOM_UTF16_LE, Encoding("utf-16 (byte order mark)", "utf-16-le", 2)),
    (codecs.BOM_UTF16_BE, Encoding("utf-16 (byte order mark)", "utf-16-be", 2)),
)


def find_encoding(source: Source) -> Encoding:
    """The encoding of a text, by the ladder above. Reads the file once; never raises on content."""
    for mark, encoding in _MARKS:
        if source.head.startswith(mark):
            return encoding
    probe = source.head[:_PROBE_BYTES]
    half = len(probe) // 2
    if half and b"\0" in probe:
        low, high = probe[0::2].count(0), probe[1::2].count(0)
        # text in Latin script has a NUL in nearly every second byte, and hardly one in the others
        if high >= half * 0.6 and low <= half * 0.05:
            return Encoding("utf-16-le", "utf-16-le")
        if low >= half * 0.6 and high <= half * 0.05:
            return Encoding("utf-16-be", "utf-16-be")
    return Encoding("utf-8", "utf-8") if _is_utf8(source) else CP1252


def _is_utf8(source: Source) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    source.file.seek(0)
    try:
        while chunk := source.file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def lines(source: Source, encoding: Encoding) -> Iterator[str]:
    r"""The lines with their ends (`\n`, `\r\n` or `\r`), from the start of the file.

    ListError, without a text, for a line that is not of the encoding, is longer than LINE_CHARACTERS or holds a NUL.
    """
    source.file.seek(encoding.skip_bytes)
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    number = 1  # of the next line
    rest = ""
    ended = False
    while not ended:
        data = source.file.read(_LINES_BYTES)
        ended = not data
        text = None
        # judged below, outside: this error holds the bytes, and would hang on ours as its context
        with contextlib.suppress(UnicodeDecodeError):
            text = rest + decoder.decode(data, final=ended)
        if text is None:
            raise ListError(
                f"{source.path}: near line {number}: not {encoding.name}, which its first bytes promise;"
                " save the list as UTF-8"
            )
        found = io.StringIO(text, newline="").readlines()
        # a carriage return may be half of a line's end
        rest = found.pop() if found and not ended and not found[-1].endswith("\n") else ""
        if len(text) > LINE_CHARACTERS or "\0" in text:
            for line in found:
                _check(line, number, source)
                yield line
                number += 1
            if len(rest) > LINE_CHARACTERS:
                _check(rest, number, source)
        else:
            yield from found
            number += len(found)


def _check(line: str, number: int, source: Source) -> None:
    if len(line) > LINE_CHARACTERS:
        raise ListError(
            f"{source.path}: line {number} is longer than {LINE_CHARACTERS:,} characters;"
            " expected a list, one entry a line"
        )
    if "\0" in line:
        raise ListError(f"{source.path}: line {number} holds a NUL byte; expected text, not a binary file")


def has_undefined(line: str) -> bool:
    """Whether a line read as cp1252 holds a byte that cp1252 does not define."""
    return not line.isascii() and not _UNDEFINED_IN_CP1252.isdisjoint(line)

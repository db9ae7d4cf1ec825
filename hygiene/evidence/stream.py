"""The collector's stream, read: from its bytes to a Transcript.

The stream is 7-bit text. Its grammar stands at the head of collector.sh; in short: `@HYG1 NONCE ...`, then frames
(`@T` text items, `@B` files, `@K` key files; base64 in lines that start with a blank; closed by `@E`), notes (`@N`),
`@SUM` and `@END`. What stands before the first line (a greeting) or after the last is ignored; anything else in
between breaks the stream there.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import MappingProxyType

from hygiene.evidence.cksum import cksum
from hygiene.evidence.frames import Frame, Note, Transcript

MAX_STREAM_BYTES = 64 * 1024 * 1024  # the collector stops at half of it
_NONCE = re.compile(r"[A-Za-z0-9]{16,64}")
_NUMBER = rb"(0|[1-9][0-9]{0,11})"
_END = re.compile(
    rb"@SUM " + _NUMBER + rb" " + _NUMBER + rb"\n@END ([A-Za-z0-9]++) " + rb" ".join([_NUMBER] * 3) + rb"\n"
)
_ITEM = re.compile(rb"([a-z][a-z0-9_-]{0,30}) ([a-z=0-9?]{1,20}) ([0-9]{1,9}) ?")
_MARK = re.compile(rb"^hyg:file \.(.*)\n", re.MULTILINE)
_FILE = re.compile(rb"([0-9]{1,10}) ([0-9]{1,12}) \.?")
# no line of a file leaves that starts with `hyg:`, so these are the collector's own
_NUL = re.compile(rb"^hyg:nul (.*)$", re.MULTILINE)
_UNENDED = b"\nhyg:unended\n"


def decode(stream: bytes, nonce: str) -> Transcript:
    """Read a collector's stream; never raises, whatever the bytes.

    Complete means: begun and ended with this nonce, every line between as the grammar wants it, and counts and
    checksum as the last lines say.
    """
    if not _NONCE.fullmatch(nonce):
        return Transcript(False, "no nonce to check the answer against")
    if len(stream) > MAX_STREAM_BYTES:
        return Transcript(False, f"the answer is over {MAX_STREAM_BYTES:,} bytes")
    mark = b"@HYG1 " + nonce.encode() + b" "
    start = 0 if stream.startswith(mark) else stream.find(b"\n" + mark) + 1
    if start == 0 and not stream.startswith(mark):
        return Transcript(False, "the collector's first line is missing" if stream else "the host sent nothing")
    return _Reader(stream, start, nonce).read()


class _Reader:
    """One pass over a stream; `problem` is set where it breaks."""

    def __init__(self, stream: bytes, start: int, nonce: str) -> None:
        self.stream = stream
        self.start = start
        self.nonce = nonce.encode()
        self.hex = False
        self.problem = ""
        self.count = 0
        self.frames: list[Frame] = []
        self.notes: list[Note] = []

    def read(self) -> Transcript:
        end = self.stream.find(b"\n", self.start)
        if end < 0:
            return Transcript(False, "the stream breaks off in its first line")
        head = dict(
            word.partition("=")[::2] for word in self.stream[self.start : end].decode("ascii", "replace").split(" ")[2:]
        )
        self.hex = head.get("enc") == "hex"
        if head.get("v") != "1":
            self.problem = "the collector is of another version"
        else:
            self._lines(end + 1)
        links = _pairs(next((f.data for f in self.frames if f.kind == "links"), b""))
        index: dict[tuple[str, bytes], Frame] = {}
        for frame in self.frames:
            index.setdefault((frame.kind, frame.path), frame)
        return Transcript(
            complete=not self.problem,
            problem=self.problem,
            version=_number(head.get("v")) or 0,
            time=_time(_number(head.get("t"))),
            uid=_number(head.get("uid")),
            mode=head.get("mode", ""),
            root=head.get("root", ""),
            frames=tuple(self.frames),
            notes=tuple(self.notes),
            links=MappingProxyType(links),
            index=MappingProxyType(index),
        )

    def _lines(self, at: int) -> None:
        stream = self.stream
        while True:
            end = stream.find(b"\n", at)
            if end < 0:
                self.problem = "the stream breaks off before its last line"
                return
            tag = stream[at : at + 2]
            if tag == b"@N":
                self._note(stream[at:end])
                at = end + 1
            elif tag in (b"@T", b"@B", b"@K"):
                kind = stream[at + 3 : end].decode("ascii", "replace")
                close = stream.find(b"\n@", end)
                if close < 0 or stream[close : close + 4] != b"\n@E\n":
                    self.problem = "the stream breaks off inside a frame" if close < 0 else "a frame is not closed"
                    return
                data = self._data(stream[end:close])
                if data is None:
                    self.problem = "a frame holds something that is no data"
                    return
                self.count += 1
                if not self._frame(tag, kind, data):
                    self.problem = "a frame's items do not add up"
                    return
                at = close + 4
            elif stream.startswith(b"@SUM ", at):
                self._end(at)
                return
            else:
                self.problem = (
                    "the answer went over the collector's limit"
                    if stream.startswith(b"@CUT\n", at)
                    else "something else stands between the frames"
                )
                return

    def _end(self, at: int) -> None:
        match = _END.match(self.stream, at)
        if match is None:
            self.problem = "the stream breaks off before its last line"
            return
        crc, size, nonce, frames, lines, total = match.groups()
        body = self.stream[self.start : at]
        if nonce != self.nonce:
            self.problem = "the last line is another run's"
        elif (int(frames), int(lines), int(total), int(size)) != (self.count, body.count(b"\n"), len(body), len(body)):
            self.problem = "the counts in the last line are not those of the stream"
        elif int(crc) != cksum(body):
            self.problem = "the checksum is not that of the stream"

    def _data(self, chunk: bytes) -> bytes | None:
        """Decode data lines: `chunk` starts with the line end before the first and lacks the last's."""
        if chunk.count(b"\n") != chunk.count(b"\n "):
            return None
        try:
            if self.hex:
                return bytes.fromhex(chunk.decode("ascii"))
            return binascii.a2b_base64(chunk.replace(b"\n ", b""), strict_mode=True) if chunk else b""
        except ValueError:  # also binascii.Error and UnicodeDecodeError
            return None

    def _note(self, line: bytes) -> None:
        words = line.decode("ascii", "replace").split(" ", 3)
        if len(words) >= 3:
            self.notes.append(Note(words[1], words[2], words[3] if len(words) > 3 else ""))

    def _frame(self, tag: bytes, kind: str, data: bytes) -> bool:
        if tag != b"@T":
            self.frames.extend(_files(kind, data, marked=tag == b"@K"))
            return True
        at, found = 0, []
        while at < len(data):
            end = data.find(b"\n", at)
            match = _ITEM.match(data, at, end) if end >= 0 else None
            if match is None:
                return False
            begin = at = end + 1
            for _ in range(int(match[3])):
                at = data.find(b"\n", at) + 1
                if at == 0:
                    return False
            kind = match[1].decode()
            found.append(Frame(kind, data[match.end() : end], match[2].decode(), _as_it_was(kind, data[begin:at])))
        self.frames += found
        return True


def _as_it_was(kind: str, lines: bytes) -> bytes:
    """Put back what lines of text cannot carry: a NUL, and a last line without an end."""
    if kind in ("akeys", "trust", "principals"):
        return _NUL.sub(rb"\1\0", lines)
    return lines.removesuffix(_UNENDED) if kind in ("pam", "pamconf") else lines


def _files(kind: str, data: bytes, marked: bool) -> Iterator[Frame]:
    """Take a batch apart: cksum's lines, an empty line, the files."""
    if data.startswith(b"\n"):
        return
    end = data.find(b"\n\n") + 2
    index = [match for line in data[: end - 2].split(b"\n") if (match := _FILE.match(line))] if end > 1 else []
    files = [(match.string[match.end() :], int(match[2]), int(match[1])) for match in index]
    bodies = _by_marks(data, end) if marked else _in_a_row(data, end, [(path, size) for path, size, _ in files])
    for path, size, crc in files:
        body = bodies.get(path, b"")
        if marked and len(body) == size + 1:
            body = body[:-1]  # key files are read line by line: a last line without an end was given one
        good = len(body) == size and cksum(body) == crc
        yield Frame(kind, path, "ok" if good else "changed", body if good else b"")


def _in_a_row(data: bytes, at: int, sizes: list[tuple[bytes, int]]) -> dict[bytes, bytes]:
    bodies = {}
    for path, size in sizes:
        bodies[path] = data[at : at + size]
        at += size
    return bodies


def _by_marks(data: bytes, at: int) -> dict[bytes, bytes]:
    marks = [*_MARK.finditer(data, at)]
    starts = [*(mark.start() for mark in marks), len(data)]
    return {mark[1]: data[mark.end() : end] for mark, end in zip(marks, starts[1:], strict=True)}


def _pairs(data: bytes) -> dict[bytes, bytes]:
    lines = data.split(b"\n")
    return dict(zip(lines[0::2], lines[1::2], strict=False)) if data else {}


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) < 15 and text.isascii() and text.isdigit() else None


def _time(epoch: int | None) -> datetime | None:
    return datetime.fromtimestamp(epoch, UTC) if epoch is not None and epoch < 253_000_000_000 else None

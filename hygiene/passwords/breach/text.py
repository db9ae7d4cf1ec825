"""The list as one sorted text file, looked up where the digest should stand: it is never loaded."""

from __future__ import annotations

import mmap
import re
from binascii import hexlify
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Final, Self

from hygiene.errors import InputError
from hygiene.passwords.breach.breaches import COUNT, LINE_MAX, TextSource, refused
from hygiene.passwords.breach.kind import Kind
from hygiene.passwords.breach.leading import heads

# 23 lines: after two or three guesses the line is nearly always in it
_WINDOW: Final = 1024
# digests are evenly spread, so that guessing takes few steps; a list that was made up may need halving
_GUESSES: Final = 6
# where the last look-up was no more bytes away than this, the guess is mostly right, or one window away
_NEAR: Final = 64 << 10
_NEAR_WINDOW: Final = 1280
_NEAR_STRIDE: Final = _NEAR_WINDOW - 2 * LINE_MAX
_NEAR_STEPS: Final = 4
_COLON: Final = ord(":")
_SMALL_LETTERS: Final = tuple(b"abcdef")
_VALUES: Final = 1 << 64  # of the first 16 digits
_SAMPLES: Final = 256
_BLOCK: Final = 4 << 20
_BOM: Final = b"\xef\xbb\xbf"
_LINE: Final = re.compile(rb"([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}):[0-9]{1,12}\r?")
_NOT_SORTED: Final = "not sorted by hash"
_NO_LINE: Final = "a line that is no HASH:COUNT"


class TextList(TextSource):
    def __init__(self, path: Path, view: mmap.mmap, kind: Kind, begin: int, end: int) -> None:
        self.path = path
        self.source = path.name
        self.kind = kind
        self._map = view
        self._begin = begin
        self._end = end  # behind the last line, its line end excluded
        self._folded = False  # there are small letters: fold what is looked at

    @classmethod
    def open(cls, path: Path) -> Self:
        """The open list; InputError if samples of it are no lines `HASH:COUNT` in ascending order of the hash."""
        try:
            with path.open("rb") as file:
                if not file.seek(0, 2):
                    raise refused(path, "empty")
                view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            reason = error.strerror
        else:
            try:
                view.madvise(mmap.MADV_RANDOM)
                return cls._checked(path, view)
            except BaseException:
                view.close()
                raise
        raise InputError(f"{path}: the list of breached passwords cannot be read: {reason}")

    @classmethod
    def _checked(cls, path: Path, view: mmap.mmap) -> Self:
        begin = len(_BOM) if view[: len(_BOM)] == _BOM else 0
        tail = view[-4 * LINE_MAX :]
        end = len(view) - len(tail) + len(tail.rstrip(b"\r\n"))
        first = _LINE.fullmatch(view[begin : begin + LINE_MAX].split(b"\n")[0])
        if first is None:
            raise refused(path, "no list of HASH:COUNT lines")
        kind = Kind.SHA1 if len(first[1]) == Kind.SHA1.digits else Kind.NTLM
        opened = cls(path, view, kind, begin, end)
        opened._sample()
        return opened

    def _sample(self) -> None:
        """Look at lines all over the file: complete, of one kind, ascending."""
        before = b""
        step = max(1, (self._end - self._begin) // _SAMPLES)
        last = max(self._begin, self._end - 2 * LINE_MAX)
        for position in (*range(self._begin, last, step), last):
            text = self._map[position : min(self._end, position + 4 * LINE_MAX)]
            lines = text.split(b"\n")
            if position != self._begin:
                del lines[0]  # cut
            if position + len(text) < self._end:
                del lines[-1:]  # cut, or the window is one line without an end
            found = [_LINE.fullmatch(line) for line in lines]
            keys = [one[1] for one in found if one is not None and len(one[1]) == self.kind.digits]
            if not keys or len(keys) != len(lines):
                raise refused(self.path, _NO_LINE, "it may be cut: get it again")
            folded = [key.upper() for key in keys]
            self._folded = self._folded or folded != keys
            if folded[0] < before or folded != sorted(folded):
                raise refused(self.path, _NOT_SORTED, "the list ordered by count cannot be looked up")
            before = folded[0]

    def _counts(self, digests: Sequence[bytes]) -> list[int]:
        digits, joined = self.kind.digits, b"".join(digests)
        keys = hexlify(joined).upper()
        slope = (self._end - self._begin) / _VALUES
        counts = []
        # nearly ascending: what one look-up learned of where lines lie, the next one starts from
        low, low_value = self._begin, 0
        for at, target in zip(range(0, len(keys), digits), heads(joined, self.kind.size), strict=True):
            key = keys[at : at + digits]
            if target <= low_value:
                low, low_value = self._begin, 0
            distance = int((target - low_value) * slope)
            known = self._near(key, target, low + distance, low, low_value) if distance <= _NEAR else None
            number, low, low_value = known or self._find(key, target, low, low_value)
            counts.append(number)
        return counts

    def _near(self, key: bytes, target: int, guess: int, low: int, low_value: int) -> tuple[int, int, int] | None:
        """What `_find` gives, for when the guess is nearly right; None for whatever is out of the ordinary."""
        digits = len(key)
        left = guess - _NEAR_WINDOW // 2
        last_whole = _NEAR_WINDOW - LINE_MAX
        for _ in range(_NEAR_STEPS):
            if self._folded or not self._begin < left <= self._end - _NEAR_WINDOW:
                return None
            window = self._map[left : left + _NEAR_WINDOW]
            at = window.find(key)
            if 0 < at < last_whole:
                text = window[at + digits + 1 : window.find(b"\n", at)]
                plain = text.isdigit() and window[at + digits] == _COLON
                return int(text) if plain else self._number(window, at + digits), left + at, target
            begin = window.find(b"\n", 0, LINE_MAX + 1) + 1
            last_at = window.rfind(b"\n", 0, _NEAR_WINDOW - digits) + 1
            first, last = window[begin : begin + digits], window[last_at : last_at + digits]
            if not (begin and first < last and first.isupper() and last.isupper()):
                return None
            if key < first:
                left -= _NEAR_STRIDE
            elif key >= last:
                left += _NEAR_STRIDE
            else:
                # a line in small letters is for `_find`; one search for each is faster than a search for the key
                if at >= 0 or any(map(window.__contains__, _SMALL_LETTERS)):
                    return None
                if left + begin <= low:
                    return 0, low, low_value
                value = self._value(first)
                return (0, left + begin, value) if value >= low_value else None
        return None

    def _find(self, key: bytes, target: int, low: int, low_value: int) -> tuple[int, int, int]:
        """The count of a key in upper case, then the begin of a line that is not behind it, and its value.

        `target` is the key's value: that of its first 16 digits. `low` is such a line from before.
        """
        view, digits = self._map, len(key)
        high, high_value = self._end, _VALUES  # the end of the list, then the begin of a line behind the key
        for step in count():
            if high - low <= _WINDOW:
                left, right = low, high
            else:
                if step < _GUESSES or step & 1:
                    between = (high - low) * (target - low_value) // (high_value - low_value or 1)
                else:
                    between = (high - low) >> 1
                left = low + between - _WINDOW // 2
                if left < low:
                    left = low
                elif left > high - _WINDOW:
                    left = high - _WINDOW
                right = left + _WINDOW
            window = view[left:right]
            if self._folded:
                window = window.upper()
            begin = 0 if left == low else window.find(b"\n", 0, LINE_MAX + 1) + 1
            end = right - left if right == high else window.rfind(b"\n") + 1
            last_at = window.rfind(b"\n", begin, end - 1) + 1 or begin
            if (left != low and not begin) or not digits < end - last_at <= LINE_MAX:
                raise refused(self.path, _NO_LINE)
            first, last = window[begin : begin + digits], window[last_at : last_at + digits]
            if not (first.isupper() and last.isupper()) and (first.upper() != first or last.upper() != last):
                self._folded = True  # samples met no small letter
                return self._find(key, target, low, low_value)
            if first > last:
                raise refused(self.path, _NOT_SORTED)
            if key < first:
                if left == low:
                    return 0, low, low_value
                high, value = left + begin, self._value(first)
                if not target <= value <= high_value:
                    raise refused(self.path, _NOT_SORTED)
                high_value = value
            elif key > last:
                value = self._value(last)
                if not low_value <= value <= target:
                    raise refused(self.path, _NOT_SORTED)
                low, low_value = left + last_at, value
                if right == high:
                    return 0, low, low_value
            else:
                at = window.find(key, begin, end)
                if at < 0 and not self._folded:
                    at = window.find(key.lower(), begin, end)  # a single line in small letters
                if at >= 0:
                    return self._number(window, at + digits), left + at, target
                return 0, left + begin, self._value(first)
        raise AssertionError  # count() has no end

    def _value(self, digits: bytes) -> int:
        try:
            return int(digits[:16], 16)
        except ValueError:
            pass
        raise refused(self.path, _NO_LINE)

    def _number(self, window: bytes, at: int) -> int:
        line_end = window.find(b"\n", at)
        text = window[at + 1 : line_end if line_end >= 0 else len(window)].rstrip(b"\r")
        if window[at : at + 1] != b":" or COUNT.fullmatch(text) is None:
            raise refused(self.path, _NO_LINE)
        return int(text)

    def blocks(self) -> Iterator[bytes]:
        position = self._begin
        while position < self._end:
            stop = position + _BLOCK
            if stop >= self._end:
                yield self._map[position : self._end] + b"\n"
                return
            stop = self._map.rfind(b"\n", position, stop) + 1
            if not stop:
                raise refused(self.path, _NO_LINE)
            yield self._map[position:stop]
            position = stop

    def signature(self) -> bytes:
        size = len(self._map)
        digest = blake2b(f"text {self.kind.value} {size}".encode(), digest_size=16)
        for position in range(0, size, max(1, size // _SAMPLES)):
            digest.update(self._map[position : position + LINE_MAX])
        return digest.digest()

    def size_bytes(self) -> int:
        return self._end - self._begin

    def close(self) -> None:
        self._map.close()

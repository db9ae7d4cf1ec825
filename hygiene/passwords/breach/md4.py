"""MD4 (RFC 1320), which OpenSSL 3 no longer offers and NT hashes are made of."""

from __future__ import annotations

import struct
from typing import Final

_WORD: Final = 0xFFFFFFFF
_START: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
# RFC 1320, 3.4: the words of each four steps, by round; then what the second and the third round add
_FIRST: Final = tuple((at, at + 1, at + 2, at + 3) for at in (0, 4, 8, 12))
_SECOND: Final = tuple((at, at + 4, at + 8, at + 12) for at in range(4))
_THIRD: Final = tuple((at, at + 8, at + 4, at + 12) for at in (0, 2, 1, 3))
_TWO: Final = 0x5A827999
_THREE: Final = 0x6ED9EBA1


def md4(data: bytes) -> bytes:
    """The 16 bytes of MD4."""
    bits = 8 * len(data)
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", bits)
    a, b, c, d = _START
    # four steps written out take half the time of a loop over them, and the list may be long
    for x in struct.iter_unpack("<16I", data):
        before = a, b, c, d
        for i, j, k, m in _FIRST:
            t = (a + (d ^ (b & (c ^ d))) + x[i]) & _WORD
            a = (t << 3 & _WORD) | t >> 29
            t = (d + (c ^ (a & (b ^ c))) + x[j]) & _WORD
            d = (t << 7 & _WORD) | t >> 25
            t = (c + (b ^ (d & (a ^ b))) + x[k]) & _WORD
            c = (t << 11 & _WORD) | t >> 21
            t = (b + (a ^ (c & (d ^ a))) + x[m]) & _WORD
            b = (t << 19 & _WORD) | t >> 13
        for i, j, k, m in _SECOND:
            t = (a + ((b & c) | (d & (b | c))) + x[i] + _TWO) & _WORD
            a = (t << 3 & _WORD) | t >> 29
            t = (d + ((a & b) | (c & (a | b))) + x[j] + _TWO) & _WORD
            d = (t << 5 & _WORD) | t >> 27
            t = (c + ((d & a) | (b & (d | a))) + x[k] + _TWO) & _WORD
            c = (t << 9 & _WORD) | t >> 23
            t = (b + ((c & d) | (a & (c | d))) + x[m] + _TWO) & _WORD
            b = (t << 13 & _WORD) | t >> 19
        for i, j, k, m in _THIRD:
            t = (a + (b ^ c ^ d) + x[i] + _THREE) & _WORD
            a = (t << 3 & _WORD) | t >> 29
            t = (d + (a ^ b ^ c) + x[j] + _THREE) & _WORD
            d = (t << 9 & _WORD) | t >> 23
            t = (c + (d ^ a ^ b) + x[k] + _THREE) & _WORD
            c = (t << 11 & _WORD) | t >> 21
            t = (b + (c ^ d ^ a) + x[m] + _THREE) & _WORD
            b = (t << 15 & _WORD) | t >> 17
        a, b, c, d = ((one + other) & _WORD for one, other in zip((a, b, c, d), before, strict=True))
    return struct.pack("<4I", a, b, c, d)

"""MD4 (RFC 1320), which OpenSSL 3 no longer offers and NT hashes are made of."""

from __future__ import annotations

import struct
from typing import Final

_WORD: Final = 0xFFFFFFFF
_START: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
# RFC 1320, 3.4: for each round the order of the words, the four shifts, what is added
_ROUNDS: Final = (
    (tuple(range(16)), (3, 7, 11, 19), 0),
    (tuple(at % 4 * 4 + at // 4 for at in range(16)), (3, 5, 9, 13), 0x5A827999),
    ((0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15), 0x6ED9EBA1),
)


def md4(data: bytes) -> bytes:
    """The 16 bytes of MD4."""
    bits = 8 * len(data)
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", bits)
    state: tuple[int, ...] = _START
    for block in struct.iter_unpack("<16I", data):
        a, b, c, d = state
        for number, (order, shifts, constant) in enumerate(_ROUNDS):
            for at, word in enumerate(order):
                if number == 0:
                    mixed = d ^ (b & (c ^ d))
                elif number == 1:
                    mixed = (b & c) | (d & (b | c))
                else:
                    mixed = b ^ c ^ d
                total = (a + mixed + block[word] + constant) & _WORD
                shift = shifts[at % 4]
                a, b, c, d = d, (total << shift | total >> (32 - shift)) & _WORD, b, c
        state = tuple((one + other) & _WORD for one, other in zip(state, (a, b, c, d), strict=True))
    return struct.pack("<4I", *state)

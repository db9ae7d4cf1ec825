"""The checksum of POSIX cksum(1), as the collector prints it for its stream and its files."""

from __future__ import annotations

import zlib

_REVERSED = bytes(int(f"{i:08b}"[::-1], 2) for i in range(256))


def cksum(data: bytes) -> int:
    """The CRC that `cksum` prints for these bytes.

    POSIX takes the CRC-32 of zlib with the bits of every byte the other way round, a start value of zero, and the
    length of the data, lowest byte first, as more data at the end. So zlib can do the work.
    """
    size = len(data)
    tail = size.to_bytes((size.bit_length() + 7) // 8, "little")
    crc = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF)
    crc = zlib.crc32(tail.translate(_REVERSED), crc)
    return int(f"{crc:032b}"[::-1], 2)

"""The leading bytes of many digests at once, as numbers."""

from __future__ import annotations

import sys
from array import array
from typing import Final

TOP_BYTES: Final = 3
HEAD_BYTES: Final = 8


def tops(data: bytes, size: int) -> array[int]:
    """The first 3 bytes, as a number, of each piece of `size` bytes."""
    return _leading(data, size, TOP_BYTES, array("I"))


def heads(data: bytes, size: int) -> array[int]:
    """The first 8 bytes, as a number, of each piece of `size` bytes."""
    return _leading(data, size, HEAD_BYTES, array("Q"))


def _leading(data: bytes, size: int, wanted: int, numbers: array[int]) -> array[int]:
    width = numbers.itemsize
    lanes = bytearray(width * (len(data) // size))
    for lane in range(wanted):
        # the last wanted byte is the lowest one of the number
        lanes[(width - wanted + lane if sys.byteorder == "big" else wanted - 1 - lane) :: width] = data[lane::size]
    numbers.frombytes(lanes)
    return numbers

"""The binary fields that keys, certificates and lists of revoked keys are made of (RFC 4251 section 5)."""

from __future__ import annotations

_MPINT_MAX = 2048  # bytes: SSHBUF_MAX_BIGNUM


class KeyFormatError(ValueError):
    """The bytes are not what OpenSSH decodes; the message says why, in a few words."""


def string(data: bytes) -> bytes:
    """A string with its length before it."""
    return len(data).to_bytes(4, "big") + data


def mpint(digits: bytes) -> bytes:
    """A number from its bytes without leading zeros; a zero goes before a byte that would make it negative."""
    return string(b"\0" + digits if digits[:1] >= b"\x80" else digits)


class Reader:
    """Walks over fields, with the limits of sshbuf-getput-basic.c; KeyFormatError where they do not fit.

    `what` is the subject of the messages.
    """

    __slots__ = ("_data", "_what", "at")

    def __init__(self, data: bytes, what: str = "the key") -> None:
        self._data = data
        self._what = what
        self.at = 0

    def left(self) -> int:
        return len(self._data) - self.at

    def take(self, size: int) -> bytes:
        """The next bytes, without a length before them."""
        end = self.at + size
        if end > len(self._data):
            raise KeyFormatError(f"{self._what} is cut short")
        part = self._data[self.at : end]
        self.at = end
        return part

    def number(self, size: int) -> int:
        """An unsigned number of this many bytes."""
        return int.from_bytes(self.take(size), "big")

    def string(self) -> bytes:
        start = self.at + 4
        end = start + int.from_bytes(self._data[self.at : start], "big")
        if end > len(self._data) or start > len(self._data):
            raise KeyFormatError(f"{self._what} is cut short")
        self.at = end
        return self._data[start:end]

    def sized(self, size: int) -> bytes:
        """A string of exactly this size, with its length before it."""
        part = self.string()
        if len(part) != size:
            raise KeyFormatError(f"{self._what} has a wrong size")
        return string(part)

    def cstring(self) -> bytes:
        """A string without NUL; one NUL at its end is dropped, as sshbuf_get_cstring does."""
        part = self.string()
        if b"\0" in part[:-1]:
            raise KeyFormatError("there is a NUL byte in a name")
        return part.removesuffix(b"\0")

    def mpint(self) -> bytes:
        """The bytes of a number, leading zeros dropped: sshd takes the same number with any count of them."""
        part = self.string()
        if part[:1] >= b"\x80":
            raise KeyFormatError(f"a number in {self._what} is negative")
        if len(part) > _MPINT_MAX + 1 or (len(part) == _MPINT_MAX + 1 and part[0]):
            raise KeyFormatError(f"a number in {self._what} is longer than {_MPINT_MAX * 8} bits")
        return part.lstrip(b"\0")

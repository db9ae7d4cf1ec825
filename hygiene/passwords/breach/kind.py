"""The digests that lists of breached passwords hold: SHA-1, or the NT hash of Windows."""

from __future__ import annotations

import hashlib
from enum import Enum

from hygiene.passwords.breach.md4 import md4


class Kind(Enum):
    SHA1 = "sha1"
    NTLM = "ntlm"

    @property
    def size(self) -> int:
        """Bytes of a digest."""
        return 20 if self is Kind.SHA1 else 16

    @property
    def digits(self) -> int:
        """Hex digits of a digest."""
        return 2 * self.size

    def digest(self, password: str) -> bytes:
        """The digest to look up; of UTF-8 for SHA-1, of UTF-16 for NT. Never an error, lone surrogates included."""
        if self is Kind.SHA1:
            return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
        return md4(password.encode("utf-16-le", "surrogatepass"))

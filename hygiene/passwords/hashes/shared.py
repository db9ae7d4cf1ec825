"""What stands for a hash in comparisons: a digest of it that says nothing without the key of the run.

The collector makes the same of the hashes of a host, so that equal ones are found over hosts and files.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from hygiene.passwords.hashes.schemes import plain, unlocked

_DIGITS: Final = 32
_NAME_DIGITS: Final = 16


def digest(field: str, key: str) -> str:
    """32 hex digits for a hash, the same whether it is locked or not. `key`: 32 lower-case hex digits."""
    bare = plain(unlocked(field))
    if bare.startswith("$3$$"):
        bare = bare.lower()  # hex digits: programs write either
    return sha256(f"{key}:{bare}".encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def key_name(key: str) -> str:
    """16 hex digits that name a key without telling it: only digests of one key can be compared."""
    return sha256(f"hygiene digest key {key}".encode()).hexdigest()[:_NAME_DIGITS]

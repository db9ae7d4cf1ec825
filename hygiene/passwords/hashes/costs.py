"""What a hash is worth by its scheme and its cost in the words of a row, when the hash itself is not at hand."""

from __future__ import annotations

import re
from typing import Final

from hygiene.model import HashState, HashWeakness
from hygiene.passwords.hashes.forms import scrypt_work, yescrypt_kib
from hygiene.passwords.hashes.policy import SHIPPED, Profile, weakness
from hygiene.passwords.hashes.schemes import Standing

# crypt(5): rounds where the hash names none
_DEFAULT_ROUNDS: Final = {"sha512crypt": 5_000, "sha256crypt": 5_000, "sm3crypt": 5_000}
_ROUNDS: Final = re.compile(r"rounds=(\d{1,10})", re.ASCII)
_EXPONENT: Final = re.compile(r"(\d{1,2})", re.ASCII)
_SCRYPT: Final = re.compile(r"N=2\^(\d{1,2});r=(\d{1,10});p=(\d{1,10})", re.ASCII)
_ARGON2: Final = re.compile(r"m=(\d{1,10})[;,]t=(\d{1,10})[;,]p=\d{1,10}", re.ASCII)


def weakness_of(scheme: str | None, cost: str | None, profile: Profile = SHIPPED) -> HashWeakness | None:
    """Why a hash of this scheme and cost is too cheap to guess against; None if it is not, or if there is none."""
    if scheme is None:
        return None
    return weakness(Standing(HashState.SET, scheme, cost, work_of(scheme, cost)), profile)


def work_of(scheme: str, cost: str | None) -> int | None:
    """The number that a profile's minimum is compared with, as in `Standing.work`; None if it cannot be told."""
    text = cost or ""
    match scheme:
        case "sha512crypt" | "sha256crypt" | "sm3crypt" | "sha1crypt" | "pbkdf2" | "phpass" | "drupal":
            found = _ROUNDS.fullmatch(text)
            return int(found[1]) if found else None if text else _DEFAULT_ROUNDS.get(scheme)
        case "bcrypt":
            found = _EXPONENT.fullmatch(text)
            return int(found[1]) if found else None
        case "yescrypt" | "gost-yescrypt" | "sm3-yescrypt":
            return yescrypt_kib(text)
        case "scrypt":
            found = _SCRYPT.fullmatch(text)
            return scrypt_work(*map(int, found.groups())) if found else None
        case "argon2":
            found = _ARGON2.fullmatch(text)
            return int(found[1]) * int(found[2]) if found else None
    return None

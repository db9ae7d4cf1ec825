"""Schemes that make a guess dear and that libcrypt does not know: PBKDF2, phpass, scrypt beside `$7$`, Argon2.

Each function says whether a password opens a hash of its scheme in the form of `forms.FORMS`; None: it cannot be told
here. What a guess costs is judged before (`plan`): nothing here bounds it but memory.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf import argon2

from hygiene.passwords.hashes.forms import ALPHABET

_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64: Final = str.maketrans(ALPHABET, _BASE64)
_CISCO_ROUNDS: Final = 20_000  # type 8 of Cisco IOS
_CISCO_N: Final = 1 << 14  # type 9, with r=1 and p=1
_MEMORY_MAX: Final = (1 << 31) - 1  # what hashlib.scrypt takes for its own bound
# OpenSSL has one pool of threads for all lanes: asked twice at a time, it says that memory is short
_LANES: Final = threading.Lock()
_LANES_MAX: Final = 255  # RFC 9106 asks for 4; of 100,000 a guess takes half a minute, whatever its memory
# cryptography has the two older kinds since 47
_ARGON2: Final = {
    name: getattr(argon2, name.replace("argon", "Argon"), None) for name in ("argon2d", "argon2i", "argon2id")
}


def opens_pbkdf2(password: bytes, text: str) -> bool | None:
    name, rest = re.split(r"[}$]", text.lstrip("{$"), maxsplit=1)
    digest = "sha" + (re.sub(r"pbkdf2[-_]?(sha)?", "", name.lower()) or "1")
    parts = rest.split("$")
    try:
        if name == "8":
            digest, rounds, salt, made = "sha256", _CISCO_ROUNDS, parts[0].encode(), _crypt64(parts[1])
        elif parts[0] == "":  # Dovecot: `$1$`, salt, rounds, digest
            rounds, salt, made = int(parts[3]), _raw(parts[2]), bytes.fromhex(parts[4])
        elif name.startswith("pbkdf2_"):  # Django
            rounds, salt, made = int(parts[0]), _raw(parts[1]), _base64(parts[2])
        else:
            rounds, salt, made = int(parts[0]), _base64(parts[1]), _base64(parts[2])
        return hmac.compare_digest(hashlib.pbkdf2_hmac(digest, password, salt, rounds, len(made)), made)
    except (ValueError, OverflowError):
        return None


def opens_scrypt(password: bytes, text: str) -> bool | None:
    """Of passlib's `$scrypt$`, Django's `scrypt$` and Cisco's `$9$`."""
    parts = text.split("$")
    try:
        if parts[0]:
            n, r, p = (int(parts[at]) for at in (1, 3, 4))
            salt, made = _raw(parts[2]), _base64(parts[5])
        elif parts[1] == "9":
            n, r, p = _CISCO_N, 1, 1
            salt, made = _raw(parts[2]), _crypt64(parts[3])
        else:
            log2, r, p = (int(part.partition("=")[2]) for part in parts[2].split(","))
            n, salt, made = 1 << log2, _base64(parts[3]), _base64(parts[4])
        memory = min(_MEMORY_MAX, 128 * r * (n + p + 8) + (1 << 20))
        found = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=len(made))
    except (ValueError, OverflowError, MemoryError):
        return None
    return hmac.compare_digest(found, made)


def _by_phpass(hashed: Callable[[bytes], hashlib._Hash]) -> Callable[[bytes, str], bool | None]:
    """PasswordHash.php, crypt_private: the digest of digest and password, again and again."""

    def opens(password: bytes, text: str) -> bool | None:
        log2, salt, made = ALPHABET.index(text[3]), text[4:12], text[12:]
        if not 7 <= log2 <= 30:
            return None
        found = hashed(salt.encode() + password).digest()
        for _ in range(1 << log2):
            found = hashed(found + password).digest()
        # Drupal keeps 43 signs of the 86
        return hmac.compare_digest(_signs(found)[: len(made)], made)

    return opens


opens_phpass: Final = _by_phpass(lambda data: hashlib.md5(data, usedforsecurity=False))
opens_drupal: Final = _by_phpass(hashlib.sha512)


def _signs(data: bytes) -> str:
    """PasswordHash.php, encode64: least significant bits first."""
    signs = []
    for begin in range(0, len(data), 3):
        some = data[begin : begin + 3]
        value = int.from_bytes(some, "little")
        signs += [ALPHABET[value >> 6 * at & 63] for at in range(len(some) + 1)]
    return "".join(signs)


def opens_argon2(password: bytes, text: str) -> bool | None:
    parts = text.split("$")
    derive = _ARGON2.get(parts[1])
    if len(parts) != 6 or parts[2] != "v=19" or derive is None:
        return None  # the older version
    numbers = dict(part.partition("=")[::2] for part in parts[3].split(","))
    if numbers.keys() != {"m", "t", "p"}:
        return None  # a key or associated data, which are not in the hash
    lanes = int(numbers["p"])
    if lanes > _LANES_MAX:
        return None
    try:
        salt, made = map(_base64, parts[4:])
        with _LANES if lanes > 1 else nullcontext():
            made_here: bytes = derive(
                salt=salt,
                length=len(made),
                iterations=int(numbers["t"]),
                lanes=lanes,
                memory_cost=int(numbers["m"]),
            ).derive(password)
    except (ValueError, OverflowError, UnsupportedAlgorithm, MemoryError):
        return None
    return hmac.compare_digest(made_here, made)


def _raw(salt: str) -> bytes:
    return salt.encode("utf-8", "surrogatepass")


def _base64(text: str) -> bytes:
    """Base64 with or without its padding, and with `.` for `+` as passlib writes it."""
    bare = text.rstrip("=").replace(".", "+")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _crypt64(text: str) -> bytes:
    """Base64 with the alphabet of crypt(5)."""
    return _base64(text.translate(_TO_BASE64))

"""Schemes that libcrypt does not know: htpasswd's apr1, the digests of RFC 2307, argon2id."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from hashlib import md5, sha1
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hygiene.passwords.breach.md4 import md4

_ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_APR1: Final = b"$apr1$"
_APR1_ROUNDS: Final = 1000
# the order in which the 16 bytes are written (apr_md5.c, apr_md5_encode)
_APR1_ORDER: Final = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))

Opens = Callable[[bytes, str], bool | None]  # None: it cannot be told here


def apr1(password: bytes, salt: bytes) -> str:
    """The 22 signs behind the salt."""
    made = md5(password + salt + password, usedforsecurity=False).digest()
    start = password + _APR1 + salt + (made * (len(password) // 16 + 1))[: len(password)]
    length = len(password)
    while length:
        start += b"\0" if length & 1 else password[:1]
        length >>= 1
    made = md5(start, usedforsecurity=False).digest()
    for number in range(_APR1_ROUNDS):
        odd = number & 1
        parts = (
            password if odd else made,
            salt if number % 3 else b"",
            password if number % 7 else b"",
            made if odd else password,
        )
        made = md5(b"".join(parts), usedforsecurity=False).digest()
    text = "".join(_signs(made[a] << 16 | made[b] << 8 | made[c], 4) for a, b, c in _APR1_ORDER)
    return text + _signs(made[11], 2)


def _signs(value: int, count: int) -> str:
    return "".join(_ALPHABET[value >> 6 * at & 63] for at in range(count))


def _opens_apr1(password: bytes, text: str) -> bool:
    _, _, salt, made = text.split("$")
    return hmac.compare_digest(apr1(password, salt.encode()), made)


def _opens_digest(make: Callable[[bytes], bytes], size: int) -> Opens:
    def opens(password: bytes, text: str) -> bool:
        try:
            data = base64.b64decode(text[text.index("}") + 1 :].encode())
        except binascii.Error:
            return False
        return hmac.compare_digest(make(password + data[size:]), data[:size])

    return opens


def _md5(data: bytes) -> bytes:
    return md5(data, usedforsecurity=False).digest()


def _sha1(data: bytes) -> bytes:
    return sha1(data, usedforsecurity=False).digest()


def _opens_nt(password: bytes, text: str) -> bool:
    try:
        wide = password.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    except UnicodeError:
        return False
    return hmac.compare_digest(md4(wide).hex(), text[4:].lower())


def _opens_argon2(password: bytes, text: str) -> bool | None:
    parts = text.split("$")
    if len(parts) != 6 or parts[1:3] != ["argon2id", "v=19"]:
        return None  # the older version and kinds
    numbers = dict(part.partition("=")[::2] for part in parts[3].split(","))
    if numbers.keys() != {"m", "t", "p"}:
        return None  # a key or associated data, which are not in the hash
    try:
        salt, made = (base64.b64decode(part + "=" * (-len(part) % 4)) for part in parts[4:])
        derive = Argon2id(
            salt=salt,
            length=len(made),
            iterations=int(numbers["t"]),
            lanes=int(numbers["p"]),
            memory_cost=int(numbers["m"]),
        )
        return hmac.compare_digest(derive.derive(password), made)
    except (ValueError, UnsupportedAlgorithm, MemoryError):
        return None


# by the name of the scheme: does the password open the hash?
OPENS: Final[dict[str, Opens]] = {
    "apr1": _opens_apr1,
    "sha1": _opens_digest(_sha1, 20),
    "salted-sha1": _opens_digest(_sha1, 20),
    "plain-md5": _opens_digest(_md5, 16),
    "salted-md5": _opens_digest(_md5, 16),
    "nt": _opens_nt,
    "argon2": _opens_argon2,
}

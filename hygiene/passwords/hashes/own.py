"""Schemes that libcrypt does not know: htpasswd's apr1, the digests of RFC 2307, MySQL's, and what is stretched."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from hashlib import md5, sha1, sha256, sha384, sha512
from typing import Final

from hygiene.passwords.breach.md4 import md4
from hygiene.passwords.hashes.forms import ALPHABET
from hygiene.passwords.hashes.stretched import opens_argon2, opens_drupal, opens_pbkdf2, opens_phpass, opens_scrypt

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
    return "".join(ALPHABET[value >> 6 * at & 63] for at in range(count))


def _opens_apr1(password: bytes, text: str) -> bool:
    _, _, salt, made = text.split("$")
    return hmac.compare_digest(apr1(password, salt.encode("utf-8", "surrogatepass")), made)


# RFC 2307, and what OpenLDAP and Dovecot have made of it: the name in braces, then the digest and the salt
_HASHES: Final = {"sha": sha1, "md5": md5, "sha256": sha256, "sha384": sha384, "sha512": sha512}


def _opens_digest(password: bytes, text: str) -> bool | None:
    name, _, encoded = text[1:].partition("}")
    salted = name.lower() not in _HASHES
    hashed = _HASHES[name.lower()[salted:]]
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    except binascii.Error:
        return None
    size = hashed(usedforsecurity=False).digest_size
    if len(data) < size or (not salted and len(data) > size):
        return None
    return hmac.compare_digest(hashed(password + data[size:], usedforsecurity=False).digest(), data[:size])


def _make_nt(password: bytes) -> str:
    try:
        text = password.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = password.decode("latin-1")
    return f"$3$${md4(text.encode('utf-16-le', 'surrogatepass')).hex()}"


def _make_sha1(password: bytes) -> str:
    return "{SHA}" + base64.b64encode(sha1(password, usedforsecurity=False).digest()).decode()


def _make_md5(password: bytes) -> str:
    return "{MD5}" + base64.b64encode(md5(password, usedforsecurity=False).digest()).decode()


def _make_mysql(password: bytes) -> str:
    # mysql_native_password: SHA-1 twice
    once = sha1(password, usedforsecurity=False).digest()
    return "*" + sha1(once, usedforsecurity=False).hexdigest().upper()


def _opens_by(make: Callable[[bytes], str]) -> Opens:
    return lambda password, text: hmac.compare_digest(make(password), text)


_OTHER_SCRYPT: Final = "scrypt-elsewhere"
# by the name of the scheme: the hash of a password, of schemes without a salt, so that one guess tries all hashes
MAKES: Final[dict[str, Callable[[bytes], str]]] = {
    "nt": _make_nt,
    "sha1": _make_sha1,
    "plain-md5": _make_md5,
    "mysql": _make_mysql,
}
# by the name of the scheme: does the password open the hash?
OPENS: Final[dict[str, Opens]] = {
    **{scheme: _opens_by(make) for scheme, make in MAKES.items()},
    "apr1": _opens_apr1,
    "salted-sha1": _opens_digest,
    "salted-md5": _opens_digest,
    "sha2": _opens_digest,
    "salted-sha2": _opens_digest,
    "argon2": opens_argon2,
    "pbkdf2": opens_pbkdf2,
    "phpass": opens_phpass,
    "drupal": opens_drupal,
    _OTHER_SCRYPT: opens_scrypt,
}
# of those in OPENS what lets other threads run while it guesses
SHARED: Final = frozenset({"argon2", "nt", "pbkdf2", _OTHER_SCRYPT})


def method(scheme: str, text: str) -> str:
    """By what a hash is tried: the name of its scheme, but libcrypt knows scrypt in the form `$7$` alone."""
    return _OTHER_SCRYPT if scheme == "scrypt" and not text.startswith("$7$") else scheme


def canonical(scheme: str, text: str) -> str:
    """A hash as MAKES writes it: programs write hex digits and names in either case, base64 with either spare bits."""
    if scheme == "nt":
        return text.lower()
    if scheme in MAKES and text[:1] == "{":
        name, _, encoded = text.partition("}")
        return f"{name.upper()}}}{base64.b64encode(base64.b64decode(encoded)).decode()}"
    return text

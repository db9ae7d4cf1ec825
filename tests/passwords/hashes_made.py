"""Hashes made by this system's libcrypt while a test runs; none is kept anywhere."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import os
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hygiene.passwords.breach.md4 import md4
from hygiene.passwords.hashes.crypt import load
from hygiene.passwords.hashes.own import apr1

_LIBRARY = ctypes.CDLL("libcrypt.so.1")
_LIBRARY.crypt_gensalt_rn.argtypes = (
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
)
_LIBRARY.crypt_gensalt_rn.restype = ctypes.c_char_p

# crypt(5)'s prefix, a cost that takes little, by the name of the scheme
PREFIXES = {
    "yescrypt": ("$y$", 1),
    "gost-yescrypt": ("$gy$", 1),
    "scrypt": ("$7$", 6),
    "bcrypt": ("$2b$", 4),
    "sha512crypt": ("$6$", 1000),
    "sha256crypt": ("$5$", 1000),
    "sha1crypt": ("$sha1", 100),
    "sunmd5": ("$md5", 0),
    "md5": ("$1$", 0),
    "bsdi": ("_", 3),
    "des": ("", 0),
    "nt": ("$3$", 0),
}


def setting(prefix: str, cost: int = 0) -> str:
    output = ctypes.create_string_buffer(256)
    made = _LIBRARY.crypt_gensalt_rn(prefix.encode(), cost, None, 0, output, len(output))
    assert made is not None, prefix
    return str(made.decode())


def crypt(password: str, salt: str) -> str:
    library = load()
    assert library is not None
    made = library.hash(password.encode(), salt.encode())
    assert made is not None, salt
    return made.decode()


def made(scheme: str, password: str) -> str:
    """A hash of the password, of any scheme that passwords are tried on."""
    data = password.encode()
    salt = os.urandom(6)
    match scheme:
        case "sha2":
            return "{SHA256}" + base64.b64encode(hashlib.sha256(data).digest()).decode()
        case "salted-sha2":
            return "{SSHA512}" + base64.b64encode(hashlib.sha512(data + salt).digest() + salt).decode()
        case "sha1":
            return "{SHA}" + base64.b64encode(hashlib.sha1(data).digest()).decode()
        case "salted-sha1":
            return "{SSHA}" + base64.b64encode(hashlib.sha1(data + salt).digest() + salt).decode()
        case "plain-md5":
            return "{MD5}" + base64.b64encode(hashlib.md5(data).digest()).decode()
        case "salted-md5":
            return "{SMD5}" + base64.b64encode(hashlib.md5(data + salt).digest() + salt).decode()
        case "apr1":
            return f"$apr1${salt.hex()[:8]}${apr1(data, salt.hex()[:8].encode())}"
        case "nt":
            return "$3$$" + md4(password.encode("utf-16-le")).hex()
        case "argon2":
            return argon2(data)
        case "mysql":
            return "*" + hashlib.sha1(hashlib.sha1(data).digest()).hexdigest().upper()
        case "pbkdf2":
            derived = PBKDF2HMAC(hashes.SHA256(), 32, salt.hex().encode(), 100).derive(data)
            return f"pbkdf2_sha256$100${salt.hex()}${base64.b64encode(derived).decode()}"
        case "scrypt-elsewhere":
            derived = Scrypt(salt.hex().encode(), 64, 16, 8, 1).derive(data)
            return f"scrypt$16${salt.hex()}$8$1${base64.b64encode(derived).decode()}"
        case "phpass":
            return "$P$5" + salt.hex()[:8] + stretched(hashlib.md5, data, salt.hex()[:8])
        case "drupal":
            return "$S$5" + salt.hex()[:8] + stretched(hashlib.sha512, data, salt.hex()[:8])[:43]
    return crypt(password, setting(*PREFIXES[scheme]))


def stretched(hashed: Callable[[bytes], hashlib._Hash], data: bytes, salt: str) -> str:
    """128 rounds of phpass, in its base64."""
    made = hashed(salt.encode() + data).digest()
    for _ in range(128):
        made = hashed(made + data).digest()
    number = int.from_bytes(made, "little")
    signs = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(signs[number >> 6 * at & 63] for at in range(-(-len(made) * 8 // 6)))


def argon2(data: bytes) -> str:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    salt = os.urandom(16)
    raw = Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=64).derive(data)
    parts = (base64.b64encode(one).decode().rstrip("=") for one in (salt, raw))
    return "$argon2id$v=19$m=64,t=1,p=1$" + "$".join(parts)

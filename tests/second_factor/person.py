"""The credentials of the one person who logs in everywhere, made anew for each run."""

from __future__ import annotations

import base64
import functools
import hmac
import itertools
import secrets
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import asyncssh
import paramiko
from differential.keys import certificate, fresh, line_of, pair

from .authenticator import PRESENT, VERIFIED, Token

_STEP_S = 30  # RFC 6238, section 5.2
WRONG = "not-the-right-one"


class Offer(paramiko.PKey):
    """A key pair of asyncssh, as paramiko takes it."""

    def __init__(self, own: asyncssh.SSHKeyPair) -> None:
        self._own = own

    def get_name(self) -> str:
        return self._own.algorithm.decode()

    def asbytes(self) -> bytes:
        return self._own.public_data

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> paramiko.Message:  # noqa: ARG002 paramiko's
        return paramiko.Message(self._own.sign(data))


@dataclass(frozen=True, slots=True)
class Person:
    """What the person has; nothing of it is ever written anywhere but into the hosts of the lab."""

    offers: Mapping[str, Offer] = field(repr=False)
    lines: Mapping[str, str]  # of key files, by the key's name; `authority` is that of the certificate
    password: str = field(repr=False)
    seed: bytes = field(repr=False)  # of the codes

    @property
    def seed_base32(self) -> str:
        return base64.b32encode(self.seed).decode().rstrip("=")

    def code(self) -> str:
        """The code of the moment."""
        return _code(self.seed, int(time.time()) // _STEP_S)

    @property
    def wrong_code(self) -> str:
        """Six digits that are no code for a long time."""
        counted = {_code(self.seed, counter) for counter in range(2000)}
        return next(text for text in (f"{number:06}" for number in range(10**6)) if text not in counted)

    def counted_codes(self) -> Iterator[str]:
        """Codes that are good once, from the first on."""
        return (_code(self.seed, counter) for counter in itertools.count(1))


def _code(seed: bytes, counter: int) -> str:
    """RFC 4226, section 5.3."""
    digest = hmac.digest(seed, struct.pack(">Q", counter), "sha1")
    number = struct.unpack_from(">I", digest, digest[19] & 15)[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


@functools.cache
def person() -> Person:
    key, second, certified, authority = fresh(), fresh(), fresh(), fresh()
    token, other_token = Token("ed25519"), Token("ecdsa")
    pairs = {
        "key": pair(key),
        "second-key": pair(second),
        "certificate": pair(certified, certificate(authority, certified, ["alice", "root"])),
        "token": token.offer(PRESENT),
        "token untouched": token.offer(0),
        "token with pin": token.offer(PRESENT | VERIFIED),
        "ecdsa token": other_token.offer(PRESENT),
        "ecdsa token with pin": other_token.offer(PRESENT | VERIFIED),
    }
    lines = {
        name: line_of(own).decode() for name, own in (("key", key), ("second-key", second), ("authority", authority))
    }
    return Person(
        offers={name: Offer(own) for name, own in pairs.items()},
        lines=lines | {"token": token.line, "ecdsa token": other_token.line},
        password=secrets.token_hex(8),
        seed=secrets.token_bytes(20),
    )

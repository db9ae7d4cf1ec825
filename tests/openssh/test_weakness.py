"""Weak keys: each kind is found, a good key is not, and no key can hold the test up."""

from __future__ import annotations

import random

import asyncssh
import gmpy2
import pytest

from hygiene.openssh.keys import PublicKey, decode, encode
from hygiene.openssh.weakness import shared_factors, weakness

from .material import ECDSA, ED, RSA, blob

_CHANCE = random.Random(20)


def _prime(bits: int) -> int:
    return int(gmpy2.next_prime(_CHANCE.getrandbits(bits) | 3 << bits - 2))


def _rsa(n: int, e: int = 65537) -> PublicKey:
    return decode(encode(b"ssh-rsa", e, n))


_P, _Q = _prime(1024), _prime(1024)
_NEAR = int(gmpy2.next_prime(_P + (1 << 500)))
_SMALL_D = int(gmpy2.next_prime(1 << 480))
# Infineon's library: primes are k * M + 65537^a mod M, so that n is a power of 65537 modulo M
_M = 0x924CBA6AE99DFA084537FACC54948DF0C23DA044D8CABE0EDD75BC6
_ROCA = next(
    n
    for k in range(1 << 900, 1 << 901, 1 << 890)
    if (n := k * _M * 2**900 + pow(65537, 12345, _M)).bit_length() and n % 2
)

KEYS: dict[str, tuple[PublicKey, str | None]] = {
    "ed25519": (decode(blob(ED)), None),
    "ecdsa": (decode(blob(ECDSA)), None),
    "dsa": (decode(blob(asyncssh.generate_private_key("ssh-dss"))), "dsa"),
    "rsa-2048": (decode(blob(RSA)), "rsa-2048"),
    "rsa-3072": (_rsa(_prime(1536) * _prime(1536)), None),
    "rsa-3071-is-just-too-small": (_rsa(_prime(1536) * _prime(1535)), "rsa-3071"),
    "rsa-1024": (_rsa(_prime(512) * _prime(512)), "rsa-1024"),
    "primes-that-are-near": (_rsa(_P * _NEAR), "factorable"),
    "square": (_rsa(_P * _P), "factorable"),
    "small-factor": (_rsa(_prime(3064) * 257), "factorable"),
    "even": (_rsa(_P * _Q * 2), "factorable"),
    "small-private-exponent": (_rsa(_P * _Q, pow(_SMALL_D, -1, (_P - 1) * (_Q - 1))), "factorable"),
    "roca": (_rsa(_ROCA), "factorable"),
    "exponent-one": (_rsa(_P * _Q, 1), "factorable"),
    "exponent-even": (_rsa(_P * _Q, 65536), "factorable"),
    "exponent-zero": (_rsa(_P * _Q, 0), "factorable"),
    "modulus-zero": (_rsa(0), "factorable"),
    "modulus-one": (_rsa(1), "factorable"),
    "certificate-is-judged-by-its-key": (
        decode(asyncssh.generate_private_key("ssh-ed25519").generate_user_certificate(RSA, "x").public_data),
        "rsa-2048",
    ),
}


@pytest.mark.parametrize(("key", "expected"), KEYS.values(), ids=KEYS)
def test_weakness(key: PublicKey, expected: str | None) -> None:
    assert weakness(key) == expected


@pytest.mark.timeout(60)
@pytest.mark.parametrize("e", [3, (1 << 16383) + 1], ids=["small-exponent", "huge-exponent"])
def test_the_largest_keys_do_not_hold_the_test_up(e: int) -> None:
    assert weakness(_rsa((1 << 16384) - 1, e)) == "factorable"
    odd = _CHANCE.getrandbits(16384) | 1 << 16383 | 1
    assert weakness(_rsa(odd, e)) in ("factorable", None)


def test_shared_factors_are_found_among_many() -> None:
    primes = [_prime(256) for _ in range(41)]
    good = {f"good-{i}": primes[2 * i] * primes[2 * i + 1] for i in range(18)}
    bad = {"a": primes[36] * primes[37], "b": primes[36] * primes[38], "c": primes[38] * primes[39]}
    assert shared_factors(good | bad) == {"a", "b", "c"}
    assert shared_factors(good) == frozenset()


EDGES = {
    "none": ({}, set()),
    "one": ({"a": 15}, set()),
    "equal-moduli-are-one": ({"a": 15, "b": 15}, set()),
    "equal-moduli-beside-a-third": ({"a": 15, "b": 15, "c": 21}, {"a", "b", "c"}),
    "one-divides-the-other": ({"a": 15, "b": 5}, {"a", "b"}),
    "nonsense-is-left-out": ({"a": 0, "b": 1, "c": 15, "d": -5}, set()),
}


@pytest.mark.parametrize(("moduli", "broken"), EDGES.values(), ids=EDGES)
def test_shared_factors_at_the_edges(moduli: dict[str, int], broken: set[str]) -> None:
    assert shared_factors(moduli) == broken

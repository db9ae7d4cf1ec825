"""Keys that can be broken: too small, of a dead type, or made so that anybody can find the private part."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import gmpy2
from badkeys.rsakeys import (
    fermat,
    roca,
    rsainvalid,
    rsapoly,
    sharedprimes,
    smalld,
    smallfactors,
)

from hygiene.openssh.keys import PublicKey

FACTORABLE = "factorable"
_SAFE_BITS = 3072  # NIST SP 800-57 part 1, table 2: 128 bits of security
_Check = Callable[..., object]

# One by one and never badkeys' default list: that one asks a block list and ends the process when it is not there.
# Left out: rsabias, rsawarnings, pattern and xzbackdoor, which tell of what is odd and give nobody the private key.
_CHECKS: tuple[_Check, ...] = (
    rsainvalid,
    smallfactors,
    fermat,
    roca,
    sharedprimes,
    smalld,
    rsapoly,
)


def weakness(key: PublicKey) -> str | None:
    """Name the worst weakness of a key: `factorable`, `dsa`, `rsa-BITS` below 3072 bits; None: no test hit.

    `factorable` stands for every way to the private key, and goes before the size. Keys that are weak only beside
    others come from `shared_factors`.
    """
    if key.n is None or key.e is None:
        return "dsa" if key.plain_type == "ssh-dss" else None
    if _is_factorable(key.n, key.e):
        return FACTORABLE
    return f"rsa-{key.bits}" if key.bits < _SAFE_BITS else None


@functools.lru_cache(maxsize=65536)
def _is_factorable(n: int, e: int) -> bool:
    # the checks want a modulus that could be one; an even number, or one below 2^16, needs no search
    if n < 1 << 16 or n % 2 == 0 or e % 2 == 0:
        return True
    return any(check(n, e=e) is not False for check in _CHECKS)


def shared_factors(moduli: Mapping[str, int]) -> frozenset[str]:
    """Find the fingerprints whose modulus has a factor in common with another one, by batch GCD.

    Each modulus is compared with the product of all (Bernstein, "How to find smooth parts of integers"), in a product
    tree and a tree of remainders: 100,000 keys of 2048 bits take 90 s and 0.6 GB. Equal moduli count once: one key
    under two fingerprints is another exponent, and both are then broken as well.
    """
    numbers = sorted({n for n in moduli.values() if n > 1})
    if not numbers:
        return frozenset()
    tree = [[gmpy2.mpz(n) for n in numbers]]
    while len(tree[-1]) > 1:
        level = tree[-1]
        tree.append([level[i] * level[i + 1] if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)])
    remainders = tree.pop()
    while tree:
        level = tree.pop()
        remainders = [remainders[i // 2] % (number * number) for i, number in enumerate(level)]
    broken = {
        n for n, remainder in zip(numbers, remainders, strict=True) if gmpy2.gcd(remainder // gmpy2.mpz(n), n) != 1
    }
    return frozenset(fingerprint for fingerprint, n in moduli.items() if n in broken)

"""What a hash has to cost, by profile, as data; each minimum with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hygiene.model import HashWeakness
from hygiene.passwords.hashes.schemes import Standing


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    minimal_work: Mapping[str, int]  # by scheme, in the unit of Standing.work
    source: str


# crypt(5), libxcrypt 4.4: of traditional DES "it is feasible to discover any passphrase", of NT "so weak that any
# passphrase hashed with this method is guessable", of the others "should not be used for new hashes". apr1 is MD5-crypt
# under another name; one or two rounds of MD5 or SHA, salted or not, cost less than any of them
BROKEN: Final = frozenset(
    {
        "des",
        "bsdi",
        "md5",
        "sunmd5",
        "sha1crypt",
        "apr1",
        "nt",
        "sha1",
        "salted-sha1",
        "plain-md5",
        "salted-md5",
        "sha2",
        "salted-sha2",
        "mysql",
    }
)

# what distributions ship today, so that a system set up afresh is clean: crypt(5) gives the defaults
SHIPPED: Final = Profile(
    "shipped",
    MappingProxyType(
        {
            "sha512crypt": 5_000,
            "sha256crypt": 5_000,
            "sm3crypt": 5_000,
            "bcrypt": 10,
            "yescrypt": 16_384,
            "gost-yescrypt": 16_384,
            "sm3-yescrypt": 16_384,
            "scrypt": 16_384,
            "argon2": 38_912,
            "pbkdf2": 600_000,
        }
    ),
    "crypt(5); OWASP Password Storage Cheat Sheet for bcrypt, argon2 and PBKDF2",
)
# OWASP Password Storage Cheat Sheet: argon2id 19 MiB and 2 passes, scrypt N=2^17 r=8 p=1, bcrypt 10 or more, PBKDF2
# 600,000; SHA-crypt: RHEL-09-611050 of version 2 of the STIG. bcrypt 12 is ours: four times OWASP's least
STRICT: Final = Profile(
    "strict",
    MappingProxyType(
        {
            **SHIPPED.minimal_work,
            "sha512crypt": 100_000,
            "sha256crypt": 100_000,
            "sm3crypt": 100_000,
            "bcrypt": 12,
            "scrypt": 131_072,
        }
    ),
    "OWASP Password Storage Cheat Sheet; DISA STIG for Red Hat Enterprise Linux 9, V2 (SHA-crypt rounds)",
)
PROFILES: Final = MappingProxyType({profile.name: profile for profile in (SHIPPED, STRICT)})


def weakness(standing: Standing, profile: Profile = SHIPPED) -> HashWeakness | None:
    """Why this hash is too cheap to guess against; None if it is not, or if there is no hash."""
    if standing.scheme is None or not standing.is_hash:
        return None
    if standing.scheme in BROKEN:
        return HashWeakness.BROKEN
    minimum = profile.minimal_work.get(standing.scheme)
    if minimum is None or standing.work is None:
        return HashWeakness.UNKNOWN
    return HashWeakness.CHEAP if standing.work < minimum else None

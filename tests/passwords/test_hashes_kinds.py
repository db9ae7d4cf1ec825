"""What a password field says: state, scheme, cost, and whether that is enough; and which of them are equal."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hygiene.accounts.shadow import read_field
from hygiene.model import HashState, HashWeakness, ListHash, Truth
from hygiene.passwords.hashes.listed import ListedHashes
from hygiene.passwords.hashes.policy import SHIPPED, STRICT, weakness
from hygiene.passwords.hashes.schemes import Standing, classify, unlocked
from hygiene.passwords.hashes.shared import digest, key_name
from hygiene.passwords.read.reader import HashLine
from passwords.hashes_made import PREFIXES, crypt, made, setting

SET, LOCKED_HASH, LOCKED, NONE = HashState.SET, HashState.LOCKED_HASH, HashState.LOCKED, HashState.NONE


def salt(prefix: str, cost: int = 0) -> str:
    return crypt("a-word", setting(prefix, cost))


@pytest.mark.parametrize(
    ("field", "standing"),
    [
        (salt("$6$"), Standing(SET, "sha512crypt", None, 5000)),
        (salt("$6$", 656_000 // 100), Standing(SET, "sha512crypt", "rounds=6560", 6560)),
        (salt("$5$", 1000), Standing(SET, "sha256crypt", "rounds=1000", 1000)),
        (salt("$y$"), Standing(SET, "yescrypt", "j9T", 16_384, 16_384)),
        (salt("$y$", 1), Standing(SET, "yescrypt", "j75", 1024, 1024)),
        (salt("$gy$", 3), Standing(SET, "gost-yescrypt", "j7T", 4096, 4096)),
        (salt("$7$", 6), Standing(SET, "scrypt", "N=2^13;r=32;p=1", 32_768, 32_772)),
        (salt("$2b$", 4), Standing(SET, "bcrypt", "04", 4)),
        (salt("$2y$", 5), Standing(SET, "bcrypt", "05", 5)),
        (salt("$1$"), Standing(SET, "md5")),
        (salt("_", 725), Standing(SET, "bsdi", "rounds=725", 725)),
        (salt(""), Standing(SET, "des")),
        (made("nt", "a-word"), Standing(SET, "nt")),
        (made("apr1", "a-word"), Standing(SET, "apr1")),
        (made("sha1", "a-word"), Standing(SET, "sha1")),
        (made("salted-sha1", "a-word"), Standing(SET, "salted-sha1")),
        ("{CRYPT}" + salt("$1$"), Standing(SET, "md5")),
        (made("argon2", "a-word"), Standing(SET, "argon2", "m=64;t=1;p=1", 64, 64)),
        ("!" + salt("$1$"), Standing(LOCKED_HASH, "md5")),
        ("!!" + salt("$1$"), Standing(LOCKED_HASH, "md5")),
        ("*LOCKED*" + salt("$1$"), Standing(LOCKED_HASH, "md5")),
        ("", Standing(HashState.EMPTY)),
        ("!", Standing(LOCKED)),
        ("!!", Standing(LOCKED)),
        ("!*", Standing(LOCKED)),
        ("*LK*", Standing(LOCKED)),
        ("*", Standing(NONE)),
        ("NP", Standing(NONE)),
        ("x", Standing(HashState.ELSEWHERE)),
        ("##root", Standing(HashState.ELSEWHERE)),
        ("$99$abcdefgh$12345678901234", Standing(SET, "other")),
        ("$y$" + "zzzz" * 8 + "$salt$" + "a" * 43, Standing(SET, "yescrypt", "zzzz" * 8)),
        ("$6$" + "a" * 5000, Standing(SET, "other")),
        ("ä" * 20, Standing(SET, "other")),
    ],
    ids=[
        *("sha512", "sha512-rounds", "sha256-rounds", "yescrypt-default", "yescrypt-least", "gost", "scrypt"),
        *("bcrypt", "bcrypt-y", "md5", "bsdi", "des", "nt", "apr1", "sha1", "salted-sha1", "crypt-in-ldap", "argon2"),
        *("locked-hash", "locked-twice", "locked-by-freebsd", "empty", "locked", "locked-by-redhat", "locked-star"),
        *("locked-by-solaris", "star", "no-password", "in-shadow", "in-sunos", "unknown-scheme", "wild-cost"),
        *("endless", "no-ascii"),
    ],
)
def test_a_field_is_told_by_its_form(field: str, standing: Standing) -> None:
    assert classify(field) == standing


@pytest.mark.parametrize(
    ("field", "reduced"),
    [
        (salt("$6$"), "set,6,"),
        (salt("$6$", 6000), "set,6,rounds=6000"),
        (salt("$y$"), "set,y,j9T"),
        (salt("$2b$", 4), "set,2b,04"),
        (salt(""), "set,des,"),
        (made("argon2", "a-word"), "set,argon2id,m=64;t=1;p=1"),
        ("$99$abcdefgh$12345678901234", "set,99,"),
    ],
    ids=["sha512", "rounds", "yescrypt", "bcrypt", "des", "argon2", "unknown-scheme"],
)
def test_schemes_and_costs_have_the_names_of_the_fleet(field: str, reduced: str) -> None:
    standing, host = classify(field), read_field(reduced)
    assert (standing.scheme, standing.cost) == (host.scheme, host.cost)


@pytest.mark.parametrize(
    ("standing", "shipped", "strict"),
    [
        (Standing(SET, "des"), HashWeakness.BROKEN, HashWeakness.BROKEN),
        (Standing(LOCKED_HASH, "md5"), HashWeakness.BROKEN, HashWeakness.BROKEN),
        (Standing(SET, "sha1crypt", "rounds=400000", 400_000), HashWeakness.BROKEN, HashWeakness.BROKEN),
        (Standing(SET, "sha512crypt", None, 5000), None, HashWeakness.CHEAP),
        (Standing(SET, "sha512crypt", "rounds=1000", 1000), HashWeakness.CHEAP, HashWeakness.CHEAP),
        (Standing(SET, "sha512crypt", "rounds=100000", 100_000), None, None),
        (Standing(SET, "bcrypt", "09", 9), HashWeakness.CHEAP, HashWeakness.CHEAP),
        (Standing(SET, "bcrypt", "10", 10), None, HashWeakness.CHEAP),
        (Standing(SET, "yescrypt", "j9T", 16_384), None, None),
        (Standing(SET, "yescrypt", "j75", 1024), HashWeakness.CHEAP, HashWeakness.CHEAP),
        (Standing(SET, "yescrypt", "wild"), HashWeakness.UNKNOWN, HashWeakness.UNKNOWN),
        (Standing(SET, "argon2", "m=19456;t=2;p=1", 38_912), None, None),
        (Standing(SET, "argon2", "m=64;t=1;p=1", 64), HashWeakness.CHEAP, HashWeakness.CHEAP),
        (Standing(SET, "other"), HashWeakness.UNKNOWN, HashWeakness.UNKNOWN),
        (Standing(HashState.EMPTY), None, None),
        (Standing(LOCKED), None, None),
        (Standing(HashState.ELSEWHERE), None, None),
    ],
    ids=lambda value: (
        f"{value.state.value}-{value.scheme}-{value.cost}" if isinstance(value, Standing) else value and value.value
    ),
)
def test_what_a_hash_costs_is_held_against_the_profile(
    standing: Standing, shipped: HashWeakness | None, strict: HashWeakness | None
) -> None:
    assert (weakness(standing, SHIPPED), weakness(standing, STRICT)) == (shipped, strict)


KEY = "00112233445566778899aabbccddeeff"


@pytest.mark.parametrize(
    ("field", "hashed"),
    [
        ("$1$saltsalt$0123456789abcdefghijkl", "$1$saltsalt$0123456789abcdefghijkl"),
        ("!$1$saltsalt$0123456789abcdefghijkl", "$1$saltsalt$0123456789abcdefghijkl"),
        ("!!$1$saltsalt$0123456789abcdefghijkl", "$1$saltsalt$0123456789abcdefghijkl"),
        ("*LOCKED*$1$saltsalt$0123456789abcdefghijkl", "$1$saltsalt$0123456789abcdefghijkl"),
        ("{crypt}$1$saltsalt$0123456789abcdefghijkl", "$1$saltsalt$0123456789abcdefghijkl"),
        ("$3$$" + "aB" * 16, "$3$$" + "ab" * 16),
        ("abABcdCD01./x", "abABcdCD01./x"),
    ],
    ids=["as-it-stands", "locked", "locked-twice", "locked-by-freebsd", "of-a-directory", "nt-in-capitals", "des"],
)
def test_a_digest_is_that_which_the_hosts_make(field: str, hashed: str) -> None:
    assert digest(field, KEY) == hashlib.sha256(f"{KEY}:{hashed}".encode()).hexdigest()[:32]


def test_a_digest_says_nothing_without_the_key_and_the_name_of_a_key_does_not_tell_it() -> None:
    other = KEY[::-1]
    assert digest("abABcdCD01./x", KEY) != digest("abABcdCD01./x", other)
    assert key_name(KEY) == hashlib.sha256(f"hygiene digest key {KEY}".encode()).hexdigest()[:16]
    assert key_name(KEY) != key_name(other)


@pytest.mark.parametrize("scheme", PREFIXES)
def test_every_scheme_of_this_libcrypt_has_its_name(scheme: str) -> None:
    field = made(scheme, "a-word")
    assert classify(field).scheme == scheme
    assert classify("!" + field).state is LOCKED_HASH
    assert unlocked("!" + field) == field


def test_a_line_is_a_row_without_its_hash() -> None:
    field = salt("$6$", 1000)
    hashes = ListedHashes(KEY)
    hashes.add("shadow", "web1", HashLine("root", f"!{field}", 1, 19_000, True))
    hashes.add("shadow", "web1", HashLine("bin", "*", 2, None, False))
    hashes.add("shadow", "web1", HashLine("x", "", 3, 9_999_999_999, None))
    hashes.add("list.csv", None, HashLine(None, "$99$abcdefgh$12345678901234", 7))
    rows = [
        ListHash(
            *("shadow", 1, "web1", "root", LOCKED_HASH, "sha512crypt", "rounds=1000", HashWeakness.CHEAP),
            *(datetime(2022, 1, 8, tzinfo=UTC), True, digest(field, KEY), key_name(KEY)),
        ),
        ListHash("shadow", 2, "web1", "bin", NONE, None, None, None, None, False, None, None),
        ListHash("shadow", 3, "web1", "x", HashState.EMPTY, None, None, None, None, None, None, None),
        ListHash(
            *("list.csv", 7, None, None, SET, "other", None, HashWeakness.UNKNOWN, None, None),
            *(digest("$99$abcdefgh$12345678901234", KEY), key_name(KEY)),
        ),
    ]
    assert hashes.rows == rows
    assert hashes.fields == []
    assert repr(hashes) == "ListedHashes(4)"
    hashes.set_tried({0: Truth.YES, 3: Truth.UNKNOWN})
    assert [row.tried for row in hashes.rows] == [Truth.YES, Truth.NO, Truth.NO, Truth.UNKNOWN]
    assert [replace(row, tried=None) for row in hashes.rows] == rows

"""What a hash costs by the words of a row is what it costs by the hash; other words tell nothing."""

from __future__ import annotations

import pytest

from hygiene.model import HashState, HashWeakness
from hygiene.passwords.hashes.costs import weakness_of, work_of
from hygiene.passwords.hashes.policy import PROFILES, weakness
from hygiene.passwords.hashes.schemes import classify

FIELDS = {
    "sha512": "$6$" + "s" * 16 + "$" + "x" * 86,
    "sha512-rounds": "$6$rounds=12345$" + "s" * 16 + "$" + "x" * 86,
    "sha256": "$5$" + "s" * 16 + "$" + "x" * 43,
    "sm3": "$sm3$rounds=7000$" + "s" * 16 + "$" + "x" * 43,
    "bcrypt": "$2b$12$" + "x" * 53,
    "bcrypt-cheap": "$2a$04$" + "x" * 53,
    "yescrypt": "$y$j9T$" + "s" * 22 + "$" + "x" * 43,
    "yescrypt-cheap": "$y$j75$" + "s" * 22 + "$" + "x" * 43,
    "gost": "$gy$jCT$" + "s" * 22 + "$" + "x" * 43,
    "scrypt": "$7$CU..../...." + "s" * 22 + "$" + "x" * 43,
    "argon2": "$argon2id$v=19$m=65536,t=3,p=4$" + "s" * 22 + "$" + "x" * 43,
    "sha1": "$sha1$24680$" + "s" * 8 + "$" + "x" * 28,
    "md5": "$1$" + "s" * 8 + "$" + "x" * 22,
    "sunmd5": "$md5,rounds=904$" + "s" * 8 + "$$" + "x" * 22,
    "bsdi": "_J9.." + "s" * 15,
    "des": "x" * 13,
    "nt": "$3$$" + "0a" * 16,
    "phpass": "$P$" + "B" * 31,
    "drupal": "$S$D" + "x" * 51,
    "endless-phpass": "$P$z" + "x" * 30,
    "mysql": "*" + "0A" * 20,
    "pbkdf2": "$pbkdf2-sha512$600000$" + "s" * 22 + "$" + "x" * 86,
    "django": "pbkdf2_sha256$260000$" + "s" * 22 + "$" + "x" * 43 + "=",
    "cisco-8": "$8$" + "s" * 14 + "$" + "x" * 43,
    "cisco-9": "$9$" + "s" * 14 + "$" + "x" * 43,
    "scrypt-decimals": "$scrypt$ln=17,r=8,p=1$" + "s" * 22 + "$" + "x" * 43,
    "scrypt-django": "scrypt$16384$salt$8$1$" + "x" * 86 + "==",
    "scrypt-no-power": "scrypt$16385$salt$8$1$" + "x" * 86 + "==",
    "other": "$99$" + "x" * 40,
}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_words_of_a_row_tell_what_the_hash_tells(field: str, profile: object) -> None:
    standing = classify(field)
    assert standing.state is HashState.SET
    assert standing.scheme is not None
    assert weakness_of(standing.scheme, standing.cost, profile) is weakness(standing, profile)


@pytest.mark.parametrize(
    ("scheme", "cost", "work"),
    [
        pytest.param("sha512crypt", None, 5_000, id="no rounds are the default"),
        pytest.param("sha512crypt", "", 5_000, id="empty is none"),
        pytest.param("sha512crypt", "rounds=10,000", None, id="not a number"),
        pytest.param("sha512crypt", "rounds=\u0661", None, id="not an ASCII digit"),
        pytest.param("sha512crypt", "j9T", None, id="another scheme's"),
        pytest.param("sha1crypt", None, None, id="a scheme without a default"),
        pytest.param("bcrypt", "12", 12, id="exponent"),
        pytest.param("bcrypt", None, None, id="no exponent"),
        pytest.param("yescrypt", "j9T", 16_384, id="16 MiB"),
        pytest.param("yescrypt", "j9", None, id="cut"),
        pytest.param("yescrypt", "j=,;", None, id="signs that are none"),
        pytest.param("yescrypt", None, None, id="no parameters"),
        pytest.param("yescrypt", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", None, id="too much"),
        pytest.param("scrypt", "N=2^14;r=32;p=1", 65_536, id="N and r"),
        pytest.param("scrypt", "N=2^99;r=1;p=0", 0, id="no passes"),
        pytest.param("scrypt", "N=2^999;r=1;p=1", None, id="an N that is none"),
        pytest.param("argon2", "m=64;t=2;p=1", 128, id="memory and passes"),
        pytest.param("argon2", "m=64,t=2,p=1", 128, id="as an older collector wrote it"),
        pytest.param("other", "rounds=5000", None, id="a scheme that nobody knows"),
    ],
)
def test_work(scheme: str, cost: str | None, work: int | None) -> None:
    assert work_of(scheme, cost) == work


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("cisco-8", HashWeakness.CHEAP),
        ("cisco-9", HashWeakness.CHEAP),
        ("pbkdf2", None),
        ("django", HashWeakness.CHEAP),
        ("scrypt-decimals", None),
        ("scrypt-no-power", HashWeakness.UNKNOWN),
        ("phpass", HashWeakness.UNKNOWN),
        ("drupal", HashWeakness.UNKNOWN),
        ("mysql", HashWeakness.BROKEN),
    ],
)
def test_what_applications_and_routers_write_is_judged(field: str, expected: HashWeakness | None) -> None:
    assert weakness(classify(FIELDS[field])) is expected


def test_no_scheme_is_no_hash() -> None:
    assert weakness_of(None, None) is None
    assert weakness_of("other", None) is HashWeakness.UNKNOWN

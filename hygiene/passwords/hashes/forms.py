"""The whole form of each scheme's hashes: prefix, alphabet of the salt, length of the digest; and where the cost is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # crypt(5)
_VALUE: Final = {sign: number for number, sign in enumerate(ALPHABET)}

# in the words of the hash, as a number, and KiB of memory
Cost = tuple[str | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Form:
    scheme: str
    pattern: re.Pattern[str]
    cost: Callable[[re.Match[str]], Cost]
    marked: bool  # it says its scheme, so that no password is likely to have the form


def _nothing(_: re.Match[str]) -> Cost:
    return None, None, 0


def _rounds(default: int, extra: int = 0) -> Callable[[re.Match[str]], Cost]:
    def read(found: re.Match[str]) -> Cost:
        text = found["rounds"]
        return (f"rounds={text}" if text else None), (int(text) if text else default) + extra, 0

    return read


def _given(number: int) -> Callable[[re.Match[str]], Cost]:
    return lambda _: (f"rounds={number}", number, 0)


def _exponent(found: re.Match[str]) -> Cost:
    return found["cost"], int(found["cost"]), 0


def _bsdi(found: re.Match[str]) -> Cost:
    # crypt(5), bsdicrypt: 24 bits, least significant first
    count = _number(found["count"])
    return f"rounds={count}", count, 0


def _phpass(found: re.Match[str]) -> Cost:
    log2 = _VALUE[found["log2"]]
    # PasswordHash.php, crypt_private, and password.inc of Drupal 7
    return (f"rounds={1 << log2}", 1 << log2, 0) if 7 <= log2 <= 30 else (None, None, 0)


def _yescrypt(found: re.Match[str]) -> Cost:
    kib = yescrypt_kib(found["cost"])
    return found["cost"], kib, kib or 0


def yescrypt_kib(text: str) -> int | None:
    """The memory that these parameters of yescrypt ask for; None if they are not understood."""
    numbers = _varints(text) if _VALUE.keys() >= set(text) else []
    # yescrypt_encode_params_r: flavour, log2 of N less 1, r less 1, then what is not the default
    if len(numbers) != 3 or numbers[1] > 40:
        return None
    return (1 << numbers[1] + 1) * (numbers[2] + 1) * 128 >> 10


def _varints(text: str) -> list[int]:
    """Numbers of a variable number of signs (yescrypt-common.c, decode64_uint32, here from 0)."""
    numbers = []
    rest = iter(text)
    for sign in rest:
        value, start, end, width = 0, 0, 47, 1
        while _VALUE[sign] > end and width < 5:
            value += (end + 1 - start) << 6 * (width - 1)
            start, end, width = end + 1, end + 1 + (62 - end) // 2, width + 1
        value += (_VALUE[sign] - start) << 6 * (width - 1)
        for at in range(width - 2, -1, -1):
            following = next(rest, None)
            if following is None:
                return []
            value += _VALUE[following] << 6 * at
        numbers.append(value)
    return numbers


def _number(text: str) -> int:
    return sum(_VALUE[sign] << 6 * at for at, sign in enumerate(text))


def _scrypt(found: re.Match[str]) -> Cost:
    # crypt_scrypt.c: log2 of N, then r and p of 30 bits, least significant first
    return _scrypt_cost(_VALUE[found["n"]], _number(found["r"]), _number(found["p"]))


def _scrypt_in_decimals(found: re.Match[str]) -> Cost:
    return _scrypt_cost(int(found["log2"]), int(found["r"]), int(found["p"]))


def _scrypt_of_django(found: re.Match[str]) -> Cost:
    n = int(found["n"])
    if n < 2 or n & n - 1:
        return f"N={n};r={found['r']};p={found['p']}", None, 0
    return _scrypt_cost(n.bit_length() - 1, int(found["r"]), int(found["p"]))


def _scrypt_of_cisco(_: re.Match[str]) -> Cost:
    return _scrypt_cost(14, 1, 1)


def _scrypt_cost(log2: int, r: int, p: int) -> Cost:
    return f"N=2^{log2};r={r};p={p}", scrypt_work(log2, r, p), 128 * r * ((1 << log2) + p) >> 10


def scrypt_work(log2: int, r: int, p: int) -> int:
    """KiB of memory times passes (RFC 7914: N blocks of 128 r bytes, p times)."""
    return 128 * r * p << log2 >> 10


def _argon2(found: re.Match[str]) -> Cost:
    kib, passes, lanes = int(found["m"]), int(found["t"]), int(found["p"])
    return f"m={kib};t={passes};p={lanes}", kib * passes, kib


_B64: Final = "[./0-9A-Za-z]"
_MIME: Final = "[+/0-9A-Za-z]"
_EITHER: Final = "[+./0-9A-Za-z]"
_SALT: Final = r"[^$:\s]"
_SHA_ROUNDS: Final = r"(?:rounds=(?P<rounds>\d{1,9})\$)?"
# the digests of SHA-1, SHA-256 and SHA-512 in base64
_DIGEST: Final = rf"(?:{_EITHER}{{27}}|{_EITHER}{{43}}|{_EITHER}{{86}})"
_PADDED: Final = rf"(?:{_MIME}{{27}}=|{_MIME}{{43}}=|{_MIME}{{86}}==)"
OTHER: Final = "other"


def _form(scheme: str, pattern: str, cost: Callable[[re.Match[str]], Cost] = _nothing, *, marked: bool = True) -> Form:
    return Form(scheme, re.compile(pattern, re.ASCII), cost, marked)


FORMS: Final = (
    # crypt(5)
    _form("sha512crypt", rf"\$6\${_SHA_ROUNDS}{_SALT}{{0,16}}\${_B64}{{86}}", _rounds(5000)),
    _form("sha256crypt", rf"\$5\${_SHA_ROUNDS}{_SALT}{{0,16}}\${_B64}{{43}}", _rounds(5000)),
    _form("yescrypt", rf"\$y\$(?P<cost>{_B64}{{2,32}})\${_B64}{{0,86}}\${_B64}{{43}}", _yescrypt),
    _form("gost-yescrypt", rf"\$gy\$(?P<cost>{_B64}{{2,32}})\${_B64}{{0,86}}\${_B64}{{43}}", _yescrypt),
    _form("sm3-yescrypt", rf"\$sm3y\$(?P<cost>{_B64}{{2,32}})\${_B64}{{0,86}}\${_B64}{{43}}", _yescrypt),
    _form("sm3crypt", rf"\$sm3\${_SHA_ROUNDS}{_SALT}{{0,16}}\${_B64}{{43}}", _rounds(5000)),
    _form("bcrypt", rf"\$2[abxy]?\$(?P<cost>\d\d)\${_B64}{{53}}", _exponent),
    _form("md5", rf"\$1\${_SALT}{{0,8}}\${_B64}{{22}}"),
    _form("apr1", rf"\$apr1\${_SALT}{{0,8}}\${_B64}{{22}}"),
    # sunmd5: 4096 and what is given
    _form("sunmd5", rf"\$md5(?:,rounds=(?P<rounds>\d{{1,10}}))?\${_SALT}{{0,16}}\$\$?{_B64}{{22}}", _rounds(0, 4096)),
    _form("sha1crypt", rf"\$sha1\$(?P<rounds>\d{{1,10}})\${_SALT}{{0,64}}\${_B64}{{28}}", _rounds(0)),
    _form("scrypt", rf"\$7\$(?P<n>{_B64})(?P<r>{_B64}{{5}})(?P<p>{_B64}{{5}}){_SALT}{{0,86}}\${_B64}{{43}}", _scrypt),
    _form("nt", r"\$3\$\$[0-9A-Fa-f]{32}"),
    _form("bsdi", rf"_(?P<count>{_B64}{{4}}){_B64}{{15}}", _bsdi, marked=False),
    _form("des", rf"{_B64}{{13}}", marked=False),
    _form(
        "argon2",
        rf"\$argon2(?:id|i|d)\$(?:v=\d{{1,3}}\$)?m=(?P<m>\d{{1,10}}),t=(?P<t>\d{{1,10}}),p=(?P<p>\d{{1,8}})"
        rf"(?:,{_SALT}{{0,128}})?\${_MIME}{{0,128}}\${_MIME}{{1,256}}",
        _argon2,
    ),
    # RFC 2307 and its successors in directories and htpasswd
    _form("sha1", rf"(?i:\{{SHA\}}){_MIME}{{27}}="),
    _form("salted-sha1", rf"(?i:\{{SSHA\}}){_MIME}{{28,128}}={{0,2}}"),
    _form("plain-md5", rf"(?i:\{{MD5\}}){_MIME}{{22}}=="),
    _form("salted-md5", rf"(?i:\{{SMD5\}}){_MIME}{{23,128}}={{0,2}}"),
    _form("sha2", rf"(?i:\{{SHA(?:256|384|512)\}}){_MIME}{{43,128}}={{0,2}}"),
    _form("salted-sha2", rf"(?i:\{{SSHA(?:256|384|512)\}}){_MIME}{{43,256}}={{0,2}}"),
    # PasswordHash.php (WordPress, phpBB); password.inc of Drupal 7
    _form("phpass", rf"\$[PH]\$(?P<log2>{_B64}){_B64}{{30}}", _phpass),
    _form("drupal", rf"\$S\$(?P<log2>{_B64}){_B64}{{51}}", _phpass),
    # passlib; slapd-pw-pbkdf2(5); Django; type 8 of Cisco IOS, which has 20,000 rounds of SHA-256
    _form(
        "pbkdf2",
        rf"\$pbkdf2(?:-sha(?:1|256|512))?\$(?P<rounds>\d{{1,10}})\${_EITHER}{{0,1366}}\${_DIGEST}",
        _rounds(0),
    ),
    _form(
        "pbkdf2",
        rf"(?i:\{{PBKDF2(?:-SHA(?:1|256|512))?\}})(?P<rounds>\d{{1,10}})\${_EITHER}{{0,1366}}={{0,2}}\${_DIGEST}={{0,2}}",
        _rounds(0),
    ),
    # Dovecot: the salt as it stands, SHA-1 in hex digits
    _form("pbkdf2", rf"(?i:\{{PBKDF2\}})\$1\${_SALT}{{1,64}}\$(?P<rounds>\d{{1,10}})\$[0-9a-f]{{40}}", _rounds(0)),
    _form("pbkdf2", rf"pbkdf2_sha(?:1|256|512)\$(?P<rounds>\d{{1,10}})\${_SALT}{{1,256}}\${_PADDED}", _rounds(0)),
    _form("pbkdf2", rf"\$8\${_B64}{{14}}\${_B64}{{43}}", _given(20_000)),
    # passlib; Django; type 9 of Cisco IOS
    _form(
        "scrypt",
        rf"\$scrypt\$ln=(?P<log2>\d{{1,2}}),r=(?P<r>\d{{1,10}}),p=(?P<p>\d{{1,10}})\${_EITHER}{{0,1366}}\${_EITHER}{{43}}",
        _scrypt_in_decimals,
    ),
    _form(
        "scrypt",
        rf"scrypt\$(?P<n>\d{{1,10}})\${_SALT}{{1,256}}\$(?P<r>\d{{1,10}})\$(?P<p>\d{{1,10}})\${_MIME}{{86}}==",
        _scrypt_of_django,
    ),
    _form("scrypt", rf"\$9\${_B64}{{14}}\${_B64}{{43}}", _scrypt_of_cisco),
    # mysql_native_password
    _form("mysql", r"\*[0-9A-F]{40}"),
    # PostgreSQL, Dovecot, Django, passlib, 389 Directory Server: hashes, and nothing more is known of them here
    *(
        _form(OTHER, pattern)
        for pattern in (
            r"md5[0-9a-f]{32}",
            rf"SCRAM-SHA-256\$\d{{1,10}}:{_MIME}{{4,128}}={{0,2}}\${_MIME}{{43}}=:{_MIME}{{43}}=",
            rf"(?i:\{{SCRAM-SHA-(?:1|256)\}})\d{{1,10}}(?:,{_MIME}{{4,128}}={{0,2}}){{3}}",
            r"(?i:\{(?:CRAM|HMAC|DIGEST|PLAIN)-MD5\})[0-9a-f]{32,64}",
            rf"(?i:\{{LDAP-MD5\}}){_MIME}{{22}}==",
            rf"bcrypt_sha256\$\$2[aby]\$\d\d\${_B64}{{53}}",
            rf"\$bcrypt-sha256\$(?:v=2,t=2[aby],r=|2[aby],)\d{{1,2}}\${_B64}{{22}}\${_B64}{{31}}",
            rf"\{{PBKDF2_SHA256\}}{_MIME}{{430,432}}={{0,2}}",
        )
    ),
)

"""What a password field says, told by its form: the state, the scheme and the cost. Nothing of the hash is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hygiene.model import HashState

_ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # crypt(5)
_VALUE: Final = {sign: number for number, sign in enumerate(_ALPHABET)}
_FIELD_MAX: Final = 1024


@dataclass(frozen=True, slots=True)
class Standing:
    """The names of schemes are those of the accounts table; `cost` is the hash's own words, `work` a number to compare.

    `work` is what the policy's minimum is given in: rounds, the exponent of bcrypt, KiB of memory times passes for
    yescrypt, scrypt and argon2. None where the scheme has no choice, or it cannot be told.
    """

    state: HashState
    scheme: str | None = None
    cost: str | None = None
    work: int | None = None
    memory_kib: int = 0

    @property
    def is_hash(self) -> bool:
        """Whether there is a hash, locked or not, that a password may open."""
        return self.scheme is not None and self.state in (HashState.SET, HashState.LOCKED_HASH)


_EMPTY: Final = Standing(HashState.EMPTY)
_OTHER: Final = "other"

_Read = Callable[[re.Match[str]], tuple[str | None, int | None, int]]  # cost, work, KiB


def _nothing(_: re.Match[str]) -> tuple[None, None, int]:
    return None, None, 0


def _rounds(default: int, extra: int = 0) -> _Read:
    def read(found: re.Match[str]) -> tuple[str | None, int | None, int]:
        text = found["rounds"]
        return (f"rounds={text}" if text else None), (int(text) if text else default) + extra, 0

    return read


def _exponent(found: re.Match[str]) -> tuple[str, int, int]:
    return found["cost"], int(found["cost"]), 0


def _bsdi(found: re.Match[str]) -> tuple[str, int, int]:
    # crypt(5), bsdicrypt: 24 bits, least significant first
    count = sum(_VALUE[sign] << 6 * at for at, sign in enumerate(found["count"]))
    return f"rounds={count}", count, 0


def _yescrypt(found: re.Match[str]) -> tuple[str, int | None, int]:
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


def _scrypt(found: re.Match[str]) -> tuple[str, int | None, int]:
    # crypt_scrypt.c: log2 of N, then r and p of 30 bits, least significant first
    r, p = (sum(_VALUE[sign] << 6 * at for at, sign in enumerate(found[name])) for name in ("r", "p"))
    log2 = _VALUE[found["n"]]
    kib = (2**log2 * r * 128) >> 10
    return f"N=2^{log2};r={r};p={p}", kib * p, kib


def _argon2(found: re.Match[str]) -> tuple[str, int, int]:
    kib, passes, lanes = int(found["m"]), int(found["t"]), int(found["p"])
    return f"m={kib};t={passes};p={lanes}", kib * passes, kib


_DES_LENGTH: Final = 13
_B64: Final = "[./0-9A-Za-z]"
_MIME: Final = "[+/0-9A-Za-z]"
# scheme, form, what it says of the cost
_FORMS: Final[tuple[tuple[str, re.Pattern[str], _Read], ...]] = tuple(
    (scheme, re.compile(form, re.ASCII), read)
    for scheme, form, read in (
        ("sha512crypt", rf"\$6\$(?:rounds=(?P<rounds>\d{{1,9}})\$)?[^$:]{{0,16}}\${_B64}{{86}}", _rounds(5000)),
        ("sha256crypt", rf"\$5\$(?:rounds=(?P<rounds>\d{{1,9}})\$)?[^$:]{{0,16}}\${_B64}{{43}}", _rounds(5000)),
        ("yescrypt", rf"\$y\$(?P<cost>{_B64}{{2,32}})\${_B64}{{0,86}}\${_B64}{{43}}", _yescrypt),
        ("gost-yescrypt", rf"\$gy\$(?P<cost>{_B64}{{2,32}})\${_B64}{{0,86}}\${_B64}{{43}}", _yescrypt),
        ("sm3-yescrypt", rf"\$sm3y\$(?P<cost>{_B64}{{2,32}})\${_B64}{{0,86}}\${_B64}{{43}}", _yescrypt),
        ("sm3crypt", rf"\$sm3\$(?:rounds=(?P<rounds>\d{{1,9}})\$)?[^$:]{{0,16}}\${_B64}{{43}}", _rounds(5000)),
        ("bcrypt", rf"\$2[abxy]?\$(?P<cost>\d\d)\${_B64}{{53}}", _exponent),
        ("md5", rf"\$1\$[^$:]{{0,8}}\${_B64}{{22}}", _nothing),
        ("apr1", rf"\$apr1\$[^$:]{{0,8}}\${_B64}{{22}}", _nothing),
        # crypt(5), sunmd5: 4096 and what is given
        ("sunmd5", rf"\$md5(?:,rounds=(?P<rounds>\d{{1,10}}))?\$[^$:]{{0,16}}\$\$?{_B64}{{22}}", _rounds(0, 4096)),
        ("sha1crypt", rf"\$sha1\$(?P<rounds>\d{{1,10}})\$[^$:]{{0,64}}\${_B64}{{28}}", _rounds(0)),
        (
            "scrypt",
            rf"\$7\$(?P<n>{_B64})(?P<r>{_B64}{{5}})(?P<p>{_B64}{{5}})[^$:]{{0,86}}\${_B64}{{43}}",
            _scrypt,
        ),
        (
            "argon2",
            (
                rf"\$argon2(?:id|i|d)\$(?:v=\d{{1,3}}\$)?m=(?P<m>\d{{1,10}}),t=(?P<t>\d{{1,10}}),p=(?P<p>\d{{1,8}})"
                rf"(?:,[^$:]{{0,128}})?\${_MIME}{{0,128}}\${_MIME}{{1,256}}"
            ),
            _argon2,
        ),
        ("nt", r"\$3\$\$[0-9A-Fa-f]{32}", _nothing),
        ("bsdi", rf"_(?P<count>{_B64}{{4}}){_B64}{{15}}", _bsdi),
        ("des", rf"{_B64}{{13}}", _nothing),
        # RFC 2307 and its successors in directories and htpasswd
        ("sha1", rf"(?i:\{{SHA\}}){_MIME}{{27}}=", _nothing),
        ("salted-sha1", rf"(?i:\{{SSHA\}}){_MIME}{{28,128}}={{0,2}}", _nothing),
        ("plain-md5", rf"(?i:\{{MD5\}}){_MIME}{{22}}==", _nothing),
        ("salted-md5", rf"(?i:\{{SMD5\}}){_MIME}{{23,128}}={{0,2}}", _nothing),
        ("sha2", rf"(?i:\{{SHA(?:256|384|512)\}}){_MIME}{{43,128}}={{0,2}}", _nothing),
        ("salted-sha2", rf"(?i:\{{SSHA(?:256|384|512)\}}){_MIME}{{43,256}}={{0,2}}", _nothing),
        ("phpass", rf"\$[PH]\${_B64}{_B64}{{8}}{_B64}{{22}}", _nothing),
        (
            "pbkdf2",
            r"(?:\$pbkdf2(?:-sha\d{1,3})?|pbkdf2_sha\d{1,3})\$(?P<rounds>\d{1,9})\$[^$:]{0,256}\$[^$:]{20,256}",
            _rounds(0),
        ),
    )
)
# of equal passwords these are equal
UNSALTED: Final = frozenset({"nt", "sha1", "plain-md5", "sha2"})
_BARE: Final = re.compile(r"\$\S{8,}|\{[A-Za-z0-9-]{3,20}\}\S{8,}")
# freebsd pw(8) writes `*LOCKED*` before the field, Solaris passwd(1) `*LK*`
_LOCKS: Final = re.compile(r"(?:!|\*LOCKED\*|\*LK\*)+")
_CRYPT: Final = re.compile(r"^\{crypt\}", re.IGNORECASE)


def classify(field: str) -> Standing:
    """What stands where the password's hash belongs. Never an error; linear time."""
    if not field:
        return _EMPTY
    if field == "x" or field.startswith("##"):  # passwd(5); `##name` is that of SunOS
        return Standing(HashState.ELSEWHERE)
    bare = unlocked(field)
    locked = len(bare) != len(field)
    state = HashState.LOCKED_HASH if locked else HashState.SET
    if len(bare) <= _FIELD_MAX:
        text = plain(bare)
        for scheme, form, read in _FORMS:
            found = form.fullmatch(text)
            if found is not None:
                cost, work, memory = read(found)
                return Standing(state, scheme, cost, work, memory)
    # as the collector tells them: whatever is longer than the oldest scheme may be a hash of one that nobody here knows
    if not bare.startswith("*") and (len(bare) > _DES_LENGTH or _BARE.fullmatch(bare)):
        return Standing(state, _OTHER)
    return Standing(HashState.LOCKED if locked else HashState.NONE)


def plain(bare: str) -> str:
    """The hash as crypt(3) takes it, out of a directory's `{CRYPT}` too."""
    return _CRYPT.sub("", bare, count=1) if bare[:1] == "{" else bare


def unlocked(field: str) -> str:
    """The field without what locks it."""
    found = _LOCKS.match(field)
    return field[found.end() :] if found else field

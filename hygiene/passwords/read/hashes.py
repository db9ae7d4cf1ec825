"""Which texts are password hashes, and which lines hold them: htpasswd, shadow, master.passwd, passwd, pwdump.

They are recognised by their form alone and handed on as they stand; what they are worth is judged elsewhere. Where a
password is expected only a hash that says its scheme is taken for one: what may be either is scored, and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hygiene.passwords.hashes.schemes import says_its_scheme

_BEGINNINGS: Final = "${*"
_LETTERS: Final = "pbasSm"  # of schemes that begin with their name
_SHORTEST: Final = 20
_HEX_LENGTHS: Final = frozenset({32, 40, 56, 64, 96, 128})  # of MD4 and MD5, SHA-1, SHA-224 to SHA-512
_HEX: Final = re.compile(r"[0-9a-f]++|[0-9A-F]++")
_UNKNOWN: Final = re.compile(r"\$[a-z0-9-]{1,20}\$(?:[^$\s]{0,512}\$){1,5}[+./0-9A-Za-z]{22,512}={0,2}")
_BRACES: Final = re.compile(r"\{[A-Z][A-Z0-9.-]{1,19}\}[+./0-9A-Za-z$=]{22,1024}")
# crypt(5): 12 bits of salt, or 48 with the rounds, then 64 bits in 11 signs of 6: the last two are none
_DES: Final = re.compile(r"(?:[./0-9A-Za-z]{12}|_[./0-9A-Za-z]{18})[.26AEIMQUYcgkosw]")
_DES_LENGTHS: Final = (13, 20)
_DES_CELLS: Final = 3
_DES_SHARE: Final = 0.9
# a quarter of all passwords of 13 letters and digits end as a hash does: so many in a row are no chance
_DES_LINES: Final = 12
_NAME: Final = r"[^\s:/]{1,255}"
_NUMBER: Final = r"(?:-?\d{1,10})?"


def is_hash(text: str) -> bool:
    """Whether a cell holds a hash and not a password: it has the whole form of one that says its scheme."""
    if len(text) < _SHORTEST or not (text[0] in _BEGINNINGS or text[0] in _LETTERS or text[0].isspace()):
        return False
    return says_its_scheme(text.strip())


@dataclass(slots=True)
class Doubtful:
    """Counts passwords of a list that may be hashes: they are scored, which says nothing of them if they are."""

    passwords: int = 0
    certain: int = 0  # of a form that a password rarely has
    des: int = 0

    def look(self, password: str) -> None:
        self.passwords += 1
        if len(password) in _DES_LENGTHS and _DES.fullmatch(password):
            self.des += 1
        elif len(password) >= _SHORTEST and may_be_hash(password):
            self.certain += 1

    @property
    def count(self) -> int:
        """How many may be hashes. Those of DES count where nearly all have their form: many passwords have it."""
        many = self.des >= _DES_CELLS and self.des >= _DES_SHARE * self.passwords
        return self.certain + (self.des if many else 0)


def may_be_hash(text: str) -> bool:
    """Whether a text has the form of a hash of an unknown scheme, or of a digest in hex digits alone."""
    if text[0] in "${":
        return (_UNKNOWN if text[0] == "$" else _BRACES).fullmatch(text) is not None
    return len(text) in _HEX_LENGTHS and _HEX.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class HashFormat:
    name: str
    line: re.Pattern[str]  # groups: the account, the field, and of those with ages `changed` and `maximum` or `due`
    # whether these fields are those of a file of this kind
    holds: Callable[[Sequence[str]], bool] = lambda _: True
    # the same of a file that was handed in as one of hashes
    may_hold: Callable[[Sequence[str]], bool] | None = None
    # whether a line with this field is read; the others may hold passwords
    takes: Callable[[str], bool] = lambda _: True


def _hash_or_lock(field: str) -> bool:
    bare = field.lstrip("!*")
    return not bare or bare in ("x", "LK", "NP") or _is_crypt(bare) or says_its_scheme(field)


def _hashes_or_locks(fields: Sequence[str]) -> bool:
    """At least one hash, and nothing but hashes, locked hashes and words that stand for none."""
    return any(field.lstrip("!*") for field in fields) and all(map(_hash_or_lock, fields))


_LOOSE_DES: Final = re.compile(r"[./0-9A-Za-z]{13}|_[./0-9A-Za-z]{19}")


def _is_crypt(field: str) -> bool:
    return _LOOSE_DES.fullmatch(field) is not None or says_its_scheme(field) or may_be_hash(field)


def _are_crypt(fields: Sequence[str]) -> bool:
    """All hashes, and not by chance: one says its scheme, or there are many that end as those of DES do."""
    marked = any(map(says_its_scheme, fields))
    return all(map(_is_crypt, fields)) and (marked or (len(fields) >= _DES_LINES and all(map(_DES.fullmatch, fields))))


HTDIGEST: Final = re.compile(rf"{_NAME}:[^:]*+:[0-9a-f]{{32}}")
HASH_FORMATS: Final = (
    # shadow(5): nine fields, the ages are numbers of days
    HashFormat(
        "shadow",
        re.compile(
            rf"({_NAME}):([^:]*+):(?P<changed>{_NUMBER}):{_NUMBER}:(?P<maximum>{_NUMBER})(?::{_NUMBER}){{3}}:[^:]*+"
        ),
    ),
    # master.passwd(5): name, password, uid, gid, class, change, expire, gecos, home, shell
    HashFormat(
        "master.passwd",
        re.compile(rf"({_NAME}):([^:]*+):\d++:\d++:[^:]*+:(?P<due>\d*+):\d*+:[^:]*+:[^:]*+:[^:]*+"),
    ),
    # passwd(5), where a hash stands in it or `x` for shadow
    HashFormat("passwd", re.compile(rf"({_NAME}):([^:]*+):\d++:\d++:[^:]*+:[^:]*+:[^:]*+"), _hashes_or_locks),
    # pwdump and its kin: name, relative id, LM hash, NT hash
    HashFormat("pwdump", re.compile(r"([^\s:]{1,255}):\d++:[^:]{32}:([^:]{32}):[^:]*+:[^:]*+:[^:]*+")),
    HashFormat(
        "htpasswd", re.compile(rf"({_NAME}):([^:\s]++)"), _are_crypt, may_hold=_hashes_or_locks, takes=_hash_or_lock
    ),
)

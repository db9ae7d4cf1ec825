"""Which texts are password hashes, and which lines hold them: htpasswd, shadow, master.passwd, passwd, pwdump.

They are recognised by their form alone and handed on as they stand; what they are worth is judged elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

# crypt(5), and what web servers, frameworks and directories write; hardly a password begins so and goes on so
_HASH: Final = re.compile(
    r"(?:\$(?:1|2[abxy]?|3|5|6|7|y|gy|sha1|md5|sm3|sm3y|apr1|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d{1,3})?"
    r"|P|H|S|bcrypt-sha256)\$[^\s:]{8,}+"
    r"|\$md5[,$][^\s:]{8,}+"
    r"|(?:pbkdf2_sha\d{1,3}|bcrypt(?:_sha256)?|argon2|scrypt)\$[^\s:]{16,}+"
    r"|\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2(?:-SHA\d{1,3})?|ARGON2|BCRYPT|SCRAM-SHA-\d{1,3})\}[^\s:]{8,}+)",
    re.IGNORECASE,
)
# crypt(5): the traditional scheme has 13 characters of this alphabet; BSDi's has `_` and 19
_DES: Final = re.compile(r"[./0-9A-Za-z]{13}|_[./0-9A-Za-z]{19}")
_NAME: Final = r"[^\s:/]{1,255}"
_DES_LINES: Final = 3
_NUMBER: Final = r"(?:-?\d{1,10})?"


def is_hash(text: str) -> bool:
    """Whether a cell holds a hash and not a password. DES hashes are no different from passwords: not found here."""
    return len(text) > 8 and text[0] in "${pbasPBAS" and _HASH.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class HashFormat:
    name: str
    line: re.Pattern[str]  # groups: the account, the field, and of those with ages `changed` and `maximum` or `due`
    # whether these fields are those of a file of this kind
    holds: Callable[[Sequence[str]], bool] = lambda _: True
    # the same of a file that was handed in as one of hashes
    may_hold: Callable[[Sequence[str]], bool] | None = None


def _hashes_or_locks(fields: Sequence[str]) -> bool:
    """At least one hash, and nothing but hashes, locked hashes and words that stand for none."""
    bare = [field.lstrip("!*") for field in fields]
    return any(bare) and all(not field or field in ("x", "LK", "NP") or _is_crypt(field) for field in bare)


def _is_crypt(field: str) -> bool:
    return _HASH.fullmatch(field) is not None or _DES.fullmatch(field) is not None


def _are_crypt(fields: Sequence[str]) -> bool:
    """All hashes. One or two of 13 letters without the mark of a scheme may as well be passwords; more hardly are."""
    marked = any(_HASH.fullmatch(field) for field in fields)
    return all(map(_is_crypt, fields)) and (marked or len(fields) >= _DES_LINES)


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
    HashFormat("htpasswd", re.compile(rf"({_NAME}):([^:\s]++)"), _are_crypt, _hashes_or_locks),
)

"""What a password field says, told by its form: the state, the scheme and the cost. Nothing of the hash is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hygiene.model import HashState
from hygiene.passwords.hashes.forms import FORMS, OTHER, Form

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
_DES_LENGTH: Final = 13
# of equal passwords these are equal
UNSALTED: Final = frozenset({"nt", "sha1", "plain-md5", "sha2", "mysql"})
_BARE: Final = re.compile(r"\$\S{8,}|\{[A-Za-z0-9-]{3,20}\}\S{8,}")
# freebsd pw(8) writes `*LOCKED*` before the field, Solaris passwd(1) `*LK*`
_LOCKS: Final = re.compile(r"(?:!|\*LOCKED\*|\*LK\*)+")
# what directories (RFC 2307, slapd, Dovecot) and Django write before a hash of crypt(5) or argon2
_WRAPPING: Final = re.compile(
    r"\{(?:CRYPT|(?:BLF|DES|MD5|SHA256|SHA512)-CRYPT|BCRYPT|ARGON2(?:ID?)?)\}|bcrypt\$(?=\$2)|argon2(?=\$argon2)",
    re.IGNORECASE,
)
# of what programs write; crypt(5) takes more of them in a salt
_SIGNS: Final = re.compile(r"[$*+,./0-9:=A-Z_a-z{}-]{13,}+")


def classify(field: str) -> Standing:
    """What stands where the password's hash belongs. Never an error; linear time."""
    if not field:
        return _EMPTY
    if field == "x" or field.startswith("##"):  # passwd(5); `##name` is that of SunOS
        return Standing(HashState.ELSEWHERE)
    bare = unlocked(field)
    locked = len(bare) != len(field)
    state = HashState.LOCKED_HASH if locked else HashState.SET
    if (told := _form_of(bare)) is not None:
        form, found = told
        cost, work, memory = form.cost(found)
        return Standing(state, form.scheme, cost, work, memory)
    # as the collector tells them: whatever is longer than the oldest scheme may be a hash of one that nobody here knows
    if not bare.startswith("*") and (len(bare) > _DES_LENGTH or _BARE.fullmatch(bare)):
        return Standing(state, OTHER)
    return Standing(HashState.LOCKED if locked else HashState.NONE)


def says_its_scheme(text: str) -> bool:
    """Whether a text has the whole form of a hash that names its scheme, so that it is hardly anything else."""
    if _SIGNS.fullmatch(text) is None:
        return False
    told = _form_of(text)
    # behind the name of a scheme whatever has these signs is a hash: there are more forms than those of FORMS
    return (told is not None and told[0].marked) or len(text) - len(plain(text)) > 0


def _form_of(bare: str) -> tuple[Form, re.Match[str]] | None:
    if len(bare) <= _FIELD_MAX:
        text = plain(bare)
        for form in FORMS:
            found = form.pattern.fullmatch(text)
            if found is not None:
                return form, found
    return None


def plain(bare: str) -> str:
    """The hash as crypt(3) or argon2 writes it, out of a directory's `{CRYPT}` and the like."""
    found = _WRAPPING.match(bare)
    return bare[found.end() :] if found else bare


def unlocked(field: str) -> str:
    """The field without what locks it."""
    found = _LOCKS.match(field)
    return field[found.end() :] if found else field

"""/etc/shadow as the collector reduces it: states, schemes and ages. No hash gets this far, and none is kept here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from hygiene.accounts.text import entry_lines, number
from hygiene.model import AccountState, PasswordState, Truth

# crypt(5): the word between the first two `$`
_SCHEMES: Mapping[str, str] = {
    "1": "md5",
    "2": "bcrypt",
    "2a": "bcrypt",
    "2b": "bcrypt",
    "2x": "bcrypt",
    "2y": "bcrypt",
    "3": "nt",
    "5": "sha256crypt",
    "6": "sha512crypt",
    "7": "scrypt",
    "y": "yescrypt",
    "gy": "gost-yescrypt",
    "sha1": "sha1crypt",
    "md5": "sunmd5",
    "apr1": "apr1",
    "bsdi": "bsdi",
    "_": "bsdi",
    "argon2d": "argon2",
    "argon2i": "argon2",
    "argon2id": "argon2",
    "sm3": "sm3crypt",
    "sm3y": "sm3-yescrypt",
}
_NAMES = frozenset({*_SCHEMES.values(), "des"})
_COST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=,;./^")
_MOST_DIGITS = 5  # of the number that a hash has among those of its host
_COST_MAX = 32
_NEVER = 99_999  # login.defs(5): what PASS_MAX_DAYS is where nobody chose
_DAY_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAY = (datetime.max.replace(tzinfo=UTC) - _DAY_ZERO).days
_COLONS = 7  # the last field, without meaning yet, may be left out

# The state words of the collector: what a field holds, and whether it begins with `!`
_STATES: Mapping[str, tuple[PasswordState, Truth]] = {
    "set": (PasswordState.SET, Truth.NO),
    "empty": (PasswordState.EMPTY, Truth.NO),
    "locked-hash": (PasswordState.LOCKED, Truth.YES),
    "locked-none": (PasswordState.NONE, Truth.YES),  # `!`, `!!`, `!*`
    "star": (PasswordState.NONE, Truth.NO),  # `*`, `*LK*`, `*` before a hash
    "none": (PasswordState.NONE, Truth.UNKNOWN),  # any of the two
}
# programs that end a login instead of opening one
_NO_SHELLS = frozenset({"nologin", "false", "true", "sync", "halt", "shutdown"})


@dataclass(frozen=True, slots=True)
class Password:
    """What a password field says. `locked`: it begins with `!`, which makes sshd refuse every login without PAM.

    With `none` a scheme says that a hash stands behind `*LOCKED*` or `*LK*`.
    """

    state: PasswordState
    scheme: str | None = None  # `sha512crypt`, `yescrypt`, ...; `other` for one that crypt(5) does not know
    cost: str | None = None  # the hash's own parameters, as `rounds=5000`, `10` or `j9T`
    locked: Truth = Truth.UNKNOWN
    number: int | None = None  # of its digest in the evidence; None: the host made none


UNKNOWN = Password(PasswordState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ShadowEntry:
    """One account's line; ages in days since 1970-01-01 or in days, None where the field is empty."""

    name: str
    password: Password
    last_change: int | None
    minimum: int | None
    maximum: int | None
    warn: int | None
    inactive: int | None
    expire: int | None
    # False: the file has dates of its own, which are not judged here
    judged: bool = field(default=True, kw_only=True)

    def expired(self, day: int, *, pam: bool = True) -> bool:
        """Is the account refused on this day (days since 1970-01-01)?

        pam_unix refuses from the day of expiry on, and once a password is overdue by more than `inactive`
        (passverify.c, check_shadow_expiry); sshd without PAM refuses from the day after (auth-shadow.c).
        """
        if self.expire is not None and (day >= self.expire if pam else day > self.expire):
            return True
        if not pam or not self.last_change or self.maximum is None or self.inactive is None:
            return False
        return day - self.last_change > max(self.maximum, self.inactive, self.maximum + self.inactive)


@dataclass(frozen=True, slots=True)
class Shadow:
    entries: Mapping[str, ShadowEntry]  # the first line of each name, as getspnam(3) finds it
    problems: tuple[str, ...]


def parse(data: bytes, path: str = "/etc/shadow") -> Shadow:
    """Read `name:state,scheme,cost:lastchg:min:max:warn:inactive:expire` lines."""
    entries: dict[str, ShadowEntry] = {}
    problems: list[str] = []
    for index, line in entry_lines(data):
        if line[0] in "+-":
            problems.append(
                f"{path}:{index}: a {line[0]} entry: password states of a directory, which are not listed here"
            )
            continue
        fields = [*line.split(":"), *[""] * 9][:9]
        ages = [number(field) if field.strip() else None for field in fields[2:8]]
        unread = any(field.strip() and age is None for field, age in zip(fields[2:8], ages, strict=True))
        password = read_field(fields[1])
        if not fields[0] or line.count(":") < 1 or unread or "\0" in line or password == UNKNOWN:
            problems.append(f"{path}:{index}: not a shadow line; expected nine fields with ages in days")
            if fields[0] and fields[0] not in entries:
                entries[fields[0]] = ShadowEntry(fields[0], UNKNOWN, *[None] * 6)
            continue
        if line.count(":") < _COLONS or any(age is not None and age < 0 for age in ages):
            continue  # glibc's parse_line (sgetspent.c) takes no such line, and looks for another
        if fields[0] in entries:
            problems.append(f"{path}:{index}: a second line of an account; the first one holds")
            continue
        entries[fields[0]] = ShadowEntry(fields[0], password, *ages)
    return Shadow(entries, tuple(problems))


def read_field(text: str) -> Password:
    """A reduced password field, or as written where it holds no hash (empty, `*`, `!`, `!!`).

    `state,scheme,cost`, or `state,scheme,cost,number` of a hash with a digest.
    """
    if not text:
        return Password(PasswordState.EMPTY, locked=Truth.NO)
    if set(text) <= {"!", "*"}:
        return Password(PasswordState.NONE, locked=Truth.YES if text[0] == "!" else Truth.NO)
    word, _, rest = text.partition(",")
    if word not in _STATES:
        return UNKNOWN
    state, locked = _STATES[word]
    scheme, _, more = rest.partition(",")
    cost, nth = _numbered(more)
    if state is PasswordState.EMPTY or (state is PasswordState.NONE and word != "star"):
        return Password(state, locked=locked)
    known = _scheme(scheme)
    return Password(state, known, _cost(cost), locked, nth) if known is not None else Password(state, locked=locked)


def _numbered(text: str) -> tuple[str, int | None]:
    """The cost, and the number behind it."""
    cost, comma, last = text.rpartition(",")
    if not comma or "=" in last:  # of argon2 the older collector wrote the commas
        return text, None
    return cost, int(last) if last.isascii() and last.isdigit() and len(last) <= _MOST_DIGITS else None


def _scheme(text: str) -> str | None:
    if text in ("", "-"):
        return None
    return _SCHEMES.get(text) or (text if text in _NAMES else "other")


def _cost(text: str) -> str | None:
    cost = text.strip(",-")
    # anything longer or odder is no cost, and could be a piece of a hash
    return cost if 0 < len(cost) <= _COST_MAX and set(cost) <= _COST_CHARACTERS else None


def password_of(field: Password | None, entry: ShadowEntry | None, *, shadow_seen: bool) -> Password:
    """What decides an account's password: its passwd field unless that is `x` (None here), then shadow.

    pam_unix does so (passverify.c, get_account_info). Without a shadow line there is nothing that a password could
    match; without having seen shadow nothing is known.
    """
    if field is not None:
        return field
    if entry is not None:
        return entry.password
    return Password(PasswordState.NONE, locked=Truth.NO) if shadow_seen else UNKNOWN


def never_expires(last_change: int | None, maximum: int | None) -> bool:
    """Whether a password never ends, by the third and the fifth field of shadow.

    shadow(5): without a day of the last change nothing ages.
    """
    return last_change is None or last_change < 0 or maximum is None or not 0 <= maximum < _NEVER


def changed_at(last_change: int | None) -> datetime | None:
    """When a password was set last; None where the day is not told, or is none of a calendar.

    shadow(5): day 0 asks for a new password at the next login, and says nothing of this one.
    """
    if last_change is None or not 0 < last_change <= _LAST_DAY:
        return None
    return _DAY_ZERO + timedelta(days=last_change)


def has_shell(shell: str, programs: Mapping[str, bool]) -> bool:
    """Does the account's shell open a session? `programs` says of paths whether they can be executed, where known."""
    return PurePosixPath(shell).name not in _NO_SHELLS and programs.get(shell, True)


def account_state(password: Password, *, expired: bool, shell: bool) -> AccountState:
    """The one word for an account: expired, else no-shell, else locked, else active.

    Expired comes first because PAM then refuses every login. No-shell comes before locked: both let a key through
    where PAM is used, but without a shell there is no session, while a locked password (`!`, what `passwd -l` and
    `usermod -L` write) stops passwords only. `*` is not locked: such accounts are meant to be entered by key. A field
    of which only "no usable hash" is known counts as active, the state of which more is asked.
    """
    if expired:
        return AccountState.EXPIRED
    if not shell:
        return AccountState.NO_SHELL
    return AccountState.LOCKED if password.locked is Truth.YES else AccountState.ACTIVE

"""What a module is asked about: who, from where, and the files of the host that it reads."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hygiene.model import PasswordState, Truth
from hygiene.openssh.connection import Source
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome

Answer = tuple[Outcome, ...]

# where sudo and su are run: PAM_RHOST is not set, and PAM_TTY is the terminal of a session, if it has one
LOCAL = Source("local")

# What pam_unix may say of an account's ages, and all that is possible of one whose shadow line was not seen.
SHADOW_UNSEEN = frozenset(
    {Code.SUCCESS, Code.ACCT_EXPIRED, Code.AUTHTOK_EXPIRED, Code.NEW_AUTHTOK_REQD, Code.AUTHINFO_UNAVAIL}
)


@dataclass(frozen=True, slots=True)
class Person:
    """An account as modules see it."""

    name: str
    uid: int
    gid: int
    groups: frozenset[str] | None  # names, the primary group among them; None: not all known
    home: str
    shell: str  # as passwd has it: empty means /bin/sh
    local: bool | None  # /etc/passwd has it; None: not known
    gids: frozenset[int] | None = None  # of the same groups
    shadow: frozenset[Code] = SHADOW_UNSEEN  # `modules.unix.ages`: one code, or several that are possible
    password: PasswordState = PasswordState.UNKNOWN


class Conversation(enum.StrEnum):
    """How what a module asks for is answered."""

    EACH = "each"  # every prompt by itself: keyboard-interactive, sudo, su
    ONE = "one"  # the same text for every hidden prompt, and none for those that echo: sshd's method `password`


@dataclass(frozen=True, slots=True)
class Stat:
    """A file of which only this was looked at, not its content."""

    kind: str  # `-` a regular file, `d`, `l`, ... as ls(1) writes it
    uid: int | None  # None: not known
    gid: int | None
    mode: int | None  # permission bits


@dataclass(frozen=True, slots=True)
class Conf:
    """The files of a host that modules read, by path, and what else they ask the system.

    A path is in `files` (None: could not be read), or in `absent`, or was not seen. The last line end of a file
    counts. Of files with secrets only what names accounts or settings is there. `hostname` is the host's own name,
    `version` that of libpam.
    """

    files: Mapping[str, bytes | None] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    open_to_all: frozenset[str] = frozenset()  # files that everybody can write, and links and other non-files
    access_d: tuple[str, ...] | None = None  # paths of /etc/security/access.d/*.conf; None: not listed
    nologin: Truth = Truth.UNKNOWN  # /etc/nologin or /var/run/nologin is there
    hostname: str | None = None
    version: tuple[int, ...] | None = None
    stats: Mapping[str, Stat] = field(default_factory=dict)  # files that are there, by path: of enrolments
    modules: frozenset[str] | None = None  # the files of the modules' folder, `pam_unix.so`; None: not listed

    def stat(self, path: str) -> Stat | bool | None:
        """What is known of a file: False where there is none, None when it was not seen."""
        return self.stats.get(path, False if path in self.absent else None)

    def read(self, path: str) -> bytes | str | None:
        """The file's bytes; None where there is none; else, as text, why it is not known."""
        data = self.files.get(path)
        if data is not None:
            return data
        if path in self.absent:
            return None
        return f"{path} could not be read" if path in self.files else f"{path} was not seen"

    def before(self, *version: int) -> bool | None:
        """Whether libpam is older; None: not known."""
        return None if self.version is None else self.version < version


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a module, by sshd, sudo or su."""

    arguments: tuple[str, ...]
    person: Person
    source: Source
    conf: Conf
    service: str = "sshd"
    by_password: bool = False  # PAM's own auth stage came before, and pam_unix succeeded in it
    allow_empty: bool = False  # PermitEmptyPasswords is yes: sshd does not pass PAM_DISALLOW_NULL_AUTHTOK
    in_auth: bool = False  # the module is asked in the auth stage
    caller: Person | None = None  # who runs su or sudo; None: nobody, as for sshd

    @property
    def is_local(self) -> bool:
        """Whether sudo or su asks, on the host itself."""
        return self.source == LOCAL

    @property
    def rhost(self) -> str | None:
        """What PAM_RHOST is, empty where it is not set; None: an address that no rule names."""
        return "" if self.is_local else self.source.host or self.source.address

    @property
    def tty(self) -> str | None:
        """What PAM_TTY is; None: not known. sshd says `ssh` (auth-pam.c, sshpam_init)."""
        return None if self.is_local else "ssh"

    @property
    def ruser(self) -> str:
        """What PAM_RUSER is, empty where it is not set: sshd sets none, sudo and su name their caller."""
        return self.caller.name if self.caller is not None else ""

    def is_in(self, group: str) -> bool | None:
        """Whether the account is a member; None: not known."""
        return None if self.person.groups is None else group in self.person.groups


def sure(code: Code, why: str | None = None) -> Answer:
    """The one thing that the module returns."""
    return (Outcome(code, why),)


def either(codes: Iterable[Code], doubt: str, why: str | None = None) -> Answer:
    """Any of these, and why it is not known which; a single one is sure."""
    found = sorted(set(codes))
    if len(found) == 1:
        return sure(found[0], why if found[0] is not Code.SUCCESS else None)
    return tuple(Outcome(code, why if code not in (Code.SUCCESS, Code.IGNORE) else None, doubt=doubt) for code in found)

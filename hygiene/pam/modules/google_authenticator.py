"""pam_google_authenticator: codes of a secret that lies in a file of the account's own.

Reads: the stat of the secret file, by default `~/.google_authenticator`; never its content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.modules.enrolment import Enrolment, truth
from hygiene.pam.question import Answer, Question, Stat, either, sure

CODE = "code"
_FILE = "~/.google_authenticator"
_FLAGS = frozenset(
    {
        "debug",
        "no_strict_owner",
        "try_first_pass",
        "use_first_pass",
        "forward_pass",
        "noskewadj",
        "no_increment_hotp",
        "nullok",
        "allow_readonly",
        "echo-verification-code",
        "echo_verification_code",
    }
)
_ALLOWED = 0o600
_MODE = 0o3777  # the bits that the module looks at
_OCTAL = re.compile(r"0*+([0-7]{1,6})")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Options:
    """What a rule asks for; as parse_args (pam_google_authenticator.c) reads it."""

    flags: frozenset[str]
    file: str = _FILE
    user: str | None = None
    allowed: int = _ALLOWED
    grace_s: int = 0


def options(arguments: tuple[str, ...]) -> Options | str:
    """The options of a rule, or why the module fails whoever asks: it takes no word that it does not know."""
    file, user, allowed, grace_s = _FILE, None, _ALLOWED, 0
    flags = set()
    for text in arguments:
        name, equals, value = text.partition("=")
        if text in _FLAGS:
            flags.add(text)
        elif not equals:
            return f"the module does not know the option {text}"[:120]
        elif name == "secret":
            file = value
        elif name == "user":
            user = value
        elif name == "allowed_perm":
            found = _OCTAL.fullmatch(value)
            if found is None or int(found[1], 8) == 0:
                return "allowed_perm is not a mode"
            allowed = int(found[1], 8)
        elif name == "grace_period":
            if _NUMBER.fullmatch(value) is None:
                return "grace_period is not a number"
            grace_s = int(value)
        elif name != "authtok_prompt":
            return f"the module does not know the option {text}"[:120]
    return Options(frozenset(flags), file, user, allowed, grace_s)


def secret_file(wanted: Options, question: Question) -> str | None:
    """The account's secret file; None where the module finds no name for it."""
    home, name = question.person.home, question.person.name
    if wanted.user is None and not home.startswith("/"):
        return None
    if wanted.user is not None and (wanted.file.startswith("~") or "${HOME}" in wanted.file or "/~" in wanted.file):
        return None
    # a tilde counts at the start and behind a slash
    path = re.sub(r"(?:(?<=/)|^)~", lambda _: home, wanted.file, count=1)
    return path.replace("${HOME}", home).replace("${USER}", name)


def enrolment(question: Question) -> Enrolment:
    """Whether the account has a secret file, and what becomes of it without one."""
    wanted = options(question.arguments)
    if isinstance(wanted, str):
        return Enrolment(CODE, Truth.UNKNOWN, detail=wanted)
    path = secret_file(wanted, question)
    stat = None if path is None else question.conf.stat(path)
    there = False if path is None else None if stat is None else stat is not False
    without = truth(None if there is None else not there) if "nullok" in wanted.flags and path else Truth.NO
    return Enrolment(CODE, truth(there), without, detail=path)


def auth(question: Question) -> Answer:
    """A code, where the account has a secret; with `nullok` who has none is passed over."""
    wanted = options(question.arguments)
    if isinstance(wanted, str):
        return sure(Code.AUTH_ERR, wanted)
    path = secret_file(wanted, question)
    if path is None:
        return sure(Code.AUTH_ERR, "there is no file with the account's secret")
    stat = question.conf.stat(path)
    asked = sure(Code.SUCCESS) if CODE in question.given else sure(Code.AUTH_ERR, "the code is wrong, or there is none")
    missing = Code.IGNORE if "nullok" in wanted.flags else Code.AUTH_ERR
    if stat is None:
        return either({asked[0].code, missing}, f"{path} was not seen", f"{path} is not there")
    if isinstance(stat, bool):
        return sure(missing, f"{path} is not there")
    works = _works(stat, wanted, question)
    if works is None:
        return either({asked[0].code, Code.AUTH_ERR}, f"whether {path} can be used is not known", "the code is wrong")
    return asked if works else sure(Code.AUTH_ERR, f"{path} is not a file of the account's own that others cannot read")


def _works(stat: Stat, wanted: Options, question: Question) -> bool | None:
    """Whether the module takes the file: its kind, mode and owner."""
    if stat.kind != "-" or stat.mode is None or stat.uid is None:
        return None
    if stat.mode & _MODE & ~wanted.allowed:
        return False
    return None if wanted.user is not None else stat.uid == question.person.uid or "no_strict_owner" in wanted.flags

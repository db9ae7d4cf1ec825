"""pam_google_authenticator: codes of a secret that lies in a file of the account's own.

Reads: the stat of the secret file, `~/.google_authenticator` or what `secret=` makes of the account; never its content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import CODE, Enrolment, refused, truth
from hygiene.pam.question import Question, Stat, either, sure
from hygiene.pam.replies import Asks, Case, First, Keeps, Lapse, Reply, Says

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
_WRONG = refused("the code is wrong, or there is none")


@dataclass(frozen=True, slots=True)
class _Options:
    flags: frozenset[str]
    file: str
    user: str | None
    allowed: int
    grace_s: int


def _options(arguments: tuple[str, ...]) -> _Options | str:
    """As parse_args reads them, or why the module fails whoever asks: it takes no word that it does not know."""
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
    return _Options(frozenset(flags), file, user, allowed, grace_s)


def _secret_file(wanted: _Options, question: Question) -> str | None:
    """The account's secret file, as get_secret_filename expands it; None where the module gives up."""
    home, text = question.person.home, wanted.file
    if wanted.user is None and not home.startswith("/"):
        return None
    pieces: list[str] = []
    at, tilde = 0, True
    while at < len(text):
        own_home = "~" if tilde and text[at] == "~" else "${HOME}" if text.startswith("${HOME}", at) else ""
        if own_home:
            if wanted.user is not None:
                return None
            pieces.append(home)
            at, tilde = at + len(own_home), False
        elif text.startswith("${USER}", at):
            pieces.append(question.person.name)
            at, tilde = at + len("${USER}"), False
        else:
            pieces.append(text[at])
            at, tilde = at + 1, text[at] == "/"
    return "".join(pieces)


def enrolment(question: Question) -> Enrolment:
    """Whether the account has a secret file, and what becomes of it without one."""
    wanted = _options(question.arguments)
    if isinstance(wanted, str):
        return Enrolment(CODE, Truth.UNKNOWN, detail=wanted)
    path = _secret_file(wanted, question)
    stat = False if path is None else question.conf.stat(path)
    there = None if stat is None else stat is not False
    passes = truth(None if there is None else not there) if "nullok" in wanted.flags and path else Truth.NO
    return Enrolment(CODE, truth(there), passes, detail=path)


def auth(question: Question) -> Reply:
    """A code, where the account has a secret; with `nullok` who has no file is passed over without a question.

    The file is named as the rule does, so that accounts which are alike have equal replies.
    """
    wanted = _options(question.arguments)
    if isinstance(wanted, str):
        return Says(refused(wanted))
    path = _secret_file(wanted, question)
    if path is None:
        return Says(refused("there is no name for the account's secret file"))
    stat = question.conf.stat(path)
    nullok = "nullok" in wanted.flags
    missing = (
        (Outcome(Code.IGNORE, note=f"{wanted.file} is not there, and nullok passes over who has none"),)
        if nullok
        else refused(f"{wanted.file} is not there")
    )
    if stat is None:
        doubt = f"{wanted.file} was not seen"
        right = (Outcome(Code.SUCCESS, doubt=doubt), *_doubted(missing, doubt))
        return _asks(wanted, right, _doubted((*_WRONG, *missing), doubt) if nullok else _WRONG)
    if isinstance(stat, bool):
        return Says(missing)
    works = _works(stat, wanted, question)
    if works is False:
        return Says(refused(f"{wanted.file} has a mode or an owner that the module does not take"))
    if works is None:
        return _asks(wanted, either({Code.SUCCESS, Code.AUTH_ERR}, f"whether {wanted.file} can be used is not known"))
    return _asks(wanted, sure(Code.SUCCESS))


def _doubted(outcomes: tuple[Outcome, ...], doubt: str) -> tuple[Outcome, ...]:
    return tuple(Outcome(outcome.code, outcome.why, doubt) for outcome in outcomes)


def _asks(wanted: _Options, right: tuple[Outcome, ...], wrong: tuple[Outcome, ...] = _WRONG) -> Asks:
    forward = "forward_pass" in wanted.flags
    keeps = Keeps.PREFIX if forward else Keeps.SAME
    code = f"{CODE}:{wanted.file} {wanted.user}"
    use, attempt = "use_first_pass" in wanted.flags, "try_first_pass" in wanted.flags
    return Asks(
        (Case((code,), right, prefix=forward, keeps=keeps),),
        wrong,
        First.ONLY if use else First.BEFORE if attempt else First.IGNORED,
        without=wrong,
        echo=any(flag.startswith("echo") for flag in wanted.flags),
        unanswered=wrong,
        # a kept answer may have a password before the code, forward_pass or not
        of_kept=(Case((code,), right, prefix=True, keeps=keeps),),
    )


def lapses(question: Question) -> tuple[Lapse, ...]:
    """`grace_period`: who logged in with a code is not asked again for a time, from the same address."""
    wanted = _options(question.arguments)
    if isinstance(wanted, str) or wanted.grace_s <= 0:
        return ()
    path = _secret_file(wanted, question)
    if path is None or question.conf.stat(path) is False:
        return ()
    when = f"the account logged in with a code, from the same address, in the last {wanted.grace_s} seconds"
    note = f"grace_period={wanted.grace_s} asks for no other code in that time"
    return (Lapse(when, Says((Outcome(Code.SUCCESS, note=note),))),)


def _works(stat: Stat, wanted: _Options, question: Question) -> bool | None:
    """Whether the module takes the file (open_secret_file); it is opened as the account, or as `user=`."""
    if stat.kind != "-" or stat.mode is None or stat.uid is None:
        return None
    if stat.mode & _MODE & ~wanted.allowed:
        return False
    uid = question.person.uid if wanted.user is None else _uid(wanted.user)
    if uid is None:
        return None
    if stat.uid == uid:
        return uid == 0 or bool(stat.mode & 0o400)
    if "no_strict_owner" not in wanted.flags:
        return False
    return True if uid == 0 or stat.mode & 0o004 else None if stat.mode & 0o040 else False


def _uid(user: str) -> int | None:
    """A number, or root; other names would have to be looked up."""
    return int(user) if _NUMBER.fullmatch(user) else 0 if user == "root" else None

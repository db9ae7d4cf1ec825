"""pam_u2f: a FIDO key that is plugged into the host itself, with touch, PIN or finger.

Reads: the content and the owner of the key file (`authfile=`, else ~/.config/Yubico/u2f_keys, or ~/.ssh/id_ecdsa_sk
with `sshformat`), each line reduced to `USER:` and the flags of each key (`+presence+pin`, `-` none, `?` no key);
/etc/security/pam_u2f.conf or the file of `conf=`, where a line is an option (since 1.4).
"""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import KEY, VERIFIED_KEY, Enrolment, option, passes, refused, truth
from hygiene.pam.question import Question, Stat, either, sure
from hygiene.pam.replies import Asks, Case, Reply, Says, Shows

_CONF = "/etc/security/pam_u2f.conf"
_DEFAULT = "~/.config/Yubico/u2f_keys"
_WRONG = refused("the key is not there, or not confirmed")
_VERSION = "which version of pam_u2f this is is not known"


@dataclass(frozen=True, slots=True)
class _Keys:
    """What the account has: ordinary keys, keys that ask for a PIN, keys that ask for a finger."""

    path: str
    shown: str  # as a rule names it, so that accounts which are alike have equal replies
    plain: bool = False
    pin: bool = False
    finger: bool = False
    doubt: str | None = None  # why it is not known
    missing: Code | None = None  # what becomes of it without nouserok

    @property
    def form(self) -> str:
        return KEY if self.plain or not (self.pin or self.finger) else VERIFIED_KEY


def enrolment(question: Question) -> Enrolment:
    """Whether the key file names the account."""
    arguments = _arguments(question)
    if isinstance(arguments, str):
        return Enrolment(KEY, Truth.UNKNOWN, Truth.UNKNOWN, detail=arguments)
    keys = _keys(arguments, question)
    enrolled = truth(None if keys.doubt is not None else keys.missing is None)
    always = truth("alwaysok" in arguments)
    without = always
    if "nouserok" in arguments and always is Truth.NO and enrolled is not Truth.YES:
        without = passes(_without(keys)) if enrolled is Truth.NO else Truth.UNKNOWN
    return Enrolment(keys.form, enrolled, without, detail=keys.path)


def auth(question: Question) -> Reply:
    """A key, or a key with a PIN or finger where every key of the account asks for that."""
    arguments = _arguments(question)
    if isinstance(arguments, str):
        return Shows(
            KEY, either({Code.SUCCESS, Code.SERVICE_ERR}, arguments), either(_FAILED | {Code.SUCCESS}, arguments)
        )
    if "alwaysok" in arguments:
        return Says((Outcome(Code.SUCCESS, note="alwaysok lets everybody pass"),))
    keys = _keys(arguments, question)
    nouserok = "nouserok" in arguments
    if keys.missing is not None:
        if not nouserok:
            return Says(either(_FAILED - {Code.IGNORE}, _VERSION, f"{keys.shown} has no key for it"))
        return Says(_without(keys))
    if keys.doubt is not None:
        wrong = _FAILED | ({Code.SUCCESS, Code.IGNORE} if nouserok else set())
        return Shows(KEY, either(wrong | {Code.SUCCESS}, keys.doubt), either(wrong, keys.doubt))
    if keys.plain or not keys.pin:
        return Shows(keys.form, sure(Code.SUCCESS), _WRONG)
    return Asks((Case((f"{VERIFIED_KEY}:{keys.shown}",), sure(Code.SUCCESS)),), _WRONG)


_FAILED = frozenset({Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL, Code.USER_UNKNOWN, Code.IGNORE})


def _without(keys: _Keys) -> tuple[Outcome, ...]:
    """What nouserok makes of an account without a key.

    Before 1.3.1 that was success; the repaired 1.1.0 of Debian 12 refuses it where there is a key file.
    """
    note = f"{keys.shown} has no key of the account, and nouserok lets pass who has none"
    passing = tuple(Outcome(code, doubt=_VERSION, note=note) for code in (Code.SUCCESS, Code.IGNORE))
    if keys.missing is Code.AUTHINFO_UNAVAIL:
        return passing
    return (*passing, Outcome(Code.AUTH_ERR, "the key file has no key of the account", _VERSION))


def _arguments(question: Question) -> tuple[str, ...] | str:
    """The options of the file, then those of the rule; a text where they are not known."""
    named = option(question.arguments, "conf")
    data = question.conf.read(named or _CONF)
    if isinstance(data, str):
        return data
    if data is None:
        return question.arguments if named is None else f"{named} is not there"
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return (*filter(None, (line.partition("#")[0].strip() for line in lines)), *question.arguments)


def _keys(arguments: tuple[str, ...], question: Question) -> _Keys:
    path = _file(arguments, question)
    if path is None:
        return _Keys("", "", doubt="the name of the key file is not understood")
    shown = option(arguments, "authfile") or ("~/.ssh/id_ecdsa_sk" if "sshformat" in arguments else _DEFAULT)
    stat = question.conf.stat(path)
    data = question.conf.read(path)
    if stat is False or data is None:
        return _Keys(path, shown, missing=Code.AUTHINFO_UNAVAIL)
    if not isinstance(stat, Stat) or stat.kind != "-" or stat.uid is None:
        return _Keys(path, shown, doubt=f"{shown} was not seen")
    if stat.uid not in (0, question.person.uid):
        # an error, which versions before 1.3.1 took for no key
        return _Keys(path, shown, doubt=f"{shown} belongs to another account")
    if isinstance(data, str):
        return _Keys(path, shown, doubt=f"{shown} was not seen")
    if "sshformat" in arguments:
        return _of([""], path, shown, arguments)
    name = f"{question.person.name}:".encode("utf-8", "surrogateescape")
    lines = [line for line in data.split(b"\n") if line.startswith(name)]
    if not lines:
        return _Keys(path, shown, missing=Code.USER_UNKNOWN)
    # the last line of an account counts
    flags = [each for each in lines[-1][len(name) :].decode("ascii", "replace").split(":") if each]
    if not flags:
        return _Keys(path, shown, missing=Code.USER_UNKNOWN)
    return _of(flags, path, shown, arguments)


def _of(flags: list[str], path: str, shown: str, arguments: tuple[str, ...]) -> _Keys:
    """What keys ask for, with what the options ask for besides (parse_opts in util.c)."""
    if "?" in flags:
        return _Keys(path, shown, doubt=f"{shown} has a key that is not understood")
    always_pin = option(arguments, "pinverification") == "1"
    always_finger = option(arguments, "userverification") == "1"
    pins = [always_pin or "+pin" in each for each in flags]
    fingers = [always_finger or "+verification" in each for each in flags]
    plain = any(not pin and not finger for pin, finger in zip(pins, fingers, strict=True))
    # one that asks for a finger alone has no prompt, which is the easier way
    return _Keys(
        path, shown, plain, not any(f and not p for p, f in zip(pins, fingers, strict=True)) and any(pins), any(fingers)
    )


def _file(arguments: tuple[str, ...], question: Question) -> str | None:
    """As pam_sm_authenticate finds it: a relative name lies below the home."""
    file = option(arguments, "authfile")
    home = question.person.home
    if not file:
        default = ".ssh/id_ecdsa_sk" if "sshformat" in arguments else ".config/Yubico/u2f_keys"
        return f"{home}/{default}" if home.startswith("/") else None
    if "expand" in arguments:
        pieces = file.split("%%")
        file = "%".join(piece.replace("%u", question.person.name) for piece in pieces)
        if any(piece.replace("%u", "").count("%") for piece in pieces):
            return None
    if file.startswith("/"):
        return file
    return f"{home}/{file}" if home.startswith("/") else None

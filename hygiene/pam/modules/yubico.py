"""pam_yubico: codes that a YubiKey types, checked by a server, or a YubiKey that is plugged into the host itself.

Reads: the content of `authfile=`, each line reduced to `USER:`; without it that of ~/.yubico/authorized_yubikeys.
"""

from __future__ import annotations

from dataclasses import replace

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import CODE, KEY, Enrolment, option, passes, refused, truth
from hygiene.pam.question import Question, either, sure
from hygiene.pam.replies import WRONG, Asks, Case, First, Keeps, Lapse, Reply, Says, Shows

_CODE = f"{CODE}:yubikey"
_AWAY = "the server of pam_yubico cannot be reached"
_WRONG = refused("the code is wrong, or there is none")
_VERSION = "which version of pam_yubico this is is not known"
_ELSEWHERE = ("ldapserver", "ldap_uri", "mysql_server")


def _is_local(question: Question) -> bool:
    return "mode=challenge-response" in question.arguments


def _file(question: Question) -> str:
    return option(question.arguments, "authfile") or f"{question.person.home}/.yubico/authorized_yubikeys"


def _shown(question: Question) -> str:
    """The file as a rule names it, so that accounts which are alike have equal replies."""
    return option(question.arguments, "authfile") or "~/.yubico/authorized_yubikeys"


def enrolment(question: Question) -> Enrolment:
    """Whether the account has a token in the file; tokens of a directory are not known."""
    always = truth("alwaysok" in question.arguments)
    if _is_local(question):
        return Enrolment(KEY, Truth.UNKNOWN, always, Truth.NO)
    known = _enrolled(question)
    enrolled = Truth.UNKNOWN if isinstance(known, str) else truth(known)
    without = always
    nullok = "nullok" in question.arguments
    if nullok and always is Truth.NO and enrolled is not Truth.YES:
        without = passes(_without(question, nullok)) if enrolled is Truth.NO else Truth.UNKNOWN
    return Enrolment(CODE, enrolled, without, always, _file(question))


def auth(question: Question) -> Reply:
    """A code with the account's token; `nullok` passes over who has none."""
    arguments = question.arguments
    if "alwaysok" in arguments:
        return Says((Outcome(Code.SUCCESS, note="alwaysok lets everybody pass"),))
    if _is_local(question):
        # the file that holds the challenge is not looked for
        doubt = "whether the account has a YubiKey for this host is not known"
        wrong = {Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL, Code.USER_UNKNOWN}
        missing = wrong | {Code.IGNORE} if "nullok" in arguments else wrong
        return Shows(KEY, either({Code.SUCCESS, *missing}, doubt), either(missing, doubt))
    known = _enrolled(question)
    nullok = "nullok" in arguments
    if known is False:
        return Says(_without(question, nullok))
    if isinstance(known, str):
        codes = {Code.AUTH_ERR, Code.USER_UNKNOWN, Code.AUTHINFO_UNAVAIL} | ({Code.IGNORE} if nullok else set())
        return _asks(question, either(codes | {Code.SUCCESS}, known), either(codes, known))
    return _asks(question, sure(Code.SUCCESS), _WRONG)


def _without(question: Question, nullok: bool) -> tuple[Outcome, ...]:
    """What an account without a token gets; a file that is not there is an error, but for nullok since 2.27."""
    path, shown = _file(question), _shown(question)
    none = Outcome(Code.IGNORE, note=f"{shown} has no token of the account, and nullok passes over who has none")
    if question.conf.read(path) is not None and question.conf.stat(path) is not False:
        return (
            (none,) if nullok else either({Code.USER_UNKNOWN, Code.AUTH_ERR}, _VERSION, f"{shown} has no token for it")
        )
    if option(question.arguments, "authfile") is not None:
        return refused(f"{shown} is not there", Code.AUTHINFO_UNAVAIL)
    missing = either({Code.USER_UNKNOWN, Code.AUTHINFO_UNAVAIL}, _VERSION, f"{shown} is not there")
    return (*missing[:1], replace(none, doubt=_VERSION)) if nullok else missing


def lapses(question: Question) -> tuple[Lapse, ...]:
    """While the server is away nobody's code is right, but the control may let that pass."""
    if "alwaysok" in question.arguments or _is_local(question) or _enrolled(question) is False:
        return ()
    away = refused("its server is away", Code.AUTHINFO_UNAVAIL)
    # what it takes to get so far is the name of the account's token, which is no secret
    return (Lapse(_AWAY, _asks(question, away, away)),)


def _asks(question: Question, right: tuple[Outcome, ...], wrong: tuple[Outcome, ...]) -> Asks:
    use, attempt = "use_first_pass" in question.arguments, "try_first_pass" in question.arguments
    return Asks(
        # what stands before a code is kept, whatever the options, and whether the code is right or not
        tuple(
            Case(text, outcomes, prefix, Keeps.PREFIX if prefix else Keeps.SAME)
            for prefix in (False, True)
            for text, outcomes in (((_CODE,), right), (WRONG, wrong))
        ),
        wrong,
        First.ONLY if use else First.INSTEAD if attempt else First.IGNORED,
        without=wrong,
        echo="verbose_otp" in question.arguments,
        unanswered=refused("nobody answers a prompt that shows what is typed", Code.CONV_ERR),
        keeps=Keeps.CUT,
    )


def _enrolled(question: Question) -> bool | str:
    """Whether a line names the account (check_user_token in util.c); a text where that is not known."""
    if any(option(question.arguments, name) is not None for name in _ELSEWHERE):
        return "the tokens that a directory names are not known"
    path = _file(question)
    data = question.conf.read(path)
    if data is None or question.conf.stat(path) is False:
        return False
    if isinstance(data, str):
        return f"{_shown(question)} was not seen"
    name = f"{question.person.name}:".encode("utf-8", "surrogateescape")
    return any(line.startswith(name) for line in data.split(b"\n"))

"""pam_unix: the ages of shadow(5), and in the auth stage the password of passwd and shadow."""

from __future__ import annotations

from hygiene.accounts.shadow import UNKNOWN, ShadowEntry
from hygiene.model import PasswordState
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import PASSWORD
from hygiene.pam.question import SHADOW_UNSEEN, Answer, Question, either, sure
from hygiene.pam.replies import Asks, Case, First, Keeps, Reply, Says

_WHY = {
    Code.ACCT_EXPIRED: "the account has expired",
    Code.AUTHTOK_EXPIRED: "the password has been overdue for too long",
    Code.AUTHINFO_UNAVAIL: "the account has no shadow line",
}
OWN = f"{PASSWORD}:own"  # the account's, in passwd or shadow
_WHY_WRONG = "the password is wrong, or there is none"
_WRONG = sure(Code.AUTH_ERR, _WHY_WRONG)
_NO_HASH = either(
    {Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL}, "whether the account has a shadow line is not known", _WHY_WRONG
)
_NOT_LOCAL = either(
    {Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL, Code.USER_UNKNOWN}, "where the account comes from is not known", _WHY_WRONG
)
_MAY_BE_EMPTY = ("nullok", "nullresetok")


def ages(entry: ShadowEntry | None, *, shadowed: bool | None, seen: bool, day: int) -> frozenset[Code]:
    """What pam_unix returns for an account's ages on a day (since 1970-01-01), of all versions.

    `shadowed`: the passwd field is `x` (or `##name`), so that shadow is asked at all; `seen`: shadow was read whole,
    and no other database has lines of it. Follows check_shadow_expiry (passverify.c); 1.6 counts the last day of a
    password and of its inactive time as overdue, before it took the day after.
    """
    if shadowed is False:
        return frozenset({Code.SUCCESS})
    if entry is None or shadowed is None:
        return frozenset({Code.AUTHINFO_UNAVAIL}) if seen and shadowed else SHADOW_UNSEEN
    if entry.password == UNKNOWN or not entry.judged:
        return SHADOW_UNSEEN
    if entry.expire is not None and day >= entry.expire:
        return frozenset({Code.ACCT_EXPIRED})
    if entry.last_change == 0:
        return frozenset({Code.NEW_AUTHTOK_REQD})
    if entry.maximum is None or (entry.last_change is not None and day < entry.last_change):
        return frozenset({Code.SUCCESS})
    # an empty date of the last change is -1, with which 1.5 counts on, while 1.6 takes it as no aging
    passed = day - (entry.last_change if entry.last_change is not None else -1)
    old = _overdue(passed - 1, entry.maximum, entry.inactive, also=entry.inactive)
    new = Code.SUCCESS if entry.last_change is None else _overdue(passed, entry.maximum, entry.inactive)
    return frozenset({old, new})


def _overdue(passed: int, maximum: int, inactive: int | None, also: int | None = None) -> Code:
    if inactive is not None and passed >= maximum + inactive and (also is None or passed >= also):
        return Code.AUTHTOK_EXPIRED
    return Code.NEW_AUTHTOK_REQD if passed >= maximum else Code.SUCCESS


def account(question: Question) -> Answer:
    """Ages alone: a locked or missing password is nothing to the account stage."""
    codes = question.person.shadow
    if any(argument.startswith("no_pass_expiry") for argument in question.arguments) and not question.by_password:
        overdue = codes & {Code.NEW_AUTHTOK_REQD, Code.AUTHTOK_EXPIRED}
        # an option since 1.3
        kept = frozenset[Code]() if question.conf.before(1, 3) is False else overdue
        codes = (codes - overdue) | kept | ({Code.SUCCESS} if overdue else set())
    if any(argument.startswith("broken_shadow") for argument in question.arguments) and Code.AUTHINFO_UNAVAIL in codes:
        codes = codes - {Code.AUTHINFO_UNAVAIL} | {Code.SUCCESS}
    doubt = None if len(codes) == 1 else "whether the account has expired is not known"
    return tuple(Outcome(code, _WHY.get(code), doubt=doubt) for code in sorted(codes))


def auth(question: Question) -> Reply:
    """The account's own password; an empty one lets everybody in where `nullok` and sshd allow it.

    pam_get_authtok(3) takes the answer that a module before it has kept, with or without try_first_pass.
    """
    arguments, person = question.arguments, question.person
    match person.password:
        case PasswordState.SET:
            return _asks(question, sure(Code.SUCCESS), _WRONG)
        case PasswordState.LOCKED:
            return _asks(question, (), _WRONG)
        case PasswordState.NONE:
            return _asks(question, (), _NO_HASH if person.local else _NOT_LOCAL)
        case PasswordState.EMPTY:
            if not question.allow_empty or not any(text.startswith(_MAY_BE_EMPTY) for text in arguments):
                return _asks(question, (), _WRONG)
            if "nullok" in arguments:
                return Says(sure(Code.SUCCESS))
            # nullok_secure asked for a terminal of /etc/securetty up to PAM 1.3 of Debian
            doubt = "whether it takes the empty password is not known"
            return Says(either({Code.SUCCESS, Code.AUTH_ERR}, doubt, _WHY_WRONG), opaque=True)
        case _:
            codes = {Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL, Code.USER_UNKNOWN}
            doubt = "the state of the password is not known"
            empty = question.allow_empty and any(text.startswith(_MAY_BE_EMPTY) for text in arguments)
            wrong = either(codes | {Code.SUCCESS} if empty else codes, doubt, _WHY_WRONG)
            return _asks(question, either({*codes, Code.SUCCESS}, doubt, _WHY_WRONG), wrong)


def _asks(question: Question, right: tuple[Outcome, ...], wrong: tuple[Outcome, ...]) -> Asks:
    return Asks(
        (Case((OWN,), right, keeps=Keeps.TEXT),) if right else (),
        wrong,
        First.ONLY if any(text.startswith("use_first_pass") for text in question.arguments) else First.INSTEAD,
        without=_WRONG,
        keeps=Keeps.TEXT,
    )

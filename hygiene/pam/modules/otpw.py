"""pam_otpw: passwords of a printed list, each behind a prefix that is known by heart.

Reads: the stat of ~/.otpw; never its content.
"""

from __future__ import annotations

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.modules.enrolment import CODE, PASSWORD, Enrolment, truth
from hygiene.pam.question import Question, either
from hygiene.pam.replies import Asks, Case, Reply, Says


def enrolment(question: Question) -> Enrolment:
    """Whether the account has a list; the pseudo-user otpw may keep it elsewhere."""
    stat = question.conf.stat(_file(question))
    return Enrolment(CODE, truth(None if stat is None else stat is not False), Truth.NO, detail=_file(question))


def auth(question: Question) -> Reply:
    """The prefix and a password of the list, in one answer; whether the list is used up or locked is not known."""
    if question.conf.stat(_file(question)) is False:
        codes = {Code.AUTHINFO_UNAVAIL, Code.AUTH_ERR, Code.USER_UNKNOWN}
        return Says(either(codes, "which version of pam_otpw this is is not known", "the account has no list"))
    codes = {Code.SUCCESS, Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL}
    right = either(codes, "whether the account's list can be used is not known", "the list is used up")
    wrong = either(codes - {Code.SUCCESS}, "whether the account's list can be used is not known", "the code is wrong")
    return Asks((Case((f"{PASSWORD}:otpw", f"{CODE}:otpw"), right),), wrong)


def _file(question: Question) -> str:
    return f"{question.person.home}/.otpw"

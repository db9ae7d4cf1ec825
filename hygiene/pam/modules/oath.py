"""pam_oath: codes of secrets that lie in one file for all accounts, or in one of each.

Reads: the content of `usersfile=`, each line reduced to `TYPE USER PINFLAG` (`-`, `+`, or `set` for a PIN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import CODE, PASSWORD, Enrolment, option, refused, truth
from hygiene.pam.question import Question, either, sure
from hygiene.pam.replies import WRONG, Asks, Case, First, Keeps, Reply, Says

_TYPE = re.compile(r"HOTP(?:/E(?:/[678])?|/T[36]0(?:/[678])?)?")  # parse_type (usersfile.c)
_WRONG = refused("the code is wrong, or there is none")
_RIGHT = sure(Code.SUCCESS)


def _users_file(question: Question) -> str | None:
    file = option(question.arguments, "usersfile")
    if file is None:
        return None
    names = {"${USER}": question.person.name, "${HOME}": question.person.home}  # since 2.6.7
    return re.sub(r"\$\{(?:USER|HOME)\}", lambda found: names[found[0]], file)


def enrolment(question: Question) -> Enrolment:
    """Whether the users file has a line of the account."""
    path = _users_file(question)
    flags = _flags(path, question)
    always = truth("alwaysok" in question.arguments)
    enrolled = Truth.UNKNOWN if isinstance(flags, str) else truth(bool(flags))
    return Enrolment(CODE, enrolled, always, always, path)


def auth(question: Question) -> Reply:
    """A code, where the users file has a line of the account; all others are refused."""
    if "alwaysok" in question.arguments:
        return Says((Outcome(Code.SUCCESS, note="alwaysok lets everybody pass"),))
    path = _users_file(question)
    flags = _flags(path, question)
    if path is None:
        return Says(either({Code.AUTH_ERR, Code.SYSTEM_ERR}, "what it does without a usersfile is not known"))
    shown = option(question.arguments, "usersfile") or ""
    if isinstance(flags, str):
        doubt = f"{shown} was not seen"
        return _asks(question, shown, frozenset("-+"), either({Code.SUCCESS, Code.AUTH_ERR, Code.USER_UNKNOWN}, doubt))
    if flags:
        return _asks(question, shown, flags, _RIGHT)
    if question.conf.read(path) is None:
        return _asks(question, shown, flags, _RIGHT)
    # since 2.6.7 nobody is asked who has no line
    doubt = "which version of the module this is is not known"
    refused_both = either({Code.USER_UNKNOWN, Code.AUTH_ERR}, doubt, f"{shown} does not name the account")
    return _asks(question, shown, flags, _RIGHT, refused_both)


def _asks(
    question: Question,
    shown: str,
    flags: frozenset[str],
    right: tuple[Outcome, ...],
    wrong: tuple[Outcome, ...] = _WRONG,
) -> Asks:
    code, pin = f"{CODE}:{shown}", f"{PASSWORD}:pin of {shown}"
    cut = (option(question.arguments, "digits") or "").lstrip("0") in ("6", "7", "8")
    # what is no longer than a code is not cut
    cases = [Case((code,), right if flags & {"-", "+"} else wrong), Case(WRONG, wrong)]
    if cut:
        if "set" in flags:
            cases.append(Case((pin, code), right, keeps=Keeps.PREFIX))
        # the module keeps what stands before a code, also where it refuses it, and whether the code is right or not
        cases.append(Case((code,), right if "+" in flags else wrong, prefix=True, keeps=Keeps.PREFIX))
        cases.append(Case(WRONG, wrong, prefix=True, keeps=Keeps.PREFIX))
    use, attempt = ("use_first_pass" in question.arguments), ("try_first_pass" in question.arguments)
    return Asks(
        tuple(cases),
        wrong,
        First.ONLY if use else First.INSTEAD if attempt else First.IGNORED,
        without=wrong,
        keeps=Keeps.CUT if cut else Keeps.SAME,
    )


def _flags(path: str | None, question: Question) -> frozenset[str] | str:
    """What the account's lines say of a PIN; a text where they are not known."""
    data = None if path is None else question.conf.read(path)
    if data is None or isinstance(data, str):
        return data or frozenset()
    return frozenset(_lines(data, question.person.name))


def _lines(data: bytes, name: str) -> Iterator[str]:
    for line in data.split(b"\n"):
        words = line.decode("utf-8", "surrogateescape").split(maxsplit=3)
        if len(words) > 2 and words[1] == name and _TYPE.fullmatch(words[0]):
            yield words[2] if words[2] in "-+" else "set"

"""pam_oath: codes of secrets that lie in one file for all accounts, or in one of each.

Reads: the content of `usersfile=`, each line reduced to `TYPE USER PINFLAG` (`-`, `+` or `set`).
"""

from __future__ import annotations

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.modules.enrolment import Enrolment, truth
from hygiene.pam.question import Answer, Question, either, sure

CODE = "code"


def users_file(question: Question) -> str | None:
    file = next((text[10:] for text in reversed(question.arguments) if text.startswith("usersfile=")), None)
    if not file:
        return None
    return file.replace("${HOME}", question.person.home).replace("${USER}", question.person.name)


def enrolment(question: Question) -> Enrolment:
    """Whether the users file has a line of the account."""
    path = users_file(question)
    found = _line(path, question)
    always = "alwaysok" in question.arguments
    enrolled = Truth.UNKNOWN if isinstance(found, str) else truth(found)
    return Enrolment(CODE, enrolled, truth(always), truth(always), path)


def auth(question: Question) -> Answer:
    """A code, where the users file has a line of the account; all others are refused."""
    if "alwaysok" in question.arguments:
        return sure(Code.SUCCESS)
    path = users_file(question)
    found = _line(path, question)
    if found is False:
        return sure(Code.AUTH_ERR, f"{path} does not name the account")
    if CODE not in question.given:
        return sure(Code.AUTH_ERR, "the code is wrong, or there is none")
    return (
        sure(Code.SUCCESS) if found is True else either({Code.SUCCESS, Code.AUTH_ERR}, str(found), "the code is wrong")
    )


def _line(path: str | None, question: Question) -> bool | str:
    if path is None:
        return False
    data = question.conf.read(path)
    if data is None or isinstance(data, str):
        return data or False
    name = question.person.name.encode("utf-8", "surrogateescape")
    return any(name == words[1] for words in map(bytes.split, data.split(b"\n")) if len(words) > 1)

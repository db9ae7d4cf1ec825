"""pam_succeed_if: conditions on the account and the login, all of which have to hold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from hygiene.accounts import globs
from hygiene.pam.codes import ASCII_LOWER, Code
from hygiene.pam.modules.addresses import pton
from hygiene.pam.modules.numbers import integer
from hygiene.pam.question import Answer, Question, either

_FLAGS = frozenset({"debug", "use_uid", "quiet", "quiet_fail", "quiet_success", "audit"})
_ADDRESSES = frozenset("0123456789abcdefABCDEF.:*?")  # of patterns that sshd writes in the same way
_NUMERIC: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "lt": operator.lt,
    "<=": operator.le,
    "le": operator.le,
    ">": operator.gt,
    "gt": operator.gt,
    ">=": operator.ge,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}

# What a condition may come to: True, False, an error, or (None) either of the first two.
_Result = bool | Code | None


def succeed_if(question: Question) -> Answer:
    """The first condition that does not hold decides (pam_succeed_if.c); none at all succeeds."""
    words = [word for word in question.arguments if word not in _FLAGS]
    as_root = "use_uid" in question.arguments  # of the process: root's, or that of who runs su
    if as_root and question.caller is not None:
        question, as_root = replace(question, person=question.caller), False
    codes: set[Code] = set()
    doubt = why = None
    for at in range(0, len(words) - 2, 3):
        left, relation, right = words[at : at + 3]
        condition = f"{left} {relation} {right}"
        result = _holds(left, relation, right, question, as_root)
        if result is True:
            continue
        why = why or f"{condition} does not hold"[:120]
        codes.add(result if isinstance(result, Code) else Code.AUTH_ERR)
        if result is not None:
            return either(codes, doubt or "", why)
        doubt = doubt or f"whether {condition} holds is not known"[:120]
    if len(words) % 3:
        codes.add(Code.SERVICE_ERR)
        return either(codes, doubt or "", why or "the last condition is not whole")
    return either({*codes, Code.SUCCESS}, doubt or "", why)


def origins(arguments: tuple[str, ...]) -> Iterator[str]:
    """The addresses, and patterns of addresses, that conditions on `rhost` tell apart, as sshd writes them."""
    words = [word for word in arguments if word not in _FLAGS]
    for at in range(0, len(words) - 2, 3):
        left, relation, right = words[at : at + 3]
        if left.translate(ASCII_LOWER) != "rhost":
            continue
        match relation.translate(ASCII_LOWER):
            case "=" | "!=" if pton(right) is not None:
                yield right
            case "in" | "notin":
                yield from (word for word in right.split(":") if pton(word) is not None)
            case "=~" | "glob" | "!~" | "noglob" if _ADDRESSES.issuperset(right):
                yield right


def _holds(left: str, relation: str, right: str, question: Question, as_root: bool) -> _Result:
    field, relation = left.translate(ASCII_LOWER), relation.translate(ASCII_LOWER)
    values = _values(question, as_root)
    if field not in values:
        return Code.SERVICE_ERR
    value = values[field]
    name = "root" if as_root else question.person.name
    if relation in ("ingroup", "notingroup"):
        member = _in_groups(right, question) if name == question.person.name else None
        return member if member is None or relation == "ingroup" else not member
    if relation in ("innetgr", "notinnetgr"):
        return None
    if value is None:
        return None if field != "rhost" else _elsewhere(relation)
    if relation in _NUMERIC:
        return _compare(value, relation, right, question)
    match relation:
        case "=":
            return value == right
        case "!=":
            return value != right
        case "=~" | "glob":
            return _glob(right, value)
        case "!~" | "noglob":
            found = _glob(right, value)
            return found if found is None else not found
        case "in":
            return value in right.split(":")
        case "notin":
            return value not in right.split(":")
        case _:
            return Code.SERVICE_ERR


def _glob(pattern: str, text: str) -> bool | None:
    """fnmatch(3) without flags, for which a slash is a character like others; None: not understood."""
    if len(pattern) > globs.SEGMENT_MAX or "[:" in pattern or "[." in pattern or "[=" in pattern:
        return None
    return globs.matches(pattern.replace("/", "\1"), text.replace("/", "\1"))


def _compare(value: str, relation: str, right: str, question: Question) -> _Result:
    one, other = integer(value), integer(right)
    if "" in (value, right) and question.conf.before(1, 6) is not False:
        # before 1.6 nothing counts as 0
        return None if question.conf.before(1, 6) is None else _NUMERIC[relation](one or 0, other or 0)
    return Code.SERVICE_ERR if one is None or other is None else _NUMERIC[relation](one, other)


def _values(question: Question, as_root: bool) -> Mapping[str, str | None]:
    """What the words on the left stand for; None: not known, or (rhost) an address that no rule names."""
    person = question.person
    known = not as_root or person.name == "root"
    home, shell = (person.home, person.shell) if known else (None, None)
    name = "root" if as_root else person.name
    return {
        "user": name,
        "login": name,
        "name": name,
        "uid": "0" if as_root else str(person.uid),
        "gid": "0" if as_root else str(person.gid),
        "shell": shell,
        "home": home,
        "dir": home,
        "homedir": home,
        "service": question.service,
        "ruser": question.ruser,
        "rhost": question.rhost,
        "tty": question.tty,
    }


def _elsewhere(relation: str) -> _Result:
    """An address that is not what stands on the right."""
    if relation in ("=", "in"):
        return False
    if relation in ("!=", "notin"):
        return True
    return None


def _in_groups(names: str, question: Question) -> bool | None:
    members = [question.is_in(name) for name in names.split(":") if name]
    return True if True in members else None if None in members else False

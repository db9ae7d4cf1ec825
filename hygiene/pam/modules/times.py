"""pam_time: rules of time.conf(5) that shut accounts out at times of the day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hygiene.pam.codes import ASCII_LOWER, Code
from hygiene.pam.question import Answer, Question, either, sure

FILE = "/etc/security/time.conf"
_RULE_MAX = 900  # a field and what follows it must fit PAM_TIME_BUFLEN, which is 1000
_RULES_MAX = 2000
_DAYS = {"su": 1, "mo": 2, "tu": 4, "we": 8, "th": 16, "fr": 32, "sa": 64, "wk": 62, "wd": 65, "al": 127}
_TIMES = re.compile(r"((?:[A-Za-z]{2})*+)([A-Za-z]?)(\d{0,4}+)(?:-(\d{4}))?", re.ASCII)
_MEMBER = re.compile(r"[&|!]|[A-Za-z0-9*_\-./:]++")

_Agrees = Callable[[str], bool | None]


@dataclass(frozen=True, slots=True)
class _Rule:
    number: int
    fields: tuple[str, ...]
    doubt: bool = False  # too long for the module's buffer, or not collected


def times(question: Question) -> Answer:
    """Refused when a rule for the service, terminal and account has another time; what time it is is not known."""
    named = [text.removeprefix("conffile=") for text in question.arguments if text.startswith("conffile=")]
    file = next(filter(None, reversed(named)), FILE)
    data = question.conf.read(file)
    codes = {Code.SUCCESS, Code.PERM_DENIED}
    if not isinstance(data, bytes):
        return sure(Code.SUCCESS) if data is None else either(codes, data, f"{file} may refuse it now")
    doubt = None
    for rule in _rules(data):
        place = f"{file}:{rule.number}"
        if rule.doubt or len(rule.fields) > 4 or not rule.fields[0]:
            doubt = doubt or f"{place}: the rule is not understood"
            continue
        verdict = _verdict(rule, question)
        if verdict is False:
            return sure(Code.PERM_DENIED, f"{place} refuses it at all times")
        if verdict is None:
            doubt = doubt or f"{place}: whether it lets the account in now is not known"
    return either(codes, doubt, f"{file} refuses it now") if doubt is not None else sure(Code.SUCCESS)


def _verdict(rule: _Rule, question: Question) -> bool | None:
    """Whether the rule lets the account in; a rule without four fields refuses nobody."""
    if len(rule.fields) < 4:
        return True
    service, tty, user, when = rule.fields
    concerns = [
        _logic(service, lambda word: _same(word, question.service)),
        _logic(tty, lambda word: _terminal(word, question.tty)),
        None if user.startswith("@") else _logic(user, lambda word: _same(word, question.person.name)),
    ]
    if False in concerns:
        return True
    is_open = _logic(when, _is_open)
    return None if is_open is False and None in concerns else is_open


def _rules(data: bytes) -> Iterator[_Rule]:
    """Rules with their fields, as read_field finds them: a last field without a line end is empty."""
    text = data.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    parts: list[str] = []
    start = 1
    for number, line in enumerate(lines, 1):
        start = start if parts else number
        content, comment, _ = line.partition("#")
        last = number == len(lines)
        if content.endswith("\\") and not comment and not last:
            parts.append(content[:-1])
            continue
        content = "".join([*parts, content])
        parts = []
        if content.strip(" \t"):
            fields = [field.strip(" \t") for field in content.split(";")]
            if last and not comment:
                fields[-1] = ""
            doubt = len(content) > _RULE_MAX or start > _RULES_MAX or content.startswith("hyg:dropped ")
            yield _Rule(start, tuple(fields), doubt)
            if start > _RULES_MAX:
                return


def _logic(text: str, agrees: _Agrees) -> bool | None:
    """Words joined by `&` and `|` from left to right, each with `!` before it or not; False when garbled."""
    left: bool | None = False
    negated, conjunction, expects_word = False, False, True
    for member in _MEMBER.findall(text):
        if member == "!" and expects_word:
            negated = not negated
        elif (member in ("&", "|")) == expects_word or member == "!":
            return False
        elif expects_word:
            right = agrees(member)
            right = right if right is None else right != negated
            left = _and(left, right) if conjunction else _or(left, right)
            expects_word = False
        else:
            conjunction, negated, expects_word = member == "&", False, True
    return left


def _and(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else None if None in (one, other) else True


def _or(one: bool | None, other: bool | None) -> bool | None:
    return True if True in (one, other) else None if None in (one, other) else False


def _terminal(word: str, tty: str | None) -> bool | None:
    return word == "*" or None if tty is None else _same(word, tty)


def _same(word: str, text: str) -> bool:
    """The text, with one `*` for any part of it (is_same)."""
    first, star, last = word.partition("*")
    return text.startswith(first) and text.endswith(last) if star else word == text


def _is_open(word: str) -> bool | None:
    """Whether it is a time of day at every moment (True), at none (False) or at some."""
    match = _TIMES.match(word)
    days, odd, start, end = match.groups() if match is not None else ("", "", "", None)
    mask = 0
    for at in range(0, len(days), 2):
        day = _DAYS.get(days[at : at + 2].translate(ASCII_LOWER))
        if day is None:
            return False
        mask ^= day
    if odd or mask == 0:
        return False
    if end is None:
        return True  # "no/bad times specified"
    first, last = int(start or 0), int(end)
    always = mask == _DAYS["al"] and (first == last or (first == 0 and last > 2359))
    return True if always else None

"""pam_listfile: is the user, group, shell or host in a file of one item per line?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.pam.codes import Code
from hygiene.pam.modules import addresses
from hygiene.pam.question import Answer, Conf, Question, either, sure

_ITEMS = frozenset({"user", "tty", "rhost", "ruser", "group", "shell"})
_LINE_MAX = 254  # without the line end and the final NUL, up to PAM 1.5


@dataclass(frozen=True, slots=True)
class _Options:
    on_error: Code
    item: str | None
    deny: bool
    file: str
    apply: str | None


def listfile(question: Question) -> Answer:
    """As pam_listfile.c answers; an account that `apply=` leaves out is ignored."""
    options = _options(question.arguments)
    if isinstance(options, Code):
        return _error(options, "its options are not in order")
    applies = _applies(options, question)
    if applies is False:
        return sure(Code.IGNORE)
    answer = _listed(options, question)
    if applies is None:
        codes = {Code.IGNORE, *(outcome.code for outcome in answer)}
        return either(codes, "the groups of the account are not known", answer[0].why)
    return answer


def origins(arguments: tuple[str, ...], conf: Conf) -> Iterator[str]:
    """The addresses that its file tells apart; a network in it would be compared as text."""
    options = _options(arguments)
    if isinstance(options, Code) or options.item != "rhost":
        return
    data = conf.read(options.file)
    if isinstance(data, bytes):
        yield from (line for line in _lines(data) if addresses.pton(line) is not None)


def _listed(options: _Options, question: Question) -> Answer:
    person = question.person
    value = {
        "user": person.name,
        "group": person.name,
        "shell": person.shell,
        "rhost": question.rhost,
        "tty": question.tty,
        "ruser": question.ruser,
    }[options.item or ""]
    listed = sure(Code.AUTH_ERR if options.deny else Code.SUCCESS, f"{options.file} lists it" if options.deny else None)
    unlisted = sure(
        Code.SUCCESS if options.deny else Code.AUTH_ERR, None if options.deny else f"{options.file} does not list it"
    )
    if value == "" and options.item != "shell":
        return unlisted
    if options.file in question.conf.open_to_all:
        return sure(Code.AUTH_ERR, f"{options.file} can be written by everybody, or is no plain file")
    data = question.conf.read(options.file)
    if data is None:
        return _error(options.on_error, f"{options.file} is not there")
    found = data if isinstance(data, str) else _found(data, options.item or "", value, question)
    if isinstance(found, str):
        codes = {listed[0].code, unlisted[0].code}
        if isinstance(data, str):
            codes |= {options.on_error, Code.AUTH_ERR}
        return either(codes, found, listed[0].why or unlisted[0].why)
    return listed if found else unlisted


def _found(data: bytes, item: str, value: str | None, question: Question) -> bool | str:
    """Whether a line is the value, or a group of the account; a text where that is not known."""
    doubt = "the terminal is not known" if item == "tty" and value is None else None
    for line in _lines(data):
        if item == "group":
            member = question.is_in(line)
            if member:
                return True
            doubt = doubt or ("the groups of the account are not known" if member is None else None)
        elif (line.removeprefix("/dev/") if item == "tty" else line) == value:
            return True
        if line.startswith("hyg:dropped "):
            doubt = doubt or "a line was not collected"
        if len(line) > _LINE_MAX:
            doubt = doubt or f"a line has more than {_LINE_MAX} bytes, which PAM before 1.6 cuts"
    return doubt or False


def _lines(data: bytes) -> Iterator[str]:
    for raw in data.split(b"\n"):
        line = raw.partition(b"\0")[0].partition(b"\r")[0]
        if line:
            yield line.decode("utf-8", "backslashreplace")


def _options(arguments: tuple[str, ...]) -> _Options | Code:
    """The options, or the error that the first one brings that is not in order."""
    on_error = Code.SERVICE_ERR
    item = deny = file = apply = None
    for text in arguments:
        name, equals, value = text.partition("=")
        if not equals:
            continue  # `quiet`, and what it calls bad and leaves alone
        match name, value:
            case "onerr", "succeed":
                on_error = Code.SUCCESS
            case "onerr", "fail":
                on_error = Code.SERVICE_ERR
            case "onerr", _:
                return Code.SERVICE_ERR
            case "sense", "allow" | "deny":
                deny = value == "deny"
            case "file", _:
                file = value
            case "item", _:
                item = value if value in _ITEMS else None
            case "apply", _:
                apply = value
            case _:
                return on_error
    if item is None or file is None or deny is None or (apply is not None and apply.removeprefix("@") == ""):
        return on_error
    if item not in ("rhost", "tty"):
        apply = None  # "non-sense", as the module says, for shell too
    return _Options(on_error, item, deny, file, apply)


def _applies(options: _Options, question: Question) -> bool | None:
    if options.apply is None:
        return True
    if options.apply.startswith("@"):
        return question.is_in(options.apply[1:])
    return options.apply == question.person.name


def _error(code: Code, why: str) -> Answer:
    return sure(code, None if code is Code.SUCCESS else why)

"""The words of a PAM rule: what a module can return, and what a control makes of it."""

from __future__ import annotations

import enum
import string
from typing import TypeAlias

ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # strcasecmp(3) in the C locale


class Code(enum.IntEnum):
    """What a module returns (security/_pam_types.h); the names in small letters are those of a control."""

    SUCCESS = 0
    OPEN_ERR = 1
    SYMBOL_ERR = 2
    SERVICE_ERR = 3
    SYSTEM_ERR = 4
    BUF_ERR = 5
    PERM_DENIED = 6
    AUTH_ERR = 7
    CRED_INSUFFICIENT = 8
    AUTHINFO_UNAVAIL = 9
    USER_UNKNOWN = 10
    MAXTRIES = 11
    NEW_AUTHTOK_REQD = 12
    ACCT_EXPIRED = 13
    SESSION_ERR = 14
    CRED_UNAVAIL = 15
    CRED_EXPIRED = 16
    CRED_ERR = 17
    NO_MODULE_DATA = 18
    CONV_ERR = 19
    AUTHTOK_ERR = 20
    AUTHTOK_RECOVER_ERR = 21
    AUTHTOK_LOCK_BUSY = 22
    AUTHTOK_DISABLE_AGING = 23
    TRY_AGAIN = 24
    IGNORE = 25
    ABORT = 26
    AUTHTOK_EXPIRED = 27
    MODULE_UNKNOWN = 28
    BAD_ITEM = 29
    CONV_AGAIN = 30
    INCOMPLETE = 31


MUST_FAIL = Code.PERM_DENIED  # PAM_MUST_FAIL_CODE in pam_dispatch.c

# Actions as pam_private.h numbers them: a positive number jumps over so many rules.
IGNORE, OK, DONE, BAD, DIE, RESET = 0, -1, -2, -3, -4, -5
_UNDEFINED = -6
_ACTIONS = {"ignore": IGNORE, "ok": OK, "done": DONE, "bad": BAD, "die": DIE, "reset": RESET}
_CODES = {code.name.lower(): int(code) for code in Code}
_EVERY = len(Code)
_SPACES = frozenset(" \t\n\v\f\r")  # isspace(3) in the C locale
_DIGITS = frozenset(string.digits)
_JUMP_MAX = 2**31 - 1

Actions: TypeAlias = tuple[int, ...]


def _actions(default: int, **others: int) -> Actions:
    return tuple(others.get(code.name.lower(), default) for code in Code)


_WORDS = {
    "required": _actions(BAD, success=OK, new_authtok_reqd=OK, ignore=IGNORE),
    "requisite": _actions(DIE, success=OK, new_authtok_reqd=OK, ignore=IGNORE),
    "optional": _actions(IGNORE, success=OK, new_authtok_reqd=OK),
    "sufficient": _actions(IGNORE, success=DONE, new_authtok_reqd=DONE),
}
ALL_BAD = _actions(BAD)


class JumpError(ValueError):
    """A jump that does not fit an int: libpam before 1.6 counts on with what is left of the number."""


def actions(control: str) -> Actions:
    """What each code leads to under a control word, brackets already taken off.

    One of the four words, in any case, or `value=action` pairs as _pam_parse_control (pam_misc.c) reads them; a word
    that is neither makes every code bad, `binding` of other systems too. What the pairs leave out is bad.
    """
    word = _WORDS.get(control.translate(ASCII_LOWER))
    if word is not None:
        return word
    table = [_UNDEFINED] * _EVERY
    at = 0
    while at < len(control):
        at = _skip(control, at)
        if at == len(control):
            break
        pair = _pair(control, at)
        if pair is None:
            return ALL_BAD
        code, action, at = pair
        if code is not None:
            table[code] = action
        else:
            table = [action if entry == _UNDEFINED else entry for entry in table]
    return tuple(BAD if entry == _UNDEFINED else entry for entry in table)


def _pair(text: str, at: int) -> tuple[int | None, int, int] | None:
    """One `value=action`, with where it ends; the value None for `default`; None when it is not one."""
    end = at
    while end < len(text) and (text[end].islower() or text[end] == "_"):
        end += 1
    name = text[at:end]
    if name != "default" and name not in _CODES:
        return None
    at = _skip(text, end)
    if at == len(text) or text[at] != "=":
        return None
    at = _skip(text, at + 1)
    for word, action in _ACTIONS.items():
        if text.startswith(word, at):
            return _CODES.get(name), action, at + len(word)
    end = at
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    digits = text[at:end].lstrip("0")
    if not digits:  # no number, or 0, for which there is `ignore`
        return None
    if len(digits) > len(str(_JUMP_MAX)) or int(digits) > _JUMP_MAX:
        raise JumpError
    return _CODES.get(name), int(digits), end


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACES:
        at += 1
    return at

"""Whom sudo authenticates before it gives everything as root, and by which services of PAM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_ON, _OFF = "on", "off"
# sudoers(5): what each setting is without a Defaults; `sudo-i` is what distributions build in (--with-pam-login)
BUILT_IN: Mapping[str, str] = {
    "rootpw": _OFF,
    "runaspw": _OFF,
    "targetpw": _OFF,
    "runas_default": "root",
    "pam_service": "sudo",
    "pam_login_service": "sudo-i",
    "pam_askpass_service": "",
    "pam_acct_mgmt": _ON,
    "pam_rhost": _OFF,
    "passwd_tries": "3",
    "timestamp_timeout": "15",
}
_FLAGS = frozenset({"rootpw", "runaspw", "targetpw", "pam_acct_mgmt", "pam_rhost"})

# what each setting may be; more than one value says that it is not known which
Values = tuple[frozenset[str], ...]
CERTAIN: Values = tuple(frozenset({value}) for value in BUILT_IN.values())
UNCLEAR = "which settings hold is not known"


@dataclass(frozen=True, slots=True)
class SudoAuth:
    """One way to everything as root through sudo, after it has made sure who asks."""

    account: str | None = None  # whose credentials it takes; None: those of the account that runs it
    services: tuple[str, ...] = ("sudo", "sudo-i")  # of PAM; who runs sudo chooses among them (by -i or -A)
    approved: bool = True  # PAM's account stage is asked besides
    for_ever: bool = False  # who has authenticated once is not asked again
    doubt: str | None = None  # why it is not known whether this way is there


def setting(name: str, value: str | None) -> str | None:
    """The value of a Defaults entry (None: on, `!`: off); None where sudo does not take it and leaves all as it was."""
    if name in _FLAGS:
        return {None: _ON, "!": _OFF}.get(value)
    if name == "timestamp_timeout":
        return "0" if value == "!" else value
    return None if value in (None, "!") else value


def ways(values: Values, roots: tuple[str, ...], *, login: bool) -> Iterator[SudoAuth]:
    """The ways in that the settings leave; where more than one value is possible, with `UNCLEAR` as the doubt.

    `roots`: the names of the accounts with uid 0, in the order of passwd; `login`: root's shell may be run, as with -i.
    """
    possible = dict(zip(BUILT_IN, values, strict=True))
    only = {name: min(found) for name, found in possible.items()}
    certain = all(len(found) == 1 for name, found in possible.items() if name != "timestamp_timeout")
    if certain and _number(only["passwd_tries"]) == 0:
        return  # verify_user (sudo_auth.c) does not ask even once
    services = [only["pam_service"], only["pam_login_service"] if login else "", only["pam_askpass_service"]]
    doubt = None if certain else UNCLEAR
    if only["pam_rhost"] == _ON:
        doubt = doubt or "PAM is told a host (pam_rhost)"  # by which modules may decide
    for_ever = all(value.startswith("-") for value in possible["timestamp_timeout"])
    for account in _accounts(only, roots):
        asked = tuple(dict.fromkeys(filter(None, services)))
        yield SudoAuth(account, asked, only["pam_acct_mgmt"] == _ON, for_ever, doubt)


def _accounts(only: Mapping[str, str], roots: tuple[str, ...]) -> tuple[str | None, ...]:
    """get_authpw (check.c): rootpw comes before runaspw, and that before targetpw."""
    if only["rootpw"] == _ON:
        return roots[:1]
    if only["runaspw"] == _ON:
        return (only["runas_default"],)
    # whoever may be root by one name is taken to be allowed all of its names
    return roots if only["targetpw"] == _ON else (None,)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

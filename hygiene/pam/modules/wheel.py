"""pam_wheel: may this account run su at all? Decided by a group that whoever runs it is in, or is not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from hygiene.accounts import group
from hygiene.pam.codes import Code
from hygiene.pam.question import Answer, Person, Question, either, sure

_FILE = "/etc/group"
_INSIDE, _OUTSIDE, _NO_GROUP = range(3)


def wheel(question: Question) -> Answer:
    """As perform_check (pam_wheel.c) answers; an option that it does not know is left alone.

    Who runs su is its real uid with `use_uid`, else whoever is logged in at the terminal, or else PAM_RUSER: all three
    are the caller. sshd has none.
    """
    arguments = question.arguments
    if "root_only" in arguments and question.person.uid != 0:
        return sure(Code.IGNORE)
    deny, trust = "deny" in arguments, "trust" in arguments
    trusted = Code.SUCCESS if trust else Code.IGNORE
    codes = {
        _INSIDE: Code.PERM_DENIED if deny else trusted,
        _OUTSIDE: trusted if deny else Code.PERM_DENIED,
        _NO_GROUP: Code.IGNORE if deny else Code.AUTH_ERR,
    }
    name = next((text.removeprefix("group=") for text in reversed(arguments) if text.startswith("group=")), "")
    why = f"members of {name or 'wheel'} may not" if deny else f"only members of {name or 'wheel'} may"
    if question.caller is None:
        # with use_uid it would be root; without it is who started sshd, as far as PAM finds one
        return either({*codes.values(), Code.SERVICE_ERR}, "who runs it is not known", why)
    states = _states(question, question.caller, name)
    return either({codes[state] for state in states}, f"whether the caller is in {name or 'wheel'} is not known", why)


def _states(question: Question, caller: Person, name: str) -> set[int]:
    """What may be so of the caller and the group; without a name it is `wheel`, or the group 0 where there is none."""
    wanted = name or "wheel"
    if caller.groups is None:
        return {_INSIDE, _OUTSIDE, _NO_GROUP}
    if wanted in caller.groups:
        return {_INSIDE}
    by_zero = _INSIDE if caller.gid == 0 or 0 in (caller.gids or ()) else _OUTSIDE
    data = question.conf.read(_FILE)
    if not isinstance(data, bytes):
        return {_OUTSIDE, _NO_GROUP if name else by_zero}
    gid = _gids(data).get(wanted)
    if gid is None:
        return {_NO_GROUP if name else by_zero}
    # pam_modutil_user_in_group_uid_gid compares numbers, so that another name of the gid will do
    return {_INSIDE if gid == caller.gid or gid in (caller.gids or ()) else _OUTSIDE}


@lru_cache(maxsize=4)
def _gids(data: bytes) -> Mapping[str, int]:
    """The gid by the name; of two lines the first one counts (getgrnam)."""
    return {entry.name: entry.gid for entry in reversed(group.parse(data).groups)}

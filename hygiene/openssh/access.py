"""Whether DenyUsers, AllowUsers, DenyGroups and AllowGroups let an account in, from one place."""

from __future__ import annotations

from hygiene.model import Cause, Truth
from hygiene.openssh import sources
from hygiene.openssh.connection import Connection
from hygiene.openssh.patterns import match_pattern
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Settings
from hygiene.openssh.version import Version

_KEYWORDS = {
    "denyusers": "DenyUsers",
    "allowusers": "AllowUsers",
    "denygroups": "DenyGroups",
    "allowgroups": "AllowGroups",
}


def allowed(settings: Settings, connection: Connection, version: Version | None) -> Judgement:
    """Judge the four lists in the order of allowed_user in auth.c: the first that refuses ends it.

    A list that is not known is unknown unless another one refuses for certain; so are the groups, where a list asks
    for them.
    """
    unclear: Judgement | None = None
    for keyword, name in _KEYWORDS.items():
        if not settings.is_known(keyword):
            unclear = unclear or Judgement(Truth.UNKNOWN, f"{name} is not known")
            continue
        patterns = settings.values(keyword)
        if not patterns:
            continue
        if keyword.endswith("users"):
            judgement = _by_user(keyword, name, patterns, connection, version)
        else:
            judgement = _by_group(keyword, name, patterns, connection)
        if judgement.answer is Truth.NO:
            return judgement
        if judgement.answer is Truth.UNKNOWN:
            unclear = unclear or judgement
    return unclear or YES


def matches_user(pattern: str, connection: Connection, version: Version | None) -> bool | None:
    """Whether USER or USER@HOST names this connection (match_user in match.c).

    None where versions differ, where the host part names some of the addresses that the connection stands for, and
    where the address is not known. An account may have an @ in its name, as those of directories do: up to 9.8 the
    first @ of a pattern cuts it, from 9.9 on the last.
    """
    if "@" not in pattern:
        return match_pattern(connection.user, pattern)
    first, last = _cut(pattern, connection, last=False), _cut(pattern, connection, last=True)
    if version is None:
        return first if first == last else None
    return last if version.since(9, 9) else first


def _cut(pattern: str, connection: Connection, *, last: bool) -> bool | None:
    user, _, host = pattern.rpartition("@") if last else pattern.partition("@")
    if not match_pattern(connection.user, user):
        return False
    if host in connection.unclear or (connection.address is None and host != "*"):
        return None
    return host == "*" or bool(sources.matches(host, connection.address, connection.host))


def _by_user(
    keyword: str, name: str, patterns: tuple[str, ...], connection: Connection, version: Version | None
) -> Judgement:
    answers = [matches_user(pattern, connection, version) for pattern in patterns]
    denies = keyword == "denyusers"
    if True in answers:
        return _no(f"{name} holds the account") if denies else YES
    if None not in answers:
        return YES if denies else _no(f"{name} does not hold the account")
    reason = f"{name} names some of these addresses, not all"
    if connection.address is None:
        reason = f"{name} asks for an address, and from where one comes is not known"
    elif version is None and patterns[answers.index(None)].count("@") > 1:
        reason = f"{name} holds a pattern with several @, which versions read differently"
    return Judgement(Truth.UNKNOWN, reason)


def _by_group(keyword: str, name: str, patterns: tuple[str, ...], connection: Connection) -> Judgement:
    if connection.groups is None:
        return Judgement(Truth.UNKNOWN, f"{name} is set, and the groups of the account are not known")
    if not connection.groups:  # ga_init in groupaccess.c counts groups that have a name
        return _no(f"{name} is set, and no group of the account has a name")
    held = any(match_pattern(group, pattern) for group in connection.groups for pattern in patterns)
    if keyword == "denygroups":
        return _no(f"{name} holds a group of the account") if held else YES
    return YES if held else _no(f"{name} holds no group of the account")


def _no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason, Cause.SETTINGS)

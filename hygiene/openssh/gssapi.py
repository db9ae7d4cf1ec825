"""Whether some ticket of Kerberos opens an account (gss-serv.c and gss-serv-krb5.c; krb5_kuserok of MIT Kerberos)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.openssh.permissions import Judgement

_PRINCIPAL = re.compile(r"[^\s@]++@[^\s@]++")
_DROPPED = "hyg:dropped "
_RELATION = re.compile(r"[ \t]*+([a-z0-9_]++)[ \t]*+=[ \t]*+(.*)")
_NO = ("n", "no", "false", "nil", "0", "off")  # profile_get_boolean() in prof_get.c


@dataclass(frozen=True, slots=True)
class Krb5Conf:
    """What krb5.conf says of whose ticket opens which account; None stands for what is not said."""

    keytab: str | None = None  # default_keytab_name
    directory: str | None = None  # k5login_directory
    authoritative: bool = True  # k5login_authoritative: who is not named in a k5login is kept out
    maps: bool = False  # auth_to_local, or modules besides, decide whose account a principal's is
    doubt: str | None = None  # why there may be more


@dataclass(frozen=True, slots=True)
class Logins:
    """A .k5login that sshd reads."""

    path: str
    principals: tuple[str, ...]
    cut: bool = False  # lines of it were not collected


def read_conf(files: Iterable[tuple[str, bytes | None]]) -> Krb5Conf:
    """Read krb5.conf and what it includes, in order; None for one that was not seen. The first value holds."""
    found: dict[str, str] = {}
    maps, doubt = False, None
    for path, data in files:
        if data is None:
            doubt = doubt or f"{path} was not seen"
            continue
        section = ""
        for line in data.decode("utf-8", "backslashreplace").split("\n"):
            if line.lstrip(" \t").startswith("["):
                section = line.strip(" \t\r[]")
            elif line.startswith((_DROPPED, "module")):
                doubt = doubt or f"{path} holds lines that were not collected"
            elif (match := _RELATION.match(line)) is not None:
                name, value = match[1], match[2].strip(' \t\r"')
                maps = maps or name.startswith("auth_to_local") or name in ("localauth", "enable_only", "disable")
                if section == "libdefaults":
                    found.setdefault(name, value)
    return Krb5Conf(
        keytab=found.get("default_keytab_name"),
        directory=found.get("k5login_directory"),
        authoritative=found.get("k5login_authoritative", "yes").lower() not in _NO,
        maps=maps,
        doubt=doubt,
    )


def read_logins(data: bytes, path: str) -> Logins:
    """Read a .k5login. Each line is compared with a whole principal, its realm included."""
    lines = data.decode("utf-8", "backslashreplace").split("\n")
    principals = tuple(line for line in lines if _PRINCIPAL.fullmatch(line))
    return Logins(path, principals, cut=any(line.startswith(_DROPPED) for line in lines))


def judge(account: str, keytab: Judgement, conf: Krb5Conf, logins: Logins | Judgement | None) -> Judgement:
    """Judge whether some ticket opens the account. The reason of a yes says whose.

    `keytab`: whether the host has a key to check tickets with. `logins` is the account's k5login; None when there is
    none, a judgement when it is not read or not known.
    """
    if keytab.answer is Truth.NO:
        return keytab
    if conf.doubt is not None:
        return Judgement(Truth.UNKNOWN, conf.doubt)
    if keytab.answer is Truth.UNKNOWN:
        return keytab
    by_name = Judgement(Truth.YES, f"a ticket of {account} in the default realm")
    if conf.maps:
        by_name = Judgement(Truth.UNKNOWN, "whose ticket opens which account is decided by auth_to_local or a module")
    if logins is None:
        return by_name
    if isinstance(logins, Judgement):
        named = logins
    elif logins.principals:
        named = Judgement(Truth.YES, f"a ticket of {_some(logins.principals)}, by {logins.path}")
    elif logins.cut:
        named = Judgement(Truth.UNKNOWN, f"{logins.path} holds lines that were not collected")
    else:
        named = Judgement(Truth.NO, f"{logins.path} names nobody")
    if conf.authoritative or named.answer is Truth.YES:
        return named
    return by_name


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"

"""Modules that ask a directory for a password: pam_sss, pam_krb5, pam_ldap, pam_winbind, pam_systemd_home.

They read nothing that is known here: whether the account is in the directory, and whether its servers ask for more than
a password, is always in doubt. Only accounts below `minimum_uid`, and root, are known not to be asked.
"""

from __future__ import annotations

from collections.abc import Callable

from hygiene.pam.codes import Code
from hygiene.pam.modules.enrolment import KEY, PASSWORD, option, refused
from hygiene.pam.question import Question, either, sure
from hygiene.pam.replies import Asks, Case, First, Keeps, Reply, Says, Shows

_REFUSED = frozenset({Code.AUTH_ERR, Code.USER_UNKNOWN, Code.AUTHINFO_UNAVAIL, Code.PERM_DENIED, Code.SYSTEM_ERR})
_UID_LIMIT = 10


def asks(name: str) -> Callable[[Question], Reply]:
    """The model of one module."""
    doubt = f"whether the servers of {name} know the account, and what they ask of it, is not known"
    own = f"{PASSWORD}:directory"

    def auth(question: Question) -> Reply:
        arguments = question.arguments
        refusing = _refusing(arguments)
        if _is_left_out(name, question):
            left_out = refusing & {Code.USER_UNKNOWN, Code.IGNORE, Code.AUTHINFO_UNAVAIL}
            return Says(either(left_out, doubt, "the account is none of its"), opaque=True)
        if "require_cert_auth" in arguments:
            return Shows(KEY, either(refusing | {Code.SUCCESS}, doubt), either(refusing, doubt))
        return Asks(
            (Case((own,), either(refusing | {Code.SUCCESS}, doubt), keeps=Keeps.TEXT),),
            either(refusing, doubt),
            _first(name, arguments),
            without=either(refusing, doubt),
            keeps=Keeps.TEXT,
        )

    return auth


def _refusing(arguments: tuple[str, ...]) -> frozenset[Code]:
    ignoring = any(text.startswith(("ignore_unknown_user", "ignore_authinfo_unavail")) for text in arguments)
    return _REFUSED | {Code.IGNORE} if ignoring else _REFUSED


def _first(name: str, arguments: tuple[str, ...]) -> First:
    """What becomes of a password that a module before it has asked for."""
    if "force_first_pass" in arguments or ("use_first_pass" in arguments and name != "pam_krb5"):
        return First.ONLY
    return First.INSTEAD if "use_first_pass" in arguments else First.BEFORE


def _is_left_out(name: str, question: Question) -> bool:
    """Accounts that the module does not ask for: root is none of SSSD's (filter_users), and `minimum_uid`."""
    if name == "pam_sss" and question.person.uid == 0:
        return True
    if "ignore_root" in question.arguments and question.person.name == "root":
        return True
    least = option(question.arguments, "minimum_uid") or ""
    return least.isascii() and least.isdigit() and len(least) < _UID_LIMIT and question.person.uid < int(least)


def agent(question: Question) -> Reply:
    """pam_ssh_agent_auth: a key of the caller's own agent, which no login by sshd has."""
    if question.service == "sshd":
        return Says(refused("there is no agent before the login"))
    doubt = "whether it takes a key of the caller's agent is not known"
    return Shows(KEY, either({Code.SUCCESS, Code.AUTH_ERR}, doubt), sure(Code.AUTH_ERR))

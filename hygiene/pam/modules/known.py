"""Which model answers for a module of Linux-PAM, by the name in a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from hygiene.pam.codes import Actions, Code
from hygiene.pam.evaluate import Model, Outcome
from hygiene.pam.modules import (
    bystanders,
    directory,
    duo,
    google_authenticator,
    oath,
    otpw,
    radius,
    simple,
    u2f,
    unix,
    yubico,
)
from hygiene.pam.modules.access import access
from hygiene.pam.modules.enrolment import Enrolment, privacyidea, unknown
from hygiene.pam.modules.listfile import listfile
from hygiene.pam.modules.succeed_if import succeed_if
from hygiene.pam.modules.times import times
from hygiene.pam.modules.wheel import wheel
from hygiene.pam.question import Answer, Conf, Question
from hygiene.pam.replies import Lapse, Reply, Says
from hygiene.pam.stack import Kind, Rule

_Model = Callable[[Question], Answer]
_Found = TypeVar("_Found")
_AuthModel = Callable[[Question], Answer | Reply]

_MISSING = ""  # the model of a module that is not there

_EVERYWHERE: Mapping[str, _Model] = {
    _MISSING: simple.missing,
    "pam_access": access,
    "pam_debug": simple.debug,
    "pam_deny": simple.deny,
    "pam_listfile": listfile,
    "pam_localuser": simple.localuser,
    "pam_nologin": simple.nologin,
    "pam_permit": simple.permit,
    "pam_rootok": simple.rootok,
    "pam_sepermit": simple.sepermit,
    "pam_shells": simple.shells,
    "pam_succeed_if": succeed_if,
    "pam_usertype": simple.usertype,
    "pam_warn": simple.ignore,
    "pam_wheel": wheel,
}
# modules of Linux-PAM that have no function for the account stage: libpam finds nothing to call
_NO_ACCOUNT = (
    "pam_canonicalize_user",
    "pam_faildelay",
    "pam_ftp",
    "pam_group",
    "pam_issue",
    "pam_keyinit",
    "pam_limits",
    "pam_mail",
    "pam_mkhomedir",
    "pam_motd",
    "pam_namespace",
    "pam_pwhistory",
    "pam_rhosts",
    "pam_selinux",
    "pam_setquota",
    "pam_systemd",
    "pam_timestamp",
    "pam_tty_audit",
    "pam_umask",
    "pam_xauth",
)
ACCOUNT: Mapping[str, _Model] = {
    **_EVERYWHERE,
    **dict.fromkeys(_NO_ACCOUNT, simple.missing),
    "pam_env": simple.inappropriate,
    "pam_faillock": simple.faillock,
    "pam_lastlog": simple.lastlog,
    "pam_time": times,
    "pam_unix": unix.account,
}
AUTH: Mapping[str, _AuthModel] = {
    **_EVERYWHERE,
    **dict.fromkeys(bystanders.SILENT, simple.ignore),
    **dict.fromkeys(bystanders.NO_AUTH, simple.missing),
    **bystanders.MODELS,
    **{name: directory.asks(name) for name in ("pam_krb5", "pam_ldap", "pam_sss", "pam_systemd_home", "pam_winbind")},
    "pam_duo": duo.auth,
    "pam_faillock": simple.faillock_auth,
    "pam_google_authenticator": google_authenticator.auth,
    "pam_lastlog": simple.lastlog,
    "pam_oath": oath.auth,
    "pam_otpw": otpw.auth,
    "pam_radius_auth": radius.auth,
    "pam_ssh_agent_auth": directory.agent,
    "pam_u2f": u2f.auth,
    "pam_unix": unix.auth,
    "pam_yubico": yubico.auth,
}
# modules that ask for more than a password; what some of them reply is not known
TOKENS: Mapping[str, Callable[[Question], Enrolment | None]] = {
    "pam_duo": duo.enrolment,
    "pam_google_authenticator": google_authenticator.enrolment,
    "pam_oath": oath.enrolment,
    "pam_otpw": otpw.enrolment,
    "pam_privacyidea": unknown,
    "pam_python": privacyidea,
    "pam_radius_auth": radius.enrolment,
    "pam_u2f": u2f.enrolment,
    "pam_yubico": yubico.enrolment,
}
LAPSES: Mapping[str, Callable[[Question], tuple[Lapse, ...]]] = {
    "pam_duo": duo.lapses,
    "pam_google_authenticator": google_authenticator.lapses,
    "pam_radius_auth": radius.lapses,
    "pam_timestamp": bystanders.timestamp_lapses,
    "pam_yubico": yubico.lapses,
}
# where distributions keep modules; one elsewhere may be anything, whatever its name
_FOLDER = re.compile(r"/(?:usr/)?lib(?:32|64|/[a-z0-9_]+-linux-gnu[a-z0-9]*)?/security")


def model(models: Mapping[str, _Model], question: Question) -> Model:
    """What each rule's module returns to this question; a rule's own arguments replace the question's."""

    def say(rule: Rule) -> Answer:
        found = _find(rule, models, question.conf)
        return anything(rule) if found is None else found(replace(question, arguments=rule.arguments))

    return say


def reply(rule: Rule, question: Question) -> Reply:
    """What a rule of the auth stage asks for and returns."""
    if rule.kind is not Kind.MODULE:
        return Says((Outcome(Code.PERM_DENIED, rule.why),))
    found = _find(rule, AUTH, question.conf)
    if found is None:
        return Says(anything(rule), opaque=True)
    told = found(replace(question, arguments=rule.arguments))
    return Says(told) if isinstance(told, tuple) else told


def lapses(rule: Rule, question: Question) -> tuple[Lapse, ...]:
    """What a rule of the auth stage replies while something is so elsewhere."""
    found = _find(rule, LAPSES, question.conf) if rule.kind is Kind.MODULE else None
    return () if found is None else found(replace(question, arguments=rule.arguments))


def enrolment(rule: Rule, question: Question) -> Enrolment | None:
    """Who has a token, of a rule that asks for one; None for all others, and where the module is not there."""
    found = _find(rule, TOKENS, question.conf) if rule.kind is Kind.MODULE else None
    return None if found is None else found(replace(question, arguments=rule.arguments))


def name(rule: Rule) -> str:
    """`pam_unix`, wherever it lies."""
    return rule.module.rpartition("/")[2].removesuffix(".so")


def _find(rule: Rule, models: Mapping[str, _Found], conf: Conf) -> _Found | None:
    """The model of a rule's module; None where there is none of it."""
    folder, slash, file = rule.module.rpartition("/")
    if slash and _FOLDER.fullmatch(folder) is None:
        return None
    if file == name(rule) or (conf.modules is not None and file not in conf.modules):
        # dlopen(3) adds no `.so`; what is not there fails, with a hyphen before the rule too
        return models.get(_MISSING)
    return models.get(name(rule))


def anything(rule: Rule) -> Answer:
    """One code for each thing that may happen under the rule's control."""
    return _anything(rule.module or "the module", rule.actions)


@lru_cache(maxsize=256)
def _anything(module: str, actions: Actions) -> Answer:
    seen: dict[tuple[int, Code], Outcome] = {}
    doubt = f"what {module} says is not known"
    for code in Code:
        if code is Code.INCOMPLETE:
            continue
        kind = code if code in (Code.SUCCESS, Code.NEW_AUTHTOK_REQD) else Code.PERM_DENIED
        why = None if kind is not Code.PERM_DENIED else f"{module} may refuse it"
        seen.setdefault((actions[code], kind), Outcome(code, why, doubt=doubt))
    return tuple(seen.values())

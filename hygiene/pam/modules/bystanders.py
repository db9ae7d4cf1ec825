"""Modules of the auth stage that ask for nothing of their own: they prepare a session, write a log, or look around."""

from __future__ import annotations

from collections.abc import Callable

from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.modules.enrolment import refused
from hygiene.pam.question import Answer, Question, either, sure
from hygiene.pam.replies import Lapse, Reply, Says

_SECURETTY = "/etc/securetty"

# modules that return PAM_IGNORE to everybody
SILENT = ("pam_echo", "pam_env", "pam_faildelay", "pam_group", "pam_keyinit", "pam_mail")
# modules without a function for the auth stage: libpam finds nothing to call
NO_AUTH = (
    "pam_cracklib",
    "pam_limits",
    "pam_loginuid",
    "pam_mkhomedir",
    "pam_motd",
    "pam_namespace",
    "pam_passwdqc",
    "pam_pwhistory",
    "pam_pwquality",
    "pam_setquota",
    "pam_systemd",
    "pam_time",
    "pam_tmpdir",
    "pam_tty_audit",
    "pam_umask",
    "pam_xauth",
)
# modules that use a password which was asked for before them, or ask for one, to open something with it
_OPENERS = (
    "pam_afs_session",
    "pam_ecryptfs",
    "pam_encfs",
    "pam_fscrypt",
    "pam_gnome_keyring",
    "pam_kwallet",
    "pam_kwallet5",
    "pam_mount",
)
_COUNTERS = ("pam_cap", "pam_tally", "pam_tally2")


def _opener(name: str) -> Callable[[Question], Reply]:
    codes = {Code.SUCCESS, Code.IGNORE, Code.AUTH_ERR, Code.SERVICE_ERR}
    told = Says(either(codes, f"whether {name} is content is not known", f"{name} is not content"), opaque=True)
    return lambda _: told


def _counter(name: str) -> Callable[[Question], Answer]:
    told = either({Code.SUCCESS, Code.IGNORE}, f"whether {name} says success or nothing is not known")
    return lambda _: told


def exec_(question: Question) -> Reply:
    """pam_exec: success where the program ends with 0, which is not known; with expose_authtok it may ask."""
    codes = {Code.SUCCESS, Code.SYSTEM_ERR, Code.SERVICE_ERR, Code.IGNORE, Code.AUTHTOK_ERR}
    doubt = "what the program of pam_exec says is not known"
    return Says(either(codes, doubt, "its program refuses it"), opaque="expose_authtok" in question.arguments)


def fprintd(question: Question) -> Answer:
    """pam_fprintd: a finger on a reader of the host itself; whoever comes from elsewhere is not asked."""
    if question.service == "sshd":
        return sure(Code.AUTHINFO_UNAVAIL, "there is no reader where the login comes from")
    doubt = "whether the host has a reader of fingerprints is not known"
    return either({Code.SUCCESS, Code.AUTH_ERR, Code.AUTHINFO_UNAVAIL}, doubt, "no finger was shown")


def rhosts(question: Question) -> Answer:
    """pam_rhosts: sshd does not tell it who runs the client, and so it refuses everybody."""
    if question.service == "sshd":
        return sure(Code.AUTH_ERR, "sshd does not say who comes from there")
    return either({Code.SUCCESS, Code.AUTH_ERR}, "what .rhosts files say is not known", "no .rhosts file names it")


def securetty(question: Question) -> Answer:
    """pam_securetty: root may only come from the terminals of a file; that file is gone since PAM 1.4 of Debian."""
    if question.person.uid != 0:
        return sure(Code.SUCCESS)
    data = question.conf.read(_SECURETTY)
    if data is None:
        return sure(Code.SUCCESS)
    why = f"{_SECURETTY} does not name the terminal"
    if isinstance(data, bytes) and question.service == "sshd" and b"ssh" not in data.split(b"\n"):
        return either({Code.AUTH_ERR, Code.USER_UNKNOWN}, "which version of PAM this is is not known", why)
    return either({Code.SUCCESS, Code.AUTH_ERR, Code.USER_UNKNOWN}, "what the terminal is called is not known", why)


def issue(_: Question) -> Answer:
    """pam_issue: it says nothing, or fails where its file cannot be read."""
    return either({Code.IGNORE, Code.SERVICE_ERR}, "whether its file is there is not known", "its file is not there")


def timestamp(_: Question) -> Answer:
    """pam_timestamp: only who was let in on the same terminal a short time ago; see `timestamp_lapses`."""
    return refused("the account was not let in a short time ago")


def timestamp_lapses(_: Question) -> tuple[Lapse, ...]:
    """What pam_timestamp says to who was let in lately."""
    when = "pam_timestamp has let the account in a short time ago, on the same terminal"
    return (Lapse(when, Says((Outcome(Code.SUCCESS),))),)


def refuses(_: Question) -> Answer:
    """pam_selinux in the auth stage, where it does not belong."""
    return sure(Code.AUTH_ERR, "the module refuses everybody in this stage")


MODELS: dict[str, Callable[[Question], Answer | Reply]] = {
    **{name: _opener(name) for name in _OPENERS},
    **{name: _counter(name) for name in _COUNTERS},
    "pam_exec": exec_,
    "pam_fprintd": fprintd,
    "pam_issue": issue,
    "pam_rhosts": rhosts,
    "pam_securetty": securetty,
    "pam_selinux": refuses,
    "pam_timestamp": timestamp,
}

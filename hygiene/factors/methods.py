"""Which authentication methods a daemon offers an account, and whether one of them is enough alone."""

from __future__ import annotations

from collections.abc import Iterator

from hygiene.factors.door import Daemon, Door
from hygiene.model import PasswordState, Truth
from hygiene.openssh.permissions import YES, Judgement, worst
from hygiene.openssh.settings import RootLogin, Settings

PASSWORD = "password"  # noqa: S105  (the method's name)
KEYBOARD = "keyboard-interactive"
NONE = "none"

_SWITCHES = {
    PASSWORD: ("passwordauthentication", "PasswordAuthentication"),
    KEYBOARD: ("kbdinteractiveauthentication", "KbdInteractiveAuthentication"),
    "hostbased": ("hostbasedauthentication", "HostbasedAuthentication"),
    "gssapi-with-mic": ("gssapiauthentication", "GSSAPIAuthentication"),
}


def alone(settings: Settings, method: str) -> Judgement:
    """Is the method enough by itself? One of the lists of AuthenticationMethods has to be completed."""
    value = settings.value("authenticationmethods")
    if value is None and settings.is_known("authenticationmethods"):
        return YES
    if value is None:
        return Judgement(Truth.UNKNOWN, "AuthenticationMethods is not known")
    lists = [[name.partition(":")[0] for name in words.split(",")] for words in value.lower().split()]
    if ["any"] in lists or [method] in lists:
        return YES
    if any(method in names for names in lists):
        return Judgement(Truth.UNKNOWN, f"AuthenticationMethods asks for more than {method}")
    return Judgement(Truth.NO, f"AuthenticationMethods leaves {method} out")


def offered(daemon: Daemon, door: Door, method: str) -> Judgement:
    """May the account come in by this method, whatever it then has to show?"""
    settings = daemon.settings
    if settings is None:
        return Judgement(Truth.UNKNOWN, "the settings of sshd are not known")
    if settings.problems:
        return Judgement(Truth.UNKNOWN, f"the settings of sshd are not known: {settings.problems[0]}")
    return worst([*_by_settings(settings, door, method), *_by_account(settings, door)])


def by_password(daemon: Daemon, door: Door, method: str) -> Judgement:
    """Does the account's own password open it by this method (`password` or `keyboard-interactive`)?"""
    return worst([offered(daemon, door, method), _password(daemon, door)])


def with_nothing(daemon: Daemon, door: Door, method: str) -> Judgement:
    """Does an account with an empty password let everybody in by this method?

    pam_unix takes any answer then, where it has nullok and sshd does not forbid it (PAM_DISALLOW_NULL_AUTHTOK), through
    keyboard-interactive as well.
    """
    judgements = [offered(daemon, door, method)]
    settings = daemon.settings
    if settings is not None and not settings.problems:
        empty = settings.flag("permitemptypasswords")
        answer = _unless(empty, "PermitEmptyPasswords is no", "PermitEmptyPasswords is not known")
        judgements.append(answer)
        if settings.flag("usepam") is not False:
            judgements.append(Judgement(daemon.pam.nullok, "whether PAM takes empty passwords is not known"))
    return worst([*judgements, _password(daemon, door)])


def _by_settings(settings: Settings, door: Door, method: str) -> Iterator[Judgement]:
    if method in _SWITCHES:
        keyword, name = _SWITCHES[method]
        yield _unless(settings.flag(keyword), f"{name} is no", f"{name} is not known")
    if method == KEYBOARD:
        # without PAM there is nobody behind it on Linux
        yield _unless(settings.flag("usepam"), "UsePAM is no", "UsePAM is not known")
    yield alone(settings, method)
    if door.uid == 0:
        yield _unless(_root_by(settings, method), "PermitRootLogin does not allow it", "PermitRootLogin is not known")
    yield door.allowed
    if (settings.value("refuseconnection") or "no").lower() != "no":
        yield Judgement(Truth.NO, "RefuseConnection is yes")


def _root_by(settings: Settings, method: str) -> bool | None:
    """auth.c, auth_root_allowed: without a password there are still keys, hosts and tickets."""
    match settings.root_login:
        case RootLogin.YES:
            return True
        case RootLogin.NO:
            return False
        case RootLogin.KEYS_ONLY:
            return method not in (PASSWORD, KEYBOARD, NONE)
        case RootLogin.FORCED_COMMANDS_ONLY if method in (PASSWORD, KEYBOARD, NONE):
            return False
        case _:
            return None


def _by_account(settings: Settings, door: Door) -> Iterator[Judgement]:
    yield {
        Truth.YES: Judgement(Truth.NO, "the account has expired"),
        Truth.NO: YES,
        Truth.UNKNOWN: Judgement(Truth.UNKNOWN, "whether the account has expired is not known"),
    }[door.expired]
    if settings.path("chrootdirectory") is None and door.shell_runs is not Truth.YES:
        missing = door.shell_runs is Truth.NO
        yield Judgement(door.shell_runs, "the shell is missing" if missing else "the shell was not seen")
    if settings.flag("usepam") is not False:
        yield door.stage if settings.flag("usepam") or door.stage.answer is Truth.YES else _UNCLEAR


_UNCLEAR = Judgement(Truth.UNKNOWN, "UsePAM is not known")


def _password(daemon: Daemon, door: Door) -> Judgement:
    """Is there a password that could be right? Only where sshd asks pam_unix or shadow, and nobody else."""
    settings = daemon.settings
    shadow_alone = settings is not None and not settings.problems and settings.flag("usepam") is False
    if not shadow_alone and daemon.pam.auth is not Truth.YES:
        return Judgement(Truth.UNKNOWN, daemon.pam.auth_reason)
    match door.password.state:
        case PasswordState.SET | PasswordState.EMPTY:
            return YES
        case PasswordState.UNKNOWN:
            return Judgement(Truth.UNKNOWN, "the state of the password is not known")
        case _:
            return Judgement(Truth.NO, "no password is set")


def _unless(flag: bool | None, no: str, unknown: str) -> Judgement:
    if flag is None:
        return Judgement(Truth.UNKNOWN, unknown)
    return YES if flag else Judgement(Truth.NO, no)

"""What each authentication method takes of an account: the steps that lead through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hygiene.factors.door import Daemon, Door
from hygiene.factors.steps import ANYWHERE, HOST, ISSUER, KDC, KEY, PASSWORD, TICKET, VERIFIED_KEY, Step
from hygiene.model import Grant, PasswordState, Truth
from hygiene.openssh import sources
from hygiene.openssh.permissions import YES, Judgement, worst
from hygiene.openssh.settings import RootLogin, Settings
from hygiene.pam.auth import Credentials, Pass

PUBLICKEY = "publickey"
BY_PASSWORD = "password"  # noqa: S105  (the method's name)
KEYBOARD = "keyboard-interactive"
NONE = "none"
HOSTBASED = "hostbased"
GSSAPI = ("gssapi-with-mic", "gssapi-keyex")
METHODS = (PUBLICKEY, NONE, BY_PASSWORD, KEYBOARD, HOSTBASED, *GSSAPI)

SWITCHES = {
    PUBLICKEY: ("pubkeyauthentication", "PubkeyAuthentication"),
    BY_PASSWORD: ("passwordauthentication", "PasswordAuthentication"),
    KEYBOARD: ("kbdinteractiveauthentication", "KbdInteractiveAuthentication"),
    HOSTBASED: ("hostbasedauthentication", "HostbasedAuthentication"),
    **dict.fromkeys(GSSAPI, ("gssapiauthentication", "GSSAPIAuthentication")),
}
_BY_PAM = (NONE, BY_PASSWORD, KEYBOARD)


def steps(daemon: Daemon, door: Door, method: str) -> list[Step]:
    """All ways through a method; a doubt that the settings or the account leave is in each of them."""
    if method == PUBLICKEY:
        unseen = door.unseen_keys is not None and _gate(daemon, door, method).answer is not Truth.NO
        more = [Step(frozenset({KEY}), doubt=door.unseen_keys)] if unseen else []
        return [*_keys(daemon.settings, door), *more]
    settings = daemon.settings
    if method not in _BY_PAM and (settings is None or settings.problems):
        return []  # the path for passwords says so
    gate = _gate(daemon, door, method)
    if gate.answer is Truth.NO:
        return []
    found = _others(door, method) if method not in _BY_PAM else _passwords(settings, door, method)
    via = settings.path("forcecommand") if settings is not None else None
    return [replace(step, via=via, doubt=gate.reason or step.doubt) for step in found]


def source_of(grant: Grant) -> str:
    """From where a line lets in: `*`, or its from= patterns where these keep somebody out."""
    if grant.from_patterns is None:
        return ANYWHERE
    patterns = ",".join(grant.from_patterns)
    return patterns if sources.judge(patterns).limits else ANYWHERE


# ---------------------------------------------------------------- keys


def _keys(settings: Settings | None, door: Door) -> Iterator[Step]:
    """A step for each line; whether sshd takes the key, account stage and all, is what its grant says."""
    decided: set[str] = set()  # keys that a line above lets in from anywhere: the first that passes decides
    for grant in door.grants:
        key = None if grant.is_authority else grant.fingerprint
        if grant.accepted is Truth.NO or key in decided:
            continue
        if key is not None and grant.accepted is Truth.YES and source_of(grant) == ANYWHERE:
            decided.add(key)
        verified = _verified(settings, door, grant)
        doubt = None
        if grant.accepted is Truth.UNKNOWN:
            doubt = grant.reason or "whether sshd accepts the key is not known"
        elif verified is Truth.UNKNOWN:
            doubt = "whether PubkeyAuthOptions asks security keys for a PIN or a finger is not known"
        yield Step(
            frozenset({VERIFIED_KEY if verified is Truth.YES else KEY}),
            source_of(grant),
            grant.command,
            doubt,
            (ISSUER,) if grant.is_authority else (),
            keys=frozenset({grant.fingerprint}) if grant.fingerprint else frozenset(),
            signs=grant.is_authority,
        )


def _verified(settings: Settings | None, door: Door, grant: Grant) -> Truth:
    """Whether the key is one that asks for a PIN or a finger, and sshd insists on it (auth2-pubkey.c).

    Touch alone is not another factor, and both options are nothing to ordinary keys.
    """
    if grant.fingerprint not in door.sk_keys or grant.is_authority:
        return Truth.NO
    flags = [word for word in map(str.lower, grant.options) if word in ("verify-required", "no-verify-required")]
    if flags and flags[-1] == "verify-required":
        return Truth.YES
    if settings is None or not settings.is_known("pubkeyauthoptions"):
        return Truth.UNKNOWN
    demanded = (settings.value("pubkeyauthoptions") or "none").lower().split(",")
    return Truth.YES if "verify-required" in demanded else Truth.NO


# ---------------------------------------------------------------- passwords, and what PAM asks for


def _passwords(settings: Settings | None, door: Door, method: str) -> Iterator[Step]:
    """What PAM asks for; shadow alone where sshd does not ask PAM."""
    if settings is None or settings.problems:
        answers = _either(_by_shadow(settings, door), _by_pam(door, method))
    elif settings.flag("usepam") is None:
        answers = _either(_by_shadow(settings, door), _by_pam(door, method), "UsePAM is not known")
    elif settings.flag("usepam"):
        answers = _by_pam(door, method)
    else:
        answers = _by_shadow(settings, door)
    if method == NONE:
        # sshd tries an empty password before it asks for any (auth2-none.c): it is right where anything is
        answers = replace(answers, sets=_of_nothing(answers.sets), possible=_of_nothing(answers.possible))
    for passed in answers.sets:
        yield Step(passed.given, notes=passed.notes, condition=passed.condition)
    for passed in answers.possible:
        yield Step(passed.given, doubt=answers.doubt or "what PAM asks for is not known", notes=passed.notes)
    if method == BY_PASSWORD and settings is not None and _may_be(settings, "kerberosauthentication"):
        yield Step(frozenset({PASSWORD}), doubt="whether a Kerberos server takes a password for it is not known")


def _by_pam(door: Door, method: str) -> Credentials:
    return door.pam.each if method == KEYBOARD else door.pam.once


def _of_nothing(passing: tuple[Pass, ...]) -> tuple[Pass, ...]:
    return tuple(passed for passed in passing if not passed.given)


def _by_shadow(settings: Settings | None, door: Door) -> Credentials:
    """auth-passwd.c: the field of passwd or shadow, and PermitEmptyPasswords for an empty one."""
    word, nothing = Pass(frozenset({PASSWORD})), Pass(frozenset())
    match door.password.state:
        case PasswordState.SET:
            return Credentials((word,))
        case PasswordState.EMPTY:
            allowed = settings.flag("permitemptypasswords") if settings is not None and not settings.problems else None
            if allowed is None:
                return Credentials((), (nothing,), "PermitEmptyPasswords is not known")
            return Credentials((nothing,) if allowed else ())
        case PasswordState.UNKNOWN:
            return Credentials((), (word,), "the state of the password is not known")
        case _:
            return Credentials(())


def _either(one: Credentials, other: Credentials, doubt: str | None = None) -> Credentials:
    """What is known where either of two may be asked."""
    if one == other:
        return one
    given = dict.fromkeys(p.given for p in (*one.sets, *one.possible, *other.sets, *other.possible))
    least = [Pass(forms) for forms in given if not any(less < forms for less in given)]
    return Credentials((), tuple(least), doubt or one.doubt or other.doubt)


# ---------------------------------------------------------------- hosts and tickets


def _others(door: Door, method: str) -> Iterator[Step]:
    judgement, form = (door.hostbased, HOST) if method == HOSTBASED else (door.gssapi, TICKET)
    if judgement.answer is Truth.NO:
        return
    doubt = judgement.reason or f"whether {method} lets somebody in is not known"
    notes = (KDC,) if form == TICKET else (judgement.reason,) if judgement.reason else ()
    yes = judgement.answer is Truth.YES
    yield Step(frozenset({form}), doubt=None if yes else doubt, notes=notes if yes else ())


# ---------------------------------------------------------------- whether the method is open to the account


def _gate(daemon: Daemon, door: Door, method: str) -> Judgement:
    """May the account come in by this method, whatever it then has to show?"""
    settings = daemon.settings
    if settings is None:
        return Judgement(Truth.UNKNOWN, "the settings of sshd are not known")
    if settings.problems:
        return Judgement(Truth.UNKNOWN, f"the settings of sshd are not known: {settings.problems[0]}")
    return worst([*_by_settings(settings, door, method), *_by_account(settings, door)])


def enabled(settings: Settings, method: str) -> bool | None:
    """Whether the method is switched on; None: not known. Nobody can switch `none` off."""
    return settings.flag(SWITCHES[method][0]) if method in SWITCHES else True


def _by_settings(settings: Settings, door: Door, method: str) -> Iterator[Judgement]:
    if method == NONE:
        yield _unless(
            settings.flag("permitemptypasswords"), "PermitEmptyPasswords is no", "PermitEmptyPasswords is not known"
        )
    name = BY_PASSWORD if method == NONE else method  # auth2-none.c asks for both
    yield _unless(enabled(settings, name), f"{SWITCHES[name][1]} is no", f"{SWITCHES[name][1]} is not known")
    if method == KEYBOARD:
        # without PAM there is nobody behind it on Linux
        yield _unless(settings.flag("usepam"), "UsePAM is no", "UsePAM is not known")
    if method == "gssapi-keyex":
        exchange = settings.flag("gssapikeyexchange") or (None if _may_be(settings, "gssapikeyexchange") else False)
        yield _unless(exchange, "GSSAPIKeyExchange is no", "GSSAPIKeyExchange is not known")
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
            return method not in _BY_PAM
        case RootLogin.FORCED_COMMANDS_ONLY if method in _BY_PAM:
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
        stage = door.pam.account
        yield stage if settings.flag("usepam") or stage.answer is Truth.YES else _UNCLEAR


_UNCLEAR = Judgement(Truth.UNKNOWN, "UsePAM is not known")


def _may_be(settings: Settings, keyword: str) -> bool:
    """Whether a switch that not every build has may be on: it is, or nothing is known of it."""
    return settings.flag(keyword) is True or (not settings.problems and not settings.is_known(keyword))


def _unless(flag: bool | None, no: str, unknown: str) -> Judgement:
    if flag is None:
        return Judgement(Truth.UNKNOWN, unknown)
    return YES if flag else Judgement(Truth.NO, no)

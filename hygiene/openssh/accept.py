"""What stands between a key and a login besides the file it is in: the line, the settings, the account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hygiene.accounts.shadow import Password
from hygiene.model import Cause, PasswordState, Truth
from hygiene.openssh import access, algorithms, sources
from hygiene.openssh.authorized_keys import Line
from hygiene.openssh.connection import Connection
from hygiene.openssh.patterns import match_list
from hygiene.openssh.permissions import YES, Judgement, worst
from hygiene.openssh.settings import RootLogin, Settings
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class LoginAccount:
    """What decides besides keys and settings whether this account gets in."""

    name: str
    uid: int
    home: str
    shell_runs: Truth  # the file is there and executable; /usr/sbin/nologin is
    expired: Truth  # the account, not the password
    locked: Truth  # the password field holds what the platform's sshd takes for a lock; on Linux it starts with `!`


@dataclass(frozen=True, slots=True)
class Clock:
    """The time on the host, and how far its zone is from UTC."""

    now: datetime  # aware
    offset: timedelta | None = None  # east of UTC; None: not known


@dataclass(frozen=True, slots=True)
class Situation:
    """One class of places to come from, and the settings that hold there for the account."""

    connection: Connection
    settings: Settings


# zones of the earth reach from UTC-12 to UTC+14
_WESTERNMOST, _EASTERNMOST = timedelta(hours=12), timedelta(hours=14)
_METHODS = {
    "publickey": "pubkeyauthentication",
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "hostbased": "hostbasedauthentication",
    "gssapi-with-mic": "gssapiauthentication",
}


# LOCKED_PASSWD_PREFIX and LOCKED_PASSWD_STRING in configure.ac, by `uname -s`; nothing is a lock on other systems
_LOCKS_BY_MARK = frozenset({"Linux", "GNU/kFreeBSD"})  # `!` at the start
_LOCKS_BY_STAR = frozenset({"FreeBSD", "DragonFly", "SunOS", "HP-UX", "IRIX64", "UnixWare"})  # `*LOCKED*`, `*LK*`, `*`


def locked(password: Password, system: str | None) -> Truth:
    """Whether sshd without PAM takes the account for locked, by its password field and the system's `uname -s`.

    The field is reduced, so that of a star on systems that lock with one it is not known what stands behind it.
    """
    if password.state is PasswordState.UNKNOWN:
        return Truth.UNKNOWN
    star = password.state is PasswordState.NONE and password.locked is not Truth.YES
    if system in _LOCKS_BY_MARK:
        return password.locked
    if system in _LOCKS_BY_STAR:
        return Truth.UNKNOWN if star else Truth.NO
    return Truth.UNKNOWN if system is None and (star or password.locked is not Truth.NO) else Truth.NO


def by_line(line: Line, clock: Clock | None) -> Judgement:
    """Judge what holds of a line wherever one comes from: it is alive, and has not expired."""
    if line.dead or line.key is None:
        return Judgement(Truth.NO, line.dead or "there is no key in the line", line.cause or Cause.TYPO)
    expires = line.options.expires
    fresh = YES if expires is None else _expiry(expires.at, expires.exact, clock)
    return fresh if line.doubt is None else worst([fresh, Judgement(Truth.UNKNOWN, line.doubt)])


def _expiry(at: datetime, exact: bool, clock: Clock | None) -> Judgement:
    if clock is None:
        return Judgement(Truth.UNKNOWN, "the time on the host is not known")
    west, east = _WESTERNMOST, _EASTERNMOST
    if exact or clock.offset is not None:
        offset = timedelta() if exact else clock.offset or timedelta()
        west, east = -offset, offset
    # local time X is X - offset in UTC
    if clock.now - west > at:
        return Judgement(Truth.NO, f"the line expired at {at:%Y-%m-%d %H:%M:%S}", Cause.EXPIRED)
    if clock.now + east > at:
        return Judgement(Truth.UNKNOWN, "the line expires within hours, and the time zone of the host is not known")
    return YES


def by_source(line: Line, situation: Situation) -> Judgement:
    """Judge from= against the address and name in this situation."""
    options, connection = line.options, situation.connection
    if options.from_patterns is None or not (options.limits_source or connection.address is not None):
        return YES
    patterns = ",".join(options.from_patterns)
    if patterns in connection.unclear:
        return Judgement(Truth.UNKNOWN, "from= names some of these addresses, not all")
    if sources.matches(patterns, connection.address, connection.host):
        return YES
    if not options.names_only and connection.address is None:
        return Judgement(Truth.UNKNOWN, "from= limits the line, and from where one comes is not known")
    if not options.names_only:
        return Judgement(Truth.NO, "from= keeps out every address that the settings let in", Cause.SOURCE)
    dns = situation.settings.flag("usedns")
    reason = "from= holds host names only, and UseDNS is " + ("no" if dns is False else "not no")
    if dns is False or connection.host is not None:
        return Judgement(Truth.NO, reason, Cause.SOURCE)
    return Judgement(Truth.UNKNOWN, reason)


def by_key(line: Line, settings: Settings, version: Version | None) -> Judgement:
    """Judge the key's algorithm and size; an authority's say nothing of the keys it signs."""
    if line.key is None or line.dead or line.options.cert_authority:
        return YES
    names = settings.value("pubkeyacceptedalgorithms")
    if names is None:
        return Judgement(Truth.UNKNOWN, "PubkeyAcceptedAlgorithms is not known")
    # until 7.8 the list was of types of keys (userauth_pubkey in auth2-pubkey.c)
    old = version is not None and not version.since(7, 8)
    if not any(match_list(name, names) for name in ((line.key.plain_type,) if old else algorithms.signing(line.key))):
        return _off(f"PubkeyAcceptedAlgorithms has none for {line.key.plain_type}")
    if line.key.n is None:
        return YES
    if not settings.is_known("requiredrsasize"):
        return Judgement(Truth.UNKNOWN, "RequiredRSASize is not known")
    least = settings.number("requiredrsasize")
    if least is not None and line.key.bits < least:
        return _off(f"the RSA key has {line.key.bits} bits, and RequiredRSASize is {least}")
    return YES


def by_root(forced: bool, account: LoginAccount, settings: Settings, instead: str = "the line") -> Judgement:
    """Judge PermitRootLogin, which asks for the uid (auth_root_allowed in auth.c).

    `forced`: the line that gives the restrictions, which is called `instead`, has a command=. ForceCommand of
    sshd_config is no forced command here. A certificate may bring its own: give True for an authority.
    """
    if account.uid != 0:
        return YES
    match settings.root_login:
        case None:
            return Judgement(Truth.UNKNOWN, "PermitRootLogin is not known")
        case RootLogin.NO:
            return _off("PermitRootLogin is no")
        case RootLogin.FORCED_COMMANDS_ONLY if not forced:
            return _off(f"PermitRootLogin is forced-commands-only, and {instead} has no command=")
        case _:
            return YES


def by_settings(situation: Situation, version: Version | None) -> Judgement:
    """Judge what the settings say of the account, whatever the key: the public key step and the lists of accounts."""
    settings = situation.settings
    return worst(
        [
            _public_key_step(settings),
            _methods(settings),
            _refused(settings),
            access.allowed(settings, situation.connection, version),
        ]
    )


def _off(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason, Cause.SETTINGS)


def _public_key_step(settings: Settings) -> Judgement:
    match settings.flag("pubkeyauthentication"):
        case None:
            return Judgement(Truth.UNKNOWN, "PubkeyAuthentication is not known")
        case False:
            return _off("PubkeyAuthentication is no")
        case _:
            return YES


def _methods(settings: Settings) -> Judgement:
    """AuthenticationMethods must hold publickey in a list that sshd does not skip for a method that is off.

    auth2_setup_methods_lists in auth2.c; the other steps of the list are not judged here.
    """
    if not settings.is_known("authenticationmethods"):
        return Judgement(Truth.UNKNOWN, "AuthenticationMethods is not known")
    value = settings.value("authenticationmethods")
    if value is None or value == "any":
        return YES
    lists = [[method.partition(":")[0] for method in methods.split(",")] for methods in value.split()]
    lists = [methods for methods in lists if "publickey" in methods]
    if not lists:
        return _off("AuthenticationMethods leaves publickey out")
    on = {method: settings.flag(keyword) for method, keyword in _METHODS.items()}
    answers = [_all(on.get(method, False) for method in methods) for methods in lists]
    if True in answers:
        return YES
    if None in answers:
        return Judgement(Truth.UNKNOWN, "which methods of AuthenticationMethods are on is not known")
    return _off("in AuthenticationMethods publickey stands beside methods that are off")


def _all(answers: Iterator[bool | None]) -> bool | None:
    found = set(answers)
    return False if False in found else None if None in found else True


def _refused(settings: Settings) -> Judgement:
    if not settings.is_known("refuseconnection"):
        return Judgement(Truth.UNKNOWN, "RefuseConnection is not known")
    return _off("RefuseConnection is yes") if settings.flag("refuseconnection") else YES


def by_account(account: LoginAccount, settings: Settings, pam_account: Judgement, nologin: Truth) -> Judgement:
    """Judge the account itself: its shell, lock and expiry, and with UsePAM PAM's account stage.

    `pam_account` is what that stage says, `nologin` whether a nologin file is there for which it asks. Without PAM a
    nologin file ends sessions alone (do_nologin in session.c): ports are forwarded all the same.
    """
    judgements = []
    if settings.path("chrootdirectory") is None:
        runs = _unless(account.shell_runs, "the shell is missing or not executable", "the shell was not seen")
        if runs.answer is Truth.NO and not settings.is_known("chrootdirectory"):
            runs = Judgement(Truth.UNKNOWN, "ChrootDirectory is not known, and the shell is missing or not executable")
        judgements.append(runs)
    known = "whether the account has expired is not known"
    judgements.append(_unless(_not(account.expired), "the account has expired", known))
    with_pam = [pam_account if pam_account.cause else _named(pam_account)]
    if account.uid != 0:
        known = "whether a nologin file is there is not known"
        with_pam.append(_unless(_not(nologin), "a nologin file is there", known))
    without = [_unless(_not(account.locked), "the account is locked and UsePAM is no", "the lock was not seen")]
    match settings.flag("usepam"):
        case True:
            judgements += with_pam
        case False:
            judgements += without
        case None if any(judgement.answer is not Truth.YES for judgement in (*with_pam, *without)):
            judgements.append(Judgement(Truth.UNKNOWN, "UsePAM is not known"))
    return worst(judgements)


def _named(judgement: Judgement) -> Judgement:
    cause = Cause.ACCOUNT if judgement.answer is Truth.NO else None
    return Judgement(judgement.answer, judgement.reason, cause)


def _unless(answer: Truth, no: str, unknown: str) -> Judgement:
    if answer is Truth.YES:
        return YES
    return Judgement(answer, no, Cause.ACCOUNT) if answer is Truth.NO else Judgement(answer, unknown)


def _not(answer: Truth) -> Truth:
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(answer, answer)

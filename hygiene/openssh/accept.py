"""Whether a line of authorized_keys lets somebody in: sshd's public key step and the account checks, put together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hygiene.model import Truth
from hygiene.openssh import algorithms
from hygiene.openssh.authorized_keys import Line
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
    locked: Truth  # the password field starts with `!`


@dataclass(frozen=True, slots=True)
class Clock:
    """The time on the host, and how far its zone is from UTC."""

    now: datetime  # aware
    offset: timedelta | None = None  # east of UTC; None: not known


# zones of the earth reach from UTC-12 to UTC+14
_WESTERNMOST, _EASTERNMOST = timedelta(hours=12), timedelta(hours=14)


def accepted(
    line: Line,
    file: str,
    account: LoginAccount,
    *,
    version: Version | None,
    settings: Settings | None,
    permissions: Judgement,
    pam_account: Judgement,
    nologin: Truth,
    clock: Clock | None,
) -> Judgement:
    """Say whether somebody with this line's key gets past the public key step and the account checks from somewhere.

    `permissions` is the verdict on the file (`permissions.judge`), `pam_account` that of PAM's account stage for this
    account, `nologin` whether a nologin file is there and PAM asks for it. A no stands even where the rest is not
    known; the first reason of the order below is given, which is that of sshd. With `version` None every line must have
    been read with None as well.
    """
    judgements = [
        *_by_line(line, clock),
        permissions,
        *_by_settings(line, file, account, settings),
        *_by_account(account, settings, pam_account, nologin),
    ]
    if version is None:
        judgements.append(Judgement(Truth.UNKNOWN, "the version of sshd is not known"))
    if line.options.cert_authority and not line.dead:
        judgements.append(Judgement(Truth.UNKNOWN, "which certificates an authority has signed is not judged"))
    return worst(judgements)


def _by_line(line: Line, clock: Clock | None) -> Iterator[Judgement]:
    if line.dead or line.key is None:
        yield Judgement(Truth.NO, line.dead or "there is no key in the line")
    expires = line.options.expires
    if expires is not None:
        yield _expiry(expires.at, expires.exact, clock)


def _expiry(at: datetime, exact: bool, clock: Clock | None) -> Judgement:
    if clock is None:
        return Judgement(Truth.UNKNOWN, "the time on the host is not known")
    west, east = _WESTERNMOST, _EASTERNMOST
    if exact or clock.offset is not None:
        offset = timedelta() if exact else clock.offset or timedelta()
        west, east = -offset, offset
    # local time X is X - offset in UTC
    if clock.now - west > at:
        return Judgement(Truth.NO, f"the line expired at {at:%Y-%m-%d %H:%M:%S}")
    if clock.now + east > at:
        return Judgement(Truth.UNKNOWN, "the line expires within hours, and the time zone of the host is not known")
    return YES


def _by_settings(line: Line, file: str, account: LoginAccount, settings: Settings | None) -> Iterator[Judgement]:
    if settings is None:
        yield Judgement(Truth.UNKNOWN, "the settings of sshd are not known")
        return
    if settings.problems:
        yield Judgement(Truth.UNKNOWN, f"the settings of sshd are not known: {settings.problems[0]}")
        return
    outside_match = [
        _public_key_step(settings),
        _methods(settings),
        _reads(settings, account, file),
        _root(line, account, settings),
        *_key(line, settings),
    ]
    if settings.has_match is False:
        yield from outside_match
    else:
        yield from (_doubted(judgement, settings.has_match) for judgement in outside_match)
        yield _doubted(Judgement(Truth.NO), settings.has_match)
    if line.options.names_only:
        dns = settings.flag("usedns")
        reason = "from= holds host names only, and UseDNS is " + ("no" if dns is False else "not no")
        yield Judgement(Truth.NO if dns is False else Truth.UNKNOWN, reason)
    if (settings.value("refuseconnection") or "no").lower() != "no":
        yield Judgement(Truth.UNKNOWN, "RefuseConnection is set")
    for keyword, name in _LISTS.items():
        if settings.values(keyword) and settings.path(keyword):
            yield Judgement(Truth.UNKNOWN, f"{name} is set")


_LISTS = {
    "denyusers": "DenyUsers",
    "allowusers": "AllowUsers",
    "denygroups": "DenyGroups",
    "allowgroups": "AllowGroups",
    "revokedkeys": "RevokedKeys",
}


def _doubted(judgement: Judgement, has_match: bool | None) -> Judgement:
    """A no that a Match block may lift is no more than unknown."""
    if judgement.answer is not Truth.NO:
        return judgement
    reason = "sshd_config has Match blocks" if has_match else "whether sshd_config has Match blocks is not known"
    return Judgement(Truth.UNKNOWN, reason)


def _public_key_step(settings: Settings) -> Judgement:
    match settings.flag("pubkeyauthentication"):
        case None:
            return Judgement(Truth.UNKNOWN, "PubkeyAuthentication is not known")
        case False:
            return Judgement(Truth.NO, "PubkeyAuthentication is no")
        case _:
            return YES


def _methods(settings: Settings) -> Judgement:
    """Lists of AuthenticationMethods that hold publickey let the step happen; the other steps are not judged here."""
    value = settings.value("authenticationmethods")
    if value is None or value == "any" or re.search(r"(?:^|[ ,])publickey(?:[ ,]|$)", value):
        return YES
    return Judgement(Truth.NO, "AuthenticationMethods leaves publickey out")


def _reads(settings: Settings, account: LoginAccount, file: str) -> Judgement:
    names = settings.value("authorizedkeysfile")
    if names is None:
        return Judgement(Truth.UNKNOWN, "AuthorizedKeysFile is not known")
    if any(name.startswith(("/", "~")) or re.search(r"[%*?\[\"\\]", name) for name in names.split()):
        return Judgement(Truth.UNKNOWN, f"AuthorizedKeysFile is {names[:100]}")
    home = account.home.rstrip("/")
    read = [f"{home}/{name}" for name in names.split() if name.lower() != "none"]
    return YES if file in read else Judgement(Truth.NO, f"sshd does not read this file: AuthorizedKeysFile is {names}")


def _root(line: Line, account: LoginAccount, settings: Settings) -> Judgement:
    if account.uid != 0:
        return YES
    match settings.root_login:
        case None:
            return Judgement(Truth.UNKNOWN, "PermitRootLogin is not known")
        case RootLogin.NO:
            return Judgement(Truth.NO, "PermitRootLogin is no")
        case RootLogin.FORCED_COMMANDS_ONLY if line.options.command is None:
            return Judgement(Truth.NO, "PermitRootLogin is forced-commands-only, and the line has no command=")
        case _:
            return YES


def _key(line: Line, settings: Settings) -> Iterator[Judgement]:
    if line.key is None or line.dead or line.options.cert_authority:
        return
    names = settings.value("pubkeyacceptedalgorithms")
    if names is None:
        yield Judgement(Truth.UNKNOWN, "PubkeyAcceptedAlgorithms is not known")
    elif not any(match_list(name, names) for name in algorithms.signing(line.key)):
        yield Judgement(Truth.NO, f"PubkeyAcceptedAlgorithms has none for {line.key.plain_type}")
    least = settings.number("requiredrsasize")
    if line.key.n is not None and least is not None and line.key.bits < least:
        yield Judgement(Truth.NO, f"the RSA key has {line.key.bits} bits, and RequiredRSASize is {least}")


def _by_account(
    account: LoginAccount, settings: Settings | None, pam_account: Judgement, nologin: Truth
) -> Iterator[Judgement]:
    chroot = settings.path("chrootdirectory") if settings is not None else None
    if chroot is None:
        yield _unless(account.shell_runs, "the shell is missing or not executable", "the shell was not seen")
    yield _unless(_not(account.expired), "the account has expired", "whether the account has expired is not known")
    pam = settings.flag("usepam") if settings is not None and not settings.problems else None
    with_pam = [pam_account]
    if account.uid != 0:
        with_pam.append(
            _unless(_not(nologin), "a nologin file is there", "whether a nologin file is there is not known")
        )
    without = [_unless(_not(account.locked), "the account is locked and UsePAM is no", "the lock was not seen")]
    if pam is True:
        yield from with_pam
    elif pam is False:
        yield from without
    elif any(judgement.answer is not Truth.YES for judgement in (*with_pam, *without)):
        yield Judgement(Truth.UNKNOWN, "UsePAM is not known")


def _unless(answer: Truth, no: str, unknown: str) -> Judgement:
    return YES if answer is Truth.YES else Judgement(answer, no if answer is Truth.NO else unknown)


def _not(answer: Truth) -> Truth:
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(answer, answer)

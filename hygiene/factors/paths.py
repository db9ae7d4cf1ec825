"""The login paths of one account: each a set of credentials that is enough to come in, where it may come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.factors.door import Daemon, Door, Ways
from hygiene.factors.methods import KEYBOARD, NONE, PASSWORD, alone, by_password, offered, with_nothing
from hygiene.model import Grant, LoginPath, PasswordState, PathVerdict, Truth
from hygiene.openssh import sources
from hygiene.openssh.permissions import YES

ANYWHERE = "*"
_PUBLICKEY = "publickey"
_ISSUER = "by certificate: its authority may have asked for more before it signed"


@dataclass(frozen=True, slots=True)
class _Path:
    """A row without its host, daemon and account."""

    source: str
    methods: str
    kinds: tuple[str, ...] | None  # None: not known
    via: str | None
    reason: str | None = None


def login_paths(daemon: Daemon, door: Door) -> Ways:
    """All ways into the account through this daemon, keys before passwords; none when nobody can enter.

    Keys: one path for each class of source and forced command. A line of which it is not known whether sshd takes it
    gives an unknown path, unless a certain one has the same source and command. Passwords, nothing (an empty password),
    hosts and tickets: one path each. Certificates have paths of their own beside the keys'.
    """
    found = list(dict.fromkeys((*_keys(daemon, door), *_passwords(daemon, door), *_others(daemon, door))))
    paths = tuple(
        LoginPath(
            host=daemon.host,
            daemon=daemon.name,
            account=door.account,
            source=path.source,
            methods=path.methods,
            factors=None if path.kinds is None else len(path.kinds),
            kinds=path.kinds or (),
            via=path.via,
            verdict=PathVerdict.UNKNOWN if path.kinds is None else PathVerdict.ONE,
            reason=path.reason,
        )
        for path in found
    )
    known = {grant.reason for grant in door.grants}
    doubts = dict.fromkeys(
        f"{path.methods}: {path.reason}" for path in found if path.kinds is None and path.reason not in known
    )
    return Ways(paths, tuple(doubts))


def source_of(grant: Grant) -> str:
    """From where a line lets in: `*`, or its from= patterns where these keep somebody out."""
    if grant.from_patterns is None:
        return ANYWHERE
    patterns = ",".join(grant.from_patterns)
    return patterns if sources.judge(patterns).limits else ANYWHERE


def _keys(daemon: Daemon, door: Door) -> list[_Path]:
    enough = YES if daemon.settings is None or daemon.settings.problems else alone(daemon.settings, _PUBLICKEY)
    if enough.answer is Truth.NO:
        return []
    certain: dict[tuple[str, str | None, str | None], _Path] = {}
    doubtful: dict[tuple[str, str | None, str | None], _Path] = {}
    for grant in door.grants:
        if grant.accepted is Truth.NO:
            continue
        place = source_of(grant), grant.command, _ISSUER if grant.is_authority else None
        reason = grant.reason if grant.accepted is Truth.UNKNOWN else _why_more(daemon, door, grant) or enough.reason
        if grant.accepted is Truth.YES and reason is None:
            certain.setdefault(place, _Path(place[0], _PUBLICKEY, ("key",), *place[1:]))
        else:
            reason = reason or "whether sshd accepts the key is not known"
            doubtful.setdefault(place, _Path(place[0], _PUBLICKEY, None, place[1], reason))
    return [*certain.values(), *(path for place, path in doubtful.items() if place not in certain)]


def _why_more(daemon: Daemon, door: Door, grant: Grant) -> str | None:
    """Why a key may be more than one factor; None when it is one. Touch alone is not another."""
    if grant.fingerprint not in door.sk_keys:
        return None
    settings = daemon.settings
    demanded = settings.value("pubkeyauthoptions") if settings is not None else None
    if "verify-required" in (demanded or "").lower() or any(o.lower() == "verify-required" for o in grant.options):
        return "a security key that asks for a PIN or a finger is not judged by this version"
    return None


def _passwords(daemon: Daemon, door: Door) -> Iterator[_Path]:
    """One path for the account's password, whichever of the two methods asks for it."""
    empty = door.password.state is PasswordState.EMPTY
    answers = {
        method: with_nothing(daemon, door, method) if empty else by_password(daemon, door, method)
        for method in (PASSWORD, KEYBOARD)
    }
    certain = [method for method, answer in answers.items() if answer.answer is Truth.YES]
    doubtful = [method for method, answer in answers.items() if answer.answer is Truth.UNKNOWN]
    via = daemon.settings.path("forcecommand") if daemon.settings is not None else None
    if certain and empty:
        # sshd tries an empty password before it asks for any (auth2-none.c)
        settings = daemon.settings
        free = PASSWORD in certain and settings is not None and alone(settings, NONE).answer is Truth.YES
        yield _Path(ANYWHERE, NONE if free else certain[0], (), via)
    elif certain:
        yield _Path(ANYWHERE, " ".join(certain), ("password",), via)
    elif doubtful:
        yield _Path(ANYWHERE, doubtful[0], None, via, answers[doubtful[0]].reason)


def _others(daemon: Daemon, door: Door) -> Iterator[_Path]:
    """Methods that this version does not judge: where they are on, they are unknown."""
    settings = daemon.settings
    if settings is None or settings.problems:
        return  # the path for passwords says so
    for method, keyword in (("hostbased", "hostbasedauthentication"), ("gssapi-with-mic", "gssapiauthentication")):
        # that a Match block may turn one on is a gap of the settings, not of each account
        if settings.is_known(keyword) and not settings.flag(keyword):
            continue
        if offered(daemon, door, method).answer is not Truth.NO:
            reason = f"whether {method} lets somebody in is not judged by this version"
            yield _Path(ANYWHERE, method, None, None, reason)

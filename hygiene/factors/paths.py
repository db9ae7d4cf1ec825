"""The login paths of one account: each a minimal set of credentials that is enough to come in, and where from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hygiene.factors.door import Daemon, Door, Ways
from hygiene.factors.methods import BY_PASSWORD, KEYBOARD, METHODS, NONE, enabled, steps
from hygiene.factors.steps import Step, minimal, together
from hygiene.model import LoginPath, PathVerdict
from hygiene.openssh.settings import Settings

_CHAINS_MAX = 64  # lists of AuthenticationMethods, and methods in one of them


def login_paths(daemon: Daemon, door: Door) -> Ways:
    """All ways into the account through this daemon, keys before passwords; none when nobody can enter.

    One path for each class of source, forced command and minimal set of forms of credentials. What is in doubt gives
    an unknown path, unless a certain one asks for no more, from no fewer places and with no more limits. Paths that
    hold only while something elsewhere is so stand beside those that always hold.
    """
    found = minimal(_steps(daemon, door))
    paths = tuple(_row(daemon, door, step, methods) for step, methods in found)
    known = {door.unseen_keys, *(grant.reason for grant in door.grants)}
    doubts = dict.fromkeys(
        f"{methods}: {step.doubt}" for step, methods in found if step.doubt is not None and step.doubt not in known
    )
    return Ways(paths, tuple(doubts))


def _row(daemon: Daemon, door: Door, step: Step, methods: str) -> LoginPath:
    unknown = step.doubt is not None
    verdict = PathVerdict.ONE if step.factors < 2 else PathVerdict.TWO
    return LoginPath(
        host=daemon.host,
        daemon=daemon.name,
        account=door.account,
        source=step.source,
        methods=NONE if NONE in methods.split() else methods,  # whoever is let in so is not asked for more
        factors=None if unknown else step.factors,
        kinds=() if unknown else tuple(sorted(step.kinds)),
        via=step.via,
        verdict=PathVerdict.UNKNOWN if unknown else verdict,
        reason=step.doubt if unknown else "; ".join(step.notes) or None,
        condition=step.condition,
    )


def _steps(daemon: Daemon, door: Door) -> Iterator[tuple[Step, str]]:
    lists, doubt = _lists(daemon.settings)
    known: dict[str, list[Step]] = {}
    for methods in lists:
        for method in methods:
            if method not in known:
                known[method] = steps(daemon, door, method)
        for step in together([known[method] for method in methods]):
            # sshd asks PAM's auth stage for what goes through PAM, and for nothing else
            skipped = (
                tuple(
                    f"{rule.place}: {rule.module} is skipped: sshd runs no PAM auth for keys"
                    for rule in door.pam.tokens
                )
                if not {NONE, BY_PASSWORD, KEYBOARD} & set(methods) and step.doubt is None and _asks_pam(daemon)
                else ()
            )
            yield replace(step, doubt=doubt or step.doubt, notes=(*step.notes, *skipped)), ",".join(methods)


def _asks_pam(daemon: Daemon) -> bool:
    return daemon.settings is not None and daemon.settings.flag("usepam") is True


def _lists(settings: Settings | None) -> tuple[list[tuple[str, ...]], str | None]:
    """The lists of AuthenticationMethods, one of which has to be completed, and why they are not known.

    auth2_setup_methods_lists (auth2.c): a list that names a method which is switched off counts for nothing. Behind a
    colon stands the device of keyboard-interactive, of which there is one on Linux.
    """
    single: list[tuple[str, ...]] = [(method,) for method in METHODS]
    if settings is None or settings.problems:
        return single, None
    value = settings.value("authenticationmethods")
    if value is None:
        known = settings.is_known("authenticationmethods")
        return single, None if known else "AuthenticationMethods is not known"
    if value.lower() == "any":
        return single, None
    words = [tuple(word.split(",")) for word in value.lower().split()]
    if len(words) > _CHAINS_MAX or any(len(names) > _CHAINS_MAX for names in words):
        return single, "AuthenticationMethods holds too many lists"
    lists = [tuple(name.partition(":")[0] for name in names) for names in words if not _on_other_device(names)]
    unknown = {name for names in lists for name in names} - set(METHODS)
    if unknown:
        return single, f"AuthenticationMethods names {min(unknown)}, which is no method that is known here"
    return [names for names in lists if all(enabled(settings, name) is not False for name in names)], None


def _on_other_device(names: tuple[str, ...]) -> bool:
    return any(name.partition(":")[2] not in ("", "pam") for name in names)

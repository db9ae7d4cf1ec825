"""Which lines of key files open a login path: paths are told by what they take, lines by what they let in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hygiene.factors.steps import ANYWHERE, ISSUER, VERIFIED_KEY
from hygiene.model import Grant, Key, LoginPath, PathVerdict, Setting, Truth
from hygiene.openssh import sources

_FLAGS = ("verify-required", "no-verify-required")


def openers(
    path: LoginPath, grants: Iterable[Grant], known: Mapping[str, Key], settings: Iterable[Setting]
) -> tuple[Grant, ...]:
    """Give the lines whose keys open the path, in their order; none where the path takes no key, or none is certain.

    `grants`: the lines of the account that let in or may; `settings`: those of the account's host.
    """
    if "publickey" not in path.methods.replace(",", " ").split():
        return ()
    by_certificate = ISSUER in (path.reason or "").split("; ")
    demanded = _demanded(path, settings)
    return tuple(
        grant
        for grant in grants
        if grant.daemon == path.daemon
        and grant.fingerprint is not None
        and grant.is_authority == by_certificate
        and grant.command == path.via
        and _is_from(grant, path.source)
        and _is_sure(grant, path)
        and (
            path.verdict is PathVerdict.UNKNOWN
            or _is_verified(grant, known, demanded=demanded) == (VERIFIED_KEY in path.kinds)
        )
    )


def _is_from(grant: Grant, source: str) -> bool:
    """Whether the line lets in from there: paths name its from= list, the class of source, or one within the other."""
    patterns = ",".join(grant.from_patterns or ())
    own = patterns if patterns and sources.judge(patterns).limits else ANYWHERE
    if own not in (ANYWHERE, source) and not source.startswith(f"{own} within "):
        return False
    if grant.accepted_from is None:
        return True
    where = source.rpartition(" within ")[2]
    if where.startswith(ANYWHERE):  # `*`, or all but some classes
        return ANYWHERE in grant.accepted_from
    return where in grant.accepted_from or (source == own and ANYWHERE in grant.accepted_from)


def _is_sure(grant: Grant, path: LoginPath) -> bool:
    if path.verdict is not PathVerdict.UNKNOWN:
        return grant.accepted is Truth.YES
    return grant.accepted is Truth.YES or grant.reason == path.reason


def _is_verified(grant: Grant, known: Mapping[str, Key], *, demanded: bool) -> bool:
    key = known.get(grant.fingerprint or "")
    if grant.is_authority or key is None or not key.type.startswith("sk-"):
        return False
    flags = [option.lower() for option in grant.options if option.lower() in _FLAGS]
    return flags[-1] == "verify-required" if flags else demanded


def _demanded(path: LoginPath, settings: Iterable[Setting]) -> bool:
    """Whether PubkeyAuthOptions asks security keys of this account for a PIN or a finger."""
    values: dict[str, str] = {}
    for setting in settings:
        if setting.daemon == path.daemon and setting.keyword == "pubkeyauthoptions":
            scope = setting.scope.partition(" from ")[0]
            values[scope] = f"{values.get(scope, '')},{setting.value}"
    return "verify-required" in values.get(path.account, values.get(ANYWHERE, "")).lower().split(",")

"""One person as an export shows them, and why their second factor may be unknown."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from hygiene.identities.methods import Method, Registered, second_factor
from hygiene.model import SecondFactor


class Doubt(enum.StrEnum):
    """Why a second factor is unknown; the value ends the sentence `3 people: ...` and says what to do."""

    WHICH = (
        "they have a second factor and the export does not say which, so it may be a code by SMS or"
        " mail; look at them at the provider"
    )
    WHETHER = (
        "the export does not say whether they have a second factor;"
        " export again with that column, as an administrator who may see it"
    )
    WORD = "they have a method that this version does not know; look at `unknown:` in `hygiene export identities`"
    ELSEWHERE = "they sign in through another provider; give that one's export too"
    EITHER = (
        "they have a passkey that replaces the password, and a password; whether that alone opens the account depends"
        " on the sign-in flow"
    )


@dataclass(frozen=True, slots=True)
class Person:
    """What a row says; `doubt` is there exactly when the second factor is unknown."""

    user: str
    admin: bool | None
    enabled: bool | None  # somebody can sign in; None: the export does not say
    second_factor: SecondFactor
    methods: tuple[str, ...] = ()
    doubt: Doubt | None = None


def by_methods(
    user: str,
    admin: bool | None,
    enabled: bool | None,
    held: Registered,
    *,
    not_for_sign_in: frozenset[Method] = frozenset(),
) -> Person:
    """The person whose methods the export lists in full."""
    factor = second_factor(held, not_for_sign_in=not_for_sign_in)
    doubt = Doubt.WORD if factor is SecondFactor.UNKNOWN else None
    return Person(user, admin, enabled, factor, held.words(), doubt)


def by_word(user: str, admin: bool | None, enabled: bool | None, has: bool | None, *, when_has: SecondFactor) -> Person:
    """The person of whom the export says yes or no alone; `when_has` is what a yes means at this provider."""
    match has:
        case None:
            return Person(user, admin, enabled, SecondFactor.UNKNOWN, (), Doubt.WHETHER)
        case False:
            return Person(user, admin, enabled, SecondFactor.NONE)
        case True:
            doubt = Doubt.WHICH if when_has is SecondFactor.UNKNOWN else None
            return Person(user, admin, enabled, when_has, (), doubt)

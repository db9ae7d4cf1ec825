"""Who has a token: what the modules that ask for one find of an account."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.model import Truth


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a rule that asks for a token knows of one account."""

    form: str  # of the credential: `code`, `key`, ...
    enrolled: Truth
    passes_without: Truth = Truth.NO  # who has no token is let pass
    fails_open: Truth = Truth.NO  # everybody is, when the server of the tokens cannot be reached
    detail: str | None = None


def truth(known: bool | None) -> Truth:
    return Truth.UNKNOWN if known is None else Truth.YES if known else Truth.NO

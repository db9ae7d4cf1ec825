"""Who has a token: what the modules that ask for one find of an account."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.question import Question

# forms of credentials
CODE, KEY, VERIFIED_KEY = "code", "key", "verified-key"
PASSWORD = "password"  # noqa: S105  (the form)


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


def passes(outcomes: tuple[Outcome, ...]) -> Truth:
    """Whether a module that says this lets pass: with success, or as if it were not there."""
    passing = {outcome.code in (Code.SUCCESS, Code.IGNORE) for outcome in outcomes}
    return truth(None if len(passing) > 1 else True in passing)


def refused(why: str, code: Code = Code.AUTH_ERR) -> tuple[Outcome, ...]:
    return (Outcome(code, why),)


def option(arguments: tuple[str, ...], name: str) -> str | None:
    """The value of the last `name=value`."""
    return next((text[len(name) + 1 :] for text in reversed(arguments) if text.startswith(f"{name}=")), None)


def unknown(_: Question) -> Enrolment:
    """Tokens that a server keeps, behind a module that is not understood."""
    return Enrolment(CODE, Truth.UNKNOWN, Truth.UNKNOWN, Truth.UNKNOWN)


def privacyidea(question: Question) -> Enrolment | None:
    """pam_python runs any program; that of privacyIDEA is one that asks for a code."""
    return unknown(question) if any("privacyidea" in text for text in question.arguments) else None

"""Which rules of a stack ask for more than a password, and what they do with one account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.openssh.connection import Source
from hygiene.pam import least
from hygiene.pam.auth import steps
from hygiene.pam.modules import known
from hygiene.pam.question import Conf, Person, Question
from hygiene.pam.stack import Stacks, Stage


@dataclass(frozen=True, slots=True)
class TokenRule:
    """One rule of the auth stage, for one account."""

    module: str  # `pam_google_authenticator`
    place: str  # file and line
    form: str  # of the credential that it asks for: `code`, `key`, ...
    enrolled: Truth  # the account has a token there
    passes_without: Truth  # the module lets the account pass because it has none
    fails_open: Truth  # the module lets everybody pass when its server cannot be reached
    detail: str | None = None  # for a person: the file of the token, the option that lets pass


def token_rules(stacks: Stacks, person: Person, conf: Conf) -> tuple[TokenRule, ...]:
    """The rules of the auth stage that ask for a token, in order; none where the stack is not known."""
    return tuple(_found(stacks, person, conf))


def _found(stacks: Stacks, person: Person, conf: Conf) -> Iterator[TokenRule]:
    question = Question((), person, Source("*"), conf, stacks.service, in_auth=True)
    rules = stacks.rules(Stage.AUTH)
    enrolments = [known.enrolment(rule, question) for rule in rules]
    if not any(enrolments):
        return
    reached = least.reached(tuple(steps(rules, question)))
    for at, (rule, found) in enumerate(zip(rules, enrolments, strict=True)):
        if found is not None and at in reached:
            yield TokenRule(
                known.name(rule),
                rule.place,
                found.form,
                found.enrolled,
                found.passes_without,
                found.fails_open,
                found.detail,
            )

"""PAM's auth stage: which credentials does it take, at the least?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from hygiene.openssh.connection import Source
from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Way, ways
from hygiene.pam.modules import known
from hygiene.pam.question import Conf, Conversation, Person, Question
from hygiene.pam.stack import Stacks, Stage


@dataclass(frozen=True, slots=True)
class Pass:
    """One set of credentials that passes; the words are forms of credentials (`password`, `code`)."""

    given: frozenset[str]
    notes: tuple[str, ...] = ()  # why a rule that asks for a token lets pass without one, with file and line
    condition: str | None = None  # what has to be so elsewhere: a token's server is away


@dataclass(frozen=True, slots=True)
class Credentials:
    """The minimal sets of credentials that pass, the smallest first; an empty set lets everybody in, none nobody.

    `possible`: sets of which it is not known whether they pass, and which are neither certain nor contain one that is;
    `doubt` says why. A set with a condition is there beside the sets that pass without it.
    """

    sets: tuple[Pass, ...]
    possible: tuple[Pass, ...] = ()
    doubt: str | None = None


def auth_stage(
    stacks: Stacks,
    person: Person,
    source: Source,
    conf: Conf,
    *,
    allow_empty: bool = False,
    conversation: Conversation = Conversation.EACH,
    caller: Person | None = None,
) -> Credentials:
    """What it takes to pass PAM's auth stage from there; `allow_empty`: PermitEmptyPasswords is yes.

    Every set of credentials is tried: those in it are given right, all others wrong.
    """
    if stacks.failed is not None:
        return Credentials(())
    sets: list[Pass] = []
    possible: list[Pass] = []
    doubt = stacks.doubt
    for given in _subsets(known.FORMS):
        if any(smaller.given <= given for smaller in sets):
            continue
        if conversation is Conversation.ONE and len(given) > 1:
            continue
        question = Question(
            (),
            person,
            source,
            conf,
            stacks.service,
            allow_empty=allow_empty,
            in_auth=True,
            given=given,
            conversation=conversation,
            caller=caller,
        )
        found = (
            ways(stacks.rules(Stage.AUTH), known.model(known.AUTH, question)) if stacks.doubt is None else (Way(None),)
        )
        passing = [way for way in found if way.code in (Code.SUCCESS, None)]
        if len(passing) == len(found) and all(way.code is not None for way in found):
            sets.append(Pass(given))
        elif passing and not any(smaller.given <= given for smaller in possible):
            possible.append(Pass(given))
            doubt = doubt or passing[0].doubt
    return Credentials(tuple(sets), tuple(possible), doubt)


def _subsets(forms: Iterable[str]) -> Iterable[frozenset[str]]:
    """All sets of the forms, the smaller ones first."""
    ordered = sorted(forms)
    return (frozenset(some) for size in range(len(ordered) + 1) for some in combinations(ordered, size))

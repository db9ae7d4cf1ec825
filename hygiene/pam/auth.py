"""PAM's auth stage: which credentials does it take, at the least?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hygiene.openssh.connection import Source
from hygiene.pam.least import Found, Step, least
from hygiene.pam.modules import known
from hygiene.pam.question import Conf, Conversation, Person, Question
from hygiene.pam.replies import Lapse
from hygiene.pam.stack import Rule, Stacks, Stage

_CONDITIONS_MAX = 4  # each is looked at alone, and all together


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
    """What it takes to pass PAM's auth stage from there; `allow_empty`: PermitEmptyPasswords is yes."""
    if stacks.failed is not None:
        return Credentials(())
    if stacks.doubt is not None:
        return Credentials((), (Pass(frozenset()),), stacks.doubt)
    rules = stacks.rules(Stage.AUTH)
    question = Question((), person, source, conf, stacks.service, allow_empty=allow_empty, in_auth=True, caller=caller)
    return _credentials(
        tuple(steps(rules, question)), tuple(known.lapses(rule, question) for rule in rules), conversation
    )


def steps(rules: Sequence[Rule], question: Question) -> Iterator[Step]:
    """The rules with what each asks of the account."""
    for rule in rules:
        yield Step(rule, known.reply(rule, question), known.name(rule) in known.TOKENS)


# accounts differ in few things that modules look at
@lru_cache(maxsize=1024)
def _credentials(
    asked: tuple[Step, ...], lapses: tuple[tuple[Lapse, ...], ...], conversation: Conversation
) -> Credentials:
    plain = least(asked, conversation)
    sure = [_pass(found, asked) for found in plain.sure]
    possible = [found for found in plain.possible if not _covered(found, sure)]
    maybe = [_pass(found, asked) for found in possible]
    doubt = next((found.doubt for found in possible if found.doubt is not None), None)
    for conditions in _together(lapses):
        changed = _changed(asked, lapses, conditions)
        condition = " and ".join(conditions)
        found = least(changed, conversation)
        sure += [_pass(one, changed, condition) for one in found.sure if not _covered(one, sure)]
        more = [one for one in found.possible if not _covered(one, (*sure, *maybe))]
        maybe += [_pass(one, changed, condition) for one in more]
        doubt = doubt or next((one.doubt for one in more if one.doubt is not None), None)
    return Credentials(tuple(sure), tuple(maybe), doubt)


def _together(lapses: Sequence[tuple[Lapse, ...]]) -> Iterator[tuple[str, ...]]:
    """Each condition alone, then all at once."""
    every = tuple(dict.fromkeys(lapse.condition for some in lapses for lapse in some))
    for condition in every[:_CONDITIONS_MAX]:
        yield (condition,)
    if len(every) > 1:
        yield every


def _changed(
    asked: Sequence[Step], lapses: Sequence[tuple[Lapse, ...]], conditions: tuple[str, ...]
) -> tuple[Step, ...]:
    found = []
    for one, some in zip(asked, lapses, strict=True):
        lapse = next((lapse for lapse in some if lapse.condition in conditions), None)
        found.append(one if lapse is None else Step(one.rule, lapse.reply, one.token))
    return tuple(found)


def _covered(found: Found, passes: Sequence[Pass]) -> bool:
    return any(one.given <= found.given for one in passes)


def _pass(found: Found, asked: Sequence[Step], condition: str | None = None) -> Pass:
    skipped = tuple(
        f"{one.rule.place}: {known.name(one.rule)} is not asked"
        for at, one in enumerate(asked)
        if one.token and at not in found.asked
    )
    return Pass(found.given, (*found.notes, *(skipped if len(found.given) < 2 else ())), condition)

"""What a stack makes of what its modules may return: libpam's dispatch over all paths at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hygiene.pam.codes import MUST_FAIL, Code
from hygiene.pam.dispatch import POSITIVE, START, UNDEF, State, enter, landed, shape_of, status, step
from hygiene.pam.stack import Kind, Rule

_STEPS_MAX = 20_000  # states times outcomes; a stack of twenty unknown modules takes a twentieth of it


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a module may return.

    `doubt`: why it is not known whether it is this one or another; a module that is not in doubt has one outcome,
    without.
    """

    code: Code
    why: str | None = None  # what it means, for one who is refused
    doubt: str | None = None
    note: str | None = None  # why it lets pass, of a rule that asks for a token


Model: TypeAlias = Callable[[Rule], Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Way:
    """One end of a stack: what it returns (None: not known), and what it stands on.

    `place` and `why` name the rule that decided, `doubt` the first rule on the way of which more than one outcome is
    possible, both with file and line.
    """

    code: Code | None
    doubt: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class _Trail:
    doubt: str | None = None
    why: str | None = None  # of what set the status
    note: str | None = None  # of the last module that refused, where its control let that pass


def ways(rules: Sequence[Rule], model: Model) -> tuple[Way, ...]:
    """All ends of a stack: one where no module on the way is in doubt, else one for each state of libpam.

    Follows _pam_dispatch_aux (pam_dispatch.c). The order of the result is that of the rules that decide. Modules in
    doubt are taken as independent of each other, so that there may be ways which cannot be gone, but never one too few.
    """
    if not rules:
        return (Way(MUST_FAIL, why="there is no rule for it"),)
    shape = shape_of(rules)
    waiting: list[dict[State, _Trail]] = [{} for _ in range(len(rules) + 1)]
    waiting[0][START] = _Trail()
    ends: list[Way] = []
    steps = 0
    for at, rule in enumerate(rules):
        states, waiting[at] = waiting[at], {}
        if not states:
            continue
        if rule.kind is Kind.DOUBT:
            doubt = f"{rule.place}: {rule.why}"
            ends += (Way(None, trail.doubt or doubt) for trail in states.values())
            continue
        outcomes = _outcomes(rule, model)
        for state, trail in states.items():
            steps += max(1, len(outcomes))
            if steps > _STEPS_MAX:
                return (Way(None, doubt=f"{rule.place}: there are too many ways through the rules up to here"),)
            entered = enter(state, rule, at in shape.resets)
            if rule.kind is Kind.SUBSTACK:
                _arrive(waiting, at + 1, entered, trail, rules)
                continue
            for outcome in outcomes:
                gone = _follow(trail, outcome, rule)
                if outcome.code is Code.INCOMPLETE:  # the module asks to be called again; nobody does
                    ends.append(_end(outcome.code, gone, UNDEF))
                    continue
                stepped = step(entered, outcome.code, rule, at, shape, rules)
                if isinstance(stepped, str):
                    ends.append(Way(None, gone.doubt or stepped))
                    continue
                after, target = stepped
                if after[:2] != entered[:2]:
                    gone = _blame(gone, outcome, rule, after[0])
                _arrive(waiting, target, after, gone, rules)
    ends += (_end(code, trail, impression) for (impression, code, _), trail in waiting[-1].items())
    return tuple(dict.fromkeys(ends))


def _end(code: Code, trail: _Trail, impression: int) -> Way:
    return Way(status(impression, code), trail.doubt, trail.why or trail.note or "no rule let it pass")


def _outcomes(rule: Rule, model: Model) -> Sequence[Outcome]:
    if rule.kind is Kind.MUST_FAIL:
        return (Outcome(MUST_FAIL, rule.why),)
    return model(rule) if rule.kind is Kind.MODULE else ()


def _follow(trail: _Trail, outcome: Outcome, rule: Rule) -> _Trail:
    if outcome.doubt is None and outcome.why is None:
        return trail
    doubt, note = trail.doubt, trail.note
    if doubt is None and outcome.doubt is not None:
        doubt = f"{rule.place}: {outcome.doubt}"
    if outcome.why is not None:
        note = f"{rule.place}: {outcome.why}"
    return replace(trail, doubt=doubt, note=note)


def _blame(trail: _Trail, outcome: Outcome, rule: Rule, impression: int) -> _Trail:
    """The rule that set the status; where it says nothing of itself (pam_deny) the last one that refused."""
    if outcome.why is not None or impression == POSITIVE:
        return replace(trail, why=None if outcome.why is None else f"{rule.place}: {outcome.why}")
    return replace(trail, why=trail.note or f"{rule.place}: {rule.module} refuses everybody")


def _arrive(waiting: list[dict[State, _Trail]], at: int, state: State, trail: _Trail, rules: Sequence[Rule]) -> None:
    """Wait at a rule, with what still counts there; of two that come in the same state the first stays."""
    waiting[at].setdefault(landed(state, at, rules), trail)

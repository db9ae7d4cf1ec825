"""What a stack makes of what its modules may return: libpam's dispatch over all paths at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hygiene.pam import codes
from hygiene.pam.codes import MUST_FAIL, Code
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


# impressions of pam_dispatch.c
_UNDEF, _POSITIVE, _NEGATIVE = 0, 1, -1
_Saved: TypeAlias = tuple[int, Code] | None
# impression, status, and for each substack around the rule what stood at its entry (None where nobody asks for it)
_State: TypeAlias = tuple[int, Code, tuple[_Saved, ...]]
_START: _State = (_UNDEF, MUST_FAIL, ())


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where one can get to from each rule: `end` is behind its (sub)stack, `siblings` the rules of its own level."""

    end: tuple[int, ...]
    siblings: tuple[tuple[int, ...], ...]
    index: tuple[int, ...]  # where the rule stands among its siblings
    resets: frozenset[int]  # rules whose (sub)stack has a control with `reset`
    doubts: tuple[int, ...]  # rules that stand for others, or none


def ways(rules: Sequence[Rule], model: Model) -> tuple[Way, ...]:
    """All ends of a stack: one where no module on the way is in doubt, else one for each state of libpam.

    Follows _pam_dispatch_aux (pam_dispatch.c). The order of the result is that of the rules that decide. Modules in
    doubt are taken as independent of each other, so that there may be ways which cannot be gone, but never one too few.
    """
    if not rules:
        return (Way(MUST_FAIL, why="there is no rule for it"),)
    shape = _shape(rules)
    waiting: list[dict[_State, _Trail]] = [{} for _ in range(len(rules) + 1)]
    waiting[0][_START] = _Trail()
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
            entered = _enter(state, rule, at in shape.resets)
            if rule.kind is Kind.SUBSTACK:
                _arrive(waiting, at + 1, entered, trail, rules)
                continue
            for outcome in outcomes:
                gone = _follow(trail, outcome, rule)
                if outcome.code is Code.INCOMPLETE:  # the module asks to be called again; nobody does
                    ends.append(_end(outcome.code, gone, _UNDEF))
                    continue
                step = _step(entered, outcome.code, rule, at, shape, rules)
                if isinstance(step, str):
                    ends.append(Way(None, gone.doubt or step))
                    continue
                after, target = step
                if after[:2] != entered[:2]:
                    gone = _blame(gone, outcome, rule, after[0])
                _arrive(waiting, target, after, gone, rules)
    ends += (_end(status, trail, impression) for (impression, status, _), trail in waiting[-1].items())
    return tuple(dict.fromkeys(ends))


def _end(status: Code, trail: _Trail, impression: int) -> Way:
    if status is Code.SUCCESS and impression != _POSITIVE:
        status = MUST_FAIL
    return Way(status, trail.doubt, trail.why or trail.note or "no rule let it pass")


def _outcomes(rule: Rule, model: Model) -> Sequence[Outcome]:
    if rule.kind is Kind.MUST_FAIL:
        return (Outcome(MUST_FAIL, rule.why),)
    return model(rule) if rule.kind is Kind.MODULE else ()


def _enter(state: _State, rule: Rule, resets: bool) -> _State:
    """The state with the frames of this rule's level: a new one remembers what stood before it."""
    impression, status, frames = state
    if len(frames) > rule.level:
        return impression, status, frames[: rule.level]
    if len(frames) < rule.level:
        saved: _Saved = (impression, status) if resets else None
        return impression, status, (*frames, *[None] * (rule.level - len(frames) - 1), saved)
    return state


def _step(
    state: _State, code: Code, rule: Rule, at: int, shape: _Shape, rules: Sequence[Rule]
) -> tuple[_State, int] | str:
    """The state behind a rule and where it goes on; a text when that cannot be told."""
    impression, status, frames = state
    action = rule.actions[code]
    match action:
        case codes.RESET:
            before = frames[-1] if frames else (_UNDEF, MUST_FAIL)
            impression, status = before if before is not None else (impression, status)
        case codes.OK | codes.DONE:
            if impression == _UNDEF or (impression == _POSITIVE and status is Code.SUCCESS):
                impression, status = _POSITIVE, code
            if action == codes.DONE and impression == _POSITIVE:
                return (impression, status, frames), shape.end[at]
        case codes.BAD | codes.DIE:
            if impression != _NEGATIVE:
                impression, status = _NEGATIVE, MUST_FAIL if code is Code.IGNORE else code
            if action == codes.DIE:
                return (impression, status, frames), shape.end[at]
        case codes.IGNORE:
            pass
        case _:
            siblings, first = shape.siblings[at], shape.index[at] + 1
            skipped = siblings[first : first + action]
            doubtful = bisect_right(shape.doubts, at)
            if skipped and doubtful < len(shape.doubts) and shape.doubts[doubtful] <= skipped[-1]:
                unseen = rules[shape.doubts[doubtful]]
                return f"{unseen.place}: {unseen.why}"
            landing = first + action
            if landing > len(siblings):  # it jumps out of the (sub)stack
                impression, status = _NEGATIVE, MUST_FAIL
            return (impression, status, frames), siblings[landing] if landing < len(siblings) else shape.end[at]
    return (impression, status, frames), at + 1


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
    if outcome.why is not None or impression == _POSITIVE:
        return replace(trail, why=None if outcome.why is None else f"{rule.place}: {outcome.why}")
    return replace(trail, why=trail.note or f"{rule.place}: {rule.module} refuses everybody")


def _arrive(waiting: list[dict[_State, _Trail]], at: int, state: _State, trail: _Trail, rules: Sequence[Rule]) -> None:
    """Wait at a rule, with what still counts there; of two that come in the same state the first stays."""
    impression, status, frames = state
    level = rules[at].level if at < len(rules) else 0
    waiting[at].setdefault((impression, status, frames[:level]), trail)


def _shape(rules: Sequence[Rule]) -> _Shape:
    end, index = [len(rules)] * len(rules), [0] * len(rules)
    frames: list[list[int]] = [[]]
    own: list[list[int]] = []
    for at, rule in enumerate(rules):
        while len(frames) > rule.level + 1:
            for member in frames.pop():
                end[member] = at
        while len(frames) < rule.level + 1:
            frames.append([])
        index[at] = len(frames[-1])
        frames[-1].append(at)
        own.append(frames[-1])
    having = {id(members) for at, members in enumerate(own) if codes.RESET in rules[at].actions}
    resets = frozenset(at for at, members in enumerate(own) if id(members) in having)
    shared = {id(members): tuple(members) for members in own}
    doubts = tuple(at for at, rule in enumerate(rules) if rule.kind is Kind.DOUBT)
    return _Shape(tuple(end), tuple(shared[id(members)] for members in own), tuple(index), resets, doubts)

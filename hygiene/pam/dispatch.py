"""One step of a stack: what libpam makes of what a module returned, under the rule's control."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hygiene.pam import codes
from hygiene.pam.codes import MUST_FAIL, Code
from hygiene.pam.stack import Kind, Rule

# impressions of pam_dispatch.c
UNDEF, POSITIVE, NEGATIVE = 0, 1, -1
_Saved: TypeAlias = tuple[int, Code] | None
# impression, status, and for each substack around the rule what stood at its entry (None where nobody asks for it)
State: TypeAlias = tuple[int, Code, tuple[_Saved, ...]]
START: State = (UNDEF, MUST_FAIL, ())


@dataclass(frozen=True, slots=True)
class Shape:
    """Where one can get to from each rule: `end` is behind its (sub)stack, `siblings` the rules of its own level."""

    end: tuple[int, ...]
    siblings: tuple[tuple[int, ...], ...]
    index: tuple[int, ...]  # where the rule stands among its siblings
    resets: frozenset[int]  # rules whose (sub)stack has a control with `reset`
    doubts: tuple[int, ...]  # rules that stand for others, or none


def status(impression: int, code: Code) -> Code:
    """What the whole stack returns at its end."""
    return MUST_FAIL if code is Code.SUCCESS and impression != POSITIVE else code


def enter(state: State, rule: Rule, resets: bool) -> State:
    """The state with the frames of this rule's level: a new one remembers what stood before it."""
    impression, status, frames = state
    if len(frames) > rule.level:
        return impression, status, frames[: rule.level]
    if len(frames) < rule.level:
        saved: _Saved = (impression, status) if resets else None
        return impression, status, (*frames, *[None] * (rule.level - len(frames) - 1), saved)
    return state


def step(state: State, code: Code, rule: Rule, at: int, shape: Shape, rules: Sequence[Rule]) -> tuple[State, int] | str:
    """The state behind a rule and where it goes on; a text when that cannot be told."""
    impression, status, frames = state
    action = rule.actions[code]
    match action:
        case codes.RESET:
            before = frames[-1] if frames else (UNDEF, MUST_FAIL)
            impression, status = before if before is not None else (impression, status)
        case codes.OK | codes.DONE:
            if impression == UNDEF or (impression == POSITIVE and status is Code.SUCCESS):
                impression, status = POSITIVE, code
            if action == codes.DONE and impression == POSITIVE:
                return (impression, status, frames), shape.end[at]
        case codes.BAD | codes.DIE:
            if impression != NEGATIVE:
                impression, status = NEGATIVE, MUST_FAIL if code is Code.IGNORE else code
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
                impression, status = NEGATIVE, MUST_FAIL
            return (impression, status, frames), siblings[landing] if landing < len(siblings) else shape.end[at]
    return (impression, status, frames), at + 1


def landed(state: State, at: int, rules: Sequence[Rule]) -> State:
    """The state with what still counts at a rule, or at the end."""
    impression, code, frames = state
    return impression, code, frames[: rules[at].level if at < len(rules) else 0]


def shape_of(rules: Sequence[Rule]) -> Shape:
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
    return Shape(tuple(end), tuple(shared[id(members)] for members in own), tuple(index), resets, doubts)

"""The least sets of credentials that pass a stack, whatever answers somebody who has them chooses to give.

Two kinds of branches make the graph of a stack: answers, of which the one who logs in takes the best, and outcomes of
which it is not known which one it is. A set is sure where some answers pass for all outcomes, and possible where some
pass for some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hygiene.pam.codes import Code
from hygiene.pam.dispatch import START, Shape, State, enter, landed, shape_of, status, step
from hygiene.pam.evaluate import Outcome
from hygiene.pam.question import Conversation
from hygiene.pam.replies import WRONG, Asks, Case, First, Keeps, Reply, Says, Shows, Text, cases, fits, forms, uses_kept
from hygiene.pam.stack import Kind, Rule

_STEPS_MAX = 20_000  # edges of the graph
_TEXTS_MAX = 24
_MAYBE_SAME = "whether both take the same password is not known"
_PASSING = (Code.SUCCESS, Code.IGNORE)
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A set that passes; `asked` are the rules on the way that ask for a token."""

    given: frozenset[str]
    notes: tuple[str, ...] = ()
    doubt: str | None = None
    asked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Least:
    """Minimal sets: those that pass for certain, and those that may."""

    sure: tuple[Found, ...] = ()
    possible: tuple[Found, ...] = ()


_NOBODY = Least()
_PASSED = Least((Found(_NOTHING),), (Found(_NOTHING),))


class _TooManyError(Exception):
    """The graph is larger than anybody's stack; the message is the place."""


# a state of libpam, and the answer that is kept
_Node: TypeAlias = tuple[State, Text | None]
_Take: TypeAlias = tuple[Outcome, Text | None]  # an outcome, and the answer that is kept behind it
_Leads: TypeAlias = tuple[Outcome, int, _Node | None, Least]  # where an outcome leads, or (no node) what it ends in
_Choice: TypeAlias = tuple[frozenset[str], tuple[_Leads, ...]]  # what an answer takes, and where it leads


@dataclass(frozen=True, slots=True)
class Step:
    """One rule with what its module asks of the account; `token` for a module that asks for more than a password."""

    rule: Rule
    reply: Reply
    token: bool = False


def least(steps: Sequence[Step], conversation: Conversation) -> Least:
    """The minimal sets for a stack; a stack without rules lets nobody pass."""
    if not steps:
        return _NOBODY
    try:
        texts = _texts(steps)
        if conversation is Conversation.EACH:
            return _Graph(steps, texts, None).solve()
        # one text for all prompts: the graphs of all texts side by side
        return _best((forms(text), _Graph(steps, texts, text).solve()) for text in texts)
    except _TooManyError as error:
        return Least((), (Found(_NOTHING, doubt=f"{error}: there are too many ways through the rules up to here"),))


def reached(steps: Sequence[Step]) -> frozenset[int]:
    """The rules that somebody gets to with some answers; all where the stack is too large to tell."""
    try:
        return _Graph(steps, _texts(steps), None).reached() if steps else frozenset()
    except _TooManyError:
        return frozenset(range(len(steps)))


def _texts(steps: Sequence[Step]) -> tuple[Text, ...]:
    """All answers that some module takes, or leaves something of that another one takes; a wrong one is the last."""
    every = [case for one in steps for case in cases(one.reply)]
    found = dict.fromkeys(case.suffix for case in every)
    ends = dict.fromkeys(case.suffix for case in every if case.prefix)
    for _ in ends:
        for end in ends:
            found |= dict.fromkeys((*text, *end) for text in tuple(found) if end[0] not in text)
            if len(found) > _TEXTS_MAX:
                raise _TooManyError(steps[-1].rule.place)
    return (*(text for text in found if text != WRONG), WRONG)


class _Graph:
    """All ways through a stack; `typed` is the one answer to every prompt, or None."""

    def __init__(self, steps: Sequence[Step], texts: Sequence[Text], typed: Text | None) -> None:
        self._steps = steps
        self._rules = [one.rule for one in steps]
        self._texts = texts
        self._typed = typed
        self._last_use = max((at for at, one in enumerate(steps) if uses_kept(one.reply)), default=-1)
        self._shape: Shape = shape_of(self._rules)
        self._edges = 0
        self._levels: list[dict[_Node, tuple[_Choice, ...]]] = [{} for _ in steps]
        self._ends: dict[_Node, None] = {}  # a dictionary, as its order is that of finding
        self._explore()

    def _explore(self) -> None:
        waiting: list[dict[_Node, None]] = [*({} for _ in self._steps), self._ends]
        waiting[0][START, None] = None
        for at, level in enumerate(self._levels):
            for node in waiting[at]:
                level[node] = tuple(self._choices(at, node))
                for _, leads in level[node]:
                    for _, target, behind, _ in leads:
                        if behind is not None:
                            waiting[target][behind] = None

    def reached(self) -> frozenset[int]:
        """The rules that somebody gets to."""
        return frozenset(at for at, level in enumerate(self._levels) if level)

    def solve(self) -> Least:
        ends = {node: _PASSED if status(*node[0][:2]) is Code.SUCCESS else _NOBODY for node in self._ends}
        values: list[dict[_Node, Least]] = [*({} for _ in self._steps), ends]
        for at in range(len(self._steps) - 1, -1, -1):
            place = self._rules[at].place
            for node, choices in self._levels[at].items():
                values[at][node] = _best(
                    (
                        needs,
                        _all(
                            [
                                (outcome, ended if behind is None else values[target][behind])
                                for outcome, target, behind, ended in leads
                            ],
                            place,
                            at if self._steps[at].token else None,
                        ),
                    )
                    for needs, leads in choices
                )
        return values[0][START, None]

    def _choices(self, at: int, node: _Node) -> Iterator[_Choice]:
        """What somebody can do at a rule, what it takes, and where it leads."""
        rule = self._rules[at]
        state, kept = node
        entered = enter(state, rule, at in self._shape.resets)
        if rule.kind is Kind.SUBSTACK:
            yield _NOTHING, (self._lead(entered, kept, at + 1, Outcome(Code.SUCCESS)),)
            return
        if rule.kind is Kind.DOUBT:
            unknown = Least((), (Found(_NOTHING, doubt=f"{rule.place}: {rule.why}"),))
            yield _NOTHING, ((Outcome(Code.SUCCESS), at, None, unknown),)
            return
        for needs, takes in _answers(self._steps[at].reply, kept, self._own(at), self._typed):
            leads: dict[tuple[Code, Text | None], _Leads] = {}
            for outcome, behind in takes:
                self._edges += 1
                if self._edges > _STEPS_MAX:
                    raise _TooManyError(rule.place)
                leads.setdefault((outcome.code, behind), self._go(at, entered, outcome, behind))
            yield needs, tuple(leads.values())

    def _own(self, at: int) -> Sequence[Text]:
        """The answers that are worth typing at a rule: where nobody uses a kept one any more, its own."""
        if self._typed is not None or at < self._last_use:
            return self._texts
        return (*dict.fromkeys((*(case.suffix for case in cases(self._steps[at].reply)), WRONG)),)

    def _go(self, at: int, entered: State, outcome: Outcome, kept: Text | None) -> _Leads:
        if outcome.code is Code.INCOMPLETE:  # the module asks to be called again; nobody does
            return outcome, at, None, _NOBODY
        stepped = step(entered, outcome.code, self._rules[at], at, self._shape, self._rules)
        if isinstance(stepped, str):
            return outcome, at, None, Least((), (Found(_NOTHING, doubt=stepped),))
        return self._lead(stepped[0], kept, stepped[1], outcome)

    def _lead(self, state: State, kept: Text | None, target: int, outcome: Outcome) -> _Leads:
        return (
            outcome,
            target,
            (landed(state, target, self._rules), kept if target <= self._last_use else None),
            _NOBODY,
        )


# ---------------------------------------------------------------- what can be answered to a module


def _answers(
    reply: Reply, kept: Text | None, texts: Sequence[Text], typed: Text | None
) -> Iterator[tuple[frozenset[str], list[_Take]]]:
    match reply:
        case Says():
            if not reply.opaque:
                yield _NOTHING, [(outcome, kept) for outcome in reply.outcomes]
                return
            for text, needs in _typable(texts, typed):
                yield needs, [(outcome, behind) for outcome in reply.outcomes for behind in (kept, text)]
        case Shows():
            yield frozenset({reply.form}), [(outcome, kept) for outcome in reply.right]
            yield _NOTHING, [(outcome, kept) for outcome in reply.wrong]
        case Asks():
            yield from _asked(reply, kept, texts, typed)


def _asked(
    reply: Asks, kept: Text | None, texts: Sequence[Text], typed: Text | None
) -> Iterator[tuple[frozenset[str], list[_Take]]]:
    of_kept = reply.cases if reply.of_kept is None else reply.of_kept
    before: list[_Take] = []
    if kept is None and reply.first is First.ONLY:
        yield _NOTHING, [(outcome, None) for outcome in reply.without]
        return
    if kept is not None and reply.first is not First.IGNORED:
        taken = _taken(kept, of_kept, reply, kept)
        if reply.first is not First.BEFORE:
            yield _NOTHING, taken
            return
        verdicts = {fits(kept, case) for case in of_kept}
        if True in verdicts:
            yield _NOTHING, taken
            return
        before = [] if None not in verdicts else taken
    if typed is not None and reply.echo:
        yield _NOTHING, [*before, *((outcome, kept) for outcome in reply.unanswered)]
        return
    for text, needs in _typable(texts, typed):
        yield needs, [*before, *_taken(text, reply.cases, reply, kept)]


def _typable(texts: Sequence[Text], typed: Text | None) -> Iterator[tuple[Text, frozenset[str]]]:
    if typed is not None:
        yield typed, _NOTHING  # what it takes is counted once, for the whole graph
        return
    for text in texts:
        yield text, forms(text)


def _taken(text: Text, of: Iterable[Case], reply: Asks, kept: Text | None) -> list[_Take]:
    """What a module may return to an answer, and what is kept behind it."""
    takes: list[_Take] = []
    for case in of:
        fit = fits(text, case)
        if fit is False:
            continue
        for outcome in case.outcomes:
            told = outcome if fit else replace(outcome, doubt=outcome.doubt or _MAYBE_SAME)
            takes += ((told, behind) for behind in _kept(case.keeps, text, len(case.suffix), kept))
        if fit:
            return takes
    for outcome in reply.otherwise:
        told = replace(outcome, doubt=outcome.doubt or _MAYBE_SAME) if takes else outcome
        takes += ((told, behind) for behind in _kept(reply.keeps, text, 0, kept))
    return takes


def _kept(keeps: Keeps, text: Text, own: int, kept: Text | None) -> tuple[Text | None, ...]:
    match keeps:
        case Keeps.SAME:
            return (kept,)
        case Keeps.TEXT:
            return (text,)
        case Keeps.PREFIX:
            return (text[: len(text) - own],)
        case Keeps.CUT:
            return (kept, WRONG)


# ---------------------------------------------------------------- families of sets


def _best(choices: Iterable[tuple[frozenset[str], Least]]) -> Least:
    """Somebody takes the best of several answers, each of which takes something."""
    every = list(choices)
    return Least(
        _minimal(replace(found, given=found.given | needs) for needs, value in every for found in value.sure),
        _minimal(replace(found, given=found.given | needs) for needs, value in every for found in value.possible),
    )


def _all(branches: Sequence[tuple[Outcome, Least]], place: str, token: int | None) -> Least:
    """It is not known which branch it is: all have to pass, or some may."""
    noted = [_marked(outcome, value, place, token) for outcome, value in branches]
    if len(noted) == 1:
        return noted[0]
    sure: tuple[Found, ...] = (Found(_NOTHING),)
    for value in noted:
        sure = _minimal(_joined(one, other) for one in sure for other in value.sure)
    doubts = [f"{place}: {outcome.doubt}" if outcome.doubt else None for outcome, _ in branches]
    return Least(
        sure,
        _minimal(
            replace(found, doubt=doubt or found.doubt)
            for doubt, value in zip(doubts, noted, strict=True)
            for found in value.possible
        ),
    )


def _marked(outcome: Outcome, value: Least, place: str, token: int | None) -> Least:
    notes = (f"{place}: {outcome.note}",) if outcome.note else ()
    if token is not None and outcome.code not in _PASSING and outcome.doubt is None:
        notes = (f"{place}: its control lets pass what the module refuses",)
    if token is None and not notes:
        return value
    asked = frozenset[int]() if token is None else frozenset({token})
    sure, possible = (
        tuple(replace(found, notes=(*notes, *found.notes), asked=found.asked | asked) for found in family)
        for family in (value.sure, value.possible)
    )
    return Least(sure, possible)


def _joined(one: Found, other: Found) -> Found:
    return Found(
        one.given | other.given,
        tuple(dict.fromkeys((*one.notes, *other.notes))),
        one.doubt or other.doubt,
        one.asked | other.asked,
    )


def _minimal(every: Iterable[Found]) -> tuple[Found, ...]:
    """The sets that contain no other, the smallest first; of equal ones the first stays."""
    found: dict[frozenset[str], Found] = {}
    for one in every:
        found.setdefault(one.given, one)
    return tuple(
        one
        for one in sorted(found.values(), key=lambda one: (len(one.given), sorted(one.given)))
        if not any(other < one.given for other in found)
    )

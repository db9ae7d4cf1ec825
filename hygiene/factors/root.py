"""What it takes to get everything as root by way of an account: what the login asks for and the step behind it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hygiene.factors.steps import KEY, VERIFIED_KEY, Step, is_less, spelled
from hygiene.model import LoginPath, PathVerdict, RootPath, RootStep, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.pam.auth import Credentials, Pass

NOTHING = Credentials((Pass(frozenset()),))  # asked for nothing


@dataclass(frozen=True, slots=True)
class Climb:
    """One way from a session of the account to a shell of root."""

    step: RootStep
    credentials: Credentials = NOTHING
    approved: Judgement = YES  # by PAM's account stage
    notes: tuple[str, ...] = ()  # why it takes no more than this
    doubt: str | None = None  # why it is not known whether it is there


def unknown(step: RootStep, reason: str) -> Climb:
    """A way of which nothing is known, not even whether it is there."""
    return Climb(step, doubt=reason)


def uid0_paths(paths: Iterable[LoginPath]) -> Iterator[RootPath]:
    """The ways into an account that is root itself; a forced command is not everything."""
    for path in paths:
        if path.via is None:
            yield _row(path, RootStep.UID0, path.factors, path.kinds, path.verdict, path.reason, path.condition)


def root_paths(paths: Sequence[LoginPath], climbs: Sequence[Climb], session: Judgement = YES) -> Iterator[RootPath]:
    """The ways to root through one account: for each class of source the minimal sets, by form, of all credentials.

    `session`: whether who has entered the account can run sudo and su at all. A forced command leaves neither. What is
    in doubt stands beside what is certain, unless that asks for no more and opens from no fewer places. Certain rows
    come first.
    """
    if session.answer is Truth.NO:
        return
    doubt = None if session.answer is Truth.YES else session.reason
    entered = [path for path in paths if path.via is None]
    found = [way for path in entered for climb in climbs for way in _ways(path, climb, doubt)]
    firm = list(dict.fromkeys(way.whole for way in found if way.whole.is_firm))
    told: set[Hashable] = set()
    for way in sorted(found, key=lambda way: not way.whole.is_firm):
        if way.alike not in told and not any(is_less(less, way.whole) for less in firm):
            told.add(way.alike)
            yield way.row()


@dataclass(frozen=True, slots=True)
class _Way:
    path: LoginPath
    step: RootStep
    whole: Step

    @property
    def alike(self) -> Hashable:
        """Equal for ways of which one row is enough."""
        whole = self.whole
        what = self.path.methods if whole.doubt is not None else whole.kinds
        return self.step, whole.source, whole.condition, whole.doubt is None, what

    def row(self) -> RootPath:
        whole = self.whole
        if whole.doubt is not None:
            return _row(self.path, self.step, None, (), PathVerdict.UNKNOWN, whole.doubt, whole.condition)
        verdict = PathVerdict.ONE if whole.factors < 2 else PathVerdict.TWO
        reason = "; ".join(whole.notes) or None
        return _row(self.path, self.step, whole.factors, tuple(sorted(whole.kinds)), verdict, reason, whole.condition)


def _ways(path: LoginPath, climb: Climb, doubt: str | None) -> Iterator[_Way]:
    if climb.approved.answer is Truth.NO:
        return
    credentials = climb.credentials
    if climb.approved.answer is Truth.UNKNOWN:
        doubt = doubt or climb.approved.reason
    doubt = doubt or climb.doubt
    for given in credentials.sets:
        yield _Way(path, climb.step, _whole(path, climb, given, doubt))
    for given in credentials.possible:
        yield _Way(path, climb.step, _whole(path, climb, given, doubt or credentials.doubt or "it is not known"))


def _whole(path: LoginPath, climb: Climb, given: Pass, doubt: str | None) -> Step:
    if path.verdict is PathVerdict.UNKNOWN:
        doubt = path.reason or "the way into the account is not known"
    kinds = frozenset(path.kinds) | given.given
    again = tuple(
        f"the {form} that {climb.step} asks for is no factor of its own"
        for form in sorted(spelled(path.kinds) & spelled(given.given))
    )
    known = path.reason.split("; ") if path.reason is not None else ()
    notes = (*known, *climb.notes, *again, *given.notes)
    conditions = dict.fromkeys(filter(None, (path.condition, given.condition)))
    return Step(
        kinds - {KEY} if VERIFIED_KEY in kinds else kinds,
        path.source,
        doubt=doubt,
        notes=tuple(dict.fromkeys(filter(None, notes))),
        condition=" and ".join(conditions) or None,
    )


def _row(
    path: LoginPath,
    step: RootStep,
    factors: int | None,
    kinds: tuple[str, ...],
    verdict: PathVerdict,
    reason: str | None,
    condition: str | None,
) -> RootPath:
    return RootPath(
        host=path.host,
        daemon=path.daemon,
        account=path.account,
        source=path.source,
        methods=path.methods,
        step=step,
        factors=factors,
        kinds=kinds,
        via=path.via,
        verdict=verdict,
        reason=reason,
        condition=condition,
    )

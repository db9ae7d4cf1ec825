"""Every way to log in: each credential by each method that is offered, and after a partial success each once more."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.fleet import Lab

from .case import Atoms, Case, Step, Way
from .client import UnclearError, attempt
from .person import Person

_AT_ONCE = 48  # a refused password is answered after some seconds
_DEPTH = 4
_TRIES = 3
_KEYS: Mapping[str, Atoms] = {
    "key": frozenset({"key"}),
    "second-key": frozenset({"second-key"}),
    "certificate": frozenset({"certificate"}),
    "token": frozenset({"token"}),
    "token untouched": frozenset({"token"}),
    "token with pin": frozenset({"token", "pin"}),
    "ecdsa token": frozenset({"token"}),
    "ecdsa token with pin": frozenset({"token", "pin"}),
}
_NOTHING: Atoms = frozenset()
_PASSWORD, _CODE = frozenset({"password"}), frozenset({"code"})
# what one may know or have, and how it is shown: one text for whatever is asked, or to each prompt what it asks for
_TEXTS = (("wrong", _NOTHING), ("empty", _NOTHING), ("password", _PASSWORD), ("code", _CODE))
# some modules take both in one line, and what they do not take for a code they hand on as the password
_JOINED = (("joined", _PASSWORD | _CODE), ("password and no code", _PASSWORD), ("code and no password", _CODE))
_QUICK_TEXTS = (*_TEXTS[:1], *_TEXTS[2:])  # without the empty answer, which a wrong one stands for
_EACH = ("each", _PASSWORD | _CODE)


@dataclass(frozen=True, slots=True)
class Tried:
    """All ways into one account from one source."""

    case: Case
    source: str
    ways: tuple[Way, ...]

    @property
    def open(self) -> tuple[Way, ...]:
        return tuple(way for way in self.ways if way.outcome == "entered")

    @property
    def sets(self) -> frozenset[Atoms]:
        """The smallest sets of credentials that open a session."""
        found = {way.uses for way in self.open}
        return frozenset(some for some in found if not any(other < some for other in found))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is tried."""

    case: Case
    host: str
    source: str


def try_all(lab: Lab, places: Sequence[Place], person: Person, *, quick: bool = False) -> list[Tried]:
    """Try every way at every place, many at once; in the order of the places.

    `quick` shows what is known by heart in the plain forms alone, not in those that only few modules take apart.
    """
    trial = _Trial(lab, person, {place.host: threading.Lock() for place in places})
    found: list[list[Way]] = [[] for _ in places]
    first = Step("none", "nothing", _NOTHING)
    waiting: list[tuple[int, tuple[Step, ...]]] = [(index, (first,)) for index in range(len(places))]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while waiting:
            ways = list(pool.map(lambda one: trial.run(places[one[0]], one[1]), waiting))
            asked = [index for index, _ in waiting]
            waiting = []
            for index, way in zip(asked, ways, strict=True):
                found[index].append(way)
                waiting += [(index, steps) for steps in _longer(places[index].case, way, quick)]
    return [Tried(place.case, place.source, tuple(ways)) for place, ways in zip(places, found, strict=True)]


def _longer(case: Case, way: Way, quick: bool) -> Iterator[tuple[Step, ...]]:
    """The same steps with one more, where the daemon goes on."""
    asked_first = [step.method for step in way.steps] == ["none"]
    if way.outcome == "entered" or (way.outcome == "refused" and not asked_first) or len(way.steps) > _DEPTH:
        return
    before = () if asked_first else way.steps
    for method in way.allowed:
        for step in steps_of(case, method, quick):
            yield (*before, step)


def steps_of(case: Case, method: str, quick: bool) -> Iterable[Step]:
    """All that can be shown by a method."""
    match method:
        case "publickey":
            return [Step(method, name, _KEYS[name]) for name in case.keys]
        case "password":
            return [Step(method, *text) for text in (_QUICK_TEXTS if quick else (*_TEXTS, *_JOINED))]
        case "keyboard-interactive":
            return [Step(method, *text) for text in (*(_QUICK_TEXTS if quick else (*_TEXTS, *_JOINED)), _EACH)]
    return []


class _Trial:
    def __init__(self, lab: Lab, person: Person, locks: Mapping[str, threading.Lock]) -> None:
        self._lab = lab
        self._person = person
        self._locks = locks
        self._codes = {host: person.counted_codes() for host in locks}

    def run(self, place: Place, steps: tuple[Step, ...]) -> Way:
        # codes that are good once have to come in their order
        if place.case.counted and any("code" in step.uses for step in steps):
            with self._locks[place.host]:
                return self._attempt(place, steps, lambda: next(self._codes[place.host]))
        return self._attempt(place, steps, self._person.code)

    def _attempt(self, place: Place, steps: tuple[Step, ...], code) -> Way:  # type: ignore[no-untyped-def]
        host_key = self._lab.hosts[place.host].host_keys[0].public
        for tried in itertools.count(1):
            connection = self._lab.dial(place.host, place.source)
            try:
                return attempt(connection, host_key, place.case.account.name, steps, self._person, code())
            except UnclearError:
                if tried == _TRIES:
                    raise
        raise AssertionError

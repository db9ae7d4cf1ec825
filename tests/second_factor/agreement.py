"""Whether what we say is what the daemon did."""

from __future__ import annotations

import enum
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from differential.telling import How, look
from lab.fleet import Lab
from lab.spec import AUDITOR_ADDRESS
from lab.tree import ensure_tree

from .case import Case, Forms, forms, least
from .cases.tokens import RADIUS_SECRET
from .hosts import host_of, prepare, recipe
from .person import person
from .telling import Told, tell
from .trying import Place, Tried, try_all


class Word(enum.StrEnum):
    """How our answer stands beside the daemon's."""

    SAME = "same"
    UNKNOWN = "unknown"  # what we say is right, and more may be
    UNSAFE = "unsafe"  # we ask for more than the daemon does, or do not name a way in
    WRONG = "wrong"  # we name a way in that is not there


@dataclass(frozen=True, slots=True)
class Result:
    """One configuration from one source."""

    tried: Tried
    told: Told
    word: Word
    why: tuple[str, ...]

    @property
    def needed(self) -> frozenset[Forms]:
        return needed(self.tried)

    def __str__(self) -> str:
        case = self.tried.case
        lines = [f"{case.id} from {self.tried.source}: {self.word}", *(f"  {text}" for text in self.why)]
        lines += [f"  the daemon: {show(self.needed)}", f"  we: {show(self.told.sets)}"]
        lines += [f"    {row}" for row in self.told.rows]
        lines += [
            f"  opened by {' '.join(f'{step.method}:{step.shown}' for step in way.steps)}" for way in self.tried.open
        ]
        return "\n".join(lines)


def needed(tried: Tried) -> frozenset[Forms]:
    """The smallest sets of forms that opened a session."""
    return least({forms(some) for some in tried.sets})


def show(sets: frozenset[Forms]) -> str:
    """The sets in a line: `key, or code + password`."""
    texts = sorted((len(some), " + ".join(sorted(some)) or "nothing at all") for some in sets)
    return ", or ".join(text for _, text in texts) or "nobody"


def compare(case: Case, observed: frozenset[Forms], told: Told) -> tuple[Word, tuple[str, ...]]:
    """The word for it, and why.

    Where the server of a token is away, conditional ways count, and a way that takes the token cannot be seen.
    """
    sets = told.sets
    if case.away is not None or case.remembered:
        sets = least(sets | told.conditional)
    unsafe = [f"opens and is not said: {show(frozenset({some}))}" for some in _beyond(observed, sets)]
    unsafe += [f"miscounted: {text}" for text in told.miscounted]
    wrong = [
        f"said and does not open: {show(frozenset({some}))}"
        for some in _beyond(sets, observed)
        if case.broader is None and (case.away is None or case.away not in some)
    ]
    if unsafe and (told.miscounted or not told.doubts):
        return Word.UNSAFE, tuple(unsafe)
    if wrong:
        return Word.WRONG, tuple(wrong)
    return (Word.UNKNOWN, told.doubts) if told.doubts else (Word.SAME, ())


def _beyond(some: frozenset[Forms], others: frozenset[Forms]) -> Iterator[Forms]:
    """The sets of `some` that hold none of `others`."""
    for one in sorted(some, key=sorted):
        wide = one | {"key"} if "verified-key" in one else one
        if not any(other <= wide for other in others):
            yield one


def run(cases: Sequence[Case], tree: Path | None = None, *, quick: bool = False) -> list[Result]:
    """Try every configuration, and ask our pipeline about it."""
    names = [f"h{number:03}" for number in range(len(cases))]
    with Lab(tree or ensure_tree(recipe()), [host_of(*pair) for pair in zip(names, cases, strict=True)]) as lab:
        for name, case in zip(names, cases, strict=True):
            prepare(lab, name, case)
        # before any login: some leave traces in the files
        facts = {name: look(lab, name, How.LIVE, None) for name in names}
        places = [Place(case, name, source) for name, case in zip(names, cases, strict=True) for source in case.sources]
        with _radius(lab):
            tried = try_all(lab, places, person(), quick=quick)
    results = []
    for place, found in zip(places, tried, strict=True):
        told = tell(facts[place.host], place.case, place.source)
        results.append(Result(found, told, *compare(place.case, needed(found), told)))
    return results


@contextmanager
def _radius(lab: Lab) -> Iterator[None]:
    """A RADIUS server at the auditor's address."""
    program = [sys.executable, "-IS", str(Path(__file__).with_name("radius.py")), AUDITOR_ADDRESS, "1812"]
    with lab.popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        try:
            serving.stdin.write(f"{RADIUS_SECRET}\n{person().seed.hex()}\n")
            serving.stdin.flush()
            if serving.stdout.readline() != "ready\n":
                raise RuntimeError("the RADIUS server of the suite did not start")
            yield
        finally:
            serving.kill()

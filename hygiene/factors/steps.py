"""One step on the way in: what an authentication method takes, and what several of them take together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

ANYWHERE = "*"
ISSUER = "by certificate: its authority may have asked for more before it signed"
KDC = "by ticket: the Kerberos server may have asked for more before it gave one"

KEY, VERIFIED_KEY, PASSWORD, CODE, TICKET, HOST = "key", "verified-key", "password", "code", "ticket", "host"
_WITHIN = frozenset({ISSUER, KDC})
_STEPS_MAX = 300  # by from= lists and commands of one account; more of them are joined into one that is in doubt


@dataclass(frozen=True, slots=True)
class Step:
    """One way through one method, or through several one after the other."""

    kinds: frozenset[str]  # forms of credentials; of a step in doubt: those that it takes at the least
    source: str = ANYWHERE
    via: str | None = None  # the forced command
    doubt: str | None = None  # why it is not known whether it leads in
    notes: tuple[str, ...] = ()  # why it takes no more than this
    condition: str | None = None  # what has to be so elsewhere
    keys: frozenset[str] = frozenset()  # the keys that open it, by fingerprint
    signs: bool = False  # an authority, which makes as many keys as one likes

    @property
    def factors(self) -> int:
        """How many factors that is: credentials of different form; a verified key is a key and a PIN."""
        return len(spelled(self.kinds))

    @property
    def is_firm(self) -> bool:
        """False when somebody elsewhere may ask for more than we see."""
        return self.condition is None and self.doubt is None and not _WITHIN & set(self.notes)

    def opens_for(self, other: Step) -> bool:
        """Whether who comes in by the other step comes in by this one as well, wherever from and to no less."""
        place = self.source in (other.source, ANYWHERE) and self.via in (other.via, None)
        return place and spelled(self.kinds) <= spelled(other.kinds)


def spelled(kinds: Iterable[str]) -> frozenset[str]:
    """The forms with a verified key as the two things that it takes."""
    found = frozenset(kinds)
    return found - {VERIFIED_KEY} | {KEY, "pin"} if VERIFIED_KEY in found else found


def factors(kinds: Iterable[str]) -> int:
    """How many factors these forms are."""
    return len(spelled(kinds))


def alike(steps: Iterable[Step]) -> list[Step]:
    """The steps, those that differ in their keys alone as one."""
    found: dict[Step, frozenset[str]] = {}
    for step in steps:
        bare = replace(step, keys=frozenset())
        found[bare] = found.get(bare, frozenset()) | step.keys
    joined = [replace(step, keys=keys) for step, keys in found.items()]
    if len(joined) <= _STEPS_MAX:
        return joined
    least = frozenset.intersection(*(step.kinds for step in joined))
    return [Step(least, doubt=f"more than {_STEPS_MAX:,} different ways of one method")]


def together(methods: Sequence[Sequence[Step]]) -> list[Step]:
    """All ways through several methods, one step of each; a key that was shown counts once (auth2_key_already_used)."""
    found = [Step(frozenset())]
    for steps in methods:
        found = alike(both for before in found for step in steps if (both := _then(before, step)) is not None)
    return found


def _then(before: Step, step: Step) -> Step | None:
    if before.keys and step.keys and not before.signs and not step.signs and len(before.keys | step.keys) < 2:
        return None
    return Step(
        before.kinds | step.kinds,
        _within(before.source, step.source),
        before.via or step.via,
        before.doubt or step.doubt,
        tuple(dict.fromkeys((*before.notes, *step.notes))),
        " and ".join(dict.fromkeys(filter(None, (before.condition, step.condition)))) or None,
        before.keys | step.keys,
        before.signs or step.signs,
    )


def _within(one: str, other: str) -> str:
    if ANYWHERE in (one, other) or one == other:
        return other if one == ANYWHERE else one
    return f"{one} within {other}"


def minimal(steps: Iterable[tuple[Step, str]]) -> list[tuple[Step, str]]:
    """The steps, each with its methods, without those for which less is enough; equal ones as one."""
    found: dict[Step, list[str]] = {}
    for step, methods in steps:
        found.setdefault(replace(step, keys=frozenset(), signs=False), []).append(methods)
    firm = [step for step in found if step.is_firm]
    return [
        (step, " ".join(dict.fromkeys(methods)))
        for step, methods in found.items()
        if not any(is_less(less, step) for less in firm)
    ]


def is_less(less: Step, step: Step) -> bool:
    """Whether the step is not worth a row beside the other one; of a step in doubt an equal one is enough."""
    if not less.opens_for(step):
        return False
    is_open = step.doubt is not None or step.condition is not None
    return is_open or spelled(less.kinds) != spelled(step.kinds)

"""What is asked: plain records of configurations, and of what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS, AccountSpec, Node

HERE = (AUDITOR_ADDRESS,)
BOTH = (AUDITOR_ADDRESS, OTHER_ADDRESS)

Atoms = frozenset[str]  # what somebody has: `key`, `second-key`, `certificate`, `token`, `pin`, `password`, `code`
Forms = frozenset[str]  # the same as the tables name it: `key`, `verified-key`, `password`, `code`


@dataclass(frozen=True, slots=True)
class Case:
    """One configuration: a host, and the one account that is tried there."""

    id: str  # `pam/jump-over-code`: where it belongs, and what is special
    account: AccountSpec
    config: str = "UsePAM yes\n"  # of sshd, behind what every host of the suite needs
    pam: Mapping[str, str] = field(default_factory=dict)  # files in /etc/pam.d besides Debian's plain ones
    files: Mapping[str, Node] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    others: tuple[AccountSpec, ...] = ()  # besides the one that is tried
    sources: tuple[str, ...] = HERE
    keys: tuple[str, ...] = ("key",)  # those that are offered
    prepare: tuple[tuple[str, ...], ...] = ()  # commands run on the host before anything is tried
    counted: bool = False  # a code is good once only: they are shown one after another
    radius: bool = False  # the server of tokens is there and takes the code
    away: str | None = None  # the form of a token whose server or device is not there: such ways cannot be seen
    remembered: bool = False  # what a conditional way waits for is so: an earlier login with the code
    unknowable: str | None = None  # why nobody can tell from the host's files
    broader: str | None = None  # why nobody can tell from the host's files that a way does not open
    brief: bool = False  # stands in the part that every test run does


@dataclass(frozen=True, slots=True)
class Step:
    """One method of authentication, and what is shown in it."""

    method: str
    shown: str  # `key`, `password`, `wrong`, `both`, ...
    uses: Atoms  # all that one has to have for it


@dataclass(frozen=True, slots=True)
class Way:
    """Steps one after another, and what became of them."""

    steps: tuple[Step, ...]
    outcome: str  # `entered`, `partial`, `refused`
    allowed: tuple[str, ...] = ()  # the methods that the daemon goes on with
    prompts: tuple[str, ...] = ()
    said: str = ""  # why it was refused, as the client saw it

    @property
    def uses(self) -> Atoms:
        return frozenset().union(*(step.uses for step in self.steps))


def forms(atoms: Atoms) -> Forms:
    """The forms of credentials: a token with its PIN is a verified key, without it a key like another."""
    found = {atom for atom in atoms if atom in ("password", "code")}
    if "token" in atoms:
        found.add("verified-key" if "pin" in atoms else "key")
    if atoms & {"key", "second-key", "certificate"}:
        found.add("key")
    return frozenset(found)


def least(sets: frozenset[Forms] | set[Forms]) -> frozenset[Forms]:
    """The sets that hold no other; whoever has a token's PIN has the token, so a verified key is a key too."""
    widened = {some: some | ({"key"} if "verified-key" in some else set()) for some in sets}
    return frozenset(
        some
        for some in sets
        if not any(widened[other] <= widened[some] and widened[other] != widened[some] for other in sets)
        and not any(widened[other] == widened[some] and other < some for other in sets)
    )

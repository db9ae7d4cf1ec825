"""What a module of the auth stage asks for, and what it returns to which answer."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hygiene.pam.evaluate import Outcome

# An answer as it is typed: pieces one behind the other. A piece names its form, and what takes it where that is not
# one for all: `password:unix`, `code:/home/alice/.google_authenticator`; WRONG is one that nothing takes.
Text: TypeAlias = tuple[str, ...]
WRONG: Text = ("",)


class First(enum.Enum):
    """What a module does with the answer that a module before it has kept (PAM_AUTHTOK)."""

    IGNORED = enum.auto()
    INSTEAD = enum.auto()  # asks only where none is kept: pam_get_authtok(3), whatever the options
    ONLY = enum.auto()  # never asks: use_first_pass
    BEFORE = enum.auto()  # tries it, and asks where it was wrong


class Keeps(enum.Enum):
    """What is kept behind the module for those that follow."""

    SAME = enum.auto()  # what was kept before it
    TEXT = enum.auto()  # the answer
    PREFIX = enum.auto()  # what stood in it before the end that the module took for its own
    CUT = enum.auto()  # SAME, or some part of the answer that is nothing to anybody


@dataclass(frozen=True, slots=True)
class Case:
    """An answer that ends in a way: `suffix` alone, or with anything before it where `prefix` is set."""

    suffix: Text
    outcomes: tuple[Outcome, ...]
    prefix: bool = False
    keeps: Keeps = Keeps.SAME


@dataclass(frozen=True, slots=True)
class Says:
    """The same to everybody; `opaque`: the module is not known, and may ask for something and keep the answer."""

    outcomes: tuple[Outcome, ...]
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Shows:
    """Something is shown that is no text: a key that is plugged in, a push that somebody confirms."""

    form: str
    right: tuple[Outcome, ...]
    wrong: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Asks:
    """One prompt; the first case that fits counts, `otherwise` if none does."""

    cases: tuple[Case, ...]
    otherwise: tuple[Outcome, ...]
    first: First = First.IGNORED
    without: tuple[Outcome, ...] = ()  # ONLY, and nothing is kept
    echo: bool = False  # what is typed is shown: sshd's method `password` has no answer to that
    unanswered: tuple[Outcome, ...] = ()  # what the module returns then
    of_kept: tuple[Case, ...] | None = None  # the cases of a kept answer; None: the same
    keeps: Keeps = Keeps.SAME  # where no case fits


Reply: TypeAlias = Says | Shows | Asks


@dataclass(frozen=True, slots=True)
class Lapse:
    """A reply that holds while something is so elsewhere: `the server of pam_duo cannot be reached`."""

    condition: str
    reply: Reply


def form(piece: str) -> str:
    return piece.partition(":")[0]


def forms(text: Text) -> frozenset[str]:
    """The forms of credentials that it takes to type a text."""
    return frozenset(form(piece) for piece in text if piece)


def fits(text: Text, case: Case) -> bool | None:
    """Whether a text is one of a case; None where two passwords may be the same."""
    size = len(case.suffix)
    if len(text) < size or (len(text) > size and not case.prefix):
        return False
    answer: bool | None = True
    for typed, wanted in zip(text[len(text) - size :], case.suffix, strict=True):
        if typed == wanted:
            continue
        if not typed or form(typed) != form(wanted) or form(typed) != "password":
            return False
        answer = None
    return answer


def cases(reply: Reply) -> Iterator[Case]:
    """All cases of a reply."""
    if isinstance(reply, Asks):
        yield from reply.cases
        yield from reply.of_kept or ()


def uses_kept(reply: Reply) -> bool:
    return isinstance(reply, Asks) and reply.first is not First.IGNORED

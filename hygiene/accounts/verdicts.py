"""Answers of sudo's matching steps as sets of bits: more than one bit says that it is not known which holds."""

from __future__ import annotations

from collections.abc import Iterable

MATCH, REFUSED, NO_MATCH = 1, 2, 4  # one step: matched, matched by a negation, not mentioned
FREE, ASKS, DENIED = 8, 16, 32  # the end: without a password, with one, not at all


def maybe(bits: int) -> int:
    """The same answer, or none at all."""
    return bits | NO_MATCH


def negated(bits: int, negation: bool) -> int:
    """Behind a `!` what matched is refused, and what was refused matches."""
    if not negation:
        return bits
    return (bits & ~(MATCH | REFUSED)) | (REFUSED if bits & MATCH else 0) | (MATCH if bits & REFUSED else 0)


def last(answers: Iterable[int]) -> int:
    """The answer of the last item that has one; the items come last first, as sudo goes through them."""
    found = 0
    for bits in answers:
        found |= bits & ~NO_MATCH
        if not bits & NO_MATCH:
            return found
    return found | NO_MATCH

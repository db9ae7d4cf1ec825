"""How counts become a severity, a confidence and words: the same in every check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hygiene.api import Confidence, Severity

_ALONE: Final[Mapping[str, str]] = {
    "key": "one key",
    "keys": "keys alone",  # several for one login
    "code": "a one-time code alone",
    "ticket": "a Kerberos ticket alone",
}


def graded(count: int, steps: Iterable[tuple[Severity, int]]) -> Severity | None:
    """Give the worst severity whose threshold `count` reaches, None when it reaches none."""
    reached = [severity for severity, least in steps if count >= least]
    return max(reached, key=lambda severity: severity.rank, default=None)


def certainty(with_all: Severity, with_proven: Severity | None) -> Confidence:
    """High when what is proven gives the same severity alone, medium when what is not proven decides it."""
    return Confidence.HIGH if with_all is with_proven else Confidence.MEDIUM


def unproven(number: int) -> str:
    """Give the words, in brackets, for those of a number that are not proven; empty for none."""
    return f" ({number:,} of them not proven)" if number else ""


def with_one(forms: Sequence[str]) -> str:
    """Give the words for the single factors that let in: `with one key`; of several `with a single factor (...)`."""
    words = [_ALONE.get(form, f"a {form} alone") for form in forms]
    return f"with {words[0]}" if len(words) == 1 else f"with a single factor ({', '.join(words)})"

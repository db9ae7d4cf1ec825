"""Words known for a whole run: of the organisation, its customers, its hosts and their users, the likeliest first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from hygiene.passwords.score.context import cell_words
from hygiene.passwords.similar.skeletons import common

_PARTS: Final = re.compile(r"[^\W_]++")
# a name that a person gave says something with three letters (`IBM`); of a host or a user that is chance
_LEAST: Final = 4
_LEAST_WITH_DIGITS: Final = 6
_MOST: Final = 20_000
# of names of organisations; none of them tells one from another
_NOISE: Final = frozenset({"gmbh", "kgaa", "mbh", "ltd", "inc", "llc", "und", "and", "the", "der", "die", "das", "für"})


def known_words(
    organisation: Iterable[str], tenants: Iterable[str], hosts: Iterable[str], users: Iterable[str]
) -> tuple[str, ...]:
    """Lower-case words without repeats; of hosts and users those that most of them have come first.

    Words that everybody uses are left out there (`server`, `backup`, `anna`): dictionaries have them, and that one of
    them is in a password says nothing of the organisation.
    """
    named = [word for name in (*organisation, *tenants) for word in cell_words(name) if word not in _NOISE]
    counts: Counter[str] = Counter()
    # of 100,000 hosts in one go: most of their parts are alike
    for part, count in Counter(_PARTS.findall("\n".join((*hosts, *users)).lower())).items():
        counts.update(dict.fromkeys(filter(_tells, cell_words(part)), count))
    seen = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(dict.fromkeys((*named, *seen[:_MOST])))


def _tells(word: str) -> bool:
    least = _LEAST if word.isalpha() else _LEAST_WITH_DIGITS
    return len(word) >= least and not word.isdecimal() and common().isdisjoint((word, word.rstrip("0123456789")))

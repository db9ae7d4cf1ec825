"""`--limit` and `--exclude`: which of the targets a run touches."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hygiene.errors import UsageError
from hygiene.model import Target
from hygiene.targets.address import is_ip, show
from hygiene.targets.reading import decode, lines

_WILDCARDS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Selection:
    kept: tuple[Target, ...]
    excluded: tuple[Target, ...]  # left out by either flag
    unmatched: tuple[str, ...]  # patterns that no target answers to: perhaps mistyped


def select(targets: Sequence[Target], limit: Sequence[str] = (), exclude: Sequence[str] = ()) -> Selection:
    """Keep what `limit` matches and `exclude` does not, in the order of the targets.

    A pattern is a host's name, a tag (group) or `tenant=X`, with `*`, `?` and `[abc]` as wildcards; several are
    separated by commas or given apart. As with Ansible plain ones add up, then `&x` keeps only what is also x, then
    `!x` takes away. `@FILE` stands for the patterns in a file, one a line. UsageError when a limit matches nothing.
    """
    wanted, taken = _terms(limit, "--limit"), _terms(exclude, "--exclude")
    names = _names(targets) if wanted or taken else {}
    everything = set(range(len(targets)))
    kept, unmatched = _matching(wanted, names, everything) if wanted else (everything, [])
    if wanted and not kept:
        asked = show(",".join(limit))
        raise UsageError(f"--limit {asked} matches none of {len(targets):,} hosts; check names, tags and tenants")
    if taken:
        gone, more = _matching(taken, names, everything)
        kept = kept - gone
        unmatched = unmatched + more
    return Selection(
        tuple(target for index, target in enumerate(targets) if index in kept),
        tuple(target for index, target in enumerate(targets) if index not in kept),
        tuple(unmatched),
    )


def _terms(patterns: Iterable[str], flag: str) -> list[str]:
    terms: list[str] = []
    for pattern in patterns:
        for part in pattern.split(","):
            term = part.strip()
            if term.startswith("@"):
                terms.extend(_file(term[1:], flag))
            elif term:
                terms.append(term)
        if not pattern.strip(" ,"):
            raise UsageError(f"{flag} is empty; expected a host name, a tag, tenant=X or @FILE")
    return terms


def _file(name: str, flag: str) -> list[str]:
    try:
        text = decode(Path(name).read_bytes(), name)
    except OSError as error:
        raise UsageError(
            f"{flag} @{name}: cannot be read: {error.strerror}; expected a file of names, one a line"
        ) from None
    stripped = (line.partition("#")[0].strip() for line in lines(text))
    terms = [line for line in stripped if line]
    if not terms:
        raise UsageError(f"{flag} @{name}: names nothing; expected host names, one a line")
    return terms


def _names(targets: Sequence[Target]) -> dict[str, set[int]]:
    """The words by which targets are called, each with the indexes of those that answer to it."""
    names: dict[str, set[int]] = {}
    for index, target in enumerate(targets):
        names.setdefault(target.host.lower(), set()).add(index)
        for tag in target.tags:
            names.setdefault(tag.lower(), set()).add(index)
            names.setdefault(f"tag={tag.lower()}", set()).add(index)
        if target.tenant:
            names.setdefault(f"tenant={target.tenant.lower()}", set()).add(index)
    return names


def _matching(terms: Sequence[str], names: dict[str, set[int]], everything: set[int]) -> tuple[set[int], list[str]]:
    """The indexes of the targets that the terms leave, and the terms that match no target at all."""
    hits = {term: _hits(term.lstrip("&!"), names) for term in terms}
    plain = [hits[term] for term in terms if term[0] not in "&!"]
    found = set[int]().union(*plain) if plain else set(everything)
    for term in terms:
        if term[0] == "&":
            found &= hits[term]
    for term in terms:
        if term[0] == "!":
            found -= hits[term]
    return found, [term for term in terms if not hits[term]]


def _hits(term: str, names: dict[str, set[int]]) -> set[int]:
    low = term.lower()
    if low.startswith("[") and low.endswith("]") and is_ip(low[1:-1]):
        low = low[1:-1]
    if low in names or not set(low) & _WILDCARDS:
        return names.get(low, set())
    matches: Callable[[str], re.Match[str] | None] = re.compile(fnmatch.translate(low)).match
    kind = _kind(low)  # `t*` is about names and tags: tenants are asked for as tenant=...
    return set[int]().union(*(hit for word, hit in names.items() if _kind(word) == kind and matches(word)))


def _kind(word: str) -> str:
    return next((kind for kind in ("tenant=", "tag=") if word.startswith(kind)), "")

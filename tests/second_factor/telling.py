"""What we say: the rows of the whole pipeline for one account and one source."""

from __future__ import annotations

import fnmatch
import ipaddress
from dataclasses import dataclass

from hygiene.model import HostFacts, PathVerdict

from .case import Case, Forms, least


@dataclass(frozen=True, slots=True)
class Told:
    """Our answer: the sets that open for certain, those that open on a condition, and why more may."""

    sets: frozenset[Forms]
    conditional: frozenset[Forms]
    doubts: tuple[str, ...]
    miscounted: tuple[str, ...]  # rows whose number of factors or verdict is not that of their kinds
    rows: tuple[str, ...]  # for a person


def tell(found: HostFacts, case: Case, source: str) -> Told:
    rows = [row for row in found.login_paths if row.account == case.account.name and covers(row.source, source)]
    known = [row for row in rows if row.verdict is not PathVerdict.UNKNOWN]
    return Told(
        least({frozenset(row.kinds) for row in known if row.condition is None}),
        least({frozenset(row.kinds) for row in known if row.condition is not None}),
        tuple(row.reason or "no reason" for row in rows if row.verdict is PathVerdict.UNKNOWN),
        tuple(
            f"{row.methods} {row.kinds}: {row.factors} {row.verdict}"
            for row in known
            if (row.factors, row.verdict) != _counted(row.kinds)
        ),
        tuple(
            f"{row.source} [{row.methods}] {'+'.join(row.kinds) or 'nothing'}: {row.verdict}"
            + (f", if {row.condition}" if row.condition else "")
            + (f" ({row.reason})" if row.reason else "")
            for row in rows
        ),
    )


def _counted(kinds: tuple[str, ...]) -> tuple[int, PathVerdict]:
    """The number of factors: each form is one, and a verified key is two by itself."""
    forms = set(kinds) - ({"key"} if "verified-key" in kinds else set())
    factors = len(forms) + ("verified-key" in forms)
    return factors, PathVerdict.TWO if factors > 1 else PathVerdict.ONE


def covers(patterns: str, address: str) -> bool:
    """Whether a row's source holds an address: lists of patterns, all of which have to match."""
    return all(_matches(part, address) for part in patterns.split(" within "))


def _matches(patterns: str, address: str) -> bool:
    found = False
    for pattern in patterns.split(","):
        if _is_in(pattern.removeprefix("!"), address):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _is_in(pattern: str, address: str) -> bool:
    if "/" in pattern:
        return ipaddress.ip_address(address) in ipaddress.ip_network(pattern, strict=False)
    return fnmatch.fnmatchcase(address, pattern)

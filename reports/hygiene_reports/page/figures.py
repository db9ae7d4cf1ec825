"""The numbers behind the plots, asked of the fleet's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hygiene.api import AreaState, Fleet, PathVerdict

TOP_KEYS: Final = 12
BANDS: Final = ("<8", "8-11", "12-14", "15+")
SCORES: Final = (0, 1, 2, 3, 4)
SPREAD: Final = ("1 host", "2 to 9", "10 to 99", "100 to 999", "1,000 and more")

# By key and host first: over millions of grants twice as fast as counting distinct hosts in one step.
_OPENS: Final = """
    SELECT fingerprint, host, any_value(tenant) AS tenant, bool_or(root) AS is_root,
           bool_or(root AND NOT restricted) AS is_free, bool_or(root_proven AND NOT restricted) AS is_proven,
           bool_or(is_authority) AS is_authority, bool_or(auditor) AS is_ours
    FROM openings GROUP BY fingerprint, host
"""
_KEYS: Final = f"""
    WITH widest AS (
        SELECT fingerprint, count(*) AS hosts, count(*) FILTER (WHERE is_free) AS root_hosts,
               count(*) FILTER (WHERE is_free AND NOT is_proven) AS unproven_hosts,
               count(*) FILTER (WHERE is_root AND NOT is_free) AS limited_hosts, count(DISTINCT tenant) AS tenants,
               bool_or(is_authority) AS is_authority, bool_or(is_ours) AS is_ours
        FROM ({_OPENS}) GROUP BY fingerprint
        ORDER BY root_hosts DESC, hosts DESC, fingerprint LIMIT {TOP_KEYS}
    )
    SELECT widest.*, keys.comment, keys.type, keys.bits
    FROM widest LEFT JOIN keys USING (fingerprint)
    ORDER BY root_hosts DESC, hosts DESC, fingerprint
"""  # noqa: S608  no text from outside is in it
_SPREAD: Final = f"""
    SELECT band, count(*) AS keys, count(*) FILTER (WHERE is_root) AS root_keys
    FROM (
        SELECT CASE WHEN count(*) = 1 THEN 0 WHEN count(*) < 10 THEN 1 WHEN count(*) < 100 THEN 2
                    WHEN count(*) < 1000 THEN 3 ELSE 4 END AS band,
               bool_or(is_root) AS is_root
        FROM ({_OPENS}) GROUP BY fingerprint
    )
    GROUP BY band ORDER BY band
"""  # noqa: S608  no text from outside is in it
_SCORES: Final = """
    SELECT score, length_band, count(*) AS entries, count(*) FILTER (WHERE group_size > 1) AS reused
    FROM password_entries GROUP BY score, length_band ORDER BY score, length_band
"""
_PATHS: Final = """
    SELECT verdict, factors, kinds, count(DISTINCT (host, account)) AS accounts, count(DISTINCT host) AS hosts
    FROM login_paths GROUP BY verdict, factors, kinds ORDER BY factors NULLS LAST, accounts DESC, kinds
"""
_AREAS: Final = "SELECT area, state, count(*) AS hosts FROM areas GROUP BY area, state ORDER BY area, state"


@dataclass(frozen=True, slots=True)
class KeyReach:
    """On how many hosts a key opens root, or any account."""

    fingerprint: str
    comment: str | None
    kind: str  # `ssh-rsa 2,048`, `ssh-ed25519`
    is_authority: bool
    is_ours: bool  # the audit itself logs in with it
    root_hosts: int  # from anywhere, as far as we know
    unproven_hosts: int  # those of them of which it is not known for certain
    limited_hosts: int  # root too, but only from named sources
    hosts: int
    tenants: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How many keys open that many hosts, and how many of these open root on one of them."""

    hosts: str
    keys: int
    root_keys: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Entries of the password lists by score and length band."""

    entries: Mapping[tuple[int, str | None], int]
    reused: int  # entries whose password another entry has too

    @property
    def total(self) -> int:
        return sum(self.entries.values())

    @property
    def guessable(self) -> int:
        """Entries with a score of 0 or 1."""
        return sum(number for (score, _), number in self.entries.items() if score <= 1)


@dataclass(frozen=True, slots=True)
class Path:
    """One set of credentials that lets in, and how many accounts it opens."""

    verdict: PathVerdict
    factors: int | None
    kinds: tuple[str, ...]
    accounts: int
    hosts: int


@dataclass(frozen=True, slots=True)
class Figures:
    keys: tuple[KeyReach, ...]  # the widest
    spread: tuple[Spread, ...]
    scores: Scores
    paths: tuple[Path, ...]
    areas: Mapping[str, Mapping[AreaState, int]]  # hosts by area and state

    @property
    def distinct_keys(self) -> int:
        return sum(band.keys for band in self.spread)


def figures(fleet: Fleet) -> Figures:
    """Ask the fleet for all plots at once."""
    keys = tuple(
        KeyReach(
            row["fingerprint"],
            row["comment"],
            " ".join(filter(None, [row["type"] or "", f"{row['bits']:,}" if row["bits"] else ""])),
            row["is_authority"],
            row["is_ours"],
            row["root_hosts"],
            row["unproven_hosts"],
            row["limited_hosts"],
            row["hosts"],
            row["tenants"],
        )
        for row in fleet.named(_KEYS)
    )
    bands = {row["band"]: row for row in fleet.named(_SPREAD)}
    spread = tuple(
        Spread(hosts, bands[band]["keys"], bands[band]["root_keys"]) if band in bands else Spread(hosts, 0, 0)
        for band, hosts in enumerate(SPREAD)
    )
    scored = list(fleet.named(_SCORES))
    paths = tuple(
        Path(PathVerdict(row["verdict"]), row["factors"], tuple(row["kinds"]), row["accounts"], row["hosts"])
        for row in fleet.named(_PATHS)
    )
    return Figures(
        keys,
        spread,
        Scores(
            {(row["score"], row["length_band"]): row["entries"] for row in scored}, sum(row["reused"] for row in scored)
        ),
        paths,
        _areas(fleet.named(_AREAS)),
    )


def _areas(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Mapping[AreaState, int]]:
    areas: dict[str, dict[AreaState, int]] = {}
    for row in rows:
        areas.setdefault(row["area"], {})[AreaState(row["state"])] = row["hosts"]
    return areas

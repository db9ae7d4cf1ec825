"""Hashes that could not be compared with each other: their digests were made with different keys, or with none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hygiene.counted import counted
from hygiene.store.fleet import Fleet

_KEYS: Final = """
SELECT digest_key, count(DISTINCT host) AS hosts, count(DISTINCT list) AS lists FROM (
    SELECT digest_key, digest, host, NULL AS list FROM host_hashes WHERE state IN ('set', 'locked-hash')
    UNION ALL BY NAME
    SELECT digest_key, digest, list FROM list_hashes WHERE state IN ('set', 'locked-hash')
) WHERE digest_key IS NULL OR digest IS NOT NULL
GROUP BY digest_key ORDER BY digest_key IS NULL, hosts DESC, lists DESC, digest_key
"""


def incomparable(fleet: Fleet) -> Iterator[str]:
    """Give a reason for each set of hosts and lists whose hashes were not compared with those of the others."""
    counts = list(fleet.query(_KEYS))
    keyed = [(hosts, lists) for key, hosts, lists in counts if key is not None]
    if len(keyed) > 1:
        others = _sources(sum(hosts for hosts, _ in keyed[1:]), sum(lists for _, lists in keyed[1:]))
        yield (
            f"hashes of {others} have digests of another key than those of {_sources(*keyed[0])}, and were not"
            " compared with these; name a file with digest_key in the policy and read all of them anew with --fresh"
        )
    for key, hosts, lists in counts:
        if key is None:
            yield (
                f"hashes of {_sources(hosts, lists)} have no digest, since they were read by an earlier version, and"
                " were not compared; read them anew with --fresh"
            )


def _sources(hosts: int, lists: int) -> str:
    return " and ".join(counted(number, noun) for number, noun in ((hosts, "host"), (lists, "list")) if number)

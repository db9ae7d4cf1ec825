"""How little it takes to get in, counted over the fleet: accounts and roots by their weakest way, people by export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hygiene.model import LoginCounts, PeopleCounts, SecondFactor, UnknownReason, WeakestPath
from hygiene.store.fleet import Fleet

REASONS_MAX: Final = 100  # what differs in a path or a name only makes a reason of its own

# What a path takes, as numbers that sort: 0 nothing, 1, 2, 3 not known. A way that is not known may take nothing, so an
# account whose certain ways take two is not known; one whose certain way takes one factor stays so.
_RANKED: Final = """
CASE WHEN verdict = 'unknown' THEN 3 WHEN verdict = 'two' THEN 2 WHEN len(kinds) = 0 THEN 0 ELSE 1 END AS takes,
condition IS NOT NULL AS conditional
"""
_WEAKEST: Final = """
CASE WHEN certain < 2 THEN certain WHEN unsure THEN 3 ELSE certain END AS weakest,
CASE WHEN always < 2 THEN always WHEN unsure THEN 3 ELSE coalesce(always, 4) END AS weakest_always
"""
_GROUPED: Final = """
min(takes) FILTER (takes < 3) AS certain, min(takes) FILTER (takes < 3 AND NOT conditional) AS always,
bool_or(takes = 3) AS unsure, list(DISTINCT reason) FILTER (takes = 3) AS reasons
"""
# An account without a way in is closed where all was seen that could be one: the ledger of a host names what was not.
# Doubts of settings, PAM and passwords give ways that are not known, and need no second look. A root without a way to
# root is closed too: a forced command is a way in, but not to everything.
_COUNTS: Final = f"""
WITH way AS (SELECT host, account, reason, {_RANKED} FROM login_paths),
entered AS (SELECT host, account, {_GROUPED} FROM way GROUP BY host, account),
blind_hosts AS (
    SELECT g.host, list(DISTINCT g.reason) AS reasons FROM gaps AS g
    WHERE g.subject = g.host AND (
        g.area IN ('collect', 'authorized_keys')
        OR g.area = 'sshd' AND EXISTS (
            FROM areas AS a WHERE a.host = g.host AND a.area = 'sshd' AND a.state IN ('partial', 'unseen')
        )
    )
    GROUP BY g.host
),
blind_accounts AS (
    SELECT host, subject, list(DISTINCT reason) AS reasons FROM gaps
    WHERE subject <> host AND area IN ('collect', 'sshd', 'pam', 'authorized_keys') GROUP BY host, subject
),
known AS (
    SELECT host, account, root_by,
        CASE WHEN contains(host, ':') THEN '[' || host || ']:' || account ELSE host || ':' || account END AS subject
    FROM accounts
    UNION ALL
    SELECT host, account, 'unlisted', '' FROM entered ANTI JOIN accounts USING (host, account)
),
logins AS (
    SELECT host, account, root_by, {_WEAKEST}, e.reasons
    FROM known JOIN entered AS e USING (host, account)
    UNION ALL
    SELECT host, account, root_by,
        CASE WHEN h.reasons IS NULL AND a.reasons IS NULL THEN 4 ELSE 3 END AS weakest, weakest AS weakest_always,
        list_concat(h.reasons, a.reasons) AS reasons
    FROM known ANTI JOIN entered USING (host, account)
    LEFT JOIN blind_hosts AS h USING (host) LEFT JOIN blind_accounts AS a USING (host, subject)
),
root_way AS (SELECT host, account, reason, {_RANKED} FROM root_paths),
rooted AS (SELECT host, account, {_GROUPED} FROM root_way GROUP BY host, account),
roots AS (
    SELECT host, account, {_WEAKEST}, reasons FROM rooted
    UNION ALL
    SELECT host, account, if(weakest = 3, 3, 4), if(weakest = 3, 3, 4), reasons
    FROM logins ANTI JOIN rooted USING (host, account)
    WHERE root_by IN ('uid0', 'sudo')
    UNION ALL
    SELECT host, account, 3, 3, ['whether the account becomes root is not known']
    FROM logins ANTI JOIN rooted USING (host, account)
    WHERE root_by = 'unlisted' OR root_by = 'unknown' AND weakest = 3
),
every_one AS MATERIALIZED (SELECT 0 AS root, * EXCLUDE (root_by) FROM logins UNION ALL SELECT 1, * FROM roots),
told AS (SELECT root, unnest(list_distinct(reasons)) AS reason FROM every_one WHERE weakest = 3),
reasons AS (
    SELECT reason, count(*) FILTER (root = 0) AS accounts, count(*) FILTER (root = 1) AS roots,
        count(*) OVER () AS total
    FROM told WHERE reason IS NOT NULL GROUP BY reason ORDER BY accounts DESC, roots DESC, reason LIMIT {REASONS_MAX}
)
SELECT NULL AS reason, root, weakest, count(*) AS counted, count(*) FILTER (weakest <> weakest_always) AS on_condition
FROM every_one GROUP BY root, weakest
UNION ALL SELECT reason, accounts, roots, total, 0 FROM reasons
"""  # noqa: S608  no text from outside is in it
_PEOPLE: Final = """
SELECT admin, coalesce(enabled, true) AS enabled, second_factor, count(*) FROM identities
GROUP BY ALL
"""

_CLASS: Final = tuple(WeakestPath)  # in the order of the numbers above


def logins(fleet: Fleet) -> LoginCounts:
    """Count accounts and roots by their weakest way in. A way that opens on a condition counts as what it is then."""
    rows = list(fleet.query(_COUNTS))
    counts = {(root, _CLASS[weakest]): found for reason, root, weakest, *found in rows if reason is None}
    reasons = [(UnknownReason(reason, accounts, roots), total) for reason, accounts, roots, total, _ in rows if reason]
    every, some = ([_words(counts, root, which) for root in (0, 1)] for which in (0, 1))
    return LoginCounts(
        accounts=every[0],
        roots=every[1],
        accounts_on_condition=some[0],
        roots_on_condition=some[1],
        reasons=tuple(sorted((why for why, _ in reasons), key=lambda why: (-why.accounts, -why.roots, why.reason))),
        reasons_total=reasons[0][1] if reasons else 0,
    )


def _words(counts: Mapping[tuple[int, WeakestPath], Sequence[int]], root: int, which: int) -> Mapping[WeakestPath, int]:
    return {word: counts.get((root, word), (0, 0))[which] for word in WeakestPath}


def people(fleet: Fleet) -> PeopleCounts | None:
    """Count people by their second factor; None when no export was given."""
    if not fleet.table_present("identities"):
        return None
    rows = list(fleet.query(_PEOPLE))
    return PeopleCounts(
        admins=_factors(row for row in rows if row[0] is True),
        others=_factors(row for row in rows if row[0] is False),
        unsaid=_factors(row for row in rows if row[0] is None),
        disabled=sum(number for _, enabled, _, number in rows if not enabled),
    )


def _factors(rows: Iterable[tuple[Any, ...]]) -> Mapping[SecondFactor, int]:
    found = dict.fromkeys(SecondFactor, 0)
    for _, enabled, factor, number in rows:
        if enabled:
            found[SecondFactor(factor)] += number
    return found

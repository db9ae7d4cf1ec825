"""Check: one password for several accounts or systems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# an entry without account or system may belong to anything, so it is a thing of its own;
# several versions of one entry (same account, system and tenant) are one thing
_SHARED: Final = """
WITH shared AS (
    SELECT group_id, count(*) AS size FROM (
        SELECT group_id, CASE WHEN account IS NULL OR system IS NULL THEN hash(list, row)
            ELSE hash(account, system, tenant) END AS thing
        FROM password_entries WHERE group_id IS NOT NULL
    ) GROUP BY group_id HAVING min(thing) <> max(thing)
)
"""
_LISTS: Final = (
    _SHARED  # noqa: S608  both parts are ours
    + """
, totals AS (SELECT list, count(*) AS total FROM password_entries GROUP BY list)
SELECT list, any_value(total), count(*) AS entries, max(size) AS largest
FROM password_entries JOIN shared USING (group_id) JOIN totals USING (list) GROUP BY list ORDER BY list
"""
)
_PLACES: Final = (
    _SHARED
    + """
SELECT list, row, account, system, tenant, group_id, size AS group_size
FROM password_entries JOIN shared USING (group_id)
WHERE list = $list ORDER BY size DESC, group_id, row, account, system
"""
)


@dataclass(frozen=True, slots=True)
class PasswordReused(Check):
    """A password list has one password for several accounts or systems.

    ## What it looks for

    Entries whose password is equal to that of another entry for another account, system or tenant, in this list or
    in another one of the same run. Several versions of one entry, as vaults keep them, are not reuse.

    ## Why it matters

    Whoever learns one of them has all of them. Attackers try every password they find on everything they can reach;
    one weak system gives away the strong ones.

    ## Example

        password_entries: list=shared.csv row=2 account=root system=db1 group_id=1 group_size=3
        password_entries: list=shared.csv row=3 account=root system=db2 group_id=1 group_size=3
        password_entries: list=shared.csv row=4 account=backup system=db2 group_id=1 group_size=3
        password_entries: list=shared.csv row=5 account=root system=db3
        finds: high shared.csv entries=3 largest_group=3
            3 of 4 entries share a password with another account or system; the largest group has 3 entries

        password_entries: list=vault.csv row=2 account=root system=db1 group_id=1 group_size=2
        password_entries: list=vault.csv row=3 account=root system=db1 group_id=1 group_size=2
        finds: nothing

    ## What to do

    Give each account on each system a password of its own, made by a password manager, beginning with the largest
    group. Where one account has to be the same everywhere, use a directory or keys instead of one password in many
    places.

    ## Limits

    - Only passwords that are exactly equal; those that differ in a digit or a year are not seen here.
    - An entry without account or system counts as a thing of its own: two such lines with one password are reuse.
    - Groups are numbered anew in each run, by a digest whose key is thrown away.

    ## References

    - BSI IT-Grundschutz ORP.4.A8: passwords must not be used more than once
    """

    id: ClassVar[str] = "password-reused"
    title: ClassVar[str] = "One password for several accounts"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-5(8)",
        "BSI ORP.4.A8",
        "CIS Controls 8.1 5.2",
        "PCI DSS 4.0.1 8.2.2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, total, entries, largest in fleet.query(_LISTS):
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                f"{entries:,} of {counted(total, 'entry', 'entries')} {'shares' if entries == 1 else 'share'} a "
                "password with another account or system; "
                f"the largest group has {counted(largest, 'entry', 'entries')}",
                {"entries": entries, "largest_group": largest},
                Places(_PLACES, {"list": name}),
            )

"""Check: passwords that differ from another one in a year, a sign or a spelling only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_LISTS: Final = """
SELECT list, count(*) AS total, count(similar_id) AS entries, max(similar_size) AS largest
FROM password_entries GROUP BY list ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant, similar_id, similar_size, array_to_string(similar_by, ', ') AS similar_by
FROM password_entries
WHERE list = $list AND similar_id IS NOT NULL ORDER BY similar_size DESC, similar_id, row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordSimilar(Check):
    """A password list has passwords that are like one another.

    ## What it looks for

    Entries whose password is not equal to another one, in this list or in another one of the same run, and yet made of
    the same: another year or number, another sign at the end, other capitals, digits in place of letters, at whatever
    customers. Within one customer, or for one user, also passwords that one character keeps apart.

    Words that everybody uses, such as seasons, names and known passwords, make entries alike only for one user or on
    one system of a customer: people who never met choose them. Accounts of administration (`root`, `admin`,
    `administrator` and the like, whatever domain they name) count as one user at all customers: one party that keeps
    the systems of many has chosen for them.

    Each entry is told with its cluster (`similar_id`, over all lists of the run), the cluster's size, and in what its
    passwords differ: `case`, `l33t` (digits and signs for letters), `ending` (digits and signs around the word),
    `one-sign` (one character anywhere).

    ## Why it matters

    Whoever learns one of them has the others after a few tries, so they are worth as little as one password for all.
    A password that was changed by counting up is still known to everybody who knew the old one.

    ## Example

        password_entries: list=shared.csv row=2 account=root system=db1 similar_id=1 similar_size=2 similar_by=ending
        password_entries: list=shared.csv row=3 account=root system=db2 similar_id=1 similar_size=2 similar_by=ending
        password_entries: list=shared.csv row=4 account=root system=db3
        finds: medium shared.csv entries=2
            2 of 3 entries are like another password: the same word, written or ended otherwise; the largest cluster
            has 2 entries

        password_entries: list=shared.csv row=2 account=root system=db1 group_id=1 group_size=2 reasons=reused
        password_entries: list=shared.csv row=3 account=root system=db2 group_id=1 group_size=2 reasons=reused
        finds: nothing

    ## What to do

    Give each account a random password of its own, made by a password manager. Do not ask people to change passwords
    at fixed times: that is how such rows begin. Change them when somebody who knew them leaves, or when one is known.

    ## Limits

    - What two passwords have in common is not told, since that would be most of the password.
    - Older versions of a password, kept by a vault, count: they show how the next one will look.
    - Short words and words with many signs in place of letters make entries alike for one user only, since random
      passwords meet in them by chance. Two different words are never alike.
    - Equal passwords are found by `password-reused`.

    ## References

    - BSI IT-Grundschutz ORP.4.A8: passwords must not be used more than once, nor be easy to guess
    - The Tangled Web of Password Reuse, Das et al., NDSS 2014
    """

    id: ClassVar[str] = "password-similar"
    title: ClassVar[str] = "Passwords like one another"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(1)(b)", "BSI ORP.4.A8")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, total, entries, largest in fleet.query(_LISTS):
            if not entries:
                continue
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                f"{entries:,} of {counted(total, 'entry', 'entries')} {'is' if entries == 1 else 'are'} "
                "like another password: the same word, written or ended otherwise; "
                f"the largest cluster has {counted(largest, 'entry', 'entries')}",
                {"entries": entries},
                Places(_PLACES, {"list": name}),
            )

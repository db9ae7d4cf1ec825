"""Check: passwords made of what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_LISTS: Final = """
SELECT list, count(*) AS total, count(*) FILTER (list_contains(reasons, 'context')) AS entries
FROM password_entries GROUP BY list ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant FROM password_entries
WHERE list = $list AND list_contains(reasons, 'context') ORDER BY row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordFromContext(Check):
    """A password list has passwords made of the user, the system, the customer or the company.

    ## What it looks for

    Entries whose password is, or is mostly, a word that stands beside it (user, system, customer) or a word that the
    policy names for the organisation: also backwards, with other capitals or with digits in place of letters.

    ## Why it matters

    What stands beside the password is known to whoever asks for it, and guessers try it first. Whoever has seen one
    such password knows how the others are made.

    ## Example

        password_entries: list=shared.csv row=2 account=anna system=db1 reasons=context
        password_entries: list=shared.csv row=3 account=bert system=db1
        finds: high shared.csv entries=1 1 of 2 entries is made of the user, system, customer or company

        password_entries: list=shared.csv row=2 account=anna system=db1
        finds: nothing

    ## What to do

    Change these passwords to random ones that a password manager makes.

    ## Limits

    - Which word it is, and how long the password is, is not told: together with the names beside it that would be the
      password.
    - Words of fewer than three characters are not looked for.
    - A long password that holds such a word as a small part of it is not found.

    ## References

    - NIST SP 800-63B-4, section 3.1.1.2: context-specific words, such as the name of the service or the user
    - BSI IT-Grundschutz ORP.4.A8: passwords must not be easy to guess
    """

    id: ClassVar[str] = "password-from-context"
    title: ClassVar[str] = "Passwords made of user or system"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(1)(b)", "BSI ORP.4.A8", "CIS Controls 8.1 5.2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, total, entries in fleet.query(_LISTS):
            if not entries:
                continue
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                f"{entries:,} of {counted(total, 'entry', 'entries')} {'is' if entries == 1 else 'are'} "
                "made of the user, system, customer or company",
                {"entries": entries},
                Places(_PLACES, {"list": name}),
            )

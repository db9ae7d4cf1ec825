"""Check: passwords that a vendor delivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_LISTS: Final = """
SELECT list, count(*) AS total, count(*) FILTER (list_contains(reasons, 'default')) AS entries
FROM password_entries GROUP BY list ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant FROM password_entries
WHERE list = $list AND list_contains(reasons, 'default') ORDER BY row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordDefault(Check):
    """A password list has passwords that a vendor delivers.

    ## What it looks for

    Entries whose user and password are a pair with which a vendor delivers a product, or whose password is one that
    only a vendor would choose. A list of common pairs is part of this tool; more can be given with the run.

    ## Why it matters

    Such pairs stand in manuals and in every tool that searches networks. A device that still has one is entered by
    whoever can reach it, and management cards and switches lead on to all that hangs on them.

    ## Example

        password_entries: list=shared.csv row=2 account=root system=idrac1 reasons=default
        password_entries: list=shared.csv row=3 account=root system=db1
        finds: critical shared.csv entries=1 1 of 2 entries is a vendor's default

        password_entries: list=shared.csv row=2 account=root system=idrac1
        finds: nothing

    ## What to do

    Change these passwords now, and look whether the accounts were used. Change the delivered password of every new
    device before it is connected; remove or disable delivered accounts that nobody needs.

    ## Limits

    - Not every product is known; give your own pairs with the run.
    - The list is what people wrote down: whether a device still takes the password is not tried.
    - An entry without a user is compared by its password alone, and then only with those that are no common word.

    ## References

    - NIST SP 800-53 r5 IA-5 e: default authenticators are changed before first use
    - CIS Controls 8.1, 4.7: manage default accounts on enterprise assets and software
    """

    id: ClassVar[str] = "password-default"
    title: ClassVar[str] = "Passwords that a vendor delivers"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-5",
        "BSI ORP.4.A8",
        "CIS Controls 8.1 4.7",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, total, entries in fleet.query(_LISTS):
            if not entries:
                continue
            yield Finding(
                self.id,
                Severity.CRITICAL,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                f"{entries:,} of {counted(total, 'entry', 'entries')} {'is' if entries == 1 else 'are'} "
                "a vendor's default",
                {"entries": entries},
                Places(_PLACES, {"list": name}),
            )

"""Check: passwords that are known from breaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind
from hygiene_checks.grading import counted

_LISTS: Final = """
SELECT list, count(*) AS total, count(*) FILTER (list_contains(reasons, 'breached')) AS entries
FROM password_entries GROUP BY list ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant FROM password_entries
WHERE list = $list AND list_contains(reasons, 'breached') ORDER BY row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordBreached(Check):
    """A password list has passwords that are known from breaches.

    ## What it looks for

    Entries whose password stands in the collection of breached passwords that was given with the run.

    ## Why it matters

    Such collections are the first thing that attackers try, on every account they find. Whether this very account was
    in the breach does not matter: the password is in the list.

    ## Example

        password_entries: list=shared.csv row={2..9} account=a{2..9}
        password_entries: list=shared.csv row=10 account=anna reasons=breached
        finds: high shared.csv entries=1 1 of 9 entries is known from a breach

        password_entries: list=shared.csv row=2 account=anna
        finds: nothing

    ## What to do

    Change these passwords now, to random ones that a password manager makes, and look at the logs of these accounts.
    Compare new passwords with the collection when they are set.

    ## Limits

    - Nothing is found where no collection was given.
    - A password that is in no collection may still be known to somebody, or easy to guess: see `password-weak`.
    - Passwords are compared whole: one with a breached word in it is not found here.

    ## References

    - NIST SP 800-63B-4, section 3.1.1.2: compare with a list of compromised passwords; change on evidence of compromise
    - BSI IT-Grundschutz ORP.4.A8: passwords must not be in common lists of passwords
    """

    id: ClassVar[str] = "password-breached"
    title: ClassVar[str] = "Passwords known from breaches"
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
                "known from a breach",
                {"entries": entries},
                Places(_PLACES, {"list": name}),
            )

"""Check: passwords that are known from breaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_LISTS: Final = """
SELECT list, count(*) AS total, count(*) FILTER (breached = 'yes') AS entries,
    count(*) FILTER (breached = 'unknown') AS unanswered
FROM password_entries GROUP BY list HAVING entries > 0 ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant FROM password_entries
WHERE list = $list AND breached = 'yes' ORDER BY row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordBreached(Check):
    """A password list has passwords that are known from breaches.

    ## What it looks for

    Entries whose password stands in the list of breached passwords that was given with `--breached`, or that the range
    API of Pwned Passwords knows (`--breached-online`). It does not run where neither was given.

    ## Why it matters

    Such lists are the first thing that attackers try, on every account they find. Whether this very account was in the
    breach does not matter: the password is in the list.

    ## Example

        breach_lookups: source=pwned.txt passwords=9 breached=1
        password_entries: list=shared.csv row={2..9} account=a{2..9} breached=no
        password_entries: list=shared.csv row=10 account=anna breached=yes reasons=breached
        finds: high shared.csv entries=1 1 of 9 entries is known from a breach

        breach_lookups: source=api.pwnedpasswords.com passwords=4 breached=2 unanswered=1 online=true
        password_entries: list=shared.csv row={2..3} account=a{2..3} breached=yes reasons=breached
        password_entries: list=shared.csv row=4 account=bert breached=unknown
        password_entries: list=shared.csv row=5 account=carl breached=no
        finds: high shared.csv entries=2
            2 of 4 entries are known from a breach, and 1 more could not be looked up

        breach_lookups: source=pwned.txt passwords=1
        password_entries: list=shared.csv row=2 account=anna breached=no
        finds: nothing

    ## What to do

    Change these passwords now, to random ones that a password manager makes, and look at the logs of these accounts.
    Compare new passwords with the list when they are set.

    ## Limits

    - A password that is in no list may still be known to somebody, or easy to guess: see `password-weak`.
    - Passwords are compared whole and exactly: one with a breached word in it is not found here.
    - What a service did not answer is a gap, and no finding.
    - With an index alone, one look-up in 2 * 10^10 hits by chance; with its list beside it none does.

    ## References

    - NIST SP 800-63B-4, section 3.1.1.2: compare with a list of compromised passwords; change on evidence of compromise
    - BSI IT-Grundschutz ORP.4.A8: passwords must not be in common lists of passwords
    """

    id: ClassVar[str] = "password-breached"
    title: ClassVar[str] = "Passwords known from breaches"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries", "breach_lookups"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(1)(b)", "BSI ORP.4.A8", "CIS Controls 8.1 5.2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, total, entries, unanswered in fleet.query(_LISTS):
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                f"{entries:,} of {counted(total, 'entry', 'entries')} {'is' if entries == 1 else 'are'} known from a "
                f"breach{f', and {unanswered:,} more could not be looked up' if unanswered else ''}",
                {"entries": entries},
                Places(_PLACES, {"list": name}),
            )

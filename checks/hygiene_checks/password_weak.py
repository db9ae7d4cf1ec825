"""Check: passwords in a list that are easy to guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_LISTS: Final = """
SELECT list, count(*) AS entries, count(*) FILTER (score <= $high) AS high,
    count(*) FILTER (score > $high AND score <= $medium) AS medium
FROM password_entries GROUP BY list ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant, score, reasons FROM password_entries
WHERE list = $list AND score <= $worst ORDER BY score, row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordWeak(Check):
    """A password list has passwords that are easy to guess.

    ## What it looks for

    Entries by their score, from 0 (guessed at once) to 4 (very hard to guess), as zxcvbn estimates it and as what
    is known of the entry lowers it. A score of 0 or 1 is high: fewer than a million guesses. A score of 2 is
    medium: fewer than a hundred million.

    ## Why it matters

    Guessers begin with common words, names, years, keyboard rows and what they know of the target, not with
    `aaaaaaaa`. A password that looks complicated can be among the first thousand tries.

    ## Example

        password_entries: list=shared.csv row={2..9} account=a{2..9} score=4
        password_entries: list=shared.csv row=10 account=anna score=1
        password_entries: list=shared.csv row=11 account=bert score=2
        finds: high shared.csv entries=2
            1 of 10 entries is easy to guess (score up to 1 of 4), 1 more is weak (score up to 2)

        password_entries: list=shared.csv row=2 account=anna score=3
        finds: nothing

    ## What to do

    Change these passwords to random ones that a password manager makes. Where a person has to remember one, four or
    more words chosen by chance. Better still, replace them by keys or by a login that needs no shared password.

    ## Limits

    - The score is an estimate of what a guesser needs; it is not a proof of strength.
    - zxcvbn looks at the first 250 characters, and knows English words best.

    ## References

    - zxcvbn: Low-Budget Password Strength Estimation, Wheeler, USENIX Security 2016
    - NIST SP 800-63B-4, section 3.1.1.2: compare with a list of common and expected passwords
    """

    id: ClassVar[str] = "password-weak"
    title: ClassVar[str] = "Passwords in a list are easy to guess"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-5(1)(b)", "BSI ORP.4.A8", "CIS Controls 8.1 5.2")

    high: int = field(default=1, metadata={"doc": "a score up to this is high", "min": 0, "choices": (0, 1, 2, 3, 4)})
    medium: int = field(
        default=2, metadata={"doc": "a score up to this is medium", "min": 0, "choices": (0, 1, 2, 3, 4)}
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        for name, entries, easy, weak in fleet.query(_LISTS, {"high": self.high, "medium": self.medium}):
            if not easy + weak:
                continue
            yield Finding(
                self.id,
                Severity.HIGH if easy else Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                self._message(entries, easy, weak),
                {"entries": easy + weak},
                Places(_PLACES, {"list": name, "worst": max(self.high, self.medium)}),
            )

    def _message(self, entries: int, easy: int, weak: int) -> str:
        of_entries = counted(entries, "entry", "entries")
        if not easy:
            return f"{weak:,} of {of_entries} {_be(weak)} weak (score up to {self.medium} of 4)"
        message = f"{easy:,} of {of_entries} {_be(easy)} easy to guess (score up to {self.high} of 4)"
        return f"{message}, {weak:,} more {_be(weak)} weak (score up to {self.medium})" if weak else message


def _be(number: int) -> str:
    return "is" if number == 1 else "are"

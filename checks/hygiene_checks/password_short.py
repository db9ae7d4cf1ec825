"""Check: short passwords in a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import (
    PASSWORD_PROFILES,
    Check,
    Confidence,
    Finding,
    Fleet,
    Places,
    Severity,
    Subject,
    SubjectKind,
    counted,
)

# the tables know bands of length, not lengths: from which length on a band begins
_BANDS: Final = (("<8", 0), ("8-11", 8), ("12-14", 12), ("15+", 15))
_STEPS: Final = (8, 12, 15)
# the least length of a password that stands alone
_MINIMUM: Final = {name: rules.single_factor or 0 for name, rules in PASSWORD_PROFILES.items()}

# no band is told of an entry that a reason narrows to a word: another check has it
_LISTS: Final = """
SELECT list, count(length_band) AS entries,
    count(*) FILTER (list_contains($high::VARCHAR[], length_band)) AS high,
    count(*) FILTER (list_contains($medium::VARCHAR[], length_band)) AS medium
FROM password_entries GROUP BY list ORDER BY list
"""
_PLACES: Final = """
SELECT list, row, account, system, tenant, length_band FROM password_entries
WHERE list = $list AND list_contains($bands::VARCHAR[], length_band) ORDER BY row, account, system
"""


@dataclass(frozen=True, slots=True)
class PasswordShort(Check):
    """A password list has short passwords.

    ## What it looks for

    Entries whose password is shorter than the chosen standard asks for, 15 characters by default, and among them those
    shorter than 8. Every entry is judged as if its password stood alone, without a second factor. Characters are
    counted, not bytes.

    `nist` is NIST SP 800-63B-4 (15 characters), `pci` is PCI DSS 4.0.1 (12); `bsi`, IT-Grundschutz, names no number.

    ## Why it matters

    All passwords of up to 8 characters can be tried against a stolen hash in hours; each further character makes
    that longer by a factor. Length protects where rules about special characters do not.

    ## Example

        password_entries: list=shared.csv row={2..9} account=a{2..9} length_band=15+
        password_entries: list=shared.csv row=10 account=anna length_band=<8
        password_entries: list=shared.csv row=11 account=bert length_band=12-14
        finds: high shared.csv entries=2 1 of 10 entries is shorter than 8 characters,
            1 more shorter than 15; NIST SP 800-63B-4, 3.1.1.2, asks for 15

        password_entries: list=shared.csv row=2 account=anna length_band=15+
        finds: nothing

    ## What to do

    Change these passwords to long ones that a password manager makes, 20 characters or more, first where no second
    factor stands beside them. Better still, replace them by keys or by a login that needs no shared password.

    ## Limits

    - Lengths are kept in bands (up to 7, 8 to 11, 12 to 14, 15 and more), so thresholds can only be 8, 12 or 15.
    - Whether a second factor stands beside a password is not known here; NIST SP 800-63B-4 then asks for 8.
    - Of an entry that is made of its context, or is a vendor's default, no length is told; `password-from-context` and
      `password-default` have it.
    - A long password can still be easy to guess: see `password-weak`.

    ## References

    - NIST SP 800-63B-4, section 3.1.1.2: at least 15 characters for a password alone, 8 beside a second factor
    - PCI DSS 4.0.1, 8.3.6: at least 12 characters, 8 only where the system takes no more
    - BSI IT-Grundschutz ORP.4.A22: not easy to guess; no number is named
    """

    id: ClassVar[str] = "password-short"
    title: ClassVar[str] = "Short passwords in a list"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.LIST
    needs: ClassVar[frozenset[str]] = frozenset({"password_entries"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-5(1)(h)",
        "BSI ORP.4.A22",
        "CIS Controls 8.1 5.2",
        "PCI DSS 4.0.1 8.3.6",
    )

    profile: str = field(
        default="nist", metadata={"doc": "the standard that says how short is medium", "choices": tuple(_MINIMUM)}
    )
    high: int = field(default=8, metadata={"doc": "shorter than this is high", "min": 8, "choices": _STEPS})
    medium: int = field(
        default=0,
        metadata={"doc": "shorter than this is medium; 0: what the standard asks for", "choices": (0, *_STEPS)},
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each list."""
        limit = self.medium or _MINIMUM[self.profile]
        high = [band for band, begins in _BANDS if begins < self.high]
        medium = [band for band, begins in _BANDS if self.high <= begins < limit]
        for name, entries, short, shortish in fleet.query(_LISTS, {"high": high, "medium": medium}):
            if not short + shortish:
                continue
            yield Finding(
                self.id,
                Severity.HIGH if short else Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.LIST, name),
                self._message(entries, short, shortish, limit),
                {"entries": short + shortish},
                Places(_PLACES, {"list": name, "bands": high + medium}),
            )

    def _message(self, entries: int, short: int, shortish: int, limit: int) -> str:
        first, shorter_than = (short, self.high) if short else (shortish, limit)
        verb = "is" if first == 1 else "are"
        message = f"{first:,} of {counted(entries, 'entry', 'entries')} {verb} shorter than {shorter_than} characters"
        if short and shortish:
            message += f", {shortish:,} more shorter than {limit}"
        return (
            message
            if self.medium or not limit
            else f"{message}; {PASSWORD_PROFILES[self.profile].source}, asks for {limit}"
        )

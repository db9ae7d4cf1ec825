"""Check: administrators whose account has no second factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_SOURCES: Final = """
SELECT source, count(*) AS admins,
    count(*) FILTER (second_factor = 'none') AS without,
    count(*) FILTER (second_factor = 'none' AND enabled) AS enabled
FROM identities WHERE enabled IS DISTINCT FROM false AND admin GROUP BY source ORDER BY source
"""
_PLACES: Final = """
SELECT source, "user", enabled, array_to_string(methods, ' ') AS methods FROM identities
WHERE source = $source AND second_factor = 'none' AND enabled IS DISTINCT FROM false AND admin ORDER BY "user"
"""


@dataclass(frozen=True, slots=True)
class AdminWithoutSecondFactor(Check):
    """Administrators can sign in with a password alone, because their account has no second factor.

    ## What it looks for

    Accounts that an export of an identity provider names as administrators and for which no second factor is
    registered. What an administrator is, the provider says: any administrative role at Microsoft Entra, owners at
    GitHub, the root user of AWS. Disabled accounts do not count. A security question is no second factor.

    ## Why it matters

    One stolen password of such an account gives the directory away: with it an attacker resets the passwords and the
    second factors of all others, and adds accounts that stay.

    ## Example

        identities: source=entra.csv user=admin{1..3} admin=yes second_factor=strong methods=fido2
        identities: source=entra.csv user=admin4 admin=yes second_factor=none
        identities: source=entra.csv user=user1 second_factor=none
        finds: critical entra.csv people=1 1 of 4 administrators has no second factor

        identities: source=entra.csv user=admin1 admin=yes second_factor=none enabled=no
        finds: nothing

    ## What to do

    Register a passkey or a security key for each of them today, two so that one can be lost, and demand it for every
    administrative sign-in. Take the role from accounts that do not need it. Accounts for emergencies need a second
    factor as well: a security key in the safe.

    ## Limits

    - That a second factor is registered does not mean that it is asked for: that depends on the provider's rules.
    - In the words of NIST SP 800-63B the password is something known, and so is the answer to a question; codes, apps
      and keys are something one has.
    - Where the export does not say who is an administrator, people are counted by `identity-without-second-factor`.
    - Confidence is medium where the export says of none of them whether the account is enabled.

    ## References

    - NIST SP 800-63B-4, section 2.2: two factors from assurance level 2 on
    - CISA, Implementing Phishing-Resistant MFA (2022): begin with administrators
    """

    id: ClassVar[str] = "admin-without-second-factor"
    title: ClassVar[str] = "Administrators without a second factor"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.SOURCE
    needs: ClassVar[frozenset[str]] = frozenset({"identities"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(1)",
        "BSI ORP.4.A21",
        "CIS Controls 8.1 6.5",
        "PCI DSS 4.0.1 8.4.1",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each export."""
        for source, admins, without, enabled in fleet.query(_SOURCES):
            if without:
                yield Finding(
                    self.id,
                    Severity.CRITICAL,
                    Confidence.HIGH if enabled else Confidence.MEDIUM,
                    Subject(SubjectKind.SOURCE, source),
                    f"{without:,} of {counted(admins, 'administrator')} {'has' if without == 1 else 'have'} no second"
                    " factor",
                    {"people": without},
                    Places(_PLACES, {"source": source}),
                )

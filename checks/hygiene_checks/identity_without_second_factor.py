"""Check: people whose account has no second factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# administrators have a check of their own; nobody signs in to a disabled account
_SOURCES: Final = """
SELECT source, count(*) AS people,
    count(*) FILTER (second_factor = 'none') AS without,
    count(*) FILTER (second_factor = 'none' AND admin IS NULL) AS perhaps_admins,
    count(*) FILTER (second_factor = 'none' AND enabled) AS enabled
FROM identities WHERE enabled IS DISTINCT FROM false AND admin IS DISTINCT FROM true GROUP BY source ORDER BY source
"""
_PLACES: Final = """
SELECT source, "user", enabled, array_to_string(methods, ' ') AS methods FROM identities
WHERE source = $source AND second_factor = 'none' AND enabled IS DISTINCT FROM false AND admin IS DISTINCT FROM true
ORDER BY "user"
"""


@dataclass(frozen=True, slots=True)
class IdentityWithoutSecondFactor(Check):
    """People can sign in with a password alone, because their account has no second factor.

    ## What it looks for

    Accounts in an export of an identity provider for which no second factor is registered and which are not said to be
    administrators; those are counted by `admin-without-second-factor`. Disabled accounts do not count. A security
    question is no second factor: it is something known, as the password is.

    ## Why it matters

    A password that was phished, guessed or used twice opens such an account from anywhere, and with it all that trusts
    the provider. Whoever signs in first may also register a second factor of their own.

    ## Example

        identities: source=entra.csv user=user{1..8} second_factor=strong methods=push
        identities: source=entra.csv user=user9 second_factor=none
        identities: source=entra.csv user=user10 second_factor=none enabled=no
        identities: source=entra.csv user=admin1 second_factor=none admin=yes
        finds: high entra.csv people=1 1 of 9 people has no second factor

        identities: source=entra.csv user=user1 second_factor=phishable methods=sms
        finds: nothing

    ## What to do

    Let these people register a second factor, best a passkey or a security key, and demand one at every sign-in.
    Registration should itself be protected, by a known device or a code that is handed over. Accounts that nobody needs
    are better disabled; what programs use belongs into service accounts without a password.

    ## Limits

    - That a second factor is registered does not mean that it is asked for: that depends on the provider's rules.
    - In the words of NIST SP 800-63B the password is something known, and so is the answer to a question; codes, apps
      and keys are something one has.
    - Guests are counted with what this provider knows; their home may ask for a second factor.
    - An account whose second factor is not known is a gap, not a finding.
    - Confidence is medium where the export says of none of them whether the account is enabled.

    ## References

    - NIST SP 800-63B-4, section 2.2: two factors from assurance level 2 on
    - CISA, Implementing Phishing-Resistant MFA (2022)
    """

    id: ClassVar[str] = "identity-without-second-factor"
    title: ClassVar[str] = "People without a second factor"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.SOURCE
    needs: ClassVar[frozenset[str]] = frozenset({"identities"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(2)",
        "BSI ORP.4.A21",
        "CIS Controls 8.1 6.3",
        "PCI DSS 4.0.1 8.4.2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each export."""
        for source, people, without, perhaps_admins, enabled in fleet.query(_SOURCES):
            if not without:
                continue
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH if enabled else Confidence.MEDIUM,
                Subject(SubjectKind.SOURCE, source),
                f"{without:,} of {counted(people, 'person', 'people')} {'has' if without == 1 else 'have'} no second"
                f" factor{self._perhaps(without, perhaps_admins)}",
                {"people": without},
                Places(_PLACES, {"source": source}),
            )

    def _perhaps(self, without: int, perhaps_admins: int) -> str:
        if not perhaps_admins:
            return ""
        of_whom = "" if perhaps_admins == without else f" for {perhaps_admins:,} of them"
        return f"; the export does not say{of_whom} who is an administrator"

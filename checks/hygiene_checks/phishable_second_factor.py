"""Check: people whose second factor is a code by SMS, voice or mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_SOURCES: Final = """
SELECT source, count(*) AS people,
    count(*) FILTER (second_factor = 'phishable') AS phishable,
    count(*) FILTER (second_factor = 'phishable' AND admin) AS admins,
    count(*) FILTER (second_factor = 'phishable' AND enabled) AS enabled
FROM identities WHERE enabled IS DISTINCT FROM false GROUP BY source ORDER BY source
"""
_PLACES: Final = """
SELECT source, "user", admin, enabled, array_to_string(methods, ' ') AS methods FROM identities
WHERE source = $source AND second_factor = 'phishable' AND enabled IS DISTINCT FROM false
ORDER BY admin DESC NULLS LAST, "user"
"""


@dataclass(frozen=True, slots=True)
class PhishableSecondFactor(Check):
    """People can sign in with a code by SMS, voice or mail, which an attacker can ask for or redirect.

    ## What it looks for

    Accounts in an export of an identity provider with a second factor by SMS, telephone call or mail that can be used
    to sign in, also beside a stronger one: whoever signs in chooses, so an attacker takes the weaker. A security
    question that can be chosen in place of a second factor counts too. Disabled accounts do not count.

    ## Why it matters

    Numbers are taken over with a call to the telephone company, messages are read on the way, and people read codes out
    to whoever asks well. NIST restricts codes over the telephone network, and allows none by mail.

    ## Example

        identities: source=okta.json user=user{1..3} second_factor=strong methods=fido2
        identities: source=okta.json user=user4 second_factor=phishable methods=sms,fido2
        identities: source=okta.json user=admin1 second_factor=phishable methods=voice admin=yes
        finds: medium okta.json people=2 2 of 5 people can sign in with a code by SMS, voice or mail, 1 administrator
            among them

        identities: source=okta.json user=user1 second_factor=strong methods=totp
        finds: nothing

    ## What to do

    Let these people register a passkey, a security key or an app, administrators first, and remove the telephone number
    and the mail address as second factors, for each person and in the rules of the provider.

    ## Limits

    - Codes of an app and questions in an app can be phished too, by a page that passes them on at once; they cannot be
      redirected. Only passkeys, security keys, certificates and keys of a device withstand that. `methods` of
      `hygiene export identities` tells who has which.
    - In the words of NIST SP 800-63B the telephone and its number are something one has; a mailbox is not, it is
      opened with another password.
    - A method that is registered may be forbidden by the provider's rules, which most exports do not say.
    - At Microsoft Entra mail and questions reset passwords only, and do not count.
    - Confidence is medium where the export says of none of them whether the account is enabled.

    ## References

    - NIST SP 800-63B-4, section 3.1.3: out-of-band devices, the telephone network, no codes by mail
    - CISA, Implementing Phishing-Resistant MFA (2022)
    """

    id: ClassVar[str] = "phishable-second-factor"
    title: ClassVar[str] = "A second factor by SMS, voice or mail"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.SOURCE
    needs: ClassVar[frozenset[str]] = frozenset({"identities"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(1)",
        "NIST SP 800-53 r5 IA-2(2)",
        "BSI ORP.4.A21",
        "CIS Controls 8.1 6.3",
        "PCI DSS 4.0.1 8.5.1",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each export."""
        for source, people, phishable, admins, enabled in fleet.query(_SOURCES):
            if not phishable:
                continue
            among = f", {counted(admins, 'administrator')} among them" if admins else ""
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH if enabled else Confidence.MEDIUM,
                Subject(SubjectKind.SOURCE, source),
                f"{phishable:,} of {counted(people, 'person', 'people')} can sign in with a code by SMS, voice or"
                f" mail{among}",
                {"people": phishable},
                Places(_PLACES, {"source": source}),
            )

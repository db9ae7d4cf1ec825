"""Check: a second factor that is not asked of those who have none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# a login passes through PAM's auth stage by these methods alone; `none` tries an empty password
_PASSED: Final = """
WITH passed AS (
    SELECT t.host, t.account, t.daemon, t.module, t.place, t.detail, p.source, p.methods, p.via
    FROM tokens AS t JOIN login_paths AS p USING (host, daemon, account)
    WHERE t.passes_without = 'yes' AND p.verdict <> 'unknown' AND p.condition IS NULL
        AND regexp_matches(p.methods, '(^|[ ,])(keyboard-interactive|password|none)($|[ ,:])')
        AND NOT list_contains(p.kinds, t.form)
)
"""
_HOSTS: Final = (
    _PASSED
    + """
SELECT host, count(DISTINCT account) AS accounts, list_sort(list(DISTINCT module)) AS modules
FROM passed GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _PASSED
    + """
SELECT DISTINCT host, h.tenant, account, daemon, source, methods, via, module, place, detail
FROM passed LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY account, daemon, source, methods, via, module, place, detail
"""
)


@dataclass(frozen=True, slots=True)
class SecondFactorNotEnrolled(Check):
    """A host asks for a second factor, but lets those pass who have none.

    ## What it looks for

    Accounts without a token whose PAM stack lets them pass for that very reason (`nullok` of
    pam_google_authenticator, `nouserok` of pam_u2f, and the like), and that really open so: by password or
    keyboard-interactive, without the credential that the module is there to ask for.

    ## Why it matters

    The stack looks as if everybody needed two factors. Whoever never set up a token needs one less, and so does
    whoever gets at such an account first: with its password alone one may enrol a token of one's own.

    ## Example

        tokens: host=web1 account=anna enrolled=no passes_without=yes detail=nullok
        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password
        finds: high web1 accounts=1 web1 asks 1 account for no token: pam_google_authenticator lets pass who has none

        tokens: host=web1 account=anna enrolled=yes passes_without=no
        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two
        finds: nothing

        tokens: host=web1 account=anna enrolled=no passes_without=yes detail=nullok
        login_paths: host=web1 account=anna methods=publickey kinds=key
        finds: nothing

    ## What to do

    Have these people set up their token, or lock the accounts, then take the option out (`nullok`, `nouserok`).
    Before that, see who would be left outside: `hygiene who HOST` names the module and its line for each account.

    ## Limits

    - Only whether a token is there is looked at, never what is in it.
    - An account that needs a key besides (`AuthenticationMethods publickey,keyboard-interactive`) is reported too:
      it opens with one credential less than the stack is meant to ask for.
    - A key alone runs no PAM auth stage: that is for `second-factor-bypassed-by-key`.
    - Where it is not known whether an account has a token, that is a gap, not a finding.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - pam_google_authenticator(8): nullok; pam_u2f(8): nouserok
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "second-factor-not-enrolled"
    title: ClassVar[str] = "Those without a token pass"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(2)",
        "BSI ORP.4.A21",
        "CIS Controls 8.1 6.4",
        "ISO 27001:2022 A.8.5",
        "PCI DSS 4.0.1 8.5.1",
        "NIS2 21(2)(j)",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts, modules in fleet.query(_HOSTS):
            lets_pass = f"{', '.join(modules)} {'lets' if len(modules) == 1 else 'let'} pass who has none"
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} asks {counted(accounts, 'account')} for no token: {lets_pass}",
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

"""Check: accounts that one key, one code or one ticket opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import with_one

_ENTERED: Final = """
WITH auditor_only AS (
    SELECT host, account FROM openings
    WHERE (host, account) IN (SELECT (host, account) FROM auditor_grants)
    GROUP BY host, account HAVING bool_and(auditor)
), entered AS (
    SELECT host, account, daemon, source, methods, via,
        -- lists of AuthenticationMethods, any of which is enough: does each of them take two keys?
        CASE WHEN regexp_full_match(methods || ' ', '([^ ]*publickey,([^ ]*,)?publickey[^ ]* )+') THEN 'keys'
            ELSE kinds[1] END AS form
    FROM login_paths AS p
    WHERE verdict = 'one' AND condition IS NULL AND len(kinds) = 1 AND kinds[1] NOT IN ('password', 'host')
        AND NOT EXISTS (FROM accounts AS a WHERE a.host = p.host AND a.account = p.account AND a.root_by = 'uid0')
        AND NOT (
            kinds[1] = 'key' AND EXISTS (FROM auditor_only AS o WHERE o.host = p.host AND o.account = p.account)
        )
)
"""
_HOSTS: Final = (
    _ENTERED
    + """
SELECT host, count(DISTINCT account) AS accounts, list_sort(list(DISTINCT form)) AS forms
FROM entered GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _ENTERED
    + """
SELECT host, h.tenant, account, daemon, source, methods, via FROM entered LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY account, daemon, source, methods, via
"""
)


@dataclass(frozen=True, slots=True)
class SingleFactorLogin(Check):
    """A host lets accounts in with one key, or another single factor that is no password.

    ## What it looks for

    Accounts, other than those with uid 0, that one can enter with one key or one certificate and nothing else; also
    with a one-time code alone (a PAM stack that takes it in place of a password) or with a Kerberos ticket alone. A
    way in with a password is reported by `password-login` instead, one with nothing by `empty-password-login`, one on
    another host's word by `hostbased-login`, one into uid 0 by `single-factor-root`, and one that opens only while
    the server of a token cannot be reached by `second-factor-fails-open`.

    Accounts that only the auditor's own key opens are left out: `auditor-key-too-powerful` judges these.

    ## Why it matters

    One stolen file is all it takes. For jobs that is often meant; for people it is what a second factor is for.

    ## Example

        accounts: host=web1 account=anna root_by=none
        login_paths: host=web1 account=anna kinds=key verdict=one
        finds: low web1 accounts=1 web1 lets 1 account in with one key

        accounts: host=web1 account=anna root_by=none
        login_paths: host=web1 account=anna methods=gssapi-with-mic kinds=ticket verdict=one
        finds: low web1 accounts=1 web1 lets 1 account in with a Kerberos ticket alone

        accounts: host=web1 account=anna root_by=none
        login_paths: host=web1 account=anna kinds=verified-key factors=2 verdict=two
        finds: nothing

    ## What to do

    Ask people for a second factor: a one-time code through PAM with `AuthenticationMethods
    publickey,keyboard-interactive`, or keys in hardware that ask for a PIN (`ssh-keygen -t ed25519-sk -O
    verify-required`, and `verify-required` on the key's line or in `PubkeyAuthOptions`). Limit keys of jobs with
    `from=`, `restrict` and a forced command.

    ## Limits

    - Accounts of people and of jobs are not told apart.
    - For a certificate or a ticket its issuer may have asked for more than one factor; the host cannot tell.
    - A key with a forced command is a way in too and counts; the column `via` names the command.
    - Whether a key file is protected by a passphrase cannot be seen from the host.
    - Accounts whose way in is not understood are gaps, not findings.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - sshd_config(5): AuthenticationMethods, PubkeyAuthOptions
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "single-factor-login"
    title: ClassVar[str] = "One key lets in"
    severity: ClassVar[Severity] = Severity.LOW
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-2(2)", "BSI ORP.4.A21", "PCI DSS 4.0.1 8.4.2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts, forms in fleet.query(_HOSTS):
            yield Finding(
                self.id,
                Severity.LOW,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} lets {counted(accounts, 'account')} in {with_one(forms)}",
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

"""Check: direct login as root with one key, one code or one ticket."""

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
        AND EXISTS (FROM accounts AS a WHERE a.host = p.host AND a.account = p.account AND a.root_by = 'uid0')
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
class SingleFactorRoot(Check):
    """A host lets root in directly with one key, or another single factor that is no password.

    ## What it looks for

    Accounts with uid 0 that one can enter with one key or one certificate and nothing else; also with a one-time code
    alone (a PAM stack that takes it in place of a password) or with a Kerberos ticket alone. A way in with a password
    is reported by `password-login` instead, one with nothing by `empty-password-login`, one on another host's word
    by `hostbased-login`, and one that opens only while the server of a token cannot be reached by
    `second-factor-fails-open`.

    Accounts that only the auditor's own key opens are left out: `auditor-key-too-powerful` judges these.

    ## Why it matters

    One stolen file is then all it takes to be root. And where several people log in as root, the logs do not tell
    them apart.

    ## Example

        accounts: host=web1 account=root root_by=uid0
        login_paths: host=web1 account=root kinds=key verdict=one
        finds: medium web1 accounts=1 web1 lets 1 account with uid 0 in with one key

        accounts: host=web1 account=root root_by=uid0
        login_paths: host=web1 account=root methods=keyboard-interactive kinds=code verdict=one
        finds: medium web1 accounts=1 web1 lets 1 account with uid 0 in with a one-time code alone

        accounts: host=web1 account=root root_by=uid0
        login_paths: host=web1 account=root methods=publickey,keyboard-interactive kinds=code,key factors=2 verdict=two
        finds: nothing

    ## What to do

    Let people log in under their own names and become root through sudo, with a second factor on the way, and set
    `PermitRootLogin no`. Where jobs need root, `PermitRootLogin forced-commands-only` and a forced command for each
    key. Keys in hardware that ask for a PIN (`ssh-keygen -t ed25519-sk -O verify-required`) are two factors in one.

    ## Limits

    - For a certificate or a ticket its issuer may have asked for more than one factor; the host cannot tell.
    - A key with a forced command is a way in too and counts; the column `via` names the command.
    - Whether a key file is protected by a passphrase cannot be seen from the host.
    - Two keys for one login are one factor: they are stolen together.
    - Accounts whose way in is not understood are gaps, not findings.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - sshd_config(5): PermitRootLogin, AuthenticationMethods
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "single-factor-root"
    title: ClassVar[str] = "One key lets root in directly"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 IA-2(1)", "BSI ORP.4.A21", "PCI DSS 4.0.1 8.4.1")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts, forms in fleet.query(_HOSTS):
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} lets {counted(accounts, 'account')} with uid 0 in {with_one(forms)}",
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

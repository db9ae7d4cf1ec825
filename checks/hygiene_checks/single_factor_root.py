"""Check: direct login as root with one key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind
from hygiene_checks.grading import counted

_ENTERED: Final = """
WITH auditor_only AS (
    SELECT host, account FROM openings
    WHERE (host, account) IN (SELECT (host, account) FROM auditor_grants)
    GROUP BY host, account HAVING bool_and(auditor)
), entered AS (
    SELECT host, account, daemon, source, methods, via FROM login_paths AS p
    WHERE verdict = 'one' AND kinds = ['key']
        AND EXISTS (FROM accounts AS a WHERE a.host = p.host AND a.account = p.account AND a.root_by = 'uid0')
        AND NOT EXISTS (FROM auditor_only AS o WHERE o.host = p.host AND o.account = p.account)
)
"""
_HOSTS: Final = (
    _ENTERED
    + """
SELECT host, count(DISTINCT account) AS accounts FROM entered GROUP BY host ORDER BY host
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
    """A host lets root in directly with one key.

    ## What it looks for

    Accounts with uid 0 that one can enter with one key or one certificate and nothing else. A way in with a
    password, or with nothing, is reported by `password-login` and `empty-password-login` instead.

    Accounts that only the auditor's own key opens are left out: `auditor-key-too-powerful` judges these.

    ## Why it matters

    One stolen file is then all it takes to be root. And where several people log in as root, the logs do not tell
    them apart.

    ## Example

        accounts: host=web1 account=root root_by=uid0
        login_paths: host=web1 account=root kinds=key verdict=one
        finds: medium web1 accounts=1 web1 lets 1 account with uid 0 in with one key

        accounts: host=web1 account=root root_by=uid0
        login_paths: host=web1 account=root kinds=code,key factors=2 verdict=two
        finds: nothing

    ## What to do

    Let people log in under their own names and become root through sudo, with a second factor on the way, and set
    `PermitRootLogin no`. Where jobs need root, `PermitRootLogin forced-commands-only` and a forced command for each
    key. Keys in hardware that ask for a PIN (`ssh-keygen -t ed25519-sk -O verify-required`) are two factors in one.

    ## Limits

    - A key with a forced command is a way in too and counts; the column `via` names the command.
    - Whether a key file is protected by a passphrase cannot be seen from the host.
    - Two keys for one login are one factor: they are stolen together. The factor counted here is what NIST SP
      800-63B calls something you have.
    - Accounts whose way in is not understood are gaps, not findings.

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
        for host, accounts in fleet.query(_HOSTS):
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} lets {counted(accounts, 'account')} with uid 0 in with one key",
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

"""Check: a second factor with passwords that a key does not need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# `asked`: accounts of which PAM asks for a token. A way through PAM that takes one says so, unless another way through
# PAM takes none and no password goes with the first; a rule of the stack says so where no way through PAM does without.
_BYPASSED: Final = """
WITH auditor_only AS (
    SELECT host, account FROM openings
    WHERE (host, account) IN (SELECT (host, account) FROM auditor_grants)
    GROUP BY host, account HAVING bool_and(auditor)
), by_pam AS (
    SELECT host, daemon, account, kinds,
        list_contains(kinds, 'code')
            OR list_has_any(kinds, ['key', 'verified-key']) AND NOT contains(methods, 'publickey') AS has_token
    FROM login_paths
    WHERE verdict <> 'unknown' AND condition IS NULL
        AND regexp_matches(methods, '(^|[ ,])(keyboard-interactive|password|none)($|[ ,:])')
), ways AS (
    SELECT host, daemon, account, bool_or(has_token) AS takes, bool_or(has_token AND len(kinds) > 1) AS takes_both,
        bool_or(NOT has_token) AS does_without
    FROM by_pam GROUP BY host, daemon, account
), asked AS (
    SELECT host, daemon, account FROM ways WHERE takes_both OR takes AND NOT does_without
    UNION
    SELECT host, daemon, account FROM tokens LEFT JOIN ways USING (host, daemon, account)
    WHERE passes_without <> 'yes' AND NOT coalesce(does_without, false)
), entered AS (
    SELECT host, account, daemon, source, via FROM login_paths AS p SEMI JOIN asked USING (host, daemon, account)
    WHERE verdict = 'one' AND condition IS NULL AND kinds = ['key']
        AND list_contains(string_split(methods, ' '), 'publickey')
        AND NOT EXISTS (FROM auditor_only AS o WHERE o.host = p.host AND o.account = p.account)
)
"""
_HOSTS: Final = (
    _BYPASSED
    + """
SELECT host, count(DISTINCT account) AS accounts FROM entered GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _BYPASSED
    + """
SELECT DISTINCT host, h.tenant, account, daemon, source, via FROM entered LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY account, daemon, source, via
"""
)


@dataclass(frozen=True, slots=True)
class SecondFactorBypassedByKey(Check):
    """A host asks for a second factor with passwords, and a key enters without.

    ## What it looks for

    Accounts of which the PAM stack asks for a token (a one-time code, a push, a security key), and that open with one
    key or certificate alone: sshd runs no PAM auth stage for keys, so the token's module is never asked.

    Accounts that only the auditor's own key opens are left out: `auditor-key-too-powerful` judges these.

    ## Why it matters

    Who set up the token believes that every login needs it. A stolen key file opens these accounts all the same, and
    whoever adds a line to authorized_keys has switched the second factor off.

    ## Example

        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two
        login_paths: host=web1 account=anna methods=publickey kinds=key
        finds: medium web1 accounts=1 web1 lets 1 account in with one key, past the second factor that PAM asks for

        tokens: host=web1 account=anna
        login_paths: host=web1 account=anna methods=publickey kinds=key
        finds: medium web1 accounts=1 web1 lets 1 account in with one key, past the second factor that PAM asks for

        tokens: host=web1 account=anna
        login_paths: host=web1 account=anna methods=publickey,keyboard-interactive kinds=code,key factors=2 verdict=two
        finds: nothing

    ## What to do

    Ask for both: `AuthenticationMethods publickey,keyboard-interactive` in sshd_config, for people at least (`Match
    Group`). Keys of jobs get `from=`, `restrict` and a forced command instead. Keys in hardware that ask for a PIN
    (`ssh-keygen -t ed25519-sk -O verify-required`, and `verify-required` on the key's line) are two factors in one.

    ## Limits

    - A token that the account has not set up and is not asked for counts as none: see `second-factor-not-enrolled`.
    - A key with a forced command is a way in too and counts; the column `via` names the command.
    - A token of which PAM does not ask because a password alone is enough is none: see `password-login`.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - sshd_config(5): AuthenticationMethods, UsePAM
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "second-factor-bypassed-by-key"
    title: ClassVar[str] = "A key enters past the second factor"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(2)",
        "BSI ORP.4.A21",
        "BSI OPS.1.2.5.A17",
        "CIS Controls 8.1 6.4",
        "ISO 27001:2022 A.8.5",
        "PCI DSS 4.0.1 8.5.1",
        "NIS2 21(2)(j)",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts in fleet.query(_HOSTS):
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} lets {counted(accounts, 'account')} in with one key, past the second factor that PAM asks for",
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

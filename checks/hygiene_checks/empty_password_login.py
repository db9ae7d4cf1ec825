"""Check: accounts that open without any secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_HOSTS: Final = """
WITH entered AS (
    SELECT DISTINCT host, account FROM login_paths WHERE verdict = 'one' AND condition IS NULL AND len(kinds) = 0
), told AS (
    SELECT host, account, coalesce(bool_or(root_by IN ('uid0', 'sudo')), false) AS root,
        coalesce(bool_or(root_by = 'unknown'), true) AS unsure
    FROM entered LEFT JOIN accounts USING (host, account) GROUP BY host, account
)
SELECT host, count(*) AS accounts, count(*) FILTER (root) AS root, count(*) FILTER (unsure AND NOT root) AS unsure
FROM told GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT p.host, h.tenant, p.account, p.daemon, p.source, p.methods, p.via
FROM login_paths AS p LEFT JOIN hosts AS h USING (host)
WHERE p.host = $host AND p.verdict = 'one' AND p.condition IS NULL AND len(p.kinds) = 0
ORDER BY account, daemon, source, methods, via
"""


@dataclass(frozen=True, slots=True)
class EmptyPasswordLogin(Check):
    """A host lets accounts in over SSH with nothing at all.

    ## What it looks for

    Accounts that one can enter without any credential: their password is empty and sshd and PAM take empty
    passwords (`PermitEmptyPasswords yes`, `pam_unix.so nullok`), or the PAM stack lets everybody pass whatever is
    answered. It is critical when one of them is root: uid 0, or everything as root through sudo without a password.

    What opens only while the server of a token cannot be reached is reported by `second-factor-fails-open` instead.

    ## Why it matters

    Whoever knows the account's name is in. Programs that try names without passwords run all day.

    ## Example

        accounts: host=web1 account=guest root_by=none password_state=empty
        login_paths: host=web1 account=guest kinds= factors=0 verdict=one
        finds: high web1 accounts=1 web1 lets 1 account in with nothing at all

        accounts: host=web1 account=guest root_by=none password_state=empty
        finds: nothing

    ## What to do

    Lock the password (`passwd -l ACCOUNT`) or set one, and set `PermitEmptyPasswords no` in sshd_config. Then look
    through the logs of the host for logins to these accounts.

    ## Limits

    - An empty password that sshd does not take (the default) gives no way in over SSH and is not reported here,
      although it opens the console and, to those inside, su.
    - Accounts whose way in is not understood (own PAM modules, a directory) are gaps, not findings.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - sshd_config(5): PermitEmptyPasswords; pam_unix(8): nullok
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "empty-password-login"
    title: ClassVar[str] = "An account opens with nothing at all"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(1)",
        "STIG RHEL 9 V2R9 RHEL-09-255040",
        "PCI DSS 4.0.1 8.3.2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts, root, unsure in fleet.query(_HOSTS):
            message = f"{host} lets {counted(accounts, 'account')} in with nothing at all"
            if root:
                message += f", {root:,} of them root"
            if unsure:
                message += f", {unsure:,} of them perhaps root by sudo (not proven)"
            yield Finding(
                self.id,
                Severity.CRITICAL if root else Severity.HIGH,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                message,
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

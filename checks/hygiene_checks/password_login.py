"""Check: accounts that a password alone opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_HOSTS: Final = """
WITH entered AS (
    SELECT DISTINCT host, account FROM login_paths WHERE verdict = 'one' AND condition IS NULL AND kinds = ['password']
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
WHERE p.host = $host AND p.verdict = 'one' AND p.condition IS NULL AND p.kinds = ['password']
ORDER BY account, daemon, source, methods, via
"""


@dataclass(frozen=True, slots=True)
class PasswordLogin(Check):
    """A host lets accounts in over SSH with a password alone.

    ## What it looks for

    Accounts that one can enter with a password and nothing else: sshd offers a method that takes passwords
    (`PasswordAuthentication`, or keyboard-interactive through PAM), the PAM stack lets the account pass with it, and
    the account has a password that can match. The stack is followed rule by rule: a second factor that is optional,
    jumped over, or lets pass who has no token, is none. It is critical when one of them is root: uid 0, or
    everything as root through sudo without a password.

    A way that opens only while the server of a token cannot be reached is reported by `second-factor-fails-open`
    instead.

    ## Why it matters

    Passwords are guessed, reused, phished and written down, and every host on the Internet is tried all day. A
    password that serves elsewhere too opens this host without any flaw in it.

    ## Example

        accounts: host=web1 account=root root_by=uid0
        accounts: host=web1 account=anna root_by=none
        login_paths: host=web1 account=root kinds=password verdict=one
        login_paths: host=web1 account=anna kinds=password verdict=one
        finds: critical web1 accounts=2 web1 lets 2 accounts in with a password alone, 1 of them root

        accounts: host=web1 account=anna root_by=none
        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password verdict=one
        finds: high web1 accounts=1 web1 lets 1 account in with a password alone

        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password verdict=two factors=2
        finds: nothing

    ## What to do

    Give the people keys, then switch passwords off: `PasswordAuthentication no` and `KbdInteractiveAuthentication
    no` in sshd_config, and `PermitRootLogin prohibit-password` at once for root. Where passwords have to stay, ask
    for a second factor with them (`AuthenticationMethods publickey,password`, or a one-time code through PAM).

    ## Limits

    - Accounts whose way in is not understood (own PAM modules, a directory) are gaps, not findings.
    - Whether a network filter or a jump host stands before sshd is not seen from the host.
    - How good the passwords are is judged by `password-short` and `password-weak`, where lists are given.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - sshd_config(5): PasswordAuthentication, KbdInteractiveAuthentication, AuthenticationMethods, PermitRootLogin
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "password-login"
    title: ClassVar[str] = "A password alone lets in over SSH"
    severity: ClassVar[Severity] = Severity.CRITICAL
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(1)",
        "BSI SYS.1.3.A8",
        "PCI DSS 4.0.1 8.4.1",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts, root, unsure in fleet.query(_HOSTS):
            message = f"{host} lets {counted(accounts, 'account')} in with a password alone"
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

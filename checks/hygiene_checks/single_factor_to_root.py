"""Check: root through sudo or su with one factor on the whole way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_CLIMBED: Final = """
WITH auditor_only AS (
    SELECT host, account FROM openings
    WHERE (host, account) IN (SELECT (host, account) FROM auditor_grants)
    GROUP BY host, account HAVING bool_and(auditor)
), climbed AS (
    SELECT host, account, daemon, source, methods, step, array_to_string(kinds, ' ') AS kinds, reason
    FROM root_paths AS p
    WHERE verdict = 'one' AND condition IS NULL AND step IN ('sudo', 'su')
        AND NOT (list_contains(kinds, 'key')
            AND EXISTS (FROM auditor_only AS o WHERE o.host = p.host AND o.account = p.account))
)
"""
_HOSTS: Final = (
    _CLIMBED
    + """
SELECT host, count(DISTINCT account) AS accounts FROM climbed GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _CLIMBED
    + """
SELECT host, h.tenant, account, daemon, source, methods, step, kinds, climbed.reason
FROM climbed LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY account, daemon, source, methods, step, kinds
"""
)


@dataclass(frozen=True, slots=True)
class SingleFactorToRoot(Check):
    """A host lets people become root with one factor on the whole way.

    ## What it looks for

    Accounts from which one gets everything as root through sudo, or through su with root's own password, where login
    and that step together take one factor at most: sudo without a password (`NOPASSWD`, `!authenticate`,
    `exempt_group`) behind a login with one key or one password, or a password for sudo or su behind a login with a
    password. The PAM stacks of sudo and su are evaluated as the login's is, for `sudo -i` and `su -` as well.

    Accounts that are root themselves are for `single-factor-root`, `password-login` and `empty-password-login`. Ways
    that only the auditor's own key opens are left out: `auditor-key-too-powerful` judges these.

    ## Why it matters

    One stolen key file, or one guessed password, is all it takes to own the host; that the way leads through an
    account with few rights changes nothing. A password that is asked for twice is no second factor: whoever has learnt
    it for the login has it for sudo, and passwords of root are known to several people.

    ## Example

        accounts: host=web1 account=anna root_by=sudo
        root_paths: host=web1 account=anna step=sudo kinds=key verdict=one
        finds: medium web1 accounts=1 web1 lets 1 account become root with one factor in all

        accounts: host=web1 account=anna root_by=none
        root_paths: host=web1 account=anna step=sudo kinds=key,password factors=2 verdict=two
        finds: nothing

    ## What to do

    Ask for the other factor in one of the two places: keys for the login (`PasswordAuthentication no`) and the password
    for sudo, without `NOPASSWD`; or a one-time code in the PAM stack of sudo, and of `sudo-i`. Limit `NOPASSWD` to the
    commands that jobs need. Lock root's password (`passwd -l root`), or let su be run by a group alone (pam_wheel).

    ## Limits

    - `hygiene who HOST:ACCOUNT` tells each way and why it takes no more; so does the column `reason`.
    - Only rules for everything as root count: all commands, a shell, su. That many a single command can be talked into
      a shell (an editor, a pager) is not looked at, nor are ways over a third account.
    - Within some minutes after a password was given sudo does not ask again (`timestamp_timeout`): who takes over a
      session then needs none. That is not counted as a factor less.
    - doas is a gap, not a finding, and so is all that was not understood. Other ways to root (pkexec, run0, a group
      that may start containers) are not looked at.
    - What holds only while the server of a token is away is for `second-factor-fails-open`.
    - A factor here is a form of credential, and what NIST SP 800-63B tells apart as know, have and are maps to it so: a
      password is something you know; a key, a certificate, a security key with touch or a code something you have; a
      `verified-key` (a security key with PIN or finger) something you have with something you know or are, which is
      two. A key and a password on the way are have and know; a key and a code, both something you have, count as two
      because one theft rarely gets both.

    ## References

    - sudoers(5): authenticate, exempt_group, rootpw, targetpw, pam_service, pam_login_service
    - su(1), pam_wheel(8)
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "single-factor-to-root"
    title: ClassVar[str] = "Root with one factor in all"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(1)",
        "BSI ORP.4.A21",
        "CIS Controls 8.1 6.5",
        "ISO 27001:2022 A.8.2",
        "PCI DSS 4.0.1 8.4.1",
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
                f"{host} lets {counted(accounts, 'account')} become root with one factor in all",
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

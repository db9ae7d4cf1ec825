"""Check: a second factor that is not asked for while its server is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# Which module is away is named by its rule, else by the condition of the path: a `sufficient` module that fails does
# not let pass by itself, but what stands behind it may. Other conditions, such as a code that is remembered for a
# while, need no server.
_OPENED: Final = """
WITH way AS (
    SELECT host, account, daemon, source, methods, via, kinds, condition FROM login_paths
    WHERE verdict <> 'unknown' AND (condition IS NULL OR regexp_matches(condition, 'server|reached|away'))
), opened AS (
    SELECT way.* EXCLUDE (kinds), t.module FROM way JOIN tokens AS t USING (host, daemon, account)
    WHERE t.fails_open = 'yes' AND (
        condition IS NOT NULL
        OR regexp_matches(methods, '(^|[ ,])(keyboard-interactive|password|none)($|[ ,:])')
            AND NOT list_contains(kinds, t.form)
    )
    UNION
    SELECT *, unnest(coalesce(nullif(regexp_extract_all(condition, 'pam_[a-z0-9_]+'), []), [condition]))
    FROM (
        SELECT * EXCLUDE (kinds) FROM way WHERE condition IS NOT NULL AND (
            contains(condition, 'pam_')
            OR (host, daemon, account) NOT IN (SELECT (host, daemon, account) FROM tokens WHERE fails_open = 'yes')
        )
        UNION ALL
        SELECT host, account, daemon, source, methods || ', then ' || step, via, condition FROM root_paths AS r
        WHERE step <> 'uid0' AND verdict <> 'unknown' AND regexp_matches(condition, 'server|reached|away')
            -- not where the login is what depends on the server
            AND NOT EXISTS (
                FROM way WHERE way.host = r.host AND way.daemon = r.daemon AND way.account = r.account
                    AND way.condition = r.condition
            )
    )
)
"""
_HOSTS: Final = (
    _OPENED
    + """
SELECT host, list_sort(list(DISTINCT module)) AS modules, count(DISTINCT account) AS accounts
FROM opened GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _OPENED
    + """
SELECT host, h.tenant, account, daemon, source, methods, via, module, condition
FROM opened LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY account, daemon, source, methods, via, module, condition
"""
)


@dataclass(frozen=True, slots=True)
class SecondFactorFailsOpen(Check):
    """A host lets people in without their second factor while its server is away.

    ## What it looks for

    PAM modules that ask a server for the second factor and let everybody pass when that server cannot be reached
    (`failmode=safe` of pam_duo, which is its default, or a module whose configuration is missing), on accounts that
    really open so. Also stacks that go on to a password alone when the module in front of it fails, and stacks of sudo
    and su that do either on the way to root.

    ## Why it matters

    Whoever can keep the host from reaching that server (a full link, a blocked address, a wrong route, a stopped
    resolver) does not need the second factor. A password is then all that is left.

    ## Example

        tokens: host=web1 account=anna module=pam_duo fails_open=yes
        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two
        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=password
          condition="the server of pam_duo cannot be reached"
        finds: medium web1 modules=1 web1 opens 1 account without pam_duo when its server cannot be reached

        tokens: host=web1 account=anna module=pam_duo fails_open=no
        login_paths: host=web1 account=anna methods=keyboard-interactive kinds=code,password factors=2 verdict=two
        finds: nothing

    ## What to do

    Let the module refuse instead (`failmode=secure`), and keep another way in for the day when the server is away: a
    second server, or the console. Where failing open is meant, accept the finding in writing.

    ## Limits

    - Whether the server is away today is not looked at.
    - A module that remembers a code for a while (`grace_period`) needs no server and is not reported; `hygiene who`
      tells it.
    - An account that needs a key besides is reported too: it opens with one credential less.
    - An account that such a module opens always, because its configuration is missing, is reported here and by
      `password-login`, and by `hygiene who` with the line.
    - What is counted are forms of credential. In the words of NIST SP 800-63B a password is something you know; a key,
      a certificate, a security key with touch and a code something you have; a `verified-key` (PIN or finger) something
      you have with something you know or are. So key and code, two forms, are both something you have. A ticket stands
      for what its realm asked for; another host's word is no factor of the person's.

    ## References

    - pam_duo(8): failmode; pam_radius_auth(8)
    - NIST SP 800-63B, multi-factor authentication
    """

    id: ClassVar[str] = "second-factor-fails-open"
    title: ClassVar[str] = "No second factor while its server is away"
    severity: ClassVar[Severity] = Severity.MEDIUM
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
        for host, modules, accounts in fleet.query(_HOSTS):
            named = [module for module in modules if module.startswith("pam_")]
            servers = "its server" if len(named) == 1 else "their servers" if named else "a server"
            without = ", ".join(named) or "a second factor"
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} opens {counted(accounts, 'account')} without {without} when {servers} cannot be reached",
                {"modules": len(modules)},
                Places(_PLACES, {"host": host}),
            )

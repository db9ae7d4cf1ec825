"""Check: the key of the audit itself can do more than the audit needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import certainty, graded, unproven

# lines by which our own key enters root, and that lack a forced command, restrict, or a from= that limits
_LOOSE: Final = """
WITH loose AS (
    SELECT g.host, g.account, g.fingerprint, g.file, g.line, g.daemon, g.command, g.from_patterns,
        list_contains(list_transform(g.options, lambda o: lower(o)), 'restrict') AS restrict,
        g.accepted = 'yes' AND (g.opens_root = 'yes' OR coalesce(a.root_by IN ('uid0', 'sudo'), false)) AS proven
    FROM grants AS g
    JOIN auditor_grants USING (host, account, fingerprint)
    LEFT JOIN accounts AS a ON a.host = g.host AND a.account = g.account
    WHERE g.accepted <> 'no' AND NOT g.is_authority
        AND (g.opens_root <> 'no' OR coalesce(a.root_by, 'unknown') <> 'none')
        AND NOT coalesce(
            g.command IS NOT NULL AND restrict AND len(g.from_patterns) > 0
                AND NOT list_has_any(g.from_patterns, ['*', '0.0.0.0/0', '::/0']),
            false
        )
)
"""
_KEYS: Final = (
    _LOOSE  # noqa: S608  both parts are ours
    + """
SELECT fingerprint, count(*) AS hosts, count(*) FILTER (proven) AS proven
FROM (SELECT fingerprint, host, bool_or(proven) AS proven FROM loose GROUP BY fingerprint, host)
GROUP BY fingerprint ORDER BY fingerprint
"""
)
_PLACES: Final = (
    _LOOSE
    + """
SELECT DISTINCT fingerprint, host, h.tenant, account, file, line, daemon, command, restrict, from_patterns, proven
FROM loose LEFT JOIN hosts AS h USING (host)
WHERE fingerprint = $fingerprint ORDER BY host, account, file, line, daemon
"""
)


@dataclass(frozen=True, slots=True)
class AuditorKeyTooPowerful(Check):
    """The key with which this audit enters the hosts opens more than the audit needs.

    ## What it looks for

    The key and the account with which the run logged in, and keys that the policy names as the auditor's
    (`auditor_keys`), where they enter an account that is root (uid 0, or sudo for everything without a password) by
    a line that lacks one of these: a forced command, `restrict`, and a `from=` that limits. Hosts are counted.

    No other check speaks about this key and these accounts, except `weak-key`.

    ## Why it matters

    An audit that enters every host as root is the best key in the house to steal. It is the finding that an audit
    must not make by itself.

    ## Example

        hosts: host=web{1..3} login_user=root login_fingerprint=SHA256:audit
        accounts: host=web{1..3} account=root root_by=uid0
        grants: host=web{1..3} account=root fingerprint=SHA256:audit opens_root=yes
        finds: medium SHA256:audit root_hosts=3
            the auditor's key enters root on 3 of 3 hosts by lines that lack a forced command, restrict or from=

        hosts: host=web1 login_user=audit login_fingerprint=SHA256:audit
        accounts: host=web1 account=audit root_by=none
        grants: host=web1 account=audit fingerprint=SHA256:audit
            command=/usr/bin/collector options=restrict from_patterns=10.0.0.1
        finds: nothing

    ## What to do

    Install the collector on the hosts as a forced command of an account of its own, with
    `restrict,from="ADDRESS",command="..."`, and let that account run exactly this file as root through sudo, with
    its digest in the rule. `hygiene collector` prints the script, the key line and the sudoers rule.

    ## Limits

    - A login with a certificate, or through a program (`AuthorizedKeysCommand`), leaves no line to judge.
    - Grants of the same key for other accounts are judged by the other checks, unless the policy names the key.
    - What the forced command itself lets one do is not looked into.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `restrict`, `command`, `from`
    - sudoers(5): Digest_Spec
    """

    id: ClassVar[str] = "auditor-key-too-powerful"
    title: ClassVar[str] = "The audit's own key can do too much"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 AC-6(2)", "BSI ORP.4.A2", "PCI DSS 4.0.1 8.6.1")

    medium: int = field(default=1, metadata={"doc": "hosts from which it is medium", "min": 1})
    high: int = field(default=100, metadata={"doc": "hosts from which it is high", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key of the auditor's."""
        steps = ((Severity.MEDIUM, self.medium), (Severity.HIGH, self.high))
        of_hosts = counted(fleet.hosts_total(), "host")
        for fingerprint, hosts, proven in fleet.query(_KEYS):
            severity = graded(hosts, steps)
            if severity is None:
                continue
            yield Finding(
                self.id,
                severity,
                certainty(severity, graded(proven, steps)),
                Subject(SubjectKind.KEY, fingerprint),
                f"the auditor's key enters root on {hosts:,} of {of_hosts}{unproven(hosts - proven)} "
                "by lines that lack a forced command, restrict or from=",
                {"root_hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

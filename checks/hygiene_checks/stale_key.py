"""Check: a key that opens accounts and that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

# days are those before the host was looked at; a use of unknown time is one of today
_KEYS: Final = """
WITH opened AS (
    SELECT fingerprint, host, bool_or(proven) AS proven
    FROM openings WHERE NOT is_authority AND NOT auditor GROUP BY fingerprint, host
), logs AS (
    SELECT h.host, date_sub('day', h.logs_since, h.collected_at) AS days,
        coalesce(bool_and(a.state = 'seen'), false) AS whole
    FROM hosts AS h LEFT JOIN areas AS a ON a.host = h.host AND a.area = 'logs'
    WHERE h.logs_since IS NOT NULL AND h.collected_at IS NOT NULL
    GROUP BY h.host, h.logs_since, h.collected_at
), uses AS (
    SELECT fingerprint, min(coalesce(date_sub('day', last_used, collected_at), 0)) AS days
    FROM key_uses JOIN hosts USING (host) GROUP BY fingerprint
), watched AS (
    SELECT fingerprint, count(*) AS hosts, count(*) FILTER (proven) AS proven,
        count(*) FILTER (logs.days >= $days) AS watched, count(*) FILTER (logs.days >= $days AND whole) AS whole,
        min(logs.days) FILTER (logs.days >= $days) AS days
    FROM opened LEFT JOIN logs USING (host) GROUP BY fingerprint
)
SELECT fingerprint, hosts, proven, watched, whole, least(w.days, coalesce(u.days, w.days)) AS days
FROM watched AS w LEFT JOIN uses AS u USING (fingerprint)
WHERE watched > 0 AND coalesce(u.days >= $days, true) ORDER BY fingerprint
"""
_PLACES: Final = """
WITH uses AS (SELECT fingerprint, host, max(last_used) AS last_used FROM key_uses GROUP BY fingerprint, host)
SELECT o.fingerprint, o.host, o.tenant, o.account, o.file, o.line, o.daemon, o.proven, u.last_used, h.logs_since
FROM openings AS o JOIN hosts AS h USING (host) LEFT JOIN uses AS u ON u.fingerprint = o.fingerprint AND u.host = o.host
WHERE o.fingerprint = $fingerprint AND NOT o.is_authority AND NOT o.auditor
ORDER BY host, account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class StaleKey(Check):
    """A key opens accounts, and nobody has used it for a long time.

    ## What it looks for

    Keys that open something, and that no login was made with for 180 days: on no host that takes them and whose
    logs reach back that far, and, as far as logs were read, on no other host either. Hosts without such logs say
    nothing; the message tells how many of the hosts that take the key they are, and the confidence is medium when
    there are any, or when logs were seen only in part.

    The check runs when logs were read. Days are counted in whole periods (180, 360, ...), so that a finding that is
    in the baseline does not come back each day.

    ## Why it matters

    A key that nobody needs opens the accounts all the same. Mostly its owner has left, or the job is gone: nobody
    would miss the line, and nobody looks after the private half.

    ## Example

        hosts: host=web{1..3} collected_at=2026-06-01T12:00+00:00 logs_since=2025-09-01T00:00+00:00
        areas: host=web{1..3} area=logs
        grants: host=web{1..3} account=root fingerprint=SHA256:old opens_root=yes
        finds: medium SHA256:old days=180 1 key opens 3 hosts and was not used for 180 days or more

        hosts: host=web1 collected_at=2026-06-01T12:00+00:00 logs_since=2025-09-01T00:00+00:00
        areas: host=web1 area=logs
        grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes
        key_uses: host=web1 account=root fingerprint=SHA256:ops last_used=2026-05-30T08:00+00:00
        finds: nothing

        hosts: host=web1 collected_at=2026-06-01T12:00+00:00 logs_since=2026-05-01T00:00+00:00
        areas: host=web1 area=logs
        grants: host=web1 account=root fingerprint=SHA256:new opens_root=yes
        finds: nothing

    ## What to do

    Ask whose key it is (the comment of the line says what its owner once wrote), and take it out of the files that
    are listed. A key that is there for an emergency is better kept offline, and limited with `from=`.

    ## Limits

    - Logs can be rotated away, edited by root, or kept elsewhere; what they lack looks like a key that was not used.
    - sshd logs a login's key at `LogLevel INFO` and above, with its fingerprint by SHA-256 unless `FingerprintHash`
      says otherwise.
    - A key that was put there lately, and has not been used yet, is reported too: the line does not say its age.
    - A session that has been open for longer than this is one use, at its beginning.
    - Authorities and the auditor's own key are left out.

    ## References

    - sshd_config(5): LogLevel, FingerprintHash
    - NIST IR 7966, Security of Interactive and Automated Access Management Using Secure Shell (SSH)
    """

    id: ClassVar[str] = "stale-key"
    title: ClassVar[str] = "A key that nobody uses opens accounts"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    needs: ClassVar[frozenset[str]] = frozenset({"key_uses"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-2(3)",
        "CIS Controls 8.1 5.3",
        "BSI ORP.4.A3",
        "PCI DSS 4.0.1 8.2.6",
    )

    days: int = field(default=180, metadata={"doc": "days without a login from which it is medium", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        for fingerprint, hosts, proven, watched, whole, days in fleet.query(_KEYS, {"days": self.days}):
            periods = days // self.days * self.days
            message = f"1 key opens {counted(hosts, 'host')}{unproven(hosts - proven)} and was not used for "
            message += f"{counted(periods, 'day')} or more"
            if hosts > watched:
                message += f"; the logs of {hosts - watched:,} of them do not reach back that far"
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH if proven and whole == hosts else Confidence.MEDIUM,
                Subject(SubjectKind.KEY, fingerprint),
                message,
                {"days": periods},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

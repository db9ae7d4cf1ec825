"""Check: a key comes from a source from which it did not come before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

# sshd logs a certificate's authority with it: who signs for many comes from everywhere
# a source is new when no host saw the key come from it before, and one whose logs reach further back saw it come;
# it is known when some host saw it before
_SOURCES: Final = """
WITH logs AS (
    SELECT h.host, h.tenant, h.collected_at - to_days($days::INTEGER) AS since, h.logs_since,
        coalesce(bool_and(a.state = 'seen'), false) AS whole
    FROM hosts AS h LEFT JOIN areas AS a ON a.host = h.host AND a.area = 'logs'
    WHERE h.collected_at IS NOT NULL GROUP BY h.host, h.tenant, h.collected_at, h.logs_since
), uses AS (
    SELECT u.fingerprint, u.source, u.host, tenant, u.account, u.first_used, u.last_used, u.uses,
        u.first_used >= since AS late, coalesce(logs_since < since, false) AS watched, whole
    FROM key_uses AS u JOIN logs USING (host) WHERE u.source IS NOT NULL
        AND u.fingerprint NOT IN (SELECT fingerprint FROM grants WHERE is_authority AND fingerprint IS NOT NULL)
), sources AS (
    SELECT fingerprint, source, bool_and(late) AND bool_or(late AND watched) AS fresh, bool_or(NOT late) AS known,
        bool_and(coalesce(late, false) AND watched AND whole) AS sure
    FROM uses GROUP BY fingerprint, source
)
"""
_KEYS: Final = (
    _SOURCES
    + """
SELECT fingerprint, count(*) FILTER (fresh) AS fresh, count(*) FILTER (known) AS known,
    bool_or(sure) AS sure
FROM sources GROUP BY fingerprint HAVING bool_or(fresh) AND bool_or(known) ORDER BY fingerprint
"""
)
_PLACES: Final = (
    _SOURCES
    + """
SELECT fingerprint, source, host, tenant, account, first_used, last_used, uses
FROM uses JOIN sources USING (fingerprint, source)
WHERE fingerprint = $fingerprint AND fresh ORDER BY first_used, source, host, account, last_used, uses
"""
)


@dataclass(frozen=True, slots=True)
class KeyUsedFromNewSource(Check):
    """A key was used from a source from which it did not come before.

    ## What it looks for

    Keys with which somebody logged in from an address that was first seen with this key in the last 30 days, on a
    host whose logs reach further back, while logins before that came from other addresses. An address from which
    the key came to another host long ago is not new, and a key without logins before that has no usual place.

    The check runs when logs were read. The confidence is medium where logs were seen only in part, and where the
    key also came from the address to a host whose logs do not reach back that far, or at a time that is not known.

    ## Why it matters

    A stolen key is used from somewhere else. It is one of few traces that a theft leaves, as the login itself is
    right in every other way.

    ## Example

        hosts: host=web1 collected_at=2026-06-01T12:00+00:00 logs_since=2026-01-01T00:00+00:00
        areas: host=web1 area=logs
        key_uses: host=web1 fingerprint=SHA256:anna source=10.0.0.5 first_used=2026-01-02T08:00+00:00
        key_uses: host=web1 fingerprint=SHA256:anna source=203.0.113.9 first_used=2026-05-28T03:00+00:00
        finds: medium SHA256:anna sources=1
            1 key was used from 1 source first seen in the last 30 days, and before that from 1 other

        hosts: host=web1 collected_at=2026-06-01T12:00+00:00 logs_since=2026-01-01T00:00+00:00
        areas: host=web1 area=logs
        key_uses: host=web1 fingerprint=SHA256:new source=203.0.113.9 first_used=2026-05-28T03:00+00:00
        finds: nothing

    ## What to do

    Ask the key's owner about the address and the time. If it was not them, take the key out of
    all files that hold it, put it into `RevokedKeys`, and look through what was done in these sessions. If it was
    them, a `from=` in the line makes the next stranger fail.

    ## Limits

    - People move: networks at home and on the road change their addresses, and each of them is a new source.
    - Behind a jump host or a NAT everybody comes from one address; a thief there is not told from the owner.
    - Logs can be edited by root, and say nothing of what was rotated away.
    - Of a certificate its own key is judged, not the authority that signed it. Certificates for new keys each time
      leave nothing to compare.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `from`
    - MITRE ATT&CK T1021.004, Remote Services: SSH
    """

    id: ClassVar[str] = "key-used-from-new-source"
    title: ClassVar[str] = "A key was used from somewhere new"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    needs: ClassVar[frozenset[str]] = frozenset({"key_uses"})
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-17(1)",
        "NIST SP 800-53 r5 AC-2(3)",
        "BSI OPS.1.2.5.A25",
    )

    days: int = field(default=30, metadata={"doc": "days for which a source counts as new", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        asked = {"days": self.days}
        for fingerprint, fresh, known, sure in fleet.query(_KEYS, asked):
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH if sure else Confidence.MEDIUM,
                Subject(SubjectKind.KEY, fingerprint),
                f"1 key was used from {counted(fresh, 'source')} first seen in the last {counted(self.days, 'day')}, "
                f"and before that from {known:,} {'other' if known == 1 else 'others'}",
                {"sources": fresh},
                Places(_PLACES, {"fingerprint": fingerprint, **asked}),
            )

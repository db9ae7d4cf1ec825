"""Check: key lines that have expired and were left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_HOSTS: Final = """
SELECT host, count(DISTINCT (file, line)) AS lines
FROM grants WHERE accepted = 'no' AND cause = 'expired'
GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT host, h.tenant, account, file, line, daemon, fingerprint, expires_at
FROM grants LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND accepted = 'no' AND cause = 'expired'
ORDER BY account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class ExpiredKey(Check):
    """Key lines have expired and were left behind.

    ## What it looks for

    Lines of key files whose `expiry-time` has passed by the clock of the host, so that sshd takes them no longer.

    ## Why it matters

    An expired line lets nobody in as long as its option, sshd's version and the clock stay as they are. A file full
    of what no longer counts hides what does, and a date is easily moved on by somebody who does not know why it
    was set.

    ## Example

        grants: host=web1 line={3..4} fingerprint=SHA256:guest accepted=no cause=expired expires_at=2026-01-31
        finds: low web1 lines=2 web1 has 2 key lines that have expired

        grants: host=web1 fingerprint=SHA256:guest expires_at=2099-01-31
        finds: nothing

    ## What to do

    Remove the lines. Where access is still needed, give it anew with a new date, after its owner was asked.

    ## Limits

    - A line that expires within hours, on a host whose time zone is not known, is a gap and not a finding.
    - Before OpenSSH 7.7 a line with `expiry-time` never works; there `ineffective-key-line` reports it.
    - Certificates expire by themselves and leave no line behind.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `expiry-time`
    """

    id: ClassVar[str] = "expired-key"
    title: ClassVar[str] = "Expired key lines were left behind"
    severity: ClassVar[Severity] = Severity.LOW
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 AC-2(3)", "BSI ORP.4.A2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, lines in fleet.query(_HOSTS):
            yield Finding(
                self.id,
                Severity.LOW,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                f"{host} has {counted(lines, 'key line')} that {'has' if lines == 1 else 'have'} expired",
                {"lines": lines},
                Places(_PLACES, {"host": host}),
            )

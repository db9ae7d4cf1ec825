"""Check: sshd may run with other settings than its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_HOSTS: Final = """
SELECT host, count(DISTINCT keyword) AS settings
FROM settings WHERE state = 'pending' GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT host, h.tenant, daemon, scope, keyword, value, source
FROM settings LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND state = 'pending' ORDER BY daemon, scope, keyword, value, source
"""


@dataclass(frozen=True, slots=True)
class PendingSshdConfig(Check):
    """A host's sshd may run with other settings than its files say.

    ## What it looks for

    Settings of a running sshd whose files were changed after it was started. sshd reads them once: until it is
    restarted or told to read them again, it goes on as before, and `sshd -T` prints what the files say, not what
    the daemon does. Keywords are counted, over all daemons and accounts of the host.

    ## Why it matters

    A file that forbids passwords protects nothing while the daemon still takes them; and a file that somebody made
    laxer waits for the next restart. In both cases what is read and what is done are different things.

    ## Example

        settings: host=web1 keyword=passwordauthentication value=no source=/etc/ssh/sshd_config:12 state=pending
        finds: medium web1 settings=1
            the files of sshd on web1 changed after it started: what they say of 1 setting may not hold yet

        settings: host=web1 keyword=passwordauthentication value=no source=/etc/ssh/sshd_config:12
        finds: nothing

    ## What to do

    Look at what was changed, and whether it was meant. Test the files (`sshd -t`), let sshd read them
    (`systemctl reload ssh`, or `sshd` where the unit is called so), and scan again: keep a second session open
    while you do. Configuration management should reload sshd whenever it writes these files.

    ## Limits

    - The times of files and of the daemon's start are compared: a file that was written again with the same content
      is reported too, and one with a time from an archive is not.
    - What the daemon runs with is not visible from outside, so what differs is not known.
    - Sessions that are open go on with the settings of their beginning; they are not counted.

    ## References

    - sshd(8): SIGHUP; sshd_config(5)
    """

    id: ClassVar[str] = "pending-sshd-config"
    title: ClassVar[str] = "sshd may run with other settings than its files"
    severity: ClassVar[Severity] = Severity.MEDIUM
    confidence: ClassVar[Confidence] = Confidence.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 CM-6", "BSI SYS.1.3.A8", "CIS Controls 8.1 4.1")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, settings in fleet.query(_HOSTS):
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                f"the files of sshd on {host} changed after it started: "
                f"what they say of {counted(settings, 'setting')} may not hold yet",
                {"settings": settings},
                Places(_PLACES, {"host": host}),
            )

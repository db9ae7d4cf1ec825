"""Check: hosts that were not seen, or only in part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_PLACES: Final = """
SELECT host, tenant, address, status, stage, reason FROM hosts WHERE status <> 'complete' ORDER BY host
"""


@dataclass(frozen=True, slots=True)
class HostUnseen(Check):
    """Hosts of the inventory were not seen, or only in part.

    ## What it looks for

    Hosts whose scan did not end `complete`: `unreachable` (no SSH transport: name, port, timeout), `refused` (the
    host key or our login was not accepted), `skipped` (not tried), and `partial` (something on the host could not
    be read). One finding for the fleet; it only counts. What was not seen is listed gap by gap, and the gaps carry
    the exit code.

    ## Why it matters

    What was not looked at is not clean. The host that does not answer, or that no longer lets us in, is as good a
    candidate for trouble as any other.

    ## Example

        hosts: host=web{1..3}
        hosts: host=web4 status=unreachable reason="connection timed out"
        finds: low fleet hosts=1 1 of 4 hosts was not seen as a whole: 1 unreachable

        hosts: host=web{1..3}
        finds: nothing

    ## What to do

    Take the reasons one by one: repair the name, the route or the login, compare an unknown host key on the console
    and add it to known_hosts, give the collector the rights to read what it could not, or take a host that is no
    more out of the inventory. What is known and meant can be accepted in the policy, with an owner, a reason and a
    date.

    ## Limits

    - Hosts that are missing in the inventory are not known here at all.

    ## References

    - README: exit code 3
    """

    id: ClassVar[str] = "host-unseen"
    title: ClassVar[str] = "Hosts were not seen as a whole"
    severity: ClassVar[Severity] = Severity.LOW
    subject: ClassVar[SubjectKind] = SubjectKind.FLEET
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 RA-5", "NIST SP 800-53 r5 CM-8")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for the fleet, or none."""
        books = fleet.coverage()
        unseen = books.targets - books.complete
        if not unseen:
            return
        parts = [
            f"{count:,} {word}"
            for word, count in (
                ("unreachable", books.unreachable),
                ("refused", books.refused),
                ("skipped", books.skipped),
                ("partial", books.partial),
            )
            if count
        ]
        yield Finding(
            self.id,
            Severity.LOW,
            Confidence.HIGH,
            Subject(SubjectKind.FLEET, "fleet"),
            f"{unseen:,} of {counted(books.targets, 'host')} {'was' if unseen == 1 else 'were'} not seen as a whole: "
            + ", ".join(parts),
            {"hosts": unseen},
            Places(_PLACES),
        )

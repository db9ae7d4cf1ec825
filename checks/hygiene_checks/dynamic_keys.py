"""Check: keys or principals come from a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

# one program for keys and one for principals are two sources; accounts and daemons that share one are not
_HOSTS: Final = """
WITH sources AS (
    SELECT host, keyword, program, bool_or(works = 'yes') AS proven, bool_or(works <> 'no') AS runs,
        bool_or(works <> 'no' AND fault IS NOT NULL) AS loose,
        bool_or(works = 'yes' AND fault IS NOT NULL) AS loose_proven
    FROM dynamic_sources GROUP BY host, keyword, program
)
SELECT host, count(*) AS sources, count(*) FILTER (runs) AS runs, count(*) FILTER (proven) AS proven,
    count(*) FILTER (loose) AS loose, count(*) FILTER (loose_proven) AS loose_proven
FROM sources GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT host, h.tenant, daemon, keyword, scope, program, run_as, fault, works
FROM dynamic_sources LEFT JOIN hosts AS h USING (host)
WHERE host = $host ORDER BY daemon, keyword, scope, program
"""


@dataclass(frozen=True, slots=True)
class DynamicKeys(Check):
    """A host takes keys or principals from a program.

    ## What it looks for

    Programs that sshd asks for keys (`AuthorizedKeysCommand`) or for the principals of certificates
    (`AuthorizedPrincipalsCommand`), for all accounts or for some. One program for each of the two counts as one
    source, however many accounts it serves.

    It is high when somebody besides root could change such a program, or the way to it, and sshd runs it, or that
    could not be established. A program that sshd refuses to run, for its owner or its mode, gives no keys; the
    message tells it.

    ## Why it matters

    Who gets in is then decided elsewhere, and anew at each login: no list on the host holds these keys, and none of
    the other checks sees them. And who can change the program decides who logs in, as root too.

    ## Example

        dynamic_sources: host=web1 program=/usr/bin/sss_ssh_authorizedkeys
        finds: low web1 sources=1 web1 takes keys or principals from 1 program, so that they cannot be listed

        dynamic_sources: host=web1 program=/opt/keys fault="/opt can be written by the group deploy"
        finds: high web1 sources=1
            web1 takes keys or principals from 1 program, so that they cannot be listed; others could change 1 of them

        hosts: host=web1
        finds: nothing

    ## What to do

    Look at the directory that the program asks: who may write keys there, and who reviews them? Let root own the
    program and every folder above it, writable by nobody else (`chown root`, `chmod go-w`), and let an account run
    it that does nothing else (`AuthorizedKeysCommandUser`). Take the setting out where nothing uses it.

    ## Limits

    - The programs are not run: their answer may depend on the key that is offered. What they would say is a gap of
      the accounts that they serve.
    - Programs and files that the program uses itself (an interpreter, a configuration) are not looked at.
    - Access control lists, and mounts that ignore modes, are not seen in the mode of a file.

    ## References

    - sshd_config(5): AuthorizedKeysCommand, AuthorizedKeysCommandUser, AuthorizedPrincipalsCommand
    """

    id: ClassVar[str] = "dynamic-keys"
    title: ClassVar[str] = "Keys or principals come from a program"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 AC-2(3)", "NIST SP 800-53 r5 CM-6", "BSI ORP.4.A2")

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, sources, runs, proven, loose, loose_proven in fleet.query(_HOSTS):
            refused = sources - runs
            if runs:
                message = (
                    f"{host} takes keys or principals from {counted(runs, 'program')}{unproven(runs - proven)}, "
                    "so that they cannot be listed"
                )
                if loose:
                    message += f"; others could change {loose:,} of them{unproven(loose - loose_proven)}"
                if refused:
                    message += f"; sshd refuses to run {refused:,} more"
            else:
                message = f"{host} names {counted(refused, 'program')} for keys or principals that sshd refuses to run"
            certain = loose_proven if loose else proven or refused
            yield Finding(
                self.id,
                Severity.HIGH if loose else Severity.LOW,
                Confidence.HIGH if certain else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                message,
                {"sources": sources},
                Places(_PLACES, {"host": host}),
            )

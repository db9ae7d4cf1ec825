"""Check: sshd reads key files under names that nobody looks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

_LEGACY: Final = """
WITH legacy AS (
    SELECT host, account, file, line, accepted = 'yes' AS proven FROM grants
    WHERE accepted <> 'no'
        AND list_bool_or(list_transform($patterns::VARCHAR[], lambda p: split_part(file, '/', -1) GLOB p))
)
"""
_HOSTS: Final = (
    _LEGACY  # noqa: S608  both parts are ours
    + """
SELECT host, count(*) AS files, count(*) FILTER (proven) AS proven
FROM (SELECT host, file, bool_or(proven) AS proven FROM legacy GROUP BY host, file)
GROUP BY host ORDER BY host
"""
)
_PLACES: Final = (
    _LEGACY
    + """
SELECT host, h.tenant, account, file, count(DISTINCT line) AS lines, bool_or(proven) AS proven
FROM legacy LEFT JOIN hosts AS h USING (host)
WHERE host = $host GROUP BY host, h.tenant, account, file ORDER BY account, file
"""
)


@dataclass(frozen=True, slots=True)
class LegacyKeyFile(Check):
    """Key files under old names let people in.

    ## What it looks for

    Files named `authorized_keys2` from which sshd takes at least one line, and files whose names match other
    patterns that the policy gives. Unless `AuthorizedKeysFile` says otherwise, sshd reads
    `.ssh/authorized_keys2` beside `.ssh/authorized_keys` to this day. Files count when sshd accepts one of their
    lines, and also when that could not be established; the message says how many files are not proven.

    ## Why it matters

    Scripts that add, list and remove keys know one file. What stands in the other outlives every clean-up, which is
    why intruders like it.

    ## Example

        grants: host=web1 file=/root/.ssh/authorized_keys2 account=root line={1..2} fingerprint=SHA256:old
        finds: low web1 files=1 web1 takes keys from 1 file with an old name

        grants: host=web1 file=/root/.ssh/authorized_keys2 fingerprint=SHA256:old accepted=no cause=unread
        finds: nothing

    ## What to do

    Move the lines that are wanted to `authorized_keys`, remove the file, and name the files that sshd shall read
    (`AuthorizedKeysFile .ssh/authorized_keys`).

    ## Limits

    - Names are compared without the folder, upper and lower case apart.
    - A file that holds no line that might work is not reported: it is not there yet.

    ## References

    - sshd_config(5): AuthorizedKeysFile
    - MITRE ATT&CK T1098.004, Account Manipulation: SSH Authorized Keys
    """

    id: ClassVar[str] = "legacy-key-file"
    title: ClassVar[str] = "Key files under old names are read"
    severity: ClassVar[Severity] = Severity.LOW
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 CM-6",
        "NIST SP 800-53 r5 CM-7",
        "BSI ORP.4.A2",
    )

    names: str = field(
        default="authorized_keys2",
        metadata={"doc": "names of files, `*` and `?` allowed, with blanks between them"},
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        patterns = self.names.split()
        for host, files, proven in fleet.query(_HOSTS, {"patterns": patterns}):
            yield Finding(
                self.id,
                Severity.LOW,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                f"{host} takes keys from {counted(files, 'file with an old name', 'files with old names')}"
                f"{unproven(files - proven)}",
                {"files": files},
                Places(_PLACES, {"host": host, "patterns": patterns}),
            )

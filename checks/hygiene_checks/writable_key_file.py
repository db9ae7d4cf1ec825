"""Check: others can write what decides who logs in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

_HOSTS: Final = """
SELECT host, count(*) AS files, count(*) FILTER (proven) AS proven, count(*) FILTER (root) AS root
FROM (
    SELECT host, file, bool_or(accepted = 'yes') AS proven, bool_or(opens_root = 'yes') AS root
    FROM grants WHERE accepted <> 'no' AND writable_by IS NOT NULL GROUP BY host, file
)
GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT host, h.tenant, account, file, writable_by, count(DISTINCT line) AS lines, bool_or(accepted = 'yes') AS proven
FROM grants LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND accepted <> 'no' AND writable_by IS NOT NULL
GROUP BY host, h.tenant, account, file, writable_by
ORDER BY account, file, writable_by
"""


@dataclass(frozen=True, slots=True)
class WritableKeyFile(Check):
    """Others can write a file that decides who logs in, and sshd accepts it.

    ## What it looks for

    Key files, or folders on the way to one, that somebody besides the account and root can write, while sshd takes
    keys from the file all the same: `StrictModes` is off, or does not look there (at folders above the home folder,
    at the file of `TrustedUserCAKeys`). Files count when sshd accepts at least one of their lines, and also when
    that could not be established. The message says how many files are not proven, and how many open root.

    ## Why it matters

    Who can write the file, or put another one in its place, adds a key of their own and logs in as this account. No
    password is needed, and nothing else has to be broken.

    ## Example

        grants: host=web1 account=root line={1..3} file=/srv/keys/root fingerprint=SHA256:ops opens_root=yes
            writable_by="the group deploy"
        finds: high web1 files=1 web1 has 1 key file in use that others can write, 1 of them opens root

        grants: host=web1 accepted=no cause=permissions fingerprint=SHA256:a writable_by=everybody
        finds: nothing

    ## What to do

    Look through the lines of the file first: is each of them meant? Then set the owner and mode right
    (`chown ACCOUNT FILE`, `chmod go-w FILE` and the same for the folders above it), and set `StrictModes yes`. Keys
    that a team shares are better rolled out by configuration management, to files that root owns.

    ## Limits

    - A file without any line that might work is not reported, although others could write one into it.
    - What sshd refuses for its permissions is no way in, and is reported by `ineffective-key-line`.
    - Access control lists, and mounts that ignore modes, are not seen in the mode of a file.

    ## References

    - sshd_config(5): StrictModes, AuthorizedKeysFile, TrustedUserCAKeys
    - MITRE ATT&CK T1098.004, Account Manipulation: SSH Authorized Keys
    """

    id: ClassVar[str] = "writable-key-file"
    title: ClassVar[str] = "Others can write a key file in use"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-6",
        "NIST SP 800-53 r5 CM-5",
        "BSI ORP.4.A2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, files, proven, root in fleet.query(_HOSTS):
            message = f"{host} has {counted(files, 'key file')} in use that others can write{unproven(files - proven)}"
            if root:
                message += f", {root:,} of them {'opens' if root == 1 else 'open'} root"
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                message,
                {"files": files},
                Places(_PLACES, {"host": host}),
            )

"""Check: key lines that sshd takes and that usual tools do not see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import unproven

_HOSTS: Final = """
SELECT host, count(*) AS lines, count(*) FILTER (proven) AS proven, count(*) FILTER (root) AS root
FROM (
    SELECT host, file, line, bool_or(accepted = 'yes') AS proven, bool_or(opens_root = 'yes') AS root
    FROM grants WHERE accepted <> 'no' AND list_contains(marks, 'obfuscated') GROUP BY host, file, line
)
GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT host, h.tenant, account, file, line, daemon, fingerprint, opens_root, accepted = 'yes' AS proven
FROM grants LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND accepted <> 'no' AND list_contains(marks, 'obfuscated')
ORDER BY account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class ObfuscatedKeyLine(Check):
    """A key line works for sshd and is invisible to usual tools.

    ## What it looks for

    Lines that sshd takes, and that a search for `ssh-... AAAA...` or a comparison of fingerprints misses: an
    unusual name of the type, white space inside the key, extra zero bytes in it that change its text and not the
    key, tabs or many blanks, a key far behind junk. They count when sshd accepts them, and also when that could not
    be established. The message says how many lines are not proven, and how many open root.

    ## Why it matters

    Such a line is seldom an accident, and who wants to come back unseen writes it on purpose: its key lives on after
    the account was searched for it and cleaned.

    ## Example

        grants: host=web1 account=root line=90 fingerprint=SHA256:left opens_root=yes marks=obfuscated
        finds: high web1 lines=1 web1 has 1 key line that sshd takes and usual tools do not see, 1 of them opens root

        grants: host=web1 account=root fingerprint=SHA256:left opens_root=no marks=obfuscated accepted=no cause=version
        finds: nothing

    ## What to do

    Ask who wrote the line, and look at when the file was changed and what else was done then. When nobody knows,
    treat the host as broken into. A key that is wanted is written anew as `ssh-keygen -y` or the .pub file gives it;
    its fingerprint here is that of the key itself, so that it can be compared.

    ## Limits

    - Some old tools write tabs or wrap keys: a finding is a reason to ask, not a proof of intent.
    - A key that stands in the open, under somebody else's name in its comment, is not found by this.
    - Lines that are dead for this host's sshd are not counted; `ineffective-key-line` tells some of them.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT
    - MITRE ATT&CK T1098.004, Account Manipulation: SSH Authorized Keys
    """

    id: ClassVar[str] = "obfuscated-key-line"
    title: ClassVar[str] = "A working key line that tools do not see"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 SI-4",
        "NIST SP 800-53 r5 IA-5",
        "BSI ORP.4.A2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, lines, proven, root in fleet.query(_HOSTS):
            message = f"{host} has {counted(lines, 'key line')} that sshd takes and usual tools do not see"
            message += unproven(lines - proven)
            if root:
                message += f", {root:,} of them {'opens' if root == 1 else 'open'} root"
            yield Finding(
                self.id,
                Severity.HIGH,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                message,
                {"lines": lines},
                Places(_PLACES, {"host": host}),
            )

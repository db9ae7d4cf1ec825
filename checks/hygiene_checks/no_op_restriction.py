"""Check: a from= that keeps nobody out."""

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
    FROM grants WHERE accepted <> 'no' AND list_contains(marks, 'from-everyone') GROUP BY host, file, line
)
GROUP BY host ORDER BY host
"""
_PLACES: Final = """
SELECT host, h.tenant, account, file, line, daemon, fingerprint, from_patterns, opens_root, accepted = 'yes' AS proven
FROM grants LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND accepted <> 'no' AND list_contains(marks, 'from-everyone')
ORDER BY account, file, line, daemon
"""


@dataclass(frozen=True, slots=True)
class NoOpRestriction(Check):
    """A `from=` in a key file keeps nobody out.

    ## What it looks for

    Lines of key files whose `from=` matches every address: `from="*"`, `from="0.0.0.0/0,::/0"` and the like. They
    count when sshd accepts them, and also when that could not be established. The message says how many lines are
    not proven, and how many open root.

    ## Why it matters

    The line looks as if the key were tied to a place, in reviews as in tools that look for `from=`, and is tied to
    none. Who steals the key uses it from anywhere.

    ## Example

        grants: host=web1 account=root line=1 fingerprint=SHA256:ops opens_root=yes from_patterns=*
            marks=from-everyone
        grants: host=web1 line=1 file=/home/anna/.ssh/authorized_keys fingerprint=SHA256:anna from_patterns=*
            marks=from-everyone
        finds: medium web1 lines=2 web1 has 2 key lines with a from= that keeps nobody out, 1 of them opens root

        grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes restricted=yes from_patterns=10.0.0.1
        finds: nothing

    ## What to do

    Name the addresses or networks from which the key is really used (`from="10.20.0.0/16,192.0.2.7"`). Where it has
    to work from everywhere, take `from=` out, so that nobody trusts in it.

    ## Limits

    - A list that names a very large part of all addresses still keeps somebody out and is not reported.
    - Limits that work, beside this one (`command=`, `restrict`), are not weighed.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `from`
    - ssh_config(5), PATTERNS
    """

    id: ClassVar[str] = "no-op-restriction"
    title: ClassVar[str] = "A from= keeps nobody out"
    severity: ClassVar[Severity] = Severity.MEDIUM
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-3",
        "NIST SP 800-53 r5 AC-17",
        "BSI ORP.4.A2",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, lines, proven, root in fleet.query(_HOSTS):
            message = f"{host} has {counted(lines, 'key line')} with a from= that keeps nobody out"
            message += unproven(lines - proven)
            if root:
                message += f", {root:,} of them {'opens' if root == 1 else 'open'} root"
            yield Finding(
                self.id,
                Severity.MEDIUM,
                Confidence.HIGH if proven else Confidence.MEDIUM,
                Subject(SubjectKind.HOST, host),
                message,
                {"lines": lines},
                Places(_PLACES, {"host": host}),
            )

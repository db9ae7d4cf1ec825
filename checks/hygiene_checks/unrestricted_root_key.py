"""Check: a key opens root, and nothing limits it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from hygiene.api import Check, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted
from hygiene_checks.grading import certainty, graded, unproven

# `restricted` is command= or a from= that limits; sshd(8): option names are case-insensitive
_FREE: Final = """
WITH free AS (
    SELECT fingerprint, host, account, file, line, daemon, accepted = 'yes' AND opens_root = 'yes' AS proven
    FROM grants AS g
    WHERE accepted <> 'no' AND opens_root <> 'no' AND fingerprint IS NOT NULL AND NOT is_authority AND NOT restricted
        AND NOT list_contains(list_transform(options, lambda o: lower(o)), 'restrict')
        AND NOT EXISTS (
            FROM auditor_grants AS a
            WHERE a.host = g.host AND a.account = g.account AND a.fingerprint = g.fingerprint
        )
)
"""
_KEYS: Final = (
    _FREE  # noqa: S608  both parts are ours
    + """
SELECT fingerprint, count(*) AS hosts, count(*) FILTER (proven) AS proven
FROM (SELECT fingerprint, host, bool_or(proven) AS proven FROM free GROUP BY fingerprint, host)
GROUP BY fingerprint ORDER BY fingerprint
"""
)
_PLACES: Final = (
    _FREE
    + """
SELECT fingerprint, host, h.tenant, account, file, line, daemon, proven
FROM free LEFT JOIN hosts AS h USING (host)
WHERE fingerprint = $fingerprint ORDER BY host, account, file, line, daemon
"""
)


@dataclass(frozen=True, slots=True)
class UnrestrictedRootKey(Check):
    """A key opens root by a line that limits nothing.

    ## What it looks for

    Keys that open root (an account with uid 0, or one that may do everything as root through sudo without a
    password) by a line that has none of these: a `from=` that keeps somebody out, a forced command, `restrict`.
    Hosts are counted, not lines.

    A line counts when sshd accepts it, and also when that, or what the account may do as root, could not be
    established. The message says how many hosts are not proven.

    ## Why it matters

    Such a key works from everywhere in the world, for everything, and carries ports and agents along. One line of
    limits would make it worth nothing to most who steal it.

    ## Example

        grants: host=web{1..2} account=root fingerprint=SHA256:ops opens_root=yes
        grants: host=db1 account=root fingerprint=SHA256:ops opens_root=yes restricted=yes from_patterns=10.0.0.1
        finds: low SHA256:ops root_hosts=2
            1 key opens root on 2 of 3 hosts by lines without from=, command= or restrict

        grants: host=web1 account=root fingerprint=SHA256:ops opens_root=yes options=restrict,pty
        finds: nothing

    ## What to do

    Say in the line where the key may come from (`from="ADDRESS"`), and begin it with `restrict`, to which what is
    needed is given back (`restrict,pty`). A key that does one job gets that job as its forced command
    (`command="..."`); `ForceCommand` in a `Match` block does that for all keys of an account at once.

    ## Limits

    - Limits that sshd_config sets (`DisableForwarding`, `AllowUsers root@10.0.0.0/8`) are not weighed here; a
      `ForceCommand` is.
    - A `from=` that lets a whole network in counts as a limit, however wide it is. One that keeps nobody out does
      not, and `no-op-restriction` reports it.
    - Authorities and the auditor's own key are judged by checks of their own.
    - On how many hosts one key opens root is graded by `root-key-reuse`.

    ## References

    - sshd(8), AUTHORIZED_KEYS FILE FORMAT: `from`, `command`, `restrict`
    - NIST IR 7966, Security of Interactive and Automated Access Management Using Secure Shell (SSH)
    """

    id: ClassVar[str] = "unrestricted-root-key"
    title: ClassVar[str] = "A key opens root without any limit"
    severity: ClassVar[Severity] = Severity.LOW
    subject: ClassVar[SubjectKind] = SubjectKind.KEY
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 AC-6",
        "NIST SP 800-53 r5 AC-17(4)",
        "BSI ORP.4.A2",
    )

    low: int = field(default=1, metadata={"doc": "hosts from which it is low", "min": 1})

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each key."""
        steps = ((Severity.LOW, self.low),)
        of_hosts = counted(fleet.hosts_total(), "host")
        for fingerprint, hosts, proven in fleet.query(_KEYS):
            severity = graded(hosts, steps)
            if severity is None:
                continue
            yield Finding(
                self.id,
                severity,
                certainty(severity, graded(proven, steps)),
                Subject(SubjectKind.KEY, fingerprint),
                f"1 key opens root on {hosts:,} of {of_hosts}{unproven(hosts - proven)} "
                "by lines without from=, command= or restrict",
                {"root_hosts": hosts},
                Places(_PLACES, {"fingerprint": fingerprint}),
            )

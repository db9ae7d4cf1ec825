"""Check: accounts that another host's word opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from hygiene.api import Check, Confidence, Finding, Fleet, Places, Severity, Subject, SubjectKind, counted

_ENTERED: Final = "verdict = 'one' AND condition IS NULL AND kinds = ['host']"
_HOSTS: Final = f"""
WITH entered AS (
    SELECT DISTINCT host, account FROM login_paths WHERE {_ENTERED}
), told AS (
    SELECT host, account, coalesce(bool_or(root_by IN ('uid0', 'sudo')), false) AS root,
        coalesce(bool_or(root_by = 'unknown'), true) AS unsure
    FROM entered LEFT JOIN accounts USING (host, account) GROUP BY host, account
)
SELECT host, count(*) AS accounts, count(*) FILTER (root) AS root, count(*) FILTER (unsure AND NOT root) AS unsure
FROM told GROUP BY host ORDER BY host
"""  # noqa: S608  the parts are ours
_PLACES: Final = f"""
SELECT host, h.tenant, account, daemon, source, methods, via, p.reason
FROM login_paths AS p LEFT JOIN hosts AS h USING (host)
WHERE host = $host AND {_ENTERED} ORDER BY account, daemon, source, methods, via
"""  # noqa: S608  the parts are ours


@dataclass(frozen=True, slots=True)
class HostbasedLogin(Check):
    """A host lets accounts in because another host vouches for them.

    ## What it looks for

    Accounts that one can enter with nothing but another host's word (`HostbasedAuthentication yes`): a line of
    `/etc/hosts.equiv`, `/etc/ssh/shosts.equiv`, or, where `IgnoreRhosts` allows it, of the account's `.shosts` or
    `.rhosts` names that host, and a key of it is known (`/etc/ssh/ssh_known_hosts`, `~/.ssh/known_hosts`) under the
    name by which sshd looks it up. It is high when one of them is root: uid 0, or everything as root through sudo
    without a password. The first such line that is found is named with each account.

    ## Why it matters

    Nobody shows that he is who he says: the other host does, and whoever is root there can say any name. So one host
    that is taken over opens all that trust it, without a key or password of anybody. With
    `HostbasedUsesNameFromPacketOnly yes` the host names itself, and any key in the list opens every name that stands
    beside it.

    ## Example

        accounts: host=node1 account=root root_by=uid0
        accounts: host=node1 account=anna root_by=none
        login_paths: host=node1 account=root methods=hostbased kinds=host
        login_paths: host=node1 account=anna methods=hostbased kinds=host
        finds: high node1 accounts=2 node1 lets 2 accounts in on the word of another host, 1 of them root

        accounts: host=node1 account=anna root_by=none
        login_paths: host=node1 account=anna methods=hostbased kinds=host
        finds: medium node1 accounts=1 node1 lets 1 account in on the word of another host

        login_paths: host=node1 account=anna methods=publickey,hostbased kinds=host,key factors=2 verdict=two
        login_paths: host=node1 account=anna methods=hostbased verdict=unknown kinds=''
        finds: nothing

    ## What to do

    Set `HostbasedAuthentication no` where nothing needs it. In a cluster that does (jobs that go from node to node),
    keep it to the nodes' own network with a Match block, leave root out (`IgnoreRhosts yes`, which is the default, does
    that, for the system's files are not for root), list the nodes by address in `shosts.equiv`, and keep their keys in
    `/etc/ssh/ssh_known_hosts` alone (`IgnoreUserKnownHosts yes`).

    ## Limits

    - Netgroups, and addresses whose name only DNS could tell (`UseDNS yes`), make an account unknown: a gap, not a
      finding.
    - Whether the other host is up, and who is root there, is not asked: its line and its key are enough. A name is
      taken to resolve.
    - What is counted are forms of credential; in the words of NIST SP 800-63B another host's word is none of the
      person's.

    ## References

    - sshd(8): /etc/hosts.equiv, ~/.rhosts; sshd_config(5): HostbasedAuthentication, IgnoreRhosts,
      HostbasedUsesNameFromPacketOnly
    - RFC 4252, section 9
    """

    id: ClassVar[str] = "hostbased-login"
    title: ClassVar[str] = "Another host's word lets in over SSH"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = (
        "NIST SP 800-53 r5 IA-2(1)",
        "BSI SYS.1.3.A8",
        "CIS Controls 8.1 6.5",
    )

    def run(self, fleet: Fleet) -> Iterator[Finding]:
        """Yield one finding for each host."""
        for host, accounts, root, unsure in fleet.query(_HOSTS):
            message = f"{host} lets {counted(accounts, 'account')} in on the word of another host"
            if root:
                message += f", {root:,} of them root"
            if unsure:
                message += f", {unsure:,} of them perhaps root by sudo (not proven)"
            yield Finding(
                self.id,
                Severity.HIGH if root else Severity.MEDIUM,
                Confidence.HIGH,
                Subject(SubjectKind.HOST, host),
                message,
                {"accounts": accounts},
                Places(_PLACES, {"host": host}),
            )

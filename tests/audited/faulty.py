"""The fleet of faults: hosts of five tenants, each there for something that the tables or the checks must tell.

A Debian 12 host lets passwords in (its default), and root by key alone. What is said of a line, an account or a host is
what OpenSSH 9.2, sudo 1.9.13 and PAM do with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import hosts_accounts, hosts_keys, hosts_lines, hosts_sshd, lists
from .keys import Keys
from .plant import Planted, fingerprint

LISTED = lists.WEAK


@dataclass(frozen=True, slots=True)
class Fleet:
    keys: Keys
    hosts: tuple[Planted, ...]

    def named(self, name: str) -> Planted:
        return next(host for host in self.hosts if host.name == name)


def build(collector: bytes) -> Fleet:
    keys = Keys()
    return Fleet(
        keys,
        (
            *hosts_lines.hosts(keys),
            *hosts_accounts.hosts(keys),
            *hosts_sshd.hosts(keys, collector),
            *hosts_keys.hosts(keys),
        ),
    )


Finding = tuple[str, str, str, str, dict[str, int]]


def findings(fleet: Fleet) -> list[Finding]:
    """Check, subject, severity, confidence and measure of every finding."""
    keys = fleet.keys
    ops, deploy, medium = keys.ops.fingerprint, keys.deploy.fingerprint, keys.medium.fingerprint
    jobs, backup = keys.jobs.fingerprint, keys.backup.fingerprint
    twins = fingerprint(fleet.named("e-twin1").host_key.public)
    found: list[Finding] = [
        ("root-key-reuse", ops, "high", "high", {"root_hosts": 20}),
        ("cross-tenant-key", ops, "critical", "high", {"tenants": 5}),
        ("cross-tenant-key", deploy, "high", "high", {"tenants": 3}),
        ("key-reuse", deploy, "low", "high", {"hosts": 5, "accounts": 5}),
        ("cross-tenant-key", medium, "high", "high", {"tenants": 2}),
        ("key-reuse", medium, "low", "high", {"hosts": 2, "accounts": 2}),
        ("cross-tenant-key", jobs, "high", "high", {"tenants": 2}),
        ("key-reuse", jobs, "low", "high", {"hosts": 2, "accounts": 2}),
        # root, but from one address: told as a key that is reused, not as one that opens root
        ("cross-tenant-key", backup, "high", "high", {"tenants": 2}),
        ("key-reuse", backup, "low", "high", {"hosts": 2, "accounts": 2}),
        ("auditor-key-too-powerful", keys.audit.fingerprint, "medium", "high", {"root_hosts": 24}),
        ("weak-key", keys.small.fingerprint, "high", "high", {"bits": 1024}),
        ("weak-key", medium, "low", "high", {"bits": 2048}),
        ("empty-password-login", "b-empty", "critical", "high", {"accounts": 2}),
        ("private-key-unencrypted", "d-keys", "high", "high", {"keys": 4}),
        ("private-key-unencrypted", "a-db2", "medium", "high", {"keys": 1}),
        ("host-key-shared", twins, "high", "high", {"hosts": 2}),
        ("host-unseen", "fleet", "low", "high", {"hosts": 7}),
        ("password-short", lists.NAME, "high", "high", {"entries": 6}),
        ("password-weak", lists.NAME, "high", "high", {"entries": 4}),
        ("password-reused", lists.NAME, "high", "high", {"entries": 5, "largest_group": 3}),
    ]
    passwords = {
        "a-db2": "high",
        "b-acct": "high",
        "b-nopam": "high",
        "b-empty": "high",
        "b-kbd": "high",
        "c-rootpw": "critical",
        "d-sss": "high",
        "d-include": "high",
    }
    found += [("password-login", host, severity, "high", {"accounts": 1}) for host, severity in passwords.items()]
    root_by_key = (
        "a-web1 a-web2 a-db1 a-db2 a-perm b-nopam b-empty b-nopw b-kbd c-rootpw c-forced c-sudo c-unclear"
        " d-akc d-sss d-keys e-twin1 e-twin2 e-forced"
    )
    found += [("single-factor-root", host, "medium", "high", {"accounts": 1}) for host in root_by_key.split()]
    found.append(("single-factor-root", "b-acct", "medium", "high", {"accounts": 2}))
    by_key = {
        "a-web1": 2, "a-web2": 2, "a-db1": 1, "a-db2": 2, "a-perm": 3, "b-acct": 6, "b-nopam": 2, "b-nopw": 1,
        "c-sudo": 13, "c-unclear": 3, "d-include": 1,
    }  # fmt: skip
    found += [("single-factor-login", host, "low", "high", {"accounts": count}) for host, count in by_key.items()]
    return found

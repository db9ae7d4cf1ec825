"""The fleet of faults: hosts of five tenants, each there for something that the tables or the checks must tell.

A Debian 12 host lets passwords in (its default), and root by key alone. What is said of a line, an account or a host is
what OpenSSH 9.2, sudo 1.9.13 and PAM do with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import hosts_accounts, hosts_entered, hosts_keys, hosts_lines, hosts_sshd, lists
from .keys import Keys
from .machines import Planted
from .plant import BASE_ACCOUNTS, KEYS, fingerprint

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
            *hosts_sshd.hosts(keys),
            *hosts_entered.hosts(keys, collector),
            *hosts_keys.hosts(keys),
        ),
    )


Finding = tuple[str, str, str, str, dict[str, int]]


def findings(fleet: Fleet, pending: int) -> list[Finding]:
    """Check, subject, severity, confidence and measure of every finding; `pending` keywords are so on one host."""
    return [*_of_keys(fleet), *_of_hosts(fleet, pending), *_of_lists()]


def _of_keys(fleet: Fleet) -> Iterator[Finding]:
    keys = fleet.keys
    ops, deploy, medium = keys.ops.fingerprint, keys.deploy.fingerprint, keys.medium.fingerprint
    jobs, backup = keys.jobs.fingerprint, keys.backup.fingerprint
    signer, named, authority = keys.signer.fingerprint, keys.named.fingerprint, keys.authority.fingerprint
    yield from [
        ("root-key-reuse", ops, "high", "high", {"root_hosts": 21}),
        ("cross-tenant-key", ops, "critical", "high", {"tenants": 5}),
        ("unrestricted-root-key", ops, "low", "high", {"root_hosts": 21}),
        ("cross-tenant-key", deploy, "high", "high", {"tenants": 2}),
        ("key-reuse", deploy, "low", "high", {"hosts": 4, "accounts": 4}),
        # revoked on one host, which is not among them
        ("revoked-key-accepted", deploy, "high", "high", {"hosts": 4}),
        ("cross-tenant-key", medium, "high", "high", {"tenants": 2}),
        ("key-reuse", medium, "low", "high", {"hosts": 2, "accounts": 2}),
        ("cross-tenant-key", jobs, "high", "high", {"tenants": 2}),
        ("key-reuse", jobs, "low", "high", {"hosts": 2, "accounts": 2}),
        # root, but from one address: told as a key that is reused, not as one that opens root
        ("cross-tenant-key", backup, "high", "high", {"tenants": 2}),
        ("key-reuse", backup, "low", "high", {"hosts": 2, "accounts": 2}),
        ("auditor-key-too-powerful", keys.audit.fingerprint, "medium", "high", {"root_hosts": 26}),
        ("weak-key", keys.small.fingerprint, "high", "high", {"bits": 1024}),
        ("weak-key", medium, "low", "high", {"bits": 2048}),
        # the account's own name in a certificate is enough; of the other one a name for root is asked for
        ("ca-root-reach", signer, "high", "high", {"root_hosts": 2}),
        ("ca-root-reach", named, "medium", "high", {"root_hosts": 2}),
        ("ca-without-principals", authority, "high", "high", {"hosts": 1}),
    ]
    for host in fleet.hosts:
        # root by sudo, each with a key of their own and a line without limits
        for one in host.people:
            if host.seen and one.root_by in ("sudo", "unknown"):
                confidence = "high" if one.root_by == "sudo" else "medium"
                for part in one.files.get(KEYS, ()):
                    if part.key is not None and part.key is not keys.audit:
                        fingerprint_ = part.key.fingerprint
                        yield ("unrestricted-root-key", fingerprint_, "low", confidence, {"root_hosts": 1})


def _of_hosts(fleet: Fleet, pending: int) -> Iterator[Finding]:
    twins = fingerprint(fleet.named("e-twin1").host_key.public)
    yield from [
        ("empty-password-login", "b-empty", "critical", "high", {"accounts": 2}),
        ("hash-weak", "b-empty", "medium", "high", {"accounts": 2}),
        # an old hash of MD5
        ("hash-weak", "b-acct", "high", "high", {"accounts": 1}),
        ("private-key-unencrypted", "d-keys", "high", "high", {"keys": 4}),
        ("private-key-unencrypted", "a-db2", "medium", "high", {"keys": 1}),
        ("host-key-shared", twins, "high", "high", {"hosts": 2}),
        ("host-unseen", "fleet", "low", "high", {"hosts": 8}),
        ("ca-key-on-host", "d-keys", "critical", "high", {"keys": 1}),
        # five that are dead by a typo or the version, four whose limits are not what was meant
        ("ineffective-key-line", "a-db1", "medium", "high", {"lines": 9}),
        # six odd ones, a private key that was pasted, and a link to a file with other lines
        ("ineffective-key-line", "a-db2", "low", "high", {"lines": 6 + 7 + BASE_ACCOUNTS + 3}),
        ("ineffective-key-line", "a-perm", "low", "high", {"lines": 8}),
        ("no-op-restriction", "a-db1", "medium", "high", {"lines": 1}),
        ("obfuscated-key-line", "a-db2", "high", "high", {"lines": 1}),
        ("writable-key-file", "a-perm", "high", "high", {"files": 1}),
        ("expired-key", "a-db1", "low", "high", {"lines": 1}),
        ("legacy-key-file", "a-db2", "low", "high", {"files": 1}),
        ("dynamic-keys", "d-akc", "low", "high", {"sources": 1}),
        ("dynamic-keys", "d-sss", "high", "high", {"sources": 1}),
        ("dynamic-keys", "c-unclear", "low", "high", {"sources": 1}),
        ("pending-sshd-config", "e-late", "medium", "medium", {"settings": pending}),
    ]
    for host in fleet.hosts:
        if host.seen and host.lax:
            confidence = "medium" if host.pending else "high"
            yield ("sshd-setting", host.name, host.lax_severity, confidence, {"settings": host.lax})
    passwords = {
        "a-db2": "high",
        "b-acct": "high",
        "b-nopam": "high",
        "b-empty": "high",
        "b-kbd": "high",
        "c-rootpw": "critical",
        "d-allow": "high",
        "d-sss": "high",
        "d-include": "high",
    }
    for name, severity in passwords.items():
        yield ("password-login", name, severity, "high", {"accounts": 1})
    root_by_key = (
        "a-web1 a-web2 a-db1 a-db2 a-perm b-nopam b-empty b-nopw b-kbd c-rootpw c-noroot c-forced c-sudo c-unclear"
        " d-match d-allow d-akc d-sss d-keys e-twin1 e-twin2 e-forced"
    )
    for name in root_by_key.split():
        yield ("single-factor-root", name, "medium", "high", {"accounts": 1})
    yield ("single-factor-root", "b-acct", "medium", "high", {"accounts": 2})
    by_key = {
        "a-web1": 2, "a-web2": 2, "a-db1": 1, "a-db2": 2, "a-perm": 6, "b-acct": 6, "b-nopam": 2,
        "c-sudo": 13, "c-unclear": 3, "d-match": 2, "d-allow": 1, "d-include": 1,
        # every account of the system, by certificate
        "e-twin1": BASE_ACCOUNTS - 1, "e-twin2": BASE_ACCOUNTS - 1,
    }  # fmt: skip
    for name, count in by_key.items():
        yield ("single-factor-login", name, "low", "high", {"accounts": count})
    # what sudo gives without a password to who came in with one key, or with nothing
    for name, count in {"b-empty": 1, "c-sudo": 7, "c-unclear": 1}.items():
        yield ("single-factor-to-root", name, "medium", "high", {"accounts": count})


def _of_lists() -> list[Finding]:
    return [
        ("password-short", lists.NAME, "high", "high", {"entries": 6}),
        ("password-weak", lists.NAME, "high", "high", {"entries": 4}),
        ("password-reused", lists.NAME, "high", "high", {"entries": 5, "largest_group": 3}),
        ("password-shared-across-tenants", lists.NAME, "critical", "high", {"tenants": 2}),
        ("password-from-context", lists.NAME, "high", "high", {"entries": 1}),
        ("password-list-exposed", lists.NAME, "medium", "high", {"files": 1}),
        ("password-opens-account", "c-rootpw:root", "critical", "medium", {"entries": 1}),
    ]

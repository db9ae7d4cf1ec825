"""The keys of the faulty fleet that lie on more than one host, and people who stand on many."""

from __future__ import annotations

from dataclasses import dataclass, field

from .plant import YES, Key, Line, Person, Verdict, ecdsa, ed25519, line, person, rsa

# one password of all who have one: what it opens differs by host
PASSWORD_OF_PEOPLE = "-".join(["Lab", "only", "4711", "kestrel"])
SCAN_RULE = {"scan": "scan ALL=(ALL:ALL) NOPASSWD: ALL\n"}


@dataclass(frozen=True, slots=True)
class Keys:
    """Made anew for each run."""

    audit: Key = field(default_factory=lambda: ed25519("auditor"))
    ops: Key = field(default_factory=lambda: ed25519("ops"))  # the key of the breach: root almost everywhere
    deploy: Key = field(default_factory=lambda: ed25519("deploy"))  # one user's key for several tenants
    backup: Key = field(default_factory=lambda: ed25519("backup"))  # root, but from one address
    jobs: Key = field(default_factory=lambda: ed25519("jobs"))  # root, but for one command
    small: Key = field(default_factory=lambda: rsa("small", 1024))
    medium: Key = field(default_factory=lambda: rsa("medium", 2048))
    large: Key = field(default_factory=lambda: rsa("large", 3072))
    curve: Key = field(default_factory=lambda: ecdsa("curve"))
    authority: Key = field(default_factory=lambda: ed25519("authority"))  # by lines in a key file
    signer: Key = field(default_factory=lambda: ed25519("signer"))  # by TrustedUserCAKeys, for every account
    named: Key = field(default_factory=lambda: ed25519("named"))  # the same, but principals are asked for
    visitor: Key = field(default_factory=lambda: ed25519("visitor"))  # stands in no file: its certificates let in


def root(keys: Keys, *lines: Line, door: Verdict = YES, **account: object) -> Person:
    """root as on most hosts: by the auditor's key and the one of operations."""
    return person("root", 0, line(keys.audit), line(keys.ops), *lines, door=door, **account)  # type: ignore[arg-type]


def scan(keys: Keys) -> Person:
    """An account for audits that becomes root by `sudo -n`, by SCAN_RULE."""
    return person("scan", 980, line(keys.audit), root_by="sudo", home="/var/lib/scan")


def deploy(keys: Keys, door: Verdict = YES, **account: object) -> Person:
    return person("deploy", 1001, line(keys.deploy), door=door, **account)  # type: ignore[arg-type]


def keys_command(path: str) -> dict[str, str]:
    """The configuration that asks a program for keys."""
    return {"10-akc.conf": f"AuthorizedKeysCommand {path} %u\nAuthorizedKeysCommandUser nobody\n"}


def names(key: Key) -> bytes:
    """A program that names a key for root, and for an account that nobody thinks of."""
    return f'#!/bin/sh\ncase $1 in root|games) echo "{key.public}" ;; esac\n'.encode()

"""What a test says about the hosts it wants: plain records, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# the addresses that daemons see; 10.77.0.0/16 exists only inside the lab's own network namespace
AUDITOR_ADDRESS = "10.77.0.1"
OTHER_ADDRESS = "10.77.0.2"  # a second place to come from, for from= and Match Address


@dataclass(frozen=True, slots=True)
class File:
    """A regular file. Owner None: the account it is planted for, root elsewhere."""

    data: bytes = field(repr=False)
    mode: int = 0o644
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory; also gives new mode and owner to one that exists."""

    mode: int = 0o755
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Fifo:
    """A named pipe that nobody writes to."""

    mode: int = 0o600
    uid: int | None = None
    gid: int | None = None


Node = File | Directory | Link | Fifo


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account; `root` or another name of the base system replaces that account's lines.

    `shadow` is the second field as it shall stand; without it `password` is hashed by `hash_method` (a method of the
    tree's mkpasswd(1), such as yescrypt, sha512crypt, md5crypt), and without both it is `*`. Paths of `files` are below
    the home; these belong to the account unless they say otherwise, and missing folders between are made 0700.
    """

    name: str
    uid: int
    gid: int | None = None  # None: equal to uid
    home: str | None = None  # None: /root for root, else /home/NAME
    shell: str = "/bin/bash"
    gecos: str = ""
    groups: Sequence[str] = ()
    password: str | None = field(default=None, repr=False)
    hash_method: str = "yescrypt"
    shadow: str | None = field(default=None, repr=False)
    # shadow(5): last change, minimum, maximum, warning, inactive, expiry; days, as text
    ages: tuple[str, str, str, str, str, str] = ("19700", "0", "99999", "7", "", "")
    home_mode: int | None = 0o700  # None: the home is not made
    authorized_keys: Sequence[str] = ()
    files: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A host: what is not said is as Debian installs it.

    `files` come last and win over everything, so a test can plant any bytes at any path. Keys of `sshd_config_d` and
    `sudoers_d` are file names in these folders, keys of `pam` names in /etc/pam.d.
    """

    name: str
    accounts: Sequence[AccountSpec] = ()
    groups: Mapping[str, int] = field(default_factory=dict)
    sshd_config: str | None = None
    sshd_config_d: Mapping[str, str] = field(default_factory=dict)
    sudoers: str | None = None
    sudoers_d: Mapping[str, str] = field(default_factory=dict)
    pam: Mapping[str, str] = field(default_factory=dict)
    nsswitch: str | None = None
    files: Mapping[str, Node] = field(default_factory=dict)
    machine_id: str | None = None  # None: its own, derived from the name
    host_key_types: Sequence[str] = ("ed25519",)  # and rsa, ecdsa
    port: int = 22  # where the daemon is awaited; sshd_config must agree
    sshd: Sequence[str] = ("/usr/sbin/sshd", "-D")
    # only for the inventory that the lab writes
    tenant: str | None = None
    tags: Sequence[str] = ()

"""Hosts that speak SSH: what each of them is, and a process that serves them all.

    with serving([SshHost("127.10.0.1", {"root": (public_key,)}, root=image)], seed="a") as fleet:
        ...  # fleet.port; fleet.known_hosts() is the text of a known_hosts file

A host answers by really running the collector that it receives, over the offline root given to it. The
serving process ends with the block, or when the process that started it dies.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Fault(enum.StrEnum):
    """What is wrong with a host; each is one way in which real ones fail."""

    NONE = "none"
    HANGS_BEFORE_BANNER = "hangs-before-banner"
    CLOSES_BEFORE_BANNER = "closes-before-banner"
    ENDLESS_BANNER = "endless-banner"
    NOT_SSH = "not-ssh"
    HANGS_IN_KEY_EXCHANGE = "hangs-in-key-exchange"
    WRONG_HOST_KEY = "wrong-host-key"
    HANGS_AT_LOGIN = "hangs-at-login"
    CLOSES_AT_LOGIN = "closes-at-login"
    REFUSES_LOGIN = "refuses-login"
    NO_PUBLIC_KEY_LOGIN = "no-public-key-login"
    NO_COMMANDS = "no-commands"
    CLOSES_AT_COMMAND = "closes-at-command"
    WINDOWS = "windows"
    APPLIANCE = "appliance"
    NO_SHELL = "no-shell"  # the account's shell is nologin
    SUDO_DENIED = "sudo-denied"
    OTHER_COMMAND = "other-command"  # a forced command that is not ours
    NOISE = "noise"  # .bashrc and motd speak before the collector
    WRONG_NONCE = "wrong-nonce"  # an older run's answer
    ENDLESS = "endless"
    CUT = "cut"  # the connection closes after `fault_at` bytes
    HANGS_IN_STREAM = "hangs-in-stream"  # after `fault_at` bytes
    TRICKLES = "trickles"  # one byte at a time
    LINGERS = "lingers"  # a child in the background holds the output open


@dataclass(frozen=True, slots=True)
class SshHost:
    """One host on an address of 127.0.0.0/8; it answers from its offline root, or with a canned answer."""

    address: str
    logins: Mapping[str, Sequence[str]]  # user -> the public keys (`type base64`) that may log in
    root: Path | None = None
    owners: Path | None = None  # mtree file or tar listing that says who owns what in the root
    installed: bool = False  # its collector is installed as a forced command and reads what we say to it
    collector: Path | None = None  # the installed one; None: that of this version
    answer: bytes | None = None  # said instead of running anything; NONCE in it is replaced
    banner: str = "hygiene_testing"
    key_of: str | None = None  # the address whose host key it shows, as a cloned machine does; None: its own
    fault: Fault = Fault.NONE
    fault_at: int = 0


@dataclass(frozen=True, slots=True)
class ServedFleet:
    """Hosts that are being served, all at one port."""

    hosts: tuple[SshHost, ...]
    port: int
    seed: str
    _process: subprocess.Popen[str] | None = field(default=None, repr=False, compare=False)

    def known_hosts(self) -> str:
        """The text of a known_hosts file that holds each host's key."""
        return "".join(
            f"[{host.address}]:{self.port} {public_host_key(self.seed, host.key_of or host.address)}\n"
            for host in self.hosts
        )


def host_key(seed: str, address: str) -> Ed25519PrivateKey:
    """The private host key of an address: the same for the same seed, so that nobody has to pass it on."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{seed}\0{address}".encode()).digest())


def public_host_key(seed: str, address: str) -> str:
    """The public host key of an address as known_hosts writes it: `type base64`."""
    public = host_key(seed, address).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@contextmanager
def serving(hosts: Sequence[SshHost], seed: str, port: int = 0) -> Iterator[ServedFleet]:
    """Serve the hosts from a process of their own, so that client and servers use a core each.

    With a port of 0 one is found that is free on all their addresses.
    """
    # the fixed arguments start this same interpreter
    with subprocess.Popen(
        [sys.executable, "-m", "hygiene.testing.serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            write_order(process.stdin, hosts, seed, port)
            answer = process.stdout.readline()
            if not answer:
                raise RuntimeError("the hosts for testing did not start; the reason is on standard error")
            yield ServedFleet(tuple(hosts), json.loads(answer)["port"], seed, process)
        finally:
            # the end of its input is the end of the process
            process.stdin.close()


def write_order(stream: IO[str], hosts: Sequence[SshHost], seed: str, port: int = 0) -> None:
    """Write what to serve as one line of JSON, for the serving process."""
    rows = [
        {
            "address": host.address,
            "logins": {user: list(keys) for user, keys in host.logins.items()},
            "root": str(host.root) if host.root is not None else None,
            "owners": str(host.owners) if host.owners is not None else None,
            "installed": host.installed,
            "collector": str(host.collector) if host.collector is not None else None,
            "answer": base64.b64encode(host.answer).decode() if host.answer is not None else None,
            "banner": host.banner,
            "key_of": host.key_of,
            "fault": host.fault.value,
            "fault_at": host.fault_at,
        }
        for host in hosts
    ]
    stream.write(json.dumps({"seed": seed, "port": port, "hosts": rows}) + "\n")
    stream.flush()


def read_order(line: str) -> tuple[list[SshHost], str, int]:
    """Read what `write_order` wrote: the hosts, the seed and the port."""
    order = json.loads(line)
    hosts = [
        SshHost(
            address=row["address"],
            logins={user: tuple(keys) for user, keys in row["logins"].items()},
            root=Path(row["root"]) if row["root"] is not None else None,
            owners=Path(row["owners"]) if row["owners"] is not None else None,
            installed=row["installed"],
            collector=Path(row["collector"]) if row["collector"] is not None else None,
            answer=base64.b64decode(row["answer"]) if row["answer"] is not None else None,
            banner=row["banner"],
            key_of=row["key_of"],
            fault=Fault(row["fault"]),
            fault_at=row["fault_at"],
        )
        for row in order["hosts"]
    ]
    return hosts, order["seed"], order["port"]

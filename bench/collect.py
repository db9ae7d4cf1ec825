"""What collecting costs beside one `ssh` for each host: hosts per second, and CPU time of the client per host.

    python bench/collect.py [HOSTS [ACCOUNTS]]

Both clients log in to the same servers on the loopback, with the same key and a known_hosts of 1,000 other hosts
besides, strictly checked, and get the same 10 kB answer. The servers run in a process of their own on the same
machine and bound both rates: read the ratio, and the CPU time.

Then what the collector itself costs a host with many accounts, each with three keys, beside one `ls` for each account.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncssh
from tabulate import tabulate

from hygiene.collect import script
from hygiene.collect.fleet import FleetOptions, run
from hygiene.collect.host import Exchange, HostCollector, Way
from hygiene.collect.identity import from_file
from hygiene.collect.known_hosts import KnownHosts
from hygiene.model import Evidence, Status, Target
from hygiene.testing.hosts import ServedFleet, SshHost, public_host_key, serving

ANSWER = b"@BEGIN NONCE\n" + b" QUJDREVGR0hJSktMTU5PUA\n" * 416 + b"@END NONCE\n"
PAYLOAD = script.stdin_payload("0" * 32)
EXCHANGE = Exchange(
    command=lambda nonce, _: f"sh -s -- {nonce}",
    payload=lambda _: PAYLOAD,
    problem=lambda stream, nonce: None if stream.endswith(f"@END {nonce}\n".encode()) else "no end",
    begun=lambda stream, _: bool(stream),
)
SSH_AT_ONCE = 50


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        key_file, public = make_key(Path(folder))
        hosts = [
            SshHost(f"127.72.{number // 250}.{number % 250 + 1}", {"root": [public]}, answer=ANSWER)
            for number in range(count)
        ]
        with serving(hosts, "bench") as fleet:
            known_hosts = Path(folder) / "known_hosts"
            others = "".join(f"other{number} {public_host_key('others', str(number))}\n" for number in range(1000))
            known_hosts.write_text(others + fleet.known_hosts())
            rows = [measure("hygiene, 200 at a time", count, lambda: ours(fleet, key_file, known_hosts))]
            if shutil.which("ssh") is None:
                print("ssh is not installed: there is nothing to compare with")
            else:
                fewer = fleet.hosts[: max(1, count // 3)]
                plain = measure(
                    f"ssh for each host, {SSH_AT_ONCE} at a time",
                    len(fewer),
                    lambda: asyncio.run(each_by_ssh(fleet, fewer, key_file, known_hosts)),
                )
                rows.append(plain)
    best = rows[0]
    print(
        tabulate(
            [[name, hosts, rate, cpu, rate / best[2], cpu / best[3]] for name, hosts, rate, cpu in rows],
            headers=["client", "hosts", "hosts/s", "CPU ms/host", "rate ratio", "CPU ratio"],
            floatfmt=("", "", ".0f", ".1f", ".2f", ".1f"),
        )
    )
    accounts = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    headers = [f"on a host of {accounts:,} accounts", "CPU s", "MB"]
    print("\n" + tabulate(on_the_host(accounts), headers=headers, floatfmt=("", ".2f", ".1f")))


def on_the_host(accounts: int) -> list[tuple[str, float, float]]:
    """What runs on a host cost there: its name, CPU seconds, megabytes said."""
    nonce = "0" * 32
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_accounts(root, accounts)
        runs = [
            ("collector", ["sh", "-s", "--", "-R", folder, nonce], script.text()),
            ("collector with -l", ["sh", "-s", "--", "-l", "-R", folder, nonce], script.text()),
            ("ls for each account", ["sh", "-s", "--", folder], b'for d in "$1"/home/*; do ls -ld "$d"/.ssh; done\n'),
        ]
        rows = []
        for name, command, text in runs:
            before = cpu_s()
            ran = subprocess.run(command, input=text, capture_output=True, check=True)
            rows.append((name, cpu_s() - before, len(ran.stdout) / 1e6))
    return rows


def make_accounts(root: Path, count: int) -> None:
    (root / "etc/ssh").mkdir(parents=True)
    (root / "var/log").mkdir(parents=True)
    lines, uses = ["root:x:0:0::/root:/bin/sh"], []
    for number in range(count):
        name = f"user{number}"
        lines.append(f"{name}:x:{1000 + number}:100::/home/{name}:/bin/sh")
        (root / "home" / name / ".ssh").mkdir(parents=True)
        key = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{number:037d} {name}\n"
        (root / "home" / name / ".ssh/authorized_keys").write_text(key * 3)
        stamp = f"2026-01-02T03:04:05+00:00 host sshd[{number}]: Accepted publickey for {name}"
        uses.append(f"{stamp} from 10.0.0.1 port 22 ssh2: ED25519 SHA256:{number:043d}\n")
    (root / "etc/passwd").write_text("\n".join(lines) + "\n")
    (root / "etc/ssh/sshd_config").write_text("AuthorizedPrincipalsFile .ssh/principals\n")
    (root / "var/log/auth.log").write_text("".join(uses) * 10)


def make_key(folder: Path) -> tuple[Path, str]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = folder / "key"
    key.write_private_key(str(path))
    path.chmod(0o600)
    return path, " ".join(key.export_public_key().decode().split()[:2])


def measure(name: str, hosts: int, work: Callable[[], int]) -> tuple[str, int, float, float]:
    """Run it and give its name, hosts, rate and CPU milliseconds per host, with those of its children."""
    started, before = time.perf_counter(), cpu_s()
    done = work()
    elapsed, used = time.perf_counter() - started, cpu_s() - before
    if done != hosts:
        raise SystemExit(f"{name}: {done:,} of {hosts:,} hosts gave a whole answer")
    return name, hosts, hosts / elapsed, used / hosts * 1000


def cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def ours(fleet: ServedFleet, key_file: Path, known_hosts: Path) -> int:
    kept: list[Evidence] = []

    async def go() -> None:
        way = Way("root", from_file(key_file), KnownHosts.load([known_hosts]))
        collector = HostCollector("bench", way, EXCHANGE)
        targets = [Target(host.address, host.address, fleet.port) for host in fleet.hosts]
        await run(targets, collector.collect, kept.append, FleetOptions("bench"))

    asyncio.run(go())
    return sum(each.status is Status.COMPLETE for each in kept)


async def each_by_ssh(fleet: ServedFleet, hosts: tuple[SshHost, ...], key_file: Path, known_hosts: Path) -> int:
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={known_hosts}"]
    options += ["GlobalKnownHostsFile=none", "IdentityAgent=none", "IdentitiesOnly=yes"]
    command = ["ssh", "-F", "none", "-i", str(key_file), "-p", str(fleet.port), "-l", "root"]
    command += [part for option in options for part in ("-o", option)]
    at_once = asyncio.Semaphore(SSH_AT_ONCE)
    nonce = "0" * 32

    async def one(host: SshHost) -> bool:
        async with at_once:
            process = await asyncio.create_subprocess_exec(
                *command,
                host.address,
                EXCHANGE.command(nonce, False),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": os.environ["PATH"]},
            )
            output, _ = await process.communicate(PAYLOAD)
            return EXCHANGE.problem(output, nonce) is None

    return sum(await asyncio.gather(*(one(host) for host in hosts)))


if __name__ == "__main__":
    main()

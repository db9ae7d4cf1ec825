"""A scan that was cut short: what is done is kept, the same command goes on, and what is not seen is never clean."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from hygiene.model import TABLES
from hygiene.testing.hosts import Fault, ServedFleet, SshHost, serving

from .commands import Hygiene

SEED = "resume"
GOOD = [f"127.62.7.{number}" for number in (1, 2, 3)]
HANGING = "127.62.7.9"
# what differs between two scans of the same hosts
OF_ONE_SCAN = {"collected_at", "evidence", "clock_skew_s"}


@dataclass(frozen=True)
class Site:
    """Hosts that can be served again and again at the same port."""

    hygiene: Hygiene
    hosts: tuple[SshHost, ...]
    port: int

    @contextmanager
    def up(self, faults: Mapping[str, Fault] | None = None, without: str | None = None) -> Iterator[ServedFleet]:
        hosts = [
            replace(host, fault=(faults or {}).get(host.address, Fault.NONE))
            for host in self.hosts
            if host.address != without
        ]
        with serving(hosts, SEED, self.port) as fleet:
            yield fleet

    def collect(self, *more: str) -> tuple[int, list[str]]:
        """Collect all; gives the exit code and what was said, hosts in order."""
        answer = self.hygiene(*COLLECT, *more)
        assert answer.out == ""
        return answer.code, sorted(line.removeprefix("hygiene: ") for line in answer.err.splitlines())

    def tables(self, database: str = "hygiene.duckdb") -> dict[str, list[dict[str, Any]]]:
        tables = self.hygiene.tables(TABLES.keys() - {"findings"}, database)
        return {
            table: [{name: value for name, value in row.items() if name not in OF_ONE_SCAN} for row in rows]
            for table, rows in tables.items()
        }


COLLECT = ("collect", "-v", "-i", "hosts.txt", "-u", "root", "--key", "key", "--known-hosts", "known_hosts")


@pytest.fixture
def site(hygiene: Hygiene, tmp_path: Path) -> Site:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = " ".join(key.export_public_key().decode().split()[:2])
    hygiene.write("key", key.export_private_key())
    hosts = []
    for address in (*GOOD, HANGING):
        root = tmp_path / address
        for name, text in {
            "etc/passwd": f"root:x:0:0::/root:/bin/sh\nadmin{address[-1]}:x:1000:1000::/home/admin:/bin/sh\n",
            "etc/group": "root:x:0:\n",
            "etc/ssh/sshd_config": "PermitRootLogin yes\n",
            "root/.ssh/authorized_keys": f"{public} ops@{address}\n",
        }.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        hosts.append(SshHost(address, {"root": [public]}, root=root, banner="OpenSSH_9.9p1", fault_at=1000))
    with serving(hosts, SEED) as fleet:
        port = fleet.port
        hygiene.write("known_hosts", fleet.known_hosts())
    hygiene.write("hosts.txt", "".join(f"{host.address}:{port}\n" for host in hosts))
    return Site(hygiene, tuple(hosts), port)


def interrupt(site: Site, number: signal.Signals) -> tuple[int, list[str]]:
    """Start a scan in which one host hangs, wait until the others are done, and end it."""
    command = [sys.executable, "-m", "hygiene", *COLLECT]
    said = []
    with (
        site.up({HANGING: Fault.HANGS_IN_STREAM}),
        subprocess.Popen(
            command, cwd=site.hygiene.work, env=site.hygiene.environment, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if sum(": complete" in each or ": partial" in each for each in said) == len(GOOD):
                break
        process.send_signal(number)
        said += process.stderr.read().splitlines(True)
        return process.wait(), [line.removeprefix("hygiene: ").strip() for line in said]


def hosts_of(said: list[str]) -> list[str]:
    return [line.split(":")[0] for line in said if line.startswith("127.")]


def test_after_a_kill_the_same_command_goes_on(site: Site) -> None:
    ended, said = interrupt(site, signal.SIGKILL)
    assert (ended, sorted(hosts_of(said))) == (-9, GOOD)
    # judged in between: the host that was not come to is skipped, and a gap
    answer = site.hygiene("check", "-q", "--format", "json", "--select", "weak-key")
    report = json.loads(answer.out)
    assert (answer.code, report["scan"]["coverage"]["skipped"], report["scan"]["targets"]) == (3, 1, 4)
    assert {gap["reason"] for gap in report["gaps"] if gap["subject"] == HANGING} == {
        "skipped: not tried yet: the scan was interrupted; run the same command again to resume it"
    }
    with site.up():
        # a run with other targets is another scan: the interrupted one is still there, and its hosts are no less unseen
        _, said = site.collect("--limit", GOOD[0])
        assert (hosts_of(said), resumed(said)) == ([GOOD[0]], [])
        assert {row["host"]: row["status"] for row in site.hygiene.rows("hosts")}[HANGING] == "skipped"
        _, said = site.collect()
        assert (hosts_of(said), resumed(said)) == ([HANGING], ["3 hosts done; --fresh starts anew"])
        site.collect("--db", "whole.duckdb")
        assert site.tables() == site.tables("whole.duckdb")
        # it came to its end: the next one is another scan
        _, said = site.collect()
    assert (sorted(hosts_of(said)), resumed(said)) == ([*GOOD, HANGING], [])


def test_after_ctrl_c_a_fresh_one_starts_anew(site: Site) -> None:
    ended, said = interrupt(site, signal.SIGINT)
    assert (ended, sorted(hosts_of(said))) == (130, GOOD)
    assert said[-1] == "interrupted: finished hosts are kept; run the same command again to resume"
    with site.up():
        _, said = site.collect("--fresh")
        assert (sorted(hosts_of(said)), resumed(said)) == ([*GOOD, HANGING], [])
        # nothing is left to go on with
        _, said = site.collect()
    assert (sorted(hosts_of(said)), resumed(said)) == ([*GOOD, HANGING], [])


def resumed(said: list[str]) -> list[str]:
    return [line.partition(" UTC, ")[2] for line in said if line.startswith("resuming the scan of ")]


def test_a_limited_run_erases_nothing_of_the_others(site: Site) -> None:
    with site.up():
        site.collect()
        before = site.tables()
        (site.hosts[0].root / "root/.ssh/authorized_keys").write_text("")  # type: ignore[operator]
        site.collect("--limit", GOOD[0])
    after = site.tables()
    for table, rows in before.items():
        others = [row for row in rows if row.get("host") not in (GOOD[0], None)]
        assert [row for row in after[table] if row.get("host") not in (GOOD[0], None)] == others, table
    assert [row["host"] for row in after["grants"]] == [*GOOD[1:], HANGING]
    assert len(after["hosts"]) == 4


def test_a_host_that_is_down_keeps_what_was_seen_of_it(site: Site) -> None:
    with site.up():
        site.collect()
        before = site.tables()
    with site.up(without=GOOD[1]):
        code, _ = site.collect()
    after = site.tables()
    assert code == 3
    for table in ("accounts", "grants", "settings", "login_paths", "areas"):
        assert after[table] == before[table], table
    (host,) = [row for row in after["hosts"] if row["host"] == GOOD[1]]
    reason = f"connection to {GOOD[1]} port {site.port} refused: nothing listens there"
    assert (host["status"], host["stage"], host["reason"]) == ("unreachable", "connect", reason)
    (gap,) = [row for row in after["gaps"] if row["subject"] == GOOD[1] and row["area"] == "collect"]
    assert gap["reason"].startswith(f"unreachable: {reason}; what is said of this host was seen on 20")
    # and when it is back, all is as before
    with site.up():
        site.collect()
    assert site.tables() == before


def test_the_deadline_of_a_run_skips_hosts_and_the_books_balance(site: Site) -> None:
    hygiene = site.hygiene
    args = ("audit", "-q", *COLLECT[2:], "--select", "weak-key", "--format", "json")
    with site.up(dict.fromkeys((HANGING, *GOOD[1:]), Fault.HANGS_IN_STREAM)):
        answer = hygiene(*args, "--deadline", "4")
    report = json.loads(answer.out)
    coverage = report["scan"]["coverage"]
    assert answer.code == 3
    assert coverage["skipped"] == 3
    assert sum(coverage.values()) == report["scan"]["targets"] == 4
    late = "skipped: not done when the run's deadline of 4 s was over; run it again to go on"
    assert {gap["subject"]: gap["reason"] for gap in report["gaps"] if gap["area"] == "collect"} == dict.fromkeys(
        (*GOOD[1:], HANGING), late
    )
    # as the reason says
    with site.up():
        _, said = site.collect()
    assert sorted(hosts_of(said)) == [*GOOD[1:], HANGING]
    assert {row["status"] for row in site.tables()["hosts"]} <= {"complete", "partial"}

"""A fleet: every host is handed on once, dead ones are tried again, and an early end keeps what is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from hygiene.collect.fleet import FleetOptions, Progress, Ran, run
from hygiene.collect.host import Collected
from hygiene.collect.ssh import Deadlines
from hygiene.errors import StorageError
from hygiene.model import Evidence, Login, Status, Target
from hygiene.testing.hosts import Fault, SshHost
from hygiene.testing.server import Servers

from .conftest import NOW, SEED, KeyFile, collector, known_hosts_of
from .exchange import ANSWER

OPTIONS = FleetOptions("scan-1", jobs=8, seed=7)
TARGETS = [Target(f"web{number:02}", f"127.62.0.{number}") for number in range(1, 31)]


def evidence(target: Target, status: Status = Status.COMPLETE, reason: str = "") -> Evidence:
    return Evidence("scan-1", target, status, "done", reason, NOW, NOW)


def test_thirty_hosts_over_ssh_three_of_them_dead(key: KeyFile) -> None:
    dead = {"127.62.0.4", "127.62.0.17", "127.62.0.30"}
    hosts = [
        SshHost(target.address, {"root": [key.public]}, answer=ANSWER)
        for target in TARGETS
        if target.address not in dead
    ]
    kept: list[Evidence] = []
    seen: list[Progress] = []

    async def go() -> tuple[Ran, int]:
        async with Servers(hosts, SEED) as servers:
            targets = [Target(target.host, target.address, servers.port) for target in TARGETS]
            one = collector(key.identities, known_hosts_of(servers))
            return await run(targets, one.collect, kept.append, OPTIONS, progress=seen.append), servers.port

    ran, port = asyncio.run(go())
    assert {(e.target.address, e.status, e.stage, e.reason, e.login) for e in kept} == {
        (target.address, Status.UNREACHABLE, "connect", _refused(target, port), None)
        if target.address in dead
        else (target.address, Status.COMPLETE, "done", "", Login("root", key.fingerprint))
        for target in TARGETS
    }
    assert (len(kept), ran.stopped) == (30, False)
    assert dict(ran.progress.by_status) == {
        Status.COMPLETE: 27,
        Status.PARTIAL: 0,
        Status.UNREACHABLE: 3,
        Status.REFUSED: 0,
        Status.SKIPPED: 0,
    }
    assert [each.done for each in seen] == list(range(1, 31))


def _refused(target: Target, port: int) -> str:
    return f"connection to {target.address} port {port} refused: nothing listens there"


def test_the_unreachable_are_tried_once_more_at_the_end_and_the_refused_are_not() -> None:
    tried: list[str] = []

    async def collect(target: Target) -> Collected:
        tried.append(target.host)
        if target.host == "web03" and tried.count("web03") == 1:
            return Collected(evidence(target, Status.UNREACHABLE), 0.0)
        if target.host == "web04":
            return Collected(evidence(target, Status.UNREACHABLE, "still down"), 0.0)
        if target.host == "web05":
            return Collected(evidence(target, Status.REFUSED))
        return Collected(evidence(target))

    kept: list[Evidence] = []
    asyncio.run(run(TARGETS, collect, kept.append, OPTIONS))
    assert sorted(tried) == sorted([target.host for target in TARGETS] + ["web03", "web04"])
    assert set(tried[-2:]) == {"web03", "web04"}
    assert {e.target.host: e.status for e in kept if e.status is not Status.COMPLETE} == {
        "web04": Status.UNREACHABLE,
        "web05": Status.REFUSED,
    }
    assert len(kept) == 30


def test_the_order_comes_from_the_seed() -> None:
    def order(seed: int) -> list[str]:
        kept: list[Evidence] = []

        async def collect(target: Target) -> Collected:
            return Collected(evidence(target))

        asyncio.run(run(TARGETS, collect, kept.append, FleetOptions("scan-1", jobs=1, seed=seed)))
        return [e.target.host for e in kept]

    names = [target.host for target in TARGETS]
    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1) != names
    assert sorted(order(1)) == names


def _ten_then_hang(stop: Callable[[], None]) -> tuple[list[Evidence], Callable[[Target], object]]:
    """Hosts that answer until ten are done; then `stop` is called and the others hang."""
    kept: list[Evidence] = []

    async def collect(target: Target) -> Collected:
        if len(kept) >= 10:
            stop()
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return Collected(evidence(target))

    return kept, collect


def test_a_stopped_run_keeps_what_is_done_and_leaves_the_rest_untouched() -> None:
    async def go() -> tuple[list[Evidence], Ran]:
        stop = asyncio.Event()
        kept, collect = _ten_then_hang(stop.set)
        return kept, await run(TARGETS, collect, kept.append, OPTIONS, stop=stop)

    kept, ran = asyncio.run(go())
    assert ran.stopped
    assert {e.status for e in kept} == {Status.COMPLETE}
    assert 10 <= len(kept) < 30
    assert ran.progress.done == len(kept)


def test_the_deadline_of_the_run_hands_on_the_rest_as_skipped() -> None:
    kept, collect = _ten_then_hang(lambda: None)
    options = FleetOptions("scan-1", jobs=4, deadline_s=0.2)
    ran = asyncio.run(run(TARGETS, collect, kept.append, options, clock=lambda: NOW))
    skipped = [e for e in kept if e.status is Status.SKIPPED]
    assert skipped[0] == Evidence(
        "scan-1",
        skipped[0].target,
        Status.SKIPPED,
        "",
        "not done when the run's deadline of 0.2 s was over; run it again to go on",
        NOW,
        NOW,
    )
    assert sorted(e.target.host for e in kept) == [target.host for target in TARGETS]
    assert not ran.stopped
    assert sum(ran.progress.by_status.values()) == 30


def test_the_deadline_keeps_the_first_words_of_a_host_that_waits_for_its_second_attempt() -> None:
    kept: list[Evidence] = []

    async def collect(target: Target) -> Collected:
        if target.host == "web01":
            return Collected(evidence(target, Status.UNREACHABLE, "dropped"), 3600.0)
        return Collected(evidence(target))

    asyncio.run(run(TARGETS, collect, kept.append, FleetOptions("scan-1", deadline_s=0.2)))
    assert [(e.target.host, e.status, e.reason) for e in kept if e.status is not Status.COMPLETE] == [
        ("web01", Status.UNREACHABLE, "dropped")
    ]


def test_a_full_disk_ends_the_run_and_says_so() -> None:
    kept: list[Evidence] = []

    async def collect(target: Target) -> Collected:
        return Collected(evidence(target))

    def sink(each: Evidence) -> None:
        if len(kept) == 3:
            raise StorageError("disk full")
        kept.append(each)

    with pytest.raises(StorageError, match="disk full"):
        asyncio.run(run(TARGETS, collect, sink, OPTIONS))
    assert len(kept) == 3


def test_a_stopped_run_over_ssh_ends_at_once_and_drops_what_is_in_flight(key: KeyFile) -> None:
    """Half of the hosts hang while logging in; the run is stopped when the other half is done."""
    hosts = [
        SshHost(
            target.address,
            {"root": [key.public]},
            answer=ANSWER,
            fault=Fault.HANGS_IN_STREAM if number % 2 else Fault.NONE,
            fault_at=20,
        )
        for number, target in enumerate(TARGETS[:10])
    ]
    kept: list[Evidence] = []

    async def go() -> Ran:
        stop = asyncio.Event()

        def sink(each: Evidence) -> None:
            kept.append(each)
            if len(kept) == 5:
                stop.set()

        async with Servers(hosts, SEED) as servers:
            targets = [Target(host.address, host.address, servers.port) for host in hosts]
            one = collector(key.identities, known_hosts_of(servers), deadlines=Deadlines(20, 60, 60))
            return await run(targets, one.collect, sink, OPTIONS, stop=stop)

    ran = asyncio.run(go())
    assert ran.stopped
    assert {e.target.host for e in kept} == {host.address for host in hosts if host.fault is Fault.NONE}
    assert ran.progress.elapsed_s < 20

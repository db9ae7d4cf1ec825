"""The round after a collection: who is asked, once, and what is kept of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hygiene.collect.asking import ask_hosts
from hygiene.collect.fleet import FleetOptions
from hygiene.collect.gather import Errand, Gathered, gather
from hygiene.collect.offline import Root
from hygiene.collect.run import Access
from hygiene.evidence.segments import EvidenceFolder
from hygiene.model import AfterKey, Answers, Evidence, KeyAnswer, Query, Question, Status, Target
from hygiene.testing.hosts import Fault, SshHost, serving

from .conftest import KeyFile
from .exchange import ANSWER
from .test_identity import agent

WEB, DB, DOWN, ALSO = (f"127.68.0.{number}" for number in (1, 2, 3, 4))


@dataclass
class Site:
    """Hosts that are up, and whom the questions were made for."""

    errand: Errand
    folder: EvidenceFolder
    question: Question
    made_for: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, evidence: Evidence) -> Question | str:
        with self.lock:
            self.made_for.append((evidence.target.host, evidence.status.value))
        return self.question if evidence.target.host != "db" else "no reason"

    def gather(self, **more: object) -> Gathered:
        return gather(replace(self.errand, **more), self.folder)  # type: ignore[arg-type]

    def answers(self) -> dict[str, Answers | None]:
        newest = self.folder.index().newest()
        found = {host: self.folder.load(each.attempt).answers for host, each in newest.items()}
        return {
            host: answers and replace(answers, asked_at=self.folder.scans()[0].started_at)
            for host, answers in found.items()
        }

    def asked(self, **more: object) -> Answers:
        return Answers(self.folder.scans()[0].started_at, **more)  # type: ignore[arg-type]


@pytest.fixture
def site(key: KeyFile, tmp_path: Path) -> Iterator[Site]:
    hosts = [
        SshHost(WEB, {"root": [key.public]}, answer=ANSWER),
        SshHost(DB, {"root": [key.public]}, answer=ANSWER),
        SshHost(DOWN, {}, fault=Fault.REFUSES_LOGIN),
    ]
    with serving(hosts, "seed") as fleet:
        (tmp_path / "known_hosts").write_text(fleet.known_hosts())
        image = tmp_path / "image"
        (image / "etc").mkdir(parents=True)
        (image / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        targets = (
            *(Target(name, address, fleet.port) for name, address in (("web", WEB), ("db", DB), ("down", DOWN))),
            Target("image", str(image)),
        )
        access = Access("root", [tmp_path / "known_hosts"], [key.path])
        errand = Errand(targets, access, roots={"image": Root()})
        question = Question("root", (Query(key.fingerprint, "ssh-ed25519", key.key.public_data),))
        yield Site(errand, EvidenceFolder(tmp_path / "e"), question)


def test_all_that_were_collected_are_asked_once(site: Site, key: KeyFile) -> None:
    gathered = site.gather(ask=site.ask)
    assert site.answers() == {
        "web": site.asked(user="root", methods=("publickey", "password"), keys=((key.fingerprint, True),)),
        "db": site.asked(problem="no reason"),
        "down": None,
        "image": None,
    }
    index = site.folder.index()
    assert sorted(entry.host for entry in index.entries) == ["db", "db", "down", "image", "web", "web"]
    first, second = (site.folder.load(entry) for entry in index.entries if entry.host == "web")
    assert (first.answers, replace(second, answers=None)) == (None, first)
    assert {host for host, _ in site.made_for} == {"web", "db"}
    assert (site.folder.is_finished(gathered.scan.id), gathered.stopped) == (True, False)


def test_our_key_file_signs(site: Site, key: KeyFile) -> None:
    site.question = replace(site.question, queries=(), signed=site.question.queries[0])
    site.gather(ask=site.ask)
    entered = KeyAnswer(key.fingerprint, AfterKey.ENTERED)
    assert site.answers()["web"] == site.asked(user="root", methods=("publickey", "password"), signed=entered)


def test_our_agent_signs(site: Site, tmp_path: Path) -> None:
    rsa = KeyFile(tmp_path / "rsa", "ssh-rsa")
    host = SshHost(ALSO, {"root": [rsa.public]}, answer=ANSWER)
    query = Query(rsa.fingerprint, "rsa-sha2-512", rsa.key.public_data)
    site.question = Question("root", signed=query)
    with serving([host], "seed") as fleet, agent(tmp_path, [rsa]) as socket:
        (tmp_path / "known_also").write_text(fleet.known_hosts())
        access = Access("root", [tmp_path / "known_also"], agent_socket=socket)
        site.gather(ask=site.ask, access=access, targets=(Target("also", ALSO, fleet.port),), roots={})
    entered = KeyAnswer(rsa.fingerprint, AfterKey.ENTERED)
    assert site.answers() == {
        "also": site.asked(user="root", methods=("publickey", "password"), signed=entered),
    }


@pytest.mark.parametrize("gone", [True, False], ids=["the key file is gone", "another key was meant"])
def test_a_key_that_is_not_at_hand_is_a_problem(site: Site, key: KeyFile, gone: bool) -> None:
    gathered = site.gather()
    signed = site.question.queries[0]
    site.question = Question("root", signed=signed if gone else replace(signed, blob=b"another"))
    if gone:
        key.path.unlink()
    entries = {site.errand.targets[0]: site.folder.index().of_scan(gathered.scan.id)["web"]}
    options = FleetOptions(gathered.scan.id)
    with site.folder.writer() as writer:
        ask_hosts(site.folder, entries, site.ask, writer.append, options, access=site.errand.access)
    expected = site.asked(user="root", methods=("publickey", "password"), problem="our own key did not sign")
    assert site.answers()["web"] == expected


def test_nobody_is_asked_without_being_told_to(site: Site) -> None:
    site.gather()
    assert set(site.answers().values()) == {None}
    assert len(site.folder.index().entries) == 4


def test_a_run_that_goes_on_asks_the_rest(site: Site) -> None:
    gathered = site.gather()
    (site.folder.path / f"{gathered.scan.id}.finished").unlink()
    (web,) = (target for target in site.errand.targets if target.host == "web")
    entries = {web: site.folder.index().of_scan(gathered.scan.id)["web"]}
    with site.folder.writer() as writer:
        ask_hosts(site.folder, entries, site.ask, writer.append, FleetOptions(gathered.scan.id))
    assert (site.gather(ask=site.ask).scan, [host for host, _ in site.made_for]) == (gathered.scan, ["web", "db"])


@pytest.mark.parametrize(
    ("deadline_s", "through", "problem"),
    [
        pytest.param(None, "bastion", "it lies behind the jump host bastion", id="behind a jump host"),
        pytest.param(0.0, None, "the deadline of the run was over; run it again with --fresh", id="too late"),
    ],
)
def test_who_is_not_asked_has_a_reason(site: Site, deadline_s: float | None, through: str | None, problem: str) -> None:
    gathered = site.gather()
    options = FleetOptions(gathered.scan.id, deadline_s=deadline_s)
    of_scan = site.folder.index().of_scan(gathered.scan.id)
    entries = {target: of_scan[target.host] for target in site.errand.targets[:2]}
    with site.folder.writer() as writer:
        assert ask_hosts(site.folder, entries, site.ask, writer.append, options, through=through) is False
    found = site.answers()
    assert (found["web"], found["db"]) == (site.asked(problem=problem),) * 2
    assert [each.status for each in of_scan.values() if each.host in ("web", "db")] == [Status.PARTIAL] * 2


def test_behind_a_jump_host_nobody_is_asked(site: Site) -> None:
    gathered = site.gather()
    (site.folder.path / f"{gathered.scan.id}.finished").unlink()
    jump = Target("bastion", DOWN, site.errand.targets[0].port)
    site.gather(ask=site.ask, access=replace(site.errand.access, jump=jump))
    behind = site.asked(problem="it lies behind the jump host bastion")
    assert (site.answers(), site.made_for) == ({"web": behind, "db": behind, "down": None, "image": None}, [])

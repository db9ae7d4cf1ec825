"""Evidence on disk: what a kill, a cut, a damaged byte and a full disk leave of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hygiene.errors import EvidenceError, StorageError
from hygiene.evidence import packing
from hygiene.evidence.records import Damage
from hygiene.evidence.segments import EvidenceFolder, Newest
from hygiene.evidence.writer import SegmentWriter
from hygiene.model import AfterKey, Answers, Evidence, KeyAnswer, Login, ScanInfo, Status, Target

from .streams import STEPS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def evidence(
    host: str, minute: int = 0, status: Status = Status.COMPLETE, scan: str = "scan-1", stream: bytes = b"said\0\xff"
) -> Evidence:
    return Evidence(
        scan=scan,
        target=Target(host, "192.0.2.1", 2222, "audit", "tenant é", ("a", "b"), "hosts.txt:3"),
        status=status,
        stage="done",
        reason="",
        started_at=NOW + timedelta(minutes=minute),
        finished_at=NOW + timedelta(minutes=minute, seconds=1),
        nonce="0123456789abcdef",
        login=Login("audit", "SHA256:x"),
        server_version="OpenSSH_9.2p1",
        host_key="ssh-ed25519 AAAA",
        offline=False,
        sshd_version=None,
        owners=b"#mtree\n",
        stream=stream,
    )


ANSWERS = (
    Answers(NOW + timedelta(minutes=5), "root", ("publickey", "password"), (("SHA256:x", True), ("SHA256:y", False))),
    Answers(NOW + timedelta(minutes=5), "root", (), entered=True, problem="gone é"),
    Answers(NOW + timedelta(minutes=5), "root", (), signed=KeyAnswer("SHA256:x", AfterKey.MORE, ("password",))),
    Answers(NOW + timedelta(minutes=5)),
)


def bare(host: str) -> Evidence:
    """With nothing in it that may be missing."""
    return Evidence("scan-1", Target(host, host), Status.UNREACHABLE, "connect", "refused", NOW, NOW)


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder.beside(tmp_path / "fleet.duckdb")


def hosts(folder: EvidenceFolder) -> list[str]:
    return [entry.host for entry in folder.index().entries]


def part(folder: EvidenceFolder, *kept: Evidence) -> Path:
    """A segment as a killed writer leaves it."""
    folder.create()
    writer = SegmentWriter(folder.path)
    for one in kept:
        writer.append(one)
    writer._fd, fd = -1, writer._fd  # as a kill does: neither closed nor renamed
    os.close(fd)
    writer.close()
    (path,) = folder.path.glob("*.part")
    return path


def test_what_was_kept_comes_back(folder: EvidenceFolder) -> None:
    kept = [evidence("a"), bare("b"), evidence("c", status=Status.PARTIAL, stream=b"")]
    kept += [replace(evidence(f"d{number}"), answers=answers) for number, answers in enumerate(ANSWERS)]
    kept.append(replace(evidence("e"), digest_key="0123456789abcdef"))
    with folder.writer() as writer:
        for one in kept:
            writer.append(one)
    index = folder.index()
    assert folder.path.name == "fleet.evidence"
    assert sorted(folder.replay(index.entries), key=lambda one: one.target.host) == kept
    assert index.problems == ()
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert [(path.suffix, path.stat().st_mode & 0o777) for path in folder.path.iterdir()] == [(".segment", 0o600)]


@pytest.mark.parametrize("later", ["answers", "digest_key"])
def test_a_record_from_before_there_was_such_a_thing(later: str) -> None:
    kept = bare("a")
    head = {name: value for name, value in packing.from_evidence(kept).items() if name != later}
    assert packing.to_evidence(head, b"") == kept


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        pytest.param([], "an object was expected", id="no object"),
        pytest.param({"keys": {"SHA256:x": "yes"}}, "neither yes nor no", id="an answer that is none"),
        pytest.param({"keys": {}}, "asked_at is missing", id="no time"),
        pytest.param({"keys": {}, "asked_at": "2026-01-01T00:00:00"}, "has no time zone", id="a time of nowhere"),
    ],
)
def test_answers_that_are_damaged(answers: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        packing.to_evidence({**packing.from_evidence(bare("a")), "answers": answers}, b"")


@pytest.mark.parametrize("name", [7, "", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef\n", "x" * 16])
def test_a_name_of_a_key_that_is_none(name: object) -> None:
    with pytest.raises(ValueError, match="digest_key"):
        packing.to_evidence({**packing.from_evidence(bare("a")), "digest_key": name}, b"")


def test_a_full_segment_is_closed_and_never_changes(folder: EvidenceFolder) -> None:
    folder.create()
    writer = SegmentWriter(folder.path, hosts_per_segment=2)
    for name in "abcde":
        writer.append(evidence(name))
    suffixes = sorted(path.suffix for path in folder.path.iterdir())
    assert suffixes == [".part", ".segment", ".segment"]
    assert sorted(hosts(folder)) == list("abcde")
    first = {path: path.read_bytes() for path in folder.path.glob("*.segment")}
    writer.close()
    assert {path: path.read_bytes() for path in first} == first
    assert sorted(path.suffix for path in folder.path.iterdir()) == [".segment"] * 3


def test_writers_side_by_side(folder: EvidenceFolder) -> None:
    with folder.writer() as one, folder.writer() as two:
        one.append(evidence("a"))
        two.append(evidence("b", 1))
        entries = folder.index().entries
    # an entry found while its segment was still open
    assert [folder.load(entry).target.host for entry in entries] == ["a", "b"]
    assert hosts(folder) == ["a", "b"]


def test_a_writer_without_hosts_leaves_nothing(folder: EvidenceFolder) -> None:
    folder.writer().close()
    assert not folder.path.exists()


@STEPS
def test_a_part_cut_at_any_byte_loses_the_torn_record_alone(folder: EvidenceFolder, step: int) -> None:
    kept = [evidence("a"), evidence("b", 1), evidence("c", 2)]
    path = part(folder, *kept)
    whole = path.read_bytes()
    ends = [*(entry.offset for entry in folder.index().entries[1:]), len(whole)]
    for end in {*range(0, len(whole), step), *(at - 1 for at in ends), *ends} - {len(whole)}:
        path.write_bytes(whole[:end])
        index = folder.index()
        assert [entry.host for entry in index.entries] == ["a", "b", "c"][: sum(end >= at for at in ends)]
        assert index.problems == ()


@STEPS
def test_a_damaged_byte_costs_one_record_and_is_told(folder: EvidenceFolder, step: int) -> None:
    with folder.writer() as writer:
        for number, name in enumerate("abc"):
            writer.append(evidence(name, number))
    (path,) = folder.path.iterdir()
    whole = path.read_bytes()
    offsets = [entry.offset for entry in folder.index().entries]
    for at in range(offsets[0], len(whole), step):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        hit = sum(at >= offset for offset in offsets) - 1
        index = folder.index()
        assert [entry.host for entry in index.entries] == [name for name in "abc" if name != "abc"[hit]]
        assert [(problem.path, problem.offset) for problem in index.problems] == [(path, offsets[hit])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "ends in its first bytes", id="empty"),
        pytest.param(b"HYGSEG1\n1234", "ends in its first bytes", id="cut in its head"),
        pytest.param(b"HYGSEG2\n" + bytes(40), "is not evidence of this version", id="other version"),
        pytest.param(b"SQLite", "is not evidence of this version", id="something else"),
        pytest.param(b"HYGSEG1\n" + bytes(15) + b"x" + b"rubbish" * 9, "no record begins here", id="rubbish"),
    ],
)
def test_a_segment_that_is_none(folder: EvidenceFolder, content: bytes, reason: str) -> None:
    with folder.writer() as writer:
        writer.append(evidence("a"))
    path = folder.path / "x.segment"
    path.write_bytes(content)
    index = folder.index()
    assert [entry.host for entry in index.entries] == ["a"]
    assert [(problem.path, problem.reason) for problem in index.problems] == [(path, reason)]


def test_a_host_cannot_plant_a_record(folder: EvidenceFolder) -> None:
    """A segment inside a stream stays text, also when the record around it is damaged."""
    inner = EvidenceFolder(folder.path.with_name("inner"))
    with inner.writer() as writer:
        writer.append(evidence("victim", stream=os.urandom(300)))
    (planted,) = (path.read_bytes() for path in inner.path.iterdir())
    # random bytes around it, so that it lies in the file as it is
    with folder.writer() as writer:
        writer.append(evidence("mallory", stream=os.urandom(200) + planted + os.urandom(200)))
    (path,) = folder.path.iterdir()
    data = bytearray(path.read_bytes())
    data[folder.index().entries[0].offset + 30] ^= 1
    path.write_bytes(data)
    assert hosts(folder) == []
    assert [problem.reason for problem in folder.index().problems] == ["the record's digest does not fit"]


def test_newest_of_each_host(folder: EvidenceFolder) -> None:
    kept = [
        evidence("seen", 0),
        evidence("seen", 20, Status.PARTIAL, "scan-2"),
        evidence("lost", 1),
        evidence("lost", 21, Status.UNREACHABLE, "scan-2", b""),
        evidence("never", 2, Status.REFUSED, stream=b""),
        evidence("only in the first", 3),
        evidence("asked", 4),
        replace(evidence("asked", 4), answers=ANSWERS[0]),
    ]
    # the newest first: order in the files means nothing
    with folder.writer() as writer:
        for one in reversed(kept):
            writer.append(one)
    index = folder.index()
    by_time = {(entry.host, entry.scan): entry for entry in index.entries}
    seen, lost = by_time["seen", "scan-2"], by_time["lost", "scan-2"]
    never, only = by_time["never", "scan-1"], by_time["only in the first", "scan-1"]
    asked = by_time["asked", "scan-1"]
    assert asked.asked_at == NOW + timedelta(minutes=5)
    assert index.newest() == {
        "seen": Newest(seen, seen),
        "lost": Newest(by_time["lost", "scan-1"], lost),
        "never": Newest(None, never),
        "only in the first": Newest(only, only),
        "asked": Newest(asked, asked),
    }
    assert index.of_scan("scan-2") == {"seen": seen, "lost": lost}


def scan(name: str, hours: int = 0, digest: str = "d") -> ScanInfo:
    return ScanInfo(name, NOW - timedelta(hours=hours), digest, (Target("a", "192.0.2.1", tags=("x",)),), ("b",), "1.0")


def test_scans_are_kept(folder: EvidenceFolder) -> None:
    folder.save_scan(scan("scan-2"))
    folder.save_scan(scan("scan-1", 2))
    folder.finish_scan("scan-1")
    assert folder.scans() == (scan("scan-1", 2), scan("scan-2"))
    assert (folder.is_finished("scan-1"), folder.is_finished("scan-2")) == (True, False)
    assert {path.stat().st_mode & 0o777 for path in folder.path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("scans", "finished", "found"),
    [
        pytest.param([], [], None, id="none"),
        pytest.param([scan("s", 1)], [], "s", id="unfinished"),
        pytest.param([scan("s", 1)], ["s"], None, id="finished"),
        pytest.param([scan("s", 23)], [], "s", id="23 hours old"),
        pytest.param([scan("s", 24)], [], None, id="24 hours old"),
        pytest.param([scan("s", -1)], [], None, id="from the future"),
        pytest.param([scan("s", 1, "other")], [], None, id="of other targets"),
        pytest.param([scan("s", 2), scan("t", 1)], [], "t", id="the newest"),
        pytest.param([scan("s", 2), scan("t", 1)], ["t"], None, id="one that began later is finished"),
        pytest.param([scan("s", 2), scan("t", 1, "other")], ["t"], "s", id="a later one of other targets"),
    ],
)
def test_what_a_run_resumes(
    folder: EvidenceFolder, scans: list[ScanInfo], finished: list[str], found: str | None
) -> None:
    for one in scans:
        folder.save_scan(one)
    for name in finished:
        folder.finish_scan(name)
    resumed = folder.unfinished("d", NOW)
    assert (resumed.id if resumed else None) == found


def test_a_damaged_manifest_is_named(folder: EvidenceFolder) -> None:
    folder.save_scan(scan("s"))
    (folder.path / "s.scan").write_bytes(b'{"id": 1}')
    with pytest.raises(EvidenceError, match=r"s\.scan: the manifest of a scan cannot be read \(id is no text\)"):
        folder.scans()


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", "é"])
def test_a_scan_id_is_no_path(folder: EvidenceFolder, name: str) -> None:
    with pytest.raises(EvidenceError, match="scan id"):
        folder.save_scan(scan(name))


def test_an_entry_that_is_gone(folder: EvidenceFolder) -> None:
    with folder.writer() as writer:
        writer.append(evidence("a"))
    (entry,) = folder.index().entries
    entry.path.unlink()
    with pytest.raises(EvidenceError, match=r"at byte 24: cannot be read: No such file"):
        folder.load(entry)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "x.evidence").write_text("a file")
    with pytest.raises(StorageError, match=r"x\.evidence: cannot write: File exists"):
        EvidenceFolder(tmp_path / "x.evidence").create()


# The rest needs a process of its own: one that is killed, and one that may not write on.

KEEP = """
import sys
from tests.evidence.test_segments import EvidenceFolder, Path, evidence
folder = EvidenceFolder(Path(sys.argv[1]))
writer = folder.writer()
for number in range(100000):
    writer.append(evidence(str(number), number))
    print(number, flush=True)
"""

FILL = """
import os, resource, sys
from tests.evidence.test_segments import EvidenceFolder, Path, StorageError, evidence
folder = EvidenceFolder(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
kept, refused = 0, 0
writer = folder.writer()
for number in range(6):
    try:
        writer.append(evidence(str(number), number, stream=os.urandom(500)))
        kept += 1
    except StorageError as error:
        refused += 1
        assert "File too large; what was finished before is kept" in str(error), error
writer.close()
print(kept, refused)
"""


def _python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]


REPOSITORY = Path(__file__).parents[2]


def test_a_killed_run_loses_nothing_that_it_finished(folder: EvidenceFolder) -> None:
    with subprocess.Popen(_python(KEEP, folder.path), stdout=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        for _ in range(500):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        finished = 500 + len(process.stdout.read().splitlines())
    index = folder.index()
    assert index.problems == ()
    # one more may have been written and not yet told
    assert [entry.host for entry in index.entries[:finished]] == [str(number) for number in range(finished)]
    assert len(index.entries) <= finished + 1


@pytest.mark.parametrize(
    "limit", [10, 900, 2000, *(pytest.param(limit, marks=pytest.mark.prove) for limit in (24, 100, 1000, 3000))]
)
def test_a_full_disk_keeps_what_was_finished(folder: EvidenceFolder, limit: int) -> None:
    ran = subprocess.run(_python(FILL, folder.path, limit), capture_output=True, cwd=REPOSITORY, check=False)
    assert ran.stderr == b""
    kept, refused = map(int, ran.stdout.split())
    assert kept + refused == 6
    assert refused > 0
    index = folder.index()
    assert (len(index.entries), index.problems) == (kept, ())
    assert all(not isinstance(folder.record(entry).evidence(), Damage) for entry in index.entries)
    # no half record stays, and no file without any
    assert [path.suffix for path in folder.path.iterdir()] == ([".segment"] if kept else [])

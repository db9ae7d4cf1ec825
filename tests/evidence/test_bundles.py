"""A bundle carries one scan from one folder of evidence into another, whole or not at all."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from hygiene.errors import EvidenceError, StorageError
from hygiene.evidence import records
from hygiene.evidence.bundles import Imported, import_bundle, write_bundle
from hygiene.evidence.segments import EvidenceFolder
from hygiene.model import Status

from .streams import STEPS
from .test_segments import bare, evidence, scan


@pytest.fixture
def source(tmp_path: Path) -> EvidenceFolder:
    folder = EvidenceFolder(tmp_path / "source.evidence")
    folder.save_scan(scan("scan-1"))
    folder.save_scan(scan("scan-2", -1))
    folder.finish_scan("scan-1")
    with folder.writer() as writer:
        writer.append(evidence("a", 0, Status.UNREACHABLE, stream=b""))
        writer.append(evidence("a", 1))
        writer.append(bare("b"))
        writer.append(evidence("a", 2, scan="scan-2"))
    return folder


@pytest.fixture
def target(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "target.evidence")


def test_there_and_back(tmp_path: Path, source: EvidenceFolder, target: EvidenceFolder) -> None:
    bundle = tmp_path / "bundle"
    assert write_bundle(bundle, source, scan("scan-1")) == 2
    assert bundle.stat().st_mode & 0o777 == 0o600
    assert import_bundle(bundle, target) == Imported(scan("scan-1"), 2, True)
    assert target.scans() == (scan("scan-1"),)
    assert target.is_finished("scan-1")
    assert sorted(target.replay(target.index().entries), key=lambda one: one.target.host) == [
        evidence("a", 1),
        bare("b"),
    ]


def test_twice_is_once(tmp_path: Path, source: EvidenceFolder, target: EvidenceFolder) -> None:
    write_bundle(tmp_path / "bundle", source, scan("scan-1"))
    import_bundle(tmp_path / "bundle", target)
    before = {path: path.read_bytes() for path in target.path.iterdir()}
    assert import_bundle(tmp_path / "bundle", target) == Imported(scan("scan-1"), 2, False)
    assert {path: path.read_bytes() for path in target.path.iterdir()} == before


def test_an_unfinished_scan_stays_unfinished(tmp_path: Path, source: EvidenceFolder, target: EvidenceFolder) -> None:
    write_bundle(tmp_path / "bundle", source, scan("scan-2", -1))
    import_bundle(tmp_path / "bundle", target)
    assert not target.is_finished("scan-2")


@STEPS
def test_any_damage_refuses_all_of_it(
    tmp_path: Path, source: EvidenceFolder, target: EvidenceFolder, step: int
) -> None:
    bundle = tmp_path / "bundle"
    write_bundle(bundle, source, scan("scan-1"))
    whole = bundle.read_bytes()
    for at in range(0, len(whole), step):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            bundle.write_bytes(damaged)
            with pytest.raises(
                EvidenceError, match=r"^/.*/bundle: (at byte \d+: .+|ends too early); copy the bundle again"
            ):
                import_bundle(bundle, target)
    assert not target.path.exists()


HEADER = records.new_header()
SCAN = records.scan_record(HEADER, scan("scan-1"), True)
A, B = records.host_record(HEADER, evidence("a")), records.host_record(HEADER, bare("b"))
BROKEN = records.frame(HEADER, records.pack({"type": "host", "scan": "scan-1"}), zlib.compress(b""))
NO_SCAN = records.frame(HEADER, records.pack({"type": "scan", "finished": True}), b"")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        pytest.param([SCAN, A, B, records.end_record(HEADER, 2)], None, id="good"),
        pytest.param([SCAN, records.end_record(HEADER, 0)], None, id="no hosts"),
        pytest.param([], "ends too early", id="nothing"),
        pytest.param([SCAN, A, B], "ends too early", id="no end"),
        pytest.param([A, records.end_record(HEADER, 1)], "a record stands where none is expected", id="no manifest"),
        pytest.param([SCAN, SCAN, records.end_record(HEADER, 0)], "a record stands where none", id="two manifests"),
        pytest.param([SCAN, A, records.end_record(HEADER, 2)], "the number of hosts does not fit", id="a host missing"),
        pytest.param([SCAN, records.end_record(HEADER, 0), A], "a record stands where none", id="more behind the end"),
        pytest.param(
            [SCAN, records.host_record(HEADER, replace(evidence("a"), scan="x")), records.end_record(HEADER, 1)],
            "the record belongs to another scan",
            id="another scan's host",
        ),
        pytest.param([SCAN, BROKEN, records.end_record(HEADER, 1)], "login is missing", id="a host without its fields"),
        pytest.param([NO_SCAN], "id is missing", id="a manifest without its fields"),
    ],
)
def test_what_must_be_in_a_bundle(
    tmp_path: Path, target: EvidenceFolder, parts: list[bytes], message: str | None
) -> None:
    bundle = tmp_path / "bundle"
    bundle.write_bytes(HEADER + b"".join(parts))
    if message is None:
        import_bundle(bundle, target)
        return
    with pytest.raises(EvidenceError, match=message):
        import_bundle(bundle, target)
    assert not target.path.exists()


def test_a_bundle_that_is_not_there(tmp_path: Path, target: EvidenceFolder) -> None:
    with pytest.raises(EvidenceError, match=r"bundle: cannot be read as a bundle: No such file or directory"):
        import_bundle(tmp_path / "bundle", target)


def test_a_bundle_that_cannot_be_written(tmp_path: Path, source: EvidenceFolder) -> None:
    with pytest.raises(StorageError, match=r"/no/bundle: cannot write: No such file or directory"):
        write_bundle(tmp_path / "no" / "bundle", source, scan("scan-1"))


def test_a_source_with_a_damaged_record_gives_what_is_left(tmp_path: Path, source: EvidenceFolder) -> None:
    entries = source.index().of_scan("scan-1")
    data = bytearray(entries["a"].path.read_bytes())
    data[entries["a"].offset + 70] ^= 1
    entries["a"].path.write_bytes(data)
    assert len(source.index().problems) == 1
    # the older attempt of that host takes its place
    assert write_bundle(tmp_path / "bundle", source, scan("scan-1")) == 2

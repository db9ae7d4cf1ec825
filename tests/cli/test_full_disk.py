"""A full disk: one clear message, exit code 1, nothing half-written, and what was there before still opens.

A limit on the size of files stands for the disk: a write that goes over it fails in the middle, as on a full one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .commands import Hygiene

PASSWD = "root:x:0:0::/root:/bin/sh\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAX5BwFLQOMiA6FjUt7NfSU0aB6xYZMRsnaHh2uCthk+ "


@pytest.fixture
def image(hygiene: Hygiene) -> None:
    """A host with many keys."""
    hygiene.write("image/etc/passwd", PASSWD)
    hygiene.write("image/etc/ssh/sshd_config", "")
    lines = "".join(f"{KEY}{number:x}@example\n" for number in range(2_000))
    hygiene.write("image/root/.ssh/authorized_keys", lines)


def test_no_room_for_a_database(hygiene: Hygiene, image: None) -> None:
    del image
    answer = hygiene("audit", "-q", "--root", "web1=image", limit_bytes=1_000)
    path = hygiene.work / "hygiene.duckdb"
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        f'hygiene: hygiene.duckdb: cannot create the database: IO Error: Could not write file "{path}": File too large;'
        " make room, or name another file with --db\n"
    )
    assert hygiene.left() == ["image"]


def test_a_segment_that_cannot_be_written_keeps_what_was_there(hygiene: Hygiene, image: None) -> None:
    del image
    hygiene.write("small/etc/passwd", PASSWD)
    assert hygiene("collect", "-q", "--root", "web2=small").code == 3
    size = (hygiene.work / "hygiene.duckdb").stat().st_size
    # larger than the database, smaller than the evidence: only the segment fails
    lines = "".join(f"{KEY}{number:x}{'x' * 900}\n" for number in range(1_000))
    hygiene.write("image/root/.ssh/authorized_keys", lines)
    folder = hygiene.work / "hygiene.evidence"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    answer = hygiene("collect", "-q", "--root", "web1=image", limit_bytes=10_000)
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith("hygiene: hygiene.evidence/")
    assert line.endswith(
        ": cannot write: File too large; what was finished before is kept: make room, then run the same command again"
        " to resume"
    )
    assert size == (hygiene.work / "hygiene.duckdb").stat().st_size
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name: after[name] for name in before} == before
    assert [path.suffix for path in folder.iterdir() if path.name not in before] == [".scan"]
    assert [row["host"] for row in hygiene.rows("hosts")] == ["web2"]


def test_a_database_that_cannot_grow_still_opens(hygiene: Hygiene, image: None) -> None:
    del image
    hygiene.write("small/etc/passwd", PASSWD)
    assert hygiene("audit", "-q", "--root", "web2=small").code == 3
    before = hygiene.rows("hosts"), hygiene.rows("accounts")
    answer = hygiene("audit", "-q", "--root", "web1=image", limit_bytes=100_000)
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith("hygiene: hygiene.duckdb: cannot write: ")
    assert line.endswith("; what was finished before is kept: make room, then run the same command again")
    assert (hygiene.rows("hosts"), hygiene.rows("accounts")) == before
    # the evidence is kept: with room again nothing has to be asked twice
    assert hygiene("check", "-q").code in (3, 10)
    assert [row["host"] for row in hygiene.rows("hosts")] == ["web1", "web2"]


def test_an_export_that_cannot_be_written_leaves_no_file(hygiene: Hygiene, image: None) -> None:
    del image
    assert hygiene("collect", "-q", "--root", "web1=image").code == 3
    before = hygiene.left()
    for form in ("jsonl", "csv"):
        answer = hygiene("export", "grants", "--format", form, "-o", "grants", limit_bytes=10_000)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err == "hygiene: grants: cannot be written: File too large; make room and run again\n"
    hygiene.write("grants", "an earlier export")
    assert hygiene("export", "grants", "-o", "grants", limit_bytes=10_000).code == 1
    assert (hygiene.work / "grants").read_text() == "an earlier export"
    assert hygiene.left() == sorted([*before, "grants"])


def test_a_bundle_that_cannot_be_written_leaves_no_file(hygiene: Hygiene, image: None) -> None:
    del image
    lines = "".join(f"{KEY}{index * 7919 % 104729:x}{index}\n" for index in range(6_000))
    hygiene.write("image/root/.ssh/authorized_keys", lines)
    assert hygiene("collect", "-q", "--root", "web1=image", "--bundle", "b").code == 3
    limit = (hygiene.work / "b").stat().st_size // 2
    assert limit < (hygiene.work / "hygiene.duckdb").stat().st_size
    (hygiene.work / "b").unlink()
    answer = hygiene("collect", "-q", "--root", "web1=image", "--bundle", "b", "--db", "x.duckdb", limit_bytes=limit)
    assert (answer.code, answer.out) == (1, "")
    assert not (hygiene.work / "b").exists()
    assert not [name for name in hygiene.left() if name.startswith(".b")]


def test_a_folder_that_is_full_for_a_report(hygiene: Hygiene, image: None) -> None:
    """What was judged is stored before the report is written, and the table is still shown when there is room."""
    del image
    hygiene.write("list.txt", "".join(f"{number}\n" for number in range(400)))
    assert hygiene("passwords", "-q", "list.txt", "--exit-zero").code == 0
    report = hygiene.write("out/report.json", "an earlier report")
    size = (hygiene.work / "hygiene.duckdb").stat().st_size
    answer = hygiene("check", "-q", "--format", "long", "-o", "out", limit_bytes=size, env=_long_report(hygiene))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "hygiene: out/report.long: cannot be written: File too large; make room and run again\n"
    assert [path.name for path in (hygiene.work / "out").iterdir()] == ["report.json"]
    assert report.read_text() == "an earlier report"
    assert hygiene("export", "findings").code == 0


LONG = '''
from hygiene.api import Report


class Long(Report):
    """More text than the disk takes."""

    name = "long"
    extension = "long"

    def render(self, audit, medium):
        for _ in range(1000):
            yield "x" * 100_000


REPORTS = [Long]
'''


def _long_report(hygiene: Hygiene) -> dict[str, str]:
    """Install a package with a report that is larger than the database."""
    folder = hygiene.folder / "packages"
    info = folder / "long_report-1.dist-info"
    info.mkdir(parents=True)
    (folder / "long_report.py").write_text(LONG)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: long-report\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hygiene.reports]\nall = long_report:REPORTS\n")
    return {"PYTHONPATH": str(folder)}


def test_a_folder_that_cannot_be_written(hygiene: Hygiene, image: None) -> None:
    """Said before anything long has run."""
    del image
    hygiene.write("file", "")
    answer = hygiene("audit", "--root", "image", "--format", "json", "-o", Path("file/reports"))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "hygiene: file/reports: cannot be made: Not a directory; name another folder with -o\n"
    assert hygiene.left() == ["file", "image"]


def test_a_folder_without_permission(hygiene: Hygiene, image: None) -> None:
    """Root may write everywhere, so the command runs as somebody else."""
    del image
    alone = ["unshare", "--user", "--map-user=65534", "--map-group=65534"] if os.getuid() == 0 else []
    if alone and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user namespaces")
    (hygiene.work / "out").mkdir(mode=0o500)
    command = [*alone, sys.executable, "-m", "hygiene", "audit", "--root", "image", "--format", "json", "-o", "out"]
    done = subprocess.run(
        command, cwd=hygiene.work, env=hygiene.environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hygiene: out: cannot be written: Permission denied; name another folder with -o\n"
    assert hygiene.left() == ["image", "out"]


def test_a_process_that_scores_and_is_killed(hygiene: Hygiene) -> None:
    """As by the kernel when memory runs out: one message, and the lists of before are still there."""
    hygiene.write("old.txt", "correct horse battery staple\n")
    assert hygiene("passwords", "-q", "old.txt").code == 0
    hygiene.write("list.txt", "".join(f"{number * 7919:x}-{number}\n" for number in range(20_000)))
    command = [sys.executable, "-m", "hygiene", "passwords", "-q", "list.txt"]
    with subprocess.Popen(
        command, cwd=hygiene.work, env=hygiene.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (children := _scoring(process.pid)):
            assert process.poll() is None
        os.kill(children[0], signal.SIGKILL)
        out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err == "hygiene: a scoring process ended unexpectedly (out of memory?); run again\n"
    assert {row["list"] for row in hygiene.rows("password_entries")} == {"old.txt"}


def _scoring(pid: int) -> list[int]:
    """The processes that score for this one."""
    found = []
    with contextlib.suppress(OSError):  # short-lived children and threads come and go while we look
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                if b"passwords.score" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
    return found

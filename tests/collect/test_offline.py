"""Offline roots: the same collector over a folder, with what is given besides, and its own deadline."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hygiene.collect.host import Exchange, our_exchange
from hygiene.collect.offline import OfflineCollector, Root
from hygiene.collect.session import Limits
from hygiene.collect.ssh import Deadlines
from hygiene.errors import InputError
from hygiene.evidence.stream import decode
from hygiene.model import Evidence, Status, Target

from .conftest import NONCE, NOW
from .exchange import EXCHANGE
from .test_rpmdb import SERVER, SYSIMAGE, database


@pytest.fixture
def image(tmp_path: Path) -> Path:
    folder = tmp_path / "image of web1"
    (folder / "etc").mkdir(parents=True)
    (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (folder / "etc/group").write_text("root:x:0:\n")
    return folder


def collect(folder: Path, root: Root | None = None, exchange: Exchange = EXCHANGE, **bounds: object) -> Evidence:
    roots = {} if root is None else {"web1": root}
    one = OfflineCollector("scan-1", exchange, roots, clock=lambda: NOW, new_nonce=lambda: NONCE, **bounds)
    return asyncio.run(one.collect(Target("web1", str(folder)))).evidence


def test_what_a_root_gives(image: Path, tmp_path: Path) -> None:
    owners = tmp_path / "web1.mtree"
    owners.write_bytes(b"#mtree\n./etc/passwd uid=0 gid=0 mode=0644\n")
    evidence = collect(image, Root(owners, "9.2p1"))
    stream = f"@BEGIN {NONCE}\nroot:x:0:0:root:/root:/bin/sh\n@END {NONCE}\n".encode()
    # the small collector of these tests takes the last folder that it is given: -O comes after -R
    assert evidence.owners == owners.read_bytes()
    assert collect(image) == Evidence(
        scan="scan-1",
        target=Target("web1", str(image)),
        status=Status.COMPLETE,
        stage="done",
        reason="",
        started_at=NOW,
        finished_at=NOW,
        nonce=NONCE,
        offline=True,
        stream=stream,
    )
    assert (evidence.offline, evidence.sshd_version, evidence.login) == (True, "9.2p1", None)


def test_our_own_collector_reads_it_whole(image: Path) -> None:
    evidence = collect(image, exchange=our_exchange())
    transcript = decode(evidence.stream, NONCE)
    assert (evidence.status, evidence.stage, evidence.reason) == (Status.COMPLETE, "done", "")
    assert (transcript.mode, transcript.root) == ("offline", "?")  # a path with a blank is not repeated
    passwd = transcript.file("passwd", b"/etc/passwd")
    assert passwd is not None
    assert passwd.status == "ok"


@pytest.mark.parametrize(
    ("root", "version"),
    [
        pytest.param(None, "8.7p1-38.el9_4.4", id="by its database"),
        pytest.param(Root(None, "9.2p1"), "9.2p1", id="given"),
    ],
)
def test_the_version_in_an_rpm_database(image: Path, root: Root | None, version: str) -> None:
    database(image / SYSIMAGE, {"openssh-server": SERVER})
    assert collect(image, root).sshd_version == version


def says(script: bytes) -> Exchange:
    return Exchange(EXCHANGE.command, lambda _: script, EXCHANGE.problem, EXCHANGE.begun)


@pytest.mark.parametrize(
    ("script", "bounds", "reason", "length"),
    [
        pytest.param(b"exit 3\n", {}, "the output has no end", 0, id="a-collector-that-says-nothing"),
        pytest.param(
            b"echo begun; sleep 60\n",
            {"deadlines": Deadlines(collect_s=0.3)},
            "collection did not end within 0.3 s; the output has no end",
            6,
            id="a-collector-that-hangs",
        ),
        pytest.param(
            b"while :; do echo 0123456789; done\n",
            {"limits": Limits(stdout_bytes=1000)},
            "the collector said more than 1,000 bytes and was cut off",
            1000,
            id="endless-output",
        ),
    ],
)
def test_what_does_not_end_well_is_partial(
    image: Path, script: bytes, bounds: dict[str, object], reason: str, length: int
) -> None:
    evidence = collect(image, exchange=says(script), **bounds)
    assert (evidence.status, evidence.stage, evidence.reason) == (Status.PARTIAL, "collect", reason)
    assert len(evidence.stream) == length


@pytest.mark.parametrize(
    ("target", "root", "message"),
    [
        pytest.param("nowhere", Root(), "nowhere: no such folder; --root takes the root folder", id="no-folder"),
        pytest.param(
            "image of web1", Root(Path("/none.mtree")), "/none.mtree: cannot read the list of owners", id="no-owners"
        ),
    ],
)
def test_what_was_given_and_cannot_be_used(image: Path, tmp_path: Path, target: str, root: Root, message: str) -> None:
    del image
    with pytest.raises(InputError, match=message):
        collect(tmp_path / target, root)

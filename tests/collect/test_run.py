"""A whole run as the audit starts it: from key and known_hosts files to evidence."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hygiene.collect.fleet import FleetOptions
from hygiene.collect.identity import PassphraseNeededError
from hygiene.collect.offline import Root
from hygiene.collect.run import Access, offline_roots, over_ssh
from hygiene.errors import InputError, UsageError
from hygiene.evidence.stream import decode
from hygiene.model import Evidence, Login, Status, Target
from hygiene.testing.hosts import SshHost, serving

from .conftest import KeyFile
from .exchange import ANSWER

OPTIONS = FleetOptions("scan-1")
ADDRESSES = [f"127.67.0.{number}" for number in range(1, 6)]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    folder = tmp_path / "image"
    (folder / "etc").mkdir(parents=True)
    (folder / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (folder / "etc/group").write_text("root:x:0:\n")
    return folder


@pytest.mark.parametrize("installed", [pytest.param(False, id="sent"), pytest.param(True, id="installed")])
def test_hosts_that_really_run_the_collector(key: KeyFile, image: Path, tmp_path: Path, installed: bool) -> None:
    hosts = [SshHost(address, {"audit": [key.public]}, root=image, installed=installed) for address in ADDRESSES]
    kept: list[Evidence] = []
    with serving(hosts, "seed") as fleet:
        (tmp_path / "known_hosts").write_text(fleet.known_hosts())
        access = Access("audit", [tmp_path / "known_hosts"], [key.path])
        targets = [Target(address, address, fleet.port) for address in ADDRESSES]
        ran = over_ssh(targets, access, kept.append, OPTIONS)
    assert not ran.stopped
    assert {(e.target.host, e.status, e.reason, e.login) for e in kept} == {
        (address, Status.COMPLETE, "", Login("audit", key.fingerprint)) for address in ADDRESSES
    }
    assert all(decode(e.stream, e.nonce).complete for e in kept)
    assert len({e.nonce for e in kept}) == len(ADDRESSES)


def test_offline_roots(image: Path) -> None:
    kept: list[Evidence] = []
    offline_roots([Target("web1", str(image))], {"web1": Root(sshd_version="9.2p1")}, kept.append, OPTIONS)
    assert [(e.target.host, e.status, e.offline, e.sshd_version) for e in kept] == [
        ("web1", Status.COMPLETE, True, "9.2p1")
    ]


def test_no_key_at_all(tmp_path: Path) -> None:
    (tmp_path / "known_hosts").touch()
    with pytest.raises(UsageError, match="there is no key to log in with; name one with --key FILE"):
        over_ssh([Target("web1", "127.67.0.1")], Access("root", [tmp_path / "known_hosts"]), print, OPTIONS)


def test_what_cannot_be_used_is_said_before_any_host_is_dialled(key: KeyFile, tmp_path: Path) -> None:
    targets = [Target("web1", "127.67.0.1")]
    with pytest.raises(InputError, match="cannot read known_hosts"):
        over_ssh(targets, Access("root", [tmp_path / "none"], [key.path]), print, OPTIONS)
    (tmp_path / "known_hosts").touch()
    key.key.write_private_key(str(key.path), passphrase="secret words", rounds=64)
    access = Access("root", [tmp_path / "known_hosts"], [key.path], passphrase=b"other words")
    assert "words" not in repr(access)
    with pytest.raises(InputError, match="the passphrase does not open"):
        over_ssh(targets, access, print, OPTIONS)
    with pytest.raises(PassphraseNeededError):
        over_ssh(targets, Access("root", [tmp_path / "known_hosts"], [key.path]), print, OPTIONS)


STOPPED = """
import sys
from pathlib import Path
from hygiene.collect.fleet import FleetOptions
from hygiene.collect.run import Access, over_ssh
from hygiene.model import Target

folder, port, addresses = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
access = Access("root", [folder / "known_hosts"], [folder / "auditor"])
kept = []
def sink(evidence):
    kept.append(evidence)
    print(evidence.target.host, flush=True)
ran = over_ssh([Target(each, each, port) for each in addresses], access, sink, FleetOptions("scan-1"))
print("stopped", ran.stopped, ran.progress.done, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_kill_keep_what_is_done(key: KeyFile, tmp_path: Path, number: signal.Signals) -> None:
    from hygiene.testing.hosts import Fault

    hosts = [SshHost(ADDRESSES[0], {"root": [key.public]}, answer=ANSWER)]
    hosts += [SshHost(each, {"root": [key.public]}, fault=Fault.HANGS_AT_LOGIN) for each in ADDRESSES[1:]]
    with serving(hosts, "seed") as fleet:
        (tmp_path / "known_hosts").write_text(fleet.known_hosts())
        command = [sys.executable, "-c", STOPPED, str(tmp_path), str(fleet.port), *ADDRESSES]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            process.send_signal(number)
            rest = process.stdout.read()
    assert (first, rest, process.returncode) == (f"{ADDRESSES[0]}\n", "stopped True 1\n", 0)

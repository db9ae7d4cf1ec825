"""`--root NAME=DIR`: the image of a host says what the host says over SSH, apart from what only a live one knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hygiene.demo.plan import DemoHost, plan
from hygiene.demo.roots import AUDITOR, keyring, write_host
from hygiene.testing.hosts import SshHost, public_host_key, serving

from .commands import Hygiene

SEED = "offline"
ADDRESS = "127.61.8.1"
PLAN = plan(60)
# a host of each kind of trouble: passwords and root's too, a directory, the private key, a weak key, nothing
HOSTS = {
    "passwords": next(host for host in PLAN.hosts if host.root_password),
    "directory": next(host for host in PLAN.hosts if host.directory),
    "private-key": next(host for host in PLAN.hosts if host.build),
    "weak-key": next(host for host in PLAN.hosts if host.weak),
}
TABLES = ("areas", "accounts", "grants", "keys", "private_keys", "host_keys", "settings", "login_paths", "gaps")
# what only somebody who was there knows
LIVE = {"address", "port", "clock_skew_s", "collected_at", "login_user", "login_fingerprint", "evidence"}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_an_image_says_what_its_host_says(hygiene: Hygiene, tmp_path: Path, host: DemoHost) -> None:
    keys = keyring(PLAN)
    root, owners = tmp_path / "image", tmp_path / "image.mtree"
    root.mkdir()
    write_host(host, keys, public_host_key(SEED, ADDRESS), root, owners)
    served = SshHost(
        ADDRESS,
        {AUDITOR: [" ".join(keys.auditor.public.split()[:2])]},
        root=root,
        owners=owners,
        installed=True,
        banner="OpenSSH_9.2p1 Debian-2+deb12u7",
    )
    hygiene.write("key", keys.auditor.file())
    with serving([served], SEED) as fleet:
        hygiene.write("known_hosts", fleet.known_hosts())
        hygiene.write("hosts.csv", f"host,address,port\n{host.name},{ADDRESS},{fleet.port}\n")
        live = hygiene(
            *("collect", "-q", "-i", "hosts.csv", "-u", AUDITOR, "--key", "key", "--known-hosts", "known_hosts"),
            *("--db", "live.duckdb"),
        )
    image = hygiene("collect", "-q", "--root", f"{host.name}={root}", "--owners", owners, "--db", "image.duckdb")
    assert (live.err, image.err) == ("", "")
    assert live.code == image.code == (3 if host.directory else 0)
    assert hygiene.tables(TABLES, "live.duckdb") == hygiene.tables(TABLES, "image.duckdb")
    assert _told(hygiene, "live.duckdb") == _told(hygiene, "image.duckdb")


def _told(hygiene: Hygiene, database: str) -> dict[str, Any]:
    (row,) = hygiene.rows("hosts", database)
    return {name: value for name, value in row.items() if name not in LIVE}


def test_without_its_owners_an_image_is_not_judged(hygiene: Hygiene, tmp_path: Path) -> None:
    """An ordinary user has unpacked it: what depends on owners is unknown, and says what is missing."""
    host = HOSTS["passwords"]
    root = tmp_path / "image"
    root.mkdir()
    write_host(host, keyring(PLAN), public_host_key(SEED, ADDRESS), root, tmp_path / "image.mtree")
    listed = hygiene.write("owners.mtree", "#mtree\n./etc/passwd mode=0644 uid=1000 gid=1000\n")
    answer = hygiene("collect", "-q", "--root", f"{host.name}={root}", "--owners", listed)
    assert (answer.code, answer.err) == (3, "")
    grants = hygiene.rows("grants")
    assert {(grant["accepted"], grant["reason"]) for grant in grants} == {
        ("unknown", "the owners of the files in this image are lost; give them with --owners")
    }
    assert {grant["opens_root"] for grant in grants} <= {"unknown", "no"}

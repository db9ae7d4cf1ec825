"""A host that says only a part: rows are right, unknown or missing, and never cleaner than the whole."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hygiene.collect import script
from hygiene.demo.plan import plan
from hygiene.demo.roots import keyring, write_host
from hygiene.facts.host import facts
from hygiene.model import (
    AreaState,
    Evidence,
    HostFacts,
    PasswordState,
    PathVerdict,
    RootBy,
    Status,
    Target,
    Truth,
)

NONCE = "0123456789abcdef"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CUTS = 150


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("host")
    made = plan(60)
    keys = keyring(made)
    root = folder / "root"
    root.mkdir()
    host = next(host for host in made.hosts if host.root_password)
    write_host(host, keys, keys.auditor.public, root, folder / "owners")
    return Evidence(
        scan="s",
        target=Target(host.name, host.address),
        status=Status.COMPLETE,
        stage="done",
        reason="",
        started_at=NOW,
        finished_at=NOW,
        nonce=NONCE,
        offline=True,
        stream=collect(root, folder / "owners"),
    )


def collect(root: Path, owners: Path) -> bytes:
    ran = subprocess.run(
        ["sh", "-s", "--", "-R", root, "-O", owners, NONCE], input=script.text(), stdout=subprocess.PIPE, check=True
    )
    return ran.stdout


def unknowns(found: HostFacts) -> Iterable[object]:
    yield from (row for row in found.accounts if row.root_by is RootBy.UNKNOWN)
    yield from (row for row in found.accounts if row.password_state is PasswordState.UNKNOWN)
    yield from (row for row in found.grants if Truth.UNKNOWN in (row.accepted, row.opens_root))
    yield from (row for row in found.login_paths if row.verdict is PathVerdict.UNKNOWN)


def test_the_whole_stream_is_complete_and_knows_all(whole: Evidence) -> None:
    found = facts(whole, "k")
    assert found.host.status is Status.COMPLETE
    assert found.gaps == ()
    assert {grant.accepted for grant in found.grants} == {Truth.YES}
    assert {"publickey", "password"} == {path.methods for path in found.login_paths}
    assert list(unknowns(found)) == []


def test_a_cut_stream_never_says_more_than_it_knows(whole: Evidence) -> None:
    complete = facts(whole, "k")
    grants = {(row.account, row.file, row.line): row for row in complete.grants}
    roots = {row.account: row.root_by for row in complete.accounts}
    passwords = {row.account: row.password_state for row in complete.accounts}
    step = max(1, len(whole.stream) // CUTS)
    for size in range(0, len(whole.stream), step):
        found = facts(replace(whole, stream=whole.stream[:size]), "k")
        assert found.host.status is Status.PARTIAL, f"cut at {size}"
        assert found.gaps, f"cut at {size}: nothing says so"
        assert all(area.state is not AreaState.SEEN for area in found.areas), f"cut at {size}"
        for grant in found.grants:
            same = grants[(grant.account, grant.file, grant.line)]
            assert grant.accepted in (same.accepted, Truth.UNKNOWN), f"cut at {size}: {grant.reason}"
            assert grant.opens_root in (same.opens_root, Truth.UNKNOWN), f"cut at {size}"
        for account in found.accounts:
            assert account.root_by in (roots[account.account], RootBy.UNKNOWN), f"cut at {size}"
            assert account.password_state in (passwords[account.account], PasswordState.UNKNOWN), f"cut at {size}"
        assert not list(unknowns(found)) or found.gaps

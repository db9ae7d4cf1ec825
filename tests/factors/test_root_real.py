"""What root really costs: sshd, sudo, su and PAM asked with every choice of credentials, beside what our rows say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from climbing import Tried, climb, forms, smallest
from differential.telling import How, look
from lab.fleet import Lab
from lab.releases import RELEASES
from lab.tree import ensure_tree
from root_cases import CODES, Case, cases
from second_factor.hosts import recipe

from hygiene.model import PathVerdict, RootPath

pytestmark = pytest.mark.real_sshd
ALL = {case.id: case for case in cases()}
Found = dict[str, tuple[Tried, tuple[RootPath, ...]]]


def found_of(chosen: dict[str, Case], tree: Path | None = None) -> Found:
    hosts = {f"h{number:02}": case for number, case in enumerate(chosen.values())}
    with Lab(tree or ensure_tree(recipe()), [case.host(name) for name, case in hosts.items()]) as lab:
        told = {
            name: tuple(row for row in look(lab, name, How.LIVE, None).root_paths if row.account == "anna")
            for name in hosts
        }
        tried = asyncio.run(climb(lab, hosts))
    return {case.id: (tried[name], told[name]) for name, case in hosts.items()}


def agree(case: Case, tried: Tried, rows: tuple[RootPath, ...]) -> None:
    known = [row for row in rows if row.verdict is not PathVerdict.UNKNOWN]
    for row in known:
        opening = {forms(some) for some in tried.ways[row.step]}
        assert any(some <= set(row.kinds) for some in opening), row
    said = smallest(frozenset(row.kinds) for row in known)
    doubted = len(known) < len(rows)
    assert doubted == case.unknown, rows
    assert said == tried.least or (doubted and said <= tried.least), (rows, tried)


@pytest.fixture(scope="module")
def brief() -> Found:
    return found_of({name: case for name, case in ALL.items() if case.brief})


@pytest.fixture(scope="module")
def everything() -> Found:
    return found_of({name: case for name, case in ALL.items() if not case.brief})


@pytest.mark.parametrize("name", [name for name, case in ALL.items() if case.brief])
def test_root_takes_what_we_say(name: str, brief: Found) -> None:
    agree(ALL[name], *brief[name])


@pytest.mark.prove
@pytest.mark.parametrize("name", [name for name, case in ALL.items() if not case.brief])
def test_root_takes_what_we_say_on_every_host(name: str, everything: Found) -> None:
    agree(ALL[name], *everything[name])


@pytest.mark.prove
@pytest.mark.parametrize("release", ["8.4", "10.0", "10.2"])
def test_root_takes_what_we_say_on_other_releases(release: str) -> None:
    """Where no module for codes is."""
    plain = {name: case for name, case in ALL.items() if not any(CODES in text for text in case.pam.values())}
    for name, found in found_of(plain, ensure_tree(RELEASES[release])).items():
        agree(ALL[name], *found)

"""Damaged lists of passwords and hashes are read or refused in one line; 10,000 of them in `make prove`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fuzz import password_lists

SEEDS = password_lists.seeds()
# opened in a process of their own, half a second each
APART = {name for name in SEEDS if name.endswith((".xls", ".ods"))}


def damaged(folder: Path, name: str, seed: int) -> Path:
    path = folder / name
    path.write_bytes(password_lists.damaged(random.Random(f"{name} {seed}"), name, SEEDS[name]))
    return path


@pytest.mark.parametrize("name", sorted(SEEDS.keys() - APART))
def test_damaged(tmp_path: Path, name: str) -> None:
    for seed in range(2):
        password_lists.read(damaged(tmp_path, name, seed))


@pytest.mark.prove
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", SEEDS)
def test_damaged_more(tmp_path: Path, name: str) -> None:
    for seed in range(2, 153):
        password_lists.read(damaged(tmp_path, name, seed))


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("two\nlines", id="two lines"),
        pytest.param("expected no vx7kolibri", id="a password"),
    ],
)
def test_what_must_hold_is_looked_for(told: str) -> None:
    with pytest.raises(AssertionError):
        password_lists.hold(told)

"""A command for each test, in folders of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .commands import Hygiene, Starter, starter


@pytest.fixture(scope="session")
def _starter() -> Iterator[Starter]:
    with starter() as process:
        yield process


@pytest.fixture
def hygiene(_starter: Starter, tmp_path: Path) -> Hygiene:
    return _starter.hygiene(tmp_path)

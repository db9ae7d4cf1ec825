"""The hand-made audits as fixtures, and golden files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import audits
import pytest

from hygiene.api import Audit, Fleet
from hygiene.model import HostFacts, PasswordEntry, PasswordList
from hygiene.store.store import Store


@pytest.fixture
def small_audit() -> Audit:
    return audits.small_audit()


@pytest.fixture
def large_audit() -> Audit:
    return audits.large_audit()


@pytest.fixture
def hostile_audit() -> Audit:
    return audits.hostile_audit()


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a golden file; HYGIENE_WRITE_GOLDEN=1 writes it anew, for a person to review the diff."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("HYGIENE_WRITE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Callable[..., Fleet]]:
    """Give a function that puts facts and password entries into a database of its own and opens the fleet."""
    with ExitStack() as opened:

        def plant(
            hosts: Iterable[HostFacts] = (),
            entries: Iterable[PasswordEntry] = (),
            auditor: str = "",
            lists: Iterable[PasswordList] = (),
        ) -> Fleet:
            path = tmp_path / f"fleet-{len(list(tmp_path.iterdir()))}.duckdb"
            store = opened.enter_context(Store.open(path, create=True))
            store.put_hosts(hosts)
            store.put(PasswordEntry, entries)
            if lists:
                store.put(PasswordList, lists)
            store.finish()
            return store.fleet(frozenset({auditor} - {""}))

        yield plant

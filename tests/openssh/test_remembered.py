"""What is remembered stays within its bytes, and costs no line its answer."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from hygiene.openssh import authorized_keys
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.remembered import Budget, Remembered
from hygiene.openssh.version import Version

from .material import ED_LINE, b64

BOOKWORM = Version(9, 2)


def test_what_was_not_asked_for_is_forgotten_first() -> None:
    table: Remembered[str, int] = Remembered(Budget(8))
    for name in "abcd":
        table.put(name, ord(name), 1)
    assert sorted(table.young) == ["a", "b", "c", "d"]
    table.put("e", 5, 1)
    assert (sorted(table.young), table.older("a", 1), sorted(table.young)) == (["e"], ord("a"), ["a", "e"])
    for name in "fgh":
        table.put(name, 0, 1)
    assert (table.older("b", 1), table.older("a", 1), sorted(table.young)) == (None, ord("a"), ["a", "h"])


def test_what_is_too_large_is_not_kept() -> None:
    table: Remembered[str, int] = Remembered(Budget(8))
    table.put("a", 1, 5)
    table.put("b", 2, 4)
    assert table.young == {"b": 2}
    assert table.older("a", 5) is None


def test_tables_share_a_budget() -> None:
    budget = Budget(8)
    first: Remembered[str, int] = Remembered(budget)
    second: Remembered[str, int] = Remembered(budget)
    first.put("a", 1, 3)
    second.put("b", 2, 3)
    assert (first.young, second.young) == ({}, {"b": 2})
    assert (first.older("a", 1), first.young) == (1, {"a": 1})


FLEETS: dict[str, Callable[[int], bytes]] = {
    "keys": lambda number: b"ssh-ed25519 " + b64(b"ssh-ed25519", number.to_bytes(32, "big")) + b" x",
    "large-keys": lambda number: b"ssh-rsa " + b64(b"ssh-rsa", b"\3", b"\x7f" * 380 + number.to_bytes(4, "big")),
    "one-byte-lines": lambda number: b"%c" % (number % 200 + 40),
    "junk": lambda number: b"%d" % number,
    "long-junk": lambda number: b"%d " % number + b"x" * 900,
    "commands": lambda number: b'command="%d" ' % number + ED_LINE,
    "many-options": lambda number: b"no-pty," * 100 + b'command="%d" ' % number + ED_LINE,
    "many-bad-options": lambda number: b"x," * 400 + b"%d " % number + ED_LINE,
    "comments-in-other-scripts": lambda number: ED_LINE + f" {number} ".encode() + "\u65e5\u672c".encode() * 100,
    "blank-lines": lambda _: b"",
}


@pytest.mark.parametrize("line", FLEETS.values(), ids=FLEETS)
def test_what_is_kept_is_not_larger_than_it_is_charged_for(line: Callable[[int], bytes]) -> None:
    hosts = [b"\n".join(line(host * 100 + number) for number in range(100)) + b"\n" for host in range(6)]
    authorized_keys.forget()
    for host in hosts[:1]:
        list(parse(host, BOOKWORM))
    before = authorized_keys.charged()
    tracemalloc.start()
    for host in hosts[1:]:
        list(parse(bytes(memoryview(host)), BOOKWORM))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < authorized_keys.charged() - before + 100_000
    authorized_keys.forget()
    assert authorized_keys.charged() == 0


def test_any_number_of_versions() -> None:
    for major in range(10, 140):
        assert [line.dead for line in parse(ED_LINE, Version(major, 0))] == [None]
    assert authorized_keys.charged() < 1 << 20

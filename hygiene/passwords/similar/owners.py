"""Entries of a run and whose they are, put into sets by what they have in common."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

# accounts that administer a system, by their usual names: where one party keeps the systems of many customers, they
# are that party's
_ADMINISTRATORS = frozenset(
    ["admin", "administrator", "root", "sa", "superuser", "supervisor", "sys", "sysadmin", "sysop", "system", "toor"]
)
Scope = Callable[[int], int | None]


@dataclass(frozen=True, slots=True, repr=False)
class Owners:
    """What lists say of each entry: the slot of its password, and names. A scope tells who stands together by names."""

    slots: Sequence[int]
    accounts: Sequence[str | None]
    systems: Sequence[str | None]
    tenants: Sequence[str | None]

    def __repr__(self) -> str:
        return f"Owners({len(self.slots):,})"

    def user(self, entry: int) -> int | None:
        """One user of one customer."""
        account = self.accounts[entry]
        return hash((_fold(self.tenants[entry]), account.casefold())) if account else None

    def system(self, entry: int) -> int | None:
        """One system of one customer."""
        system = self.systems[entry]
        return hash((_fold(self.tenants[entry]), system.casefold())) if system else None

    def tenant(self, entry: int) -> int | None:
        """One customer."""
        tenant = self.tenants[entry]
        return hash(tenant.casefold()) if tenant else None

    def administrator(self, entry: int) -> int | None:
        """One account of administration, at whatever customer and in whatever domain."""
        name = (self.accounts[entry] or "").casefold().rpartition("\\")[2].partition("@")[0]
        return hash(name) if name in _ADMINISTRATORS else None


def _fold(name: str | None) -> str:
    return (name or "").casefold()


class Sets:
    """Disjoint sets of entries; each has its first entry as its root. Takes 12 bytes for an entry, 8 for a slot."""

    def __init__(self, slots: Sequence[int], together: bytes) -> None:
        """`slots`: of each entry; `together`: by slot, whether all its entries are one set from the start."""
        count = len(together)
        self._first = array("I", bytes(4 * count))  # by slot: its first entry
        self._last = array("I", bytes(4 * count))  # by slot: one more than its last entry, 0 where it has none
        self._earlier = array("I")  # by entry: as `_last`, of those before it
        self._parents = array("I")
        for entry, slot in enumerate(slots):
            earlier = self._last[slot]
            if not earlier:
                self._first[slot] = entry
            self._earlier.append(earlier)
            self._last[slot] = entry + 1
            self._parents.append(self._first[slot] if together[slot] else entry)

    def root(self, entry: int) -> int:
        parents = self._parents
        while (parent := parents[entry]) != entry:
            parents[entry] = entry = parents[parent]
        return entry

    def join(self, one: int, other: int) -> bool:
        """Put two entries into one set; False when they were in one."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return False
        self._parents[max(one, other)] = min(one, other)
        return True

    def join_all(self, slots: Sequence[int]) -> None:
        """Put slots whose entries are together into one set."""
        for slot in slots[1:]:
            self.join(self._first[slots[0]], self._first[slot])

    def join_within(self, scope: Scope, slots: Sequence[int]) -> list[int]:
        """Put the entries of these slots together that have one scope; gives those that were in another set before."""
        first: dict[int, int] = {}
        moved = []
        for slot in slots:
            for entry in self._of(slot):
                where = scope(entry)
                if where is None:
                    continue
                other = first.setdefault(where, entry)
                if other != entry and self.join(other, entry):
                    moved.append(entry)
        return moved

    def _of(self, slot: int) -> Iterator[int]:
        entry = self._last[slot]
        while entry:
            yield entry - 1
            entry = self._earlier[entry - 1]

"""What was read once and need not be read again: bounded in bytes, whatever hosts send."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Budget:
    """How many bytes tables may keep together, by the estimates of those who fill them."""

    __slots__ = ("_charged", "_limit", "_tables")

    def __init__(self, limit: int) -> None:
        self._limit = limit // 2  # of a generation
        self._charged = 0
        # tables of any types; only `age` is asked of them
        self._tables: list[Remembered[Any, Any]] = []

    def join(self, table: Remembered[Any, Any]) -> None:
        self._tables.append(table)

    def pay(self, charge: int) -> bool:
        """Make room; False for what is too large to be kept at all."""
        if charge > self._limit:
            return False
        if self._charged + charge > self._limit:
            for table in self._tables:
                table.age()
            self._charged = 0
        self._charged += charge
        return True

    @property
    def charged(self) -> int:
        """What the present generation pays for."""
        return self._charged

    def clear(self) -> None:
        """Empty all tables."""
        for table in self._tables:
            table.age()
            table.age()
        self._charged = 0

    def leave(self) -> None:
        """Let go of all tables."""
        self._tables.clear()
        self._charged = 0


class Remembered(Generic[K, V]):
    """Two generations of a table: what was not asked for during a whole generation is forgotten.

    Ask `young.get` first, which costs least, then `older`. None cannot be kept.
    """

    __slots__ = ("_budget", "_old", "young")

    def __init__(self, budget: Budget) -> None:
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._budget = budget
        budget.join(self)

    def older(self, key: K, charge: int) -> V | None:
        """What the generation before kept; from now on this one keeps it."""
        value = self._old.pop(key, None)
        if value is not None:
            self.put(key, value, charge)
        return value

    def put(self, key: K, value: V, charge: int) -> None:
        if self._budget.pay(charge):
            self.young[key] = value

    def age(self) -> None:
        self._old, self.young = self.young, {}

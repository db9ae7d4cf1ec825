"""People of a run in little memory: 10^6 of them as columns, each a record only while it is looked at."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import overload

from hygiene.identities.person import Person
from hygiene.model import Identity, SecondFactor

_FACTORS = tuple(SecondFactor)
_TRUTHS = (None, False, True)


class People(Sequence[Identity]):
    """The rows of `identities`, in the order of the exports and their rows. Its repr shows the number alone."""

    def __init__(self) -> None:
        self._sources: list[str] = []
        self._source = array("H")
        self._users: list[str] = []
        self._packed = bytearray()  # admin, enabled, second factor
        self._methods = array("I")
        self._known_methods: dict[tuple[str, ...], int] = {}
        self._method_sets: list[tuple[str, ...]] = []
        self._seen: dict[str, int] = {}  # of the export that is being read

    def begin(self, source: str) -> None:
        """Go on with the next export: one user in two of them is two accounts."""
        self._sources.append(source)
        self._seen = {}

    def add(self, person: Person) -> bool | None:
        """Keep a person; False when the export said the same of them before, None when it said something else."""
        packed = (_TRUTHS.index(person.admin) * 3 + _TRUTHS.index(person.enabled)) * len(_FACTORS) + _FACTORS.index(
            person.second_factor
        )
        methods = self._known_methods.setdefault(person.methods, len(self._method_sets))
        if methods == len(self._method_sets):
            self._method_sets.append(person.methods)
        # providers do not tell names apart by case
        at = self._seen.setdefault(person.user.casefold(), len(self._users))
        if at < len(self._users):
            return False if (self._packed[at], self._methods[at]) == (packed, methods) else None
        self._source.append(len(self._sources) - 1)
        self._users.append(person.user)
        self._packed.append(packed)
        self._methods.append(methods)
        return True

    def finish(self) -> None:
        """Drop what was only needed while reading."""
        self._seen = {}
        self._known_methods = {}

    def __len__(self) -> int:
        return len(self._users)

    @overload
    def __getitem__(self, index: int) -> Identity: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Identity, ...]: ...
    def __getitem__(self, index: int | slice) -> Identity | tuple[Identity, ...]:
        if isinstance(index, slice):
            return tuple(self._identity(at) for at in range(*index.indices(len(self))))
        return self._identity(range(len(self))[index])

    def __iter__(self) -> Iterator[Identity]:
        return map(self._identity, range(len(self)))

    def __repr__(self) -> str:
        return f"People({len(self):,})"

    def _identity(self, at: int) -> Identity:
        truths, factor = divmod(self._packed[at], len(_FACTORS))
        admin, enabled = divmod(truths, 3)
        return Identity(
            source=self._sources[self._source[at]],
            user=self._users[at],
            admin=_TRUTHS[admin],
            enabled=_TRUTHS[enabled],
            second_factor=_FACTORS[factor],
            methods=self._method_sets[self._methods[at]],
        )

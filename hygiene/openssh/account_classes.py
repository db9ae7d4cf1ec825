"""Which accounts get the same settings: those that no User or Group criterion of a Match line tells apart."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from hygiene.openssh.match import Criterion, in_groups
from hygiene.openssh.patterns import LONGEST, list_verdict
from hygiene.openssh.words import as_bytes

_PATTERNS_MAX = 500  # lists with wildcards; each is matched with each account
_REMEMBERED_MAX = 10_000  # sets of groups


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of one kind: those of plain names by name, the others one by one."""

    names: dict[str, frozenset[int]]
    patterns: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, lists: Iterable[str]) -> _Lists:
        names: dict[str, set[int]] = {}
        patterns = []
        for index, text in enumerate(dict.fromkeys(lists)):
            items = text.split(",")
            if re.search(r"[*?!]", text) or any(len(item) > LONGEST for item in items):
                patterns.append((index, text))
            else:
                for item in items:
                    names.setdefault(item, set()).add(index)
        return cls({name: frozenset(found) for name, found in names.items()}, tuple(patterns))


@dataclass(frozen=True, slots=True)
class AccountClasses:
    """The criteria of a configuration that ask for accounts."""

    problems: tuple[str, ...]
    _users: _Lists
    _groups: _Lists
    _by_groups: dict[frozenset[str], frozenset[int]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, criteria: Iterable[Criterion]) -> AccountClasses:
        """Sort the criteria of all Match lines."""
        kept = list(criteria)
        users = _Lists.of(criterion.value for criterion in kept if criterion.name == "user")
        groups = _Lists.of(criterion.value for criterion in kept if criterion.name == "group")
        many = len(users.patterns) + len(groups.patterns) > _PATTERNS_MAX
        problem = f"the Match lines have more than {_PATTERNS_MAX} patterns of users and groups, which are not resolved"
        return cls((problem,) if many else (), users, groups)

    def class_of(self, user: str, groups: frozenset[str] | None) -> Hashable:
        """Equal for accounts of which every User and Group criterion says the same."""
        if self.problems:
            return None
        name = as_bytes(user)
        matched = self._users.names.get(name, frozenset())
        matched |= {index for index, text in self._users.patterns if list_verdict(name, text) > 0}
        if not self._groups.names and not self._groups.patterns:
            return (matched, None)
        return (matched, "not known" if groups is None else self._of_groups(groups))

    def _of_groups(self, groups: frozenset[str]) -> frozenset[int]:
        known = self._by_groups.get(groups)
        if known is None:
            plain = frozenset(map(as_bytes, groups))
            by_name = [self._groups.names.get(group, frozenset[int]()) for group in plain]
            by_pattern = {index for index, text in self._groups.patterns if in_groups(plain, text)}
            known = frozenset[int]().union(*by_name, by_pattern)
            if len(self._by_groups) < _REMEMBERED_MAX:
                self._by_groups[groups] = known
        return known

"""Hosts, groups and variables of an Ansible inventory, and what of them holds for each host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from hygiene.targets.ranges import expand, is_pattern
from hygiene.targets.reading import TARGETS_MAX

Variables = dict[str, str]
ENCRYPTED = "\0vault"  # stands for a value that ansible-vault encrypted; no inventory text can hold a NUL


@dataclass(slots=True)
class HostEntry:
    place: str  # where it was named first
    variables: Variables = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)  # those that name it themselves


@dataclass(slots=True)
class Group:
    place: str
    children: set[str] = field(default_factory=set)
    variables: Variables = field(default_factory=dict)


@dataclass(slots=True)
class Inventory:
    """What an inventory file says, before any rule of precedence."""

    hosts: dict[str, HostEntry] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def group(self, name: str, place: str) -> Group:
        return self.groups.setdefault(name, Group(place))

    def add_hosts(self, pattern: str, group: str, variables: Variables, place: str) -> None:
        """Put each host of `name`, `name:port` or `web[01:50]` into the group; ValueError when it cannot be read."""
        names, port = split_pattern(pattern)
        for name in names:
            if name not in self.hosts and len(self.hosts) >= TARGETS_MAX:
                raise ValueError(f"more than {TARGETS_MAX:,} hosts; split the inventory")
            host = self.hosts.setdefault(name, HostEntry(place))
            host.groups.add(group)
            if port:
                host.variables["ansible_port"] = port
            host.variables.update(variables)


def split_pattern(pattern: str) -> tuple[Iterable[str], str | None]:
    """The names and the port that a host's first word stands for."""
    head, colon, port = pattern.rpartition(":")
    outside = head.partition("[")[0] + head.rpartition("]")[2]
    # the colons of a range are inside its brackets; more of them outside belong to a bare IPv6 address
    if not colon or not port.isdigit() or head.count("[") != head.count("]") or ":" in outside:
        head, port = pattern, ""
    if is_pattern(head):
        return expand(head), port or None
    return [head.removeprefix("[").removesuffix("]")], port or None


@dataclass(frozen=True, slots=True)
class Tree:
    """The order of the groups: who is above whom, and in which order variables override one another."""

    above: Mapping[str, frozenset[str]]  # the group itself, its parents and theirs, without `all`
    rank: Mapping[str, tuple[int, int, str]]  # depth, ansible_group_priority, name: later overrides


def tree(groups: Mapping[str, Group]) -> Tree:
    """Order the groups as Ansible does; ValueError when a group contains itself."""
    parents: dict[str, set[str]] = {name: set() for name in groups}
    for name, group in groups.items():
        for child in group.children:
            parents[child].add(name)
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError as error:
        circle = " > ".join(str(name) for name in error.args[1][:6])
        raise ValueError(f"groups contain each other: {circle}; take one [...:children] line out") from None
    above: dict[str, frozenset[str]] = {}
    depth: dict[str, int] = {}
    for name in order:
        over = parents[name] - {"all"}
        depth[name] = 0 if name == "all" else 1 + max((depth[parent] for parent in over), default=0)
        above[name] = frozenset({name} - {"all"}).union(*(above[parent] for parent in over))
    rank = {name: (depth[name], _priority(group), name) for name, group in groups.items()}
    return Tree(above, rank)


def _priority(group: Group) -> int:
    text = group.variables.get("ansible_group_priority", "1")
    return int(text) if len(text) < 10 and text.isascii() and text.isdigit() else 1


@dataclass(slots=True)
class Precedence:
    """What holds for a host, weakest first, as Ansible's VARIABLE_PRECEDENCE orders it.

    `all` in the inventory, other groups there (parents before children), group_vars/all, other group_vars,
    the host in the inventory, host_vars.
    """

    inventory: Inventory
    tree: Tree
    group_files: Mapping[str, Variables]
    host_files: Mapping[str, Variables]
    _known: dict[frozenset[str], tuple[tuple[str, ...], Variables]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[tuple[str, ...], Variables]:
        """The groups of the host, sorted, without `all` and `ungrouped`; and its variables."""
        host = self.inventory.hosts[name]
        groups, shared = self._shared(frozenset(host.groups))
        return groups, {**shared, **host.variables, **self.host_files.get(name, {})}

    def _shared(self, direct: frozenset[str]) -> tuple[tuple[str, ...], Variables]:
        if direct not in self._known:
            member = frozenset[str]().union(*(self.tree.above[group] for group in direct))
            ranked = sorted(member, key=self.tree.rank.__getitem__)
            merged: Variables = {}
            for group in ("all", *ranked):
                if group in self.inventory.groups:
                    merged.update(self.inventory.groups[group].variables)
            for group in ("all", *ranked):
                merged.update(self.group_files.get(group, {}))
            self._known[direct] = (tuple(sorted(member - {"ungrouped"})), merged)
        return self._known[direct]

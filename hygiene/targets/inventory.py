"""All sources of hosts of a run, read into one tuple of targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from hygiene.errors import InventoryError
from hygiene.model import Target
from hygiene.targets import ansible, csv, hostlist
from hygiene.targets.address import show
from hygiene.targets.reading import FILE_MAX_BYTES, TARGETS_MAX, Problems, decode

_ANSIBLE_SUFFIXES = frozenset({".ini", ".yml", ".yaml"})


def load(sources: Sequence[str], stdin: BinaryIO) -> tuple[Target, ...]:
    """The targets of all sources, in their order; one that is named twice stands once.

    A source is a file: `.ini`, `.yml` and `.yaml` are Ansible inventories, `.csv` a table, all else a host list;
    `ansible:FILE` forces Ansible, `-` is a host list on standard input. InventoryError names file and line of what
    cannot be used, up to ten at once, and of two entries for one name that do not agree.
    """
    problems = Problems()
    found: list[Target] = []
    for source in sources:
        targets = _read(source, stdin, problems)
        if not targets and not problems.count:
            raise InventoryError(f"{_name(source)}: names no host; expected at least one")
        found.extend(targets)
    merged = merge(found, problems)
    problems.raise_any()
    if len(merged) > TARGETS_MAX:
        raise InventoryError(f"{len(merged):,} hosts in all; expected at most {TARGETS_MAX:,}, split the run")
    return merged


def merge(targets: Iterable[Target], problems: Problems) -> tuple[Target, ...]:
    """Make one of targets that are the same; those that contradict each other go to `problems`.

    Names are compared without case, as DNS does. Tags add up; a user or a tenant that only one entry gives holds.
    """
    first: dict[str, Target] = {}
    for target in targets:
        key = target.host.casefold()
        known = first.setdefault(key, target)
        if known is target:
            continue
        # what the two were given, apart from tags, which add up
        for what, one, other in (
            ("address", _endpoint(known), _endpoint(target)),
            ("tenant", known.tenant, target.tenant),
            ("user", known.user, target.user),
        ):
            if one != other and one is not None and other is not None:
                problems.add(
                    target.place,
                    f"{show(target.host)} has {what} {show(other)} here and {show(one)} at {known.place}; "
                    "give each host a name of its own, or take one line out",
                )
                break
        else:
            first[key] = replace(
                known,
                tenant=known.tenant or target.tenant,
                user=known.user or target.user,
                tags=tuple(sorted({*known.tags, *target.tags})),
            )
    return tuple(first.values())


def _endpoint(target: Target) -> str:
    address = target.address.lower().removesuffix(".")
    return f"[{address}]:{target.port}" if ":" in address else f"{address}:{target.port}"


def _name(source: str) -> str:
    return "standard input" if source == "-" else source.removeprefix("ansible:")


def _read(source: str, stdin: BinaryIO, problems: Problems) -> list[Target]:
    name = _name(source)
    if source == "-":
        return hostlist.parse(decode(_bounded(stdin, name), name), name, problems)
    path = Path(name)
    text = decode(_open(path, name), name)
    suffix = path.suffix.lower()
    if source.startswith("ansible:") or suffix in _ANSIBLE_SUFFIXES:
        return ansible.parse(text, name, problems, path.parent)
    if suffix == ".csv":
        return csv.parse(text, name, problems)
    return hostlist.parse(text, name, problems)


def _open(path: Path, name: str) -> bytes:
    if path.is_dir():
        raise InventoryError(f"{name}: is a folder; expected a file, name the inventory inside it")
    try:
        with path.open("rb") as file:
            return _bounded(file, name)
    except OSError as error:
        raise InventoryError(f"{name}: cannot be read: {error.strerror}; check the path given with -i") from None


def _bounded(file: BinaryIO, name: str) -> bytes:
    data = file.read(FILE_MAX_BYTES + 1)
    if len(data) > FILE_MAX_BYTES:
        raise InventoryError(f"{name}: is larger than {FILE_MAX_BYTES // 1024 // 1024} MiB; expected a list of hosts")
    return data

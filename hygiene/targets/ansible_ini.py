"""Ansible inventories in INI form: `[group]`, `[group:children]`, `[group:vars]`, hosts with variables."""

from __future__ import annotations

import shlex

from hygiene.targets.address import show
from hygiene.targets.groups import Inventory, Variables
from hygiene.targets.reading import Problems, lines

_KINDS = ("hosts", "children", "vars")


def parse(text: str, name: str, problems: Problems) -> Inventory:
    """What the file says, following ansible/plugins/inventory/ini.py; bad lines go to `problems`.

    A message never repeats what stands behind a host's name: it may be `ansible_password=`.
    """
    inventory = Inventory()
    inventory.group("ungrouped", name)
    declared = {"all", "ungrouped"}  # groups with a section of hosts or children
    promised: dict[str, str] = {}  # groups that [x:vars] or a line of [x:children] names, and where
    group, kind = "ungrouped", "hosts"
    for number, raw in enumerate(lines(text), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        place = f"{name}:{number}"
        try:
            if (section := _section(line)) is not None:
                group, kind = section
                inventory.group(group, place)
                if kind == "vars":
                    promised.setdefault(group, place)
                else:
                    declared.add(group)
            elif kind == "children":
                child = line.partition("#")[0].strip()
                if not child or len(child.split()) > 1:
                    raise ValueError("expected the name of one group")
                inventory.group(child, place)
                inventory.groups[group].children.add(child)
                promised.setdefault(child, place)
            elif kind == "vars":
                key, equals, value = line.partition("=")
                if not equals or not key.strip():
                    raise ValueError("expected key=value")
                inventory.groups[group].variables.update(_kept(key.strip(), unquote(value)))
            else:
                _host(inventory, line, group, place)
        except ValueError as error:
            problems.add(place, error)
    for promise, place in promised.items():
        if promise not in declared:
            problems.add(place, f"group {show(promise)} is defined nowhere; add its section, or mend the name")
    return inventory


def unquote(value: str) -> str:
    """A value without its quotes, or without a comment behind it."""
    value = value.strip()
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        if end > 0 and (not value[end + 1 :].strip() or value[end + 1 :].lstrip().startswith("#")):
            return value[1:end]
        return value
    return value.partition(" #")[0].rstrip()


def is_secret(key: str) -> bool:
    """Does the variable's name say that its value is secret? Such values are not kept."""
    low = key.lower()
    return any(word in low for word in ("pass", "secret", "token", "private", "credential"))


def _kept(key: str, value: str) -> Variables:
    return {} if is_secret(key) else {key: value}


def _section(line: str) -> tuple[str, str] | None:
    """Group and kind of a `[group:kind]` line; None for a host whose name begins with a bracket."""
    if not line.startswith("["):
        return None
    inside, closing, behind = line[1:].partition("]")
    behind = behind.strip()
    if not closing or (behind and not behind.startswith("#")):
        if closing and ":" in inside:
            return None  # `[2001:db8::1]:22`, `[a:c].example.com`
        raise ValueError(f"{show(line.split()[0])}: expected [group], [group:children] or [group:vars]")
    group, colon, kind = inside.partition(":")
    if colon and kind not in _KINDS:
        if kind.count(":") or not kind.isalpha():
            return None  # `[2001:db8::1]`, `[01:50]`
        raise ValueError(f"{show(inside)}: a section is [group], [group:children] or [group:vars]")
    if not group or len(group.split()) != 1:
        raise ValueError(f"{show(inside)}: the group's name is empty or holds a blank")
    return group, kind or "hosts"


def _host(inventory: Inventory, line: str, group: str, place: str) -> None:
    words = shlex.split(line, comments=True) if set(line) & set("'\"\\#") else line.split()
    if not words:
        return
    variables: Variables = {}
    for position, word in enumerate(words[1:], 2):
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ValueError(f"word {position} is not key=value; expected host key=value ...")
        variables.update(_kept(key, unquote(value)))
    inventory.add_hosts(words[0], group, variables, place)

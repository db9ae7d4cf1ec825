"""Ansible inventories and variable files in YAML: groups with `hosts`, `children` and `vars`."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from hygiene.errors import InventoryError
from hygiene.targets.address import show
from hygiene.targets.ansible_ini import is_secret
from hygiene.targets.groups import ENCRYPTED, Group, Inventory, Variables
from hygiene.targets.reading import Problems

_DEPTH_MAX = 100
_NODES_MIN = 100_000  # so many entries are always taken; beyond, a file of aliases stands for endlessly many
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"

# The nodes are walked as they are parsed and nothing is constructed from them: tags such as !vault or !!python do
# nothing here, and each node knows its line. libyaml's parser is 10 times as fast where PyYAML was built with it.
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str, name: str, problems: Problems) -> Inventory:
    """What the file says, following ansible/plugins/inventory/yaml.py; bad entries go to `problems`."""
    inventory = Inventory()
    root = _compose(text, name)
    if root is None:
        return inventory
    walk = _Walk(inventory, name, problems, len(text))
    for key, value in walk.pairs(root, "groups at the top, like `all:`"):
        if key.value == "plugin":
            raise InventoryError(
                f"{name}:{key.start_mark.line + 1}: configures an inventory plugin, which is not run here; "
                f"write its hosts down with `ansible-inventory -i {name} --list --yaml --output hosts.yml`"
            )
        walk.group(key, value, 0)
    return inventory


def parse_variables(text: str, name: str) -> Variables:
    """The plain values of a host_vars or group_vars file. What ansible-vault encrypted holds no address for us."""
    if text.startswith("$ANSIBLE_VAULT;"):
        return {}
    root = _compose(text, name)
    if root is None:
        return {}
    problems = Problems()
    found = _Walk(Inventory(), name, problems, len(text)).variables(root)
    problems.raise_any()
    return found


def _compose(text: str, name: str) -> yaml.Node | None:
    loader = None
    try:
        _check_depth(text, name)
        loader = _Loader(text)
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        # the message's own excerpt is left out: the line may hold a password
        raise InventoryError(f"{name}{line}: is not YAML: {error.problem or error.context}; mend the line") from None
    except yaml.YAMLError:
        raise InventoryError(
            f"{name}: is not YAML: it holds a character that YAML does not allow; take it out"
        ) from None
    finally:
        if loader is not None:
            loader.dispose()
    return None if node is None or node.tag == _NULL else node


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting before nodes are made: libyaml's binding recurses for each level until the stack is full."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > 4 * _DEPTH_MAX:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise InventoryError(
                    f"{name}:{line}: is nested more than {depth - 1} deep; expected an Ansible inventory"
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Walk:
    """One pass over the nodes of a file."""

    def __init__(self, inventory: Inventory, name: str, problems: Problems, characters: int) -> None:
        self.inventory, self.name, self.problems = inventory, name, problems
        self._nodes = max(_NODES_MIN, characters)  # without aliases an entry takes several characters

    def count(self) -> None:
        self._nodes -= 1
        if self._nodes < 0:
            raise InventoryError(f"{self.name}: its aliases stand for endlessly many entries; write them out")

    def place(self, node: yaml.Node) -> str:
        return f"{self.name}:{node.start_mark.line + 1}"

    def pairs(self, node: yaml.Node, expected: str, depth: int = 0) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Keys and values of a mapping, merged ones (`<<`) first; a plain word is a key without value."""
        self.count()
        if isinstance(node, yaml.ScalarNode):
            if node.tag != _NULL:
                yield node, yaml.ScalarNode(_NULL, "", node.start_mark, node.end_mark)
            return
        if not isinstance(node, yaml.MappingNode) or depth > _DEPTH_MAX:
            self.problems.add(self.place(node), f"expected {expected}; write `name:` without a leading hyphen")
            return
        for key, value in node.value:
            if key.tag == _MERGE:
                for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    yield from self.pairs(part, expected, depth + 1)
        for key, value in node.value:
            self.count()
            if not isinstance(key, yaml.ScalarNode):
                self.problems.add(self.place(key), "a list or mapping stands where a name was expected")
            elif key.tag != _MERGE:
                yield key, value

    def variables(self, node: yaml.Node) -> Variables:
        """The plain values; lists, mappings and secrets are passed over: no address stands in them."""
        found: Variables = {}
        for key, value in self.pairs(node, "variables, like `ansible_host: 192.0.2.1`"):
            if isinstance(value, yaml.ScalarNode) and not is_secret(key.value):
                found[key.value] = ENCRYPTED if value.tag == "!vault" else "" if value.tag == _NULL else value.value
        return found

    def group(self, key: yaml.ScalarNode, node: yaml.Node, depth: int, parent: Group | None = None) -> None:
        """One group and all below it."""
        name = key.value
        if depth > _DEPTH_MAX:
            self.problems.add(self.place(key), f"group {show(name)} is nested more than {_DEPTH_MAX} deep")
            return
        if not name or len(name.split()) != 1:
            self.problems.add(self.place(key), f"group {show(name)} is empty or holds a blank")
            return
        group = self.inventory.group(name, self.place(key))
        if parent is not None:
            parent.children.add(name)
        for part, value in self.pairs(node, "`hosts:`, `children:` and `vars:` in a group"):
            if part.value == "vars":
                group.variables.update(self.variables(value))
            elif part.value == "children":
                for child, below in self.pairs(value, "groups under `children:`"):
                    self.group(child, below, depth + 1, group)
            elif part.value == "hosts":
                for host, own in self.pairs(value, "hosts under `hosts:`"):
                    try:
                        self.inventory.add_hosts(host.value, name, self.variables(own), self.place(host))
                    except ValueError as error:
                        self.problems.add(self.place(host), error)
            else:
                self.problems.add(
                    self.place(part), f"{show(part.value)} in group {show(name)}; expected hosts, children or vars"
                )

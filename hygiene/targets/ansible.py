"""Ansible inventories, INI and YAML, with the group_vars and host_vars beside them, as targets."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from pathlib import Path

from hygiene.errors import InventoryError
from hygiene.model import Target
from hygiene.targets import ansible_ini, ansible_yaml
from hygiene.targets.address import check_address, check_label, check_name, check_port, check_user, is_ip
from hygiene.targets.groups import ENCRYPTED, Precedence, Variables, tree
from hygiene.targets.reading import FILE_MAX_BYTES, Problems, decode, lines

# ansible/plugins/connection/ssh.py: of these the later one wins
_HOST = ("ansible_host", "ansible_ssh_host")
_PORT = ("ansible_port", "ansible_ssh_port")
_USER = ("ansible_user", "ansible_ssh_user")
_SSH = frozenset(
    {"", "ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh"}
)
_REFERENCE = re.compile(r"\{\{\s*+([A-Za-z_][A-Za-z0-9_]*+)\s*+\}\}")
_REFERENCES_MAX = 10
_SUFFIXES = frozenset({"", ".yml", ".yaml", ".json"})


def parse(text: str, name: str, problems: Problems, folder: Path | None) -> list[Target]:
    """The targets in the order in which the file names them; `folder` holds group_vars and host_vars.

    `hygiene_tenant` gives the tenant, groups become tags (parents too, without `all` and `ungrouped`). A host that
    Ansible does not reach by SSH (`ansible_connection=local`, `winrm`, ...) stays in scope, is dialled by SSH like
    the others, and carries the tag `connection-local`, `connection-winrm`, ..., so that --exclude can name it.
    """
    inventory = (ansible_yaml if _is_yaml(text, name) else ansible_ini).parse(text, name, problems)
    try:
        order = tree(inventory.groups)
    except ValueError as error:
        raise InventoryError(f"{name}: {error}") from None
    precedence = Precedence(
        inventory,
        order,
        _files(folder, "group_vars", {"all", *inventory.groups}),
        _files(folder, "host_vars", inventory.hosts.keys()),
    )
    targets: list[Target] = []
    for host, entry in inventory.hosts.items():
        groups, variables = precedence.of(host)
        try:
            targets.append(_target(host, groups, variables, entry.place))
        except ValueError as error:
            problems.add(entry.place, error)
    return targets


def _is_yaml(text: str, name: str) -> bool:
    suffix = Path(name).suffix.lower()
    if suffix in (".yml", ".yaml", ".json"):
        return True
    if suffix == ".ini":
        return False
    for line in lines(text[:100_000]):
        first = line.partition(" #")[0].rstrip()
        if first and not first.lstrip().startswith(("#", ";")):
            return first.startswith(("---", "%YAML", "{")) or first.endswith(":")
    return False


def _target(host: str, groups: tuple[str, ...], variables: Variables, place: str) -> Target:
    values = {**variables, "inventory_hostname": host, "inventory_hostname_short": host.partition(".")[0]}
    address = _value(_HOST, values) or host
    port, user, tenant = _value(_PORT, values), _value(_USER, values), _value(("hygiene_tenant",), values)
    connection = _value(("ansible_connection",), values)
    tags = {check_label(group, "group") for group in groups}
    if connection not in _SSH:
        tags.add(check_label(f"connection-{connection}", "ansible_connection"))
    return Target(
        check_address(host) if is_ip(host) else check_name(host),
        check_address(address.removeprefix("[").removesuffix("]")),
        check_port(port) if port else 22,
        check_user(user) if user else None,
        check_label(tenant, "tenant") if tenant else None,
        tuple(sorted(tags)),
        place,
    )


def _value(keys: tuple[str, ...], values: Mapping[str, str]) -> str:
    """The value of the last of the keys that is there, `{{ name }}` of plain variables filled in."""
    key = next((key for key in reversed(keys) if values.get(key)), None)
    if key is None:
        return ""
    text = values[key]
    for _ in range(_REFERENCES_MAX):
        if "{{" not in text or len(text) > 1000:
            break
        filled = _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)
        if filled == text:
            break
        text = filled
    if ENCRYPTED in text:
        raise ValueError(f"{key} is encrypted by ansible-vault; write its value in the clear")
    if "{{" in text or "{%" in text:
        raise ValueError(
            f"{key} is a template that needs Ansible; write its value, or make a list with ansible-inventory"
        )
    return text.strip()


def _files(folder: Path | None, kind: str, names: Container[str]) -> dict[str, Variables]:
    """Variables of the files `kind/NAME`, `kind/NAME.yml` or `kind/NAME/*`, for the names that are in the inventory."""
    found: dict[str, Variables] = {}
    if folder is None or not (folder / kind).is_dir():
        return found
    try:
        for path in sorted((folder / kind).iterdir()):
            # `web1.example.com` is a whole name, `web1.example.com.yml` one with a suffix
            name = path.name if path.is_dir() or path.suffix not in _SUFFIXES else path.stem
            if name not in names:
                continue
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file() and (file == path or file.suffix in _SUFFIXES) and not file.name.startswith("."):
                    found.setdefault(name, {}).update(_read(file))
    except OSError as error:
        raise InventoryError(
            f"{error.filename}: cannot be read: {error.strerror}; its variables may hold addresses"
        ) from None
    return found


def _read(path: Path) -> Variables:
    if path.stat().st_size > FILE_MAX_BYTES:
        raise InventoryError(f"{path}: is larger than {FILE_MAX_BYTES // 1024 // 1024} MiB; expected Ansible variables")
    return ansible_yaml.parse_variables(decode(path.read_bytes(), str(path)), str(path))

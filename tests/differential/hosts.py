"""From scenes to hosts of the lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lab.plan import home_of
from lab.spec import AccountSpec, File, HostSpec, Link, Node

from .case import Case, Scene

_FIRST_UID = 2000
# MaxStartups: many logins at once. VERBOSE names the line that let in. No UseDNS: nothing answers there.
_HEAD = "LogLevel VERBOSE\nMaxStartups 100\nLoginGraceTime 60\n"


def heading(version: str) -> str:
    """What stands at the top of every sshd_config of the suite."""
    major, minor = map(int, version.split("."))
    # since 9.8, and on by default: refused logins from one address would end in a ban
    return _HEAD + ("PerSourcePenalties no\n" if (major, minor) >= (9, 8) else "")


def named(scene: Scene) -> list[tuple[Case, AccountSpec]]:
    """Each case with its account as it stands on the host."""
    found = []
    for number, case in enumerate(scene.cases):
        name = case.name or f"c{number:03}"
        account = replace(case.account, name=name)
        if case.account.uid < 0:
            account = replace(account, uid=_FIRST_UID + number)
        # the home's default depends on the name
        account = replace(account, home=_filled(home_of(account), name))
        account = replace(
            account, files={_filled(path, name): _told(node, name) for path, node in account.files.items()}
        )
        found.append((case, account))
    return found


def host_of(scene: Scene, version: str) -> HostSpec:
    accounts = [(case, replace(entry, hash_method=_hash_method(version))) for case, entry in named(scene)]
    files: dict[str, Node] = dict(scene.files)
    for case, account in accounts:
        files |= {_filled(path, account.name): _told(node, account.name) for path, node in case.host_files.items()}
    config = None if scene.config is None else heading(version) + scene.config
    dropped: Mapping[str, str] = {"00-suite.conf": heading(version)} if scene.config is None else {}
    return HostSpec(
        scene.name,
        accounts=(*{account.name: account for _, account in accounts}.values(), *scene.accounts),
        groups=scene.groups,
        sshd_config=config,
        sshd_config_d=dropped,
        files=files,
    )


def _hash_method(version: str) -> str:
    """SHA-512 as mkpasswd(1) of the release names it: otherwise before whois 5.5."""
    return "sha512crypt" if version not in ("7.2", "7.6") else "sha-512"


def _filled(text: str, name: str) -> str:
    return text.replace("@NAME@", name)


def _told(node: Node, name: str) -> Node:
    match node:
        case File():
            return replace(node, data=node.data.replace(b"@NAME@", name.encode()))
        case Link():
            return replace(node, target=_filled(node.target, name))
        case _:
            return node

"""From what a test says about a host to the files that make it so: pure functions on text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from .spec import AccountSpec, Directory, File, HostSpec, Node

COLLECTOR_PATH = "/usr/local/libexec/hygiene-collector"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host key: the private file's bytes, and the public part as `type base64`."""

    kind: str
    private: bytes = field(repr=False)
    public: str


@dataclass(frozen=True, slots=True)
class Base:
    """The account files of the tree, to which a host's own accounts are added."""

    passwd: str
    group: str
    shadow: str

    @classmethod
    def read(cls, tree: Path) -> Base:
        return cls(*((tree / "etc" / name).read_text() for name in ("passwd", "group", "shadow")))


def address_of(index: int) -> str:
    """The address of the index-th host of a lab, so that a spec can name another host before the lab is up."""
    return f"10.77.{1 + index // 250}.{1 + index % 250}"


def auditor_account(public_key: str, script: bytes, *, name: str = "hygiene", uid: int = 990, source: str) -> HostSpec:
    """What a host needs to be audited by a restricted key: account, forced command, installed collector, sudo rule.

    The parts of a nameless HostSpec; `join` puts them into a host. `script` becomes root's file, sudo holds its digest.
    """
    digest = hashlib.sha256(script).hexdigest()
    line = f'restrict,from="{source}",command="/usr/bin/sudo -n {COLLECTOR_PATH}" {public_key}'
    return HostSpec(
        name="",
        accounts=(AccountSpec(name, uid, home=f"/var/lib/{name}", shell="/bin/sh", authorized_keys=[line]),),
        sudoers_d={name: f'{name} ALL=(root) NOPASSWD: sha256:{digest} {COLLECTOR_PATH} ""\n'},
        files={COLLECTOR_PATH: File(script, 0o755)},
    )


def join(host: HostSpec, part: HostSpec) -> HostSpec:
    """The host with a part's accounts, sudo rules and files added."""
    return replace(
        host,
        accounts=(*host.accounts, *part.accounts),
        sudoers_d={**host.sudoers_d, **part.sudoers_d},
        files={**host.files, **part.files},
    )


def make_host_key(kind: str) -> HostKey:
    """A new key as ssh-keygen -A would make it."""
    private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if kind == "ed25519":
        private = ed25519.Ed25519PrivateKey.generate()
    elif kind == "ecdsa":
        private = ec.generate_private_key(ec.SECP256R1())
    elif kind == "rsa":
        private = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    else:
        raise ValueError(f"host key type {kind}; expected ed25519, ecdsa or rsa")
    data = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return HostKey(kind, data, public.decode())


def machine_id(spec: HostSpec) -> str:
    """The 32 hex digits of machine-id(5); another for each name."""
    return spec.machine_id if spec.machine_id is not None else hashlib.sha256(spec.name.encode()).hexdigest()[:32]


def home_of(account: AccountSpec) -> str:
    return account.home or ("/root" if account.name == "root" else f"/home/{account.name}")


def files_of(
    spec: HostSpec, address: str, base: Base, host_keys: Sequence[HostKey], hashes: Mapping[str, str]
) -> dict[str, Node]:
    """Every file of a host that differs from the tree, by path, in the order to plant them.

    `hashes` has the hashed password of each account that was given one in clear.
    """
    files: dict[str, Node] = {
        "/etc/hostname": _text(f"{spec.name}\n"),
        "/etc/hosts": _text(f"127.0.0.1\tlocalhost\n{address}\t{spec.name}\n"),
        "/etc/machine-id": _text(f"{machine_id(spec)}\n", 0o444),
        "/etc/passwd": _text(_passwd(spec, base)),
        "/etc/group": _text(_group(spec, base)),
        "/etc/shadow": File(_shadow(spec, base, hashes).encode(), 0o640, 0, 42),
    }
    for key in host_keys:
        files[f"/etc/ssh/ssh_host_{key.kind}_key"] = File(key.private, 0o600)
        files[f"/etc/ssh/ssh_host_{key.kind}_key.pub"] = _text(f"{key.public} root@{spec.name}\n")
    for path, text, mode in (
        ("/etc/ssh/sshd_config", spec.sshd_config, 0o644),
        ("/etc/sudoers", spec.sudoers, 0o440),
        ("/etc/nsswitch.conf", spec.nsswitch, 0o644),
    ):
        if text is not None:
            files[path] = _text(text, mode)
    files |= {f"/etc/ssh/sshd_config.d/{name}": _text(text) for name, text in spec.sshd_config_d.items()}
    files |= {f"/etc/sudoers.d/{name}": _text(text, 0o440) for name, text in spec.sudoers_d.items()}
    files |= {f"/etc/pam.d/{name}": _text(text) for name, text in spec.pam.items()}
    for account in spec.accounts:
        files |= _home(account)
    return files | dict(spec.files)


def _text(text: str, mode: int = 0o644) -> File:
    return File(text.encode(), mode)


def _gid(account: AccountSpec) -> int:
    return account.uid if account.gid is None else account.gid


def _replaced(base: str, lines: Mapping[str, str]) -> str:
    """The lines of an account file, with those of the same first field replaced and the new ones at the end."""
    left = dict(lines)
    merged = [left.pop(line.split(":", 1)[0], line) for line in base.splitlines()]
    return "".join(f"{line}\n" for line in (*merged, *left.values()))


def _passwd(spec: HostSpec, base: Base) -> str:
    lines = {}
    for account in spec.accounts:
        ids = f"{account.uid}:{_gid(account)}"
        lines[account.name] = f"{account.name}:x:{ids}:{account.gecos}:{home_of(account)}:{account.shell}"
    return _replaced(base.passwd, lines)


def _shadow(spec: HostSpec, base: Base, hashes: Mapping[str, str]) -> str:
    return _replaced(
        base.shadow,
        {
            account.name: ":".join((account.name, _secret(account, hashes), *account.ages, ""))
            for account in spec.accounts
        },
    )


def _secret(account: AccountSpec, hashes: Mapping[str, str]) -> str:
    return account.shadow if account.shadow is not None else hashes.get(account.name, "*")


def _group(spec: HostSpec, base: Base) -> str:
    groups = {line.split(":")[0]: line.split(":") for line in base.group.splitlines()}
    for name, gid in spec.groups.items():
        groups[name] = [name, "x", str(gid), ""]
    for account in spec.accounts:
        if str(_gid(account)) not in {fields[2] for fields in groups.values()}:
            groups[account.name] = [account.name, "x", str(_gid(account)), ""]
    for account in spec.accounts:
        for name in account.groups:
            fields = groups[name]
            fields[3] = f"{fields[3]},{account.name}" if fields[3] else account.name
    return "".join(":".join(fields) + "\n" for fields in groups.values())


def _home(account: AccountSpec) -> dict[str, Node]:
    """The nodes below an account's home, parents before children."""
    home, uid, gid = home_of(account), account.uid, _gid(account)
    nodes: dict[str, Node] = {}
    if account.home_mode is not None:
        nodes[home] = Directory(account.home_mode, uid, gid)
    wanted = dict(account.files)
    if account.authorized_keys:
        lines = "".join(f"{line}\n" for line in account.authorized_keys)
        wanted = {".ssh/authorized_keys": File(lines.encode(), 0o600), **wanted}
    for path in wanted:
        for parent in reversed(Path(path).parents):
            if str(parent) != ".":
                nodes[f"{home}/{parent}"] = Directory(0o700, uid, gid)
    for path, node in wanted.items():
        place = home if path == "." else f"{home}/{path}"
        nodes[place] = _owned(node, uid, gid)
    return nodes


def _owned(node: Node, uid: int, gid: int) -> Node:
    owner = {"uid": uid if node.uid is None else node.uid, "gid": gid if node.gid is None else node.gid}
    return replace(node, **owner)


def passwords_to_hash(spec: HostSpec) -> list[tuple[str, str, str]]:
    """Account, method and password of each account whose hash has to be made."""
    return [
        (account.name, account.hash_method, account.password)
        for account in spec.accounts
        if account.password is not None and account.shadow is None
    ]

"""Write the planned hosts to disk: one folder for each, with an owners manifest beside it."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hygiene.demo.plan import FORMER, OPERATOR, DemoHost, Kind, ListRow, Plan

AUDITOR = "hygiene"

_SERVICES = (
    "daemon",
    "bin",
    "sys",
    "mail",
    "www-data",
    "backup",
    "nobody",
    "messagebus",
    "sshd",
    "syslog",
    "ntp",
    "postfix",
)
_PEOPLE = (OPERATOR, "developer", "dba", "trainee", "oncall", "vendor")

_FILES: Mapping[str, str] = {
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\n",
    "etc/pam.d/sshd": (
        "@include common-auth\naccount    required     pam_nologin.so\n@include common-account\n"
        "session    required     pam_loginuid.so\n@include common-session\n@include common-password\n"
    ),
    "etc/pam.d/common-auth": (
        "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n"
        "auth\trequisite\tpam_deny.so\nauth\trequired\tpam_permit.so\n"
    ),
    "etc/pam.d/common-account": (
        "account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so\n"
        "account\trequisite\tpam_deny.so\naccount\trequired\tpam_permit.so\n"
    ),
    "etc/pam.d/common-session": "session\trequired\tpam_unix.so\n",
    "etc/pam.d/common-password": "password\trequisite\tpam_unix.so obscure yescrypt\n",
    "var/lib/dpkg/status": "Package: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2+deb12u7\n\n",
    "etc/sudoers": (
        "Defaults\tenv_reset\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"
    ),
    "etc/sudoers.d/README": "# one file for each rule\n",
    "usr/bin/sudo": "",
    "bin/bash": "",
    "bin/sh": "",
    "usr/sbin/nologin": "",
}
_EXECUTABLE = {"bin/bash", "bin/sh", "usr/sbin/nologin", "usr/bin/sudo"}


@dataclass(frozen=True)
class DemoKey:
    """A key pair made for the demo; `public` is a line of authorized_keys without options."""

    private: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
    comment: str

    @classmethod
    def make(cls, comment: str) -> DemoKey:
        return cls(ed25519.Ed25519PrivateKey.generate(), comment)

    @cached_property
    def public(self) -> str:
        blob = self.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return f"{blob} {self.comment}"

    @cached_property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(base64.b64decode(self.public.split()[1])).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    def file(self) -> bytes:
        """The private key as ssh-keygen writes it without a passphrase."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


@dataclass(frozen=True)
class Keyring:
    """All keys of a demo fleet."""

    auditor: DemoKey
    everywhere: DemoKey  # the one key that opens root almost everywhere
    weak: DemoKey
    people: Mapping[str, DemoKey]  # by `tenant/name`


def keyring(plan: Plan) -> Keyring:
    """Make the keys of a fleet."""
    tenants = sorted({host.tenant for host in plan.hosts})
    return Keyring(
        auditor=DemoKey.make("auditor"),
        everywhere=DemoKey.make("deploy@build"),
        # the size is the point: it is planted to be found
        weak=DemoKey(rsa.generate_private_key(public_exponent=65537, key_size=1024), "legacy@appliance"),  # noqa: S505
        people={f"{tenant}/{name}": DemoKey.make(f"{name}@{tenant}") for tenant in tenants for name in _PEOPLE},
    )


@dataclass
class _Tree:
    """Files of one host root, gathered and then written at once."""

    files: dict[str, tuple[bytes, int, int]] = field(default_factory=dict)  # path -> content, mode, uid
    owned: dict[str, tuple[int, int]] = field(default_factory=dict)  # folder -> mode, uid

    def add(self, path: str, content: bytes | str, mode: int = 0o644, uid: int = 0) -> None:
        self.files[path] = (content.encode() if isinstance(content, str) else content, mode, uid)

    def folder(self, path: str, mode: int, uid: int) -> None:
        self.owned[path] = (mode, uid)

    def write(self, root: Path, manifest: Path) -> None:
        lines = ["#mtree", ". type=dir mode=0755 uid=0 gid=0"]
        folders = {str(parent) for path in self.files for parent in Path(path).parents} - {"."}
        for path in sorted(folders | self.owned.keys()):
            mode, uid = self.owned.get(path, (0o755, 0))
            (root / path).mkdir(parents=True, exist_ok=True)
            lines.append(f"./{path} type=dir mode={mode:04o} uid={uid} gid={uid}")
        for path, (content, mode, uid) in self.files.items():
            (root / path).write_bytes(content)
            (root / path).chmod(0o700 if mode & 0o100 else 0o600)
            lines.append(f"./{path} type=file mode={mode:04o} uid={uid} gid={uid} size={len(content)}")
        manifest.write_text("\n".join(lines) + "\n", encoding="ascii")


def write_host(host: DemoHost, keys: Keyring, host_key: str, root: Path, manifest: Path) -> None:
    """Write one host's folder and its owners manifest (mtree); `host_key` is its public host key."""
    tree = _Tree()
    for path, text in _FILES.items():
        tree.add(path, text, 0o755 if path in _EXECUTABLE else 0o644)
    if host.directory:
        tree.add("etc/nsswitch.conf", "passwd: files sss\ngroup: files sss\nshadow: files sss\n")
    tree.add("etc/machine-id", secrets.token_hex(16) + "\n")
    tree.add("etc/ssh/sshd_config", _sshd_config(host))
    tree.add("etc/ssh/ssh_host_ed25519_key.pub", f"{host_key} root@{host.name}\n")
    tree.add(
        "etc/sudoers.d/hygiene", f'{AUDITOR} ALL=(root) NOPASSWD: /usr/local/libexec/hygiene-collector ""\n', 0o440
    )
    _accounts(tree, host, keys)
    tree.write(root, manifest)


def _sshd_config(host: DemoHost) -> str:
    lines = [
        f"PasswordAuthentication {'yes' if host.passwords else 'no'}",
        "KbdInteractiveAuthentication no",
        f"PermitRootLogin {'yes' if host.root_password else 'prohibit-password'}",
        "UsePAM yes",
        "X11Forwarding no",
        "Subsystem sftp /usr/lib/openssh/sftp-server",
    ]
    if host.second_factor:
        lines += [f"Match User {OPERATOR}", "PasswordAuthentication yes", "AuthenticationMethods publickey,password"]
    return "\n".join(lines) + "\n"


def _accounts(tree: _Tree, host: DemoHost, keys: Keyring) -> None:
    passwd = ["root:x:0:0:root:/root:/bin/bash"]
    group = ["root:x:0:"]
    shadow = [f"root:{_hash() if host.root_password else '*'}:19700:0:99999:7:::"]
    for uid, name in enumerate(_SERVICES, 1):
        passwd.append(f"{name}:x:{uid}:{uid}:{name}:/nonexistent:/usr/sbin/nologin")
        group.append(f"{name}:x:{uid}:")
        shadow.append(f"{name}:*:19700:0:99999:7:::")
    named = _PEOPLE[: 2 + host.number % 3]
    people = [(AUDITOR, "*", ""), *((name, _hash() if _has_password(host, name) else "*", "") for name in named)]
    if host.build:
        people.append(("deploy", "*", ""))
    if host.left:
        people.append((FORMER, f"!{_hash()}", "1"))
    for uid, (name, secret, last_day) in enumerate(people, 1000):
        passwd.append(f"{name}:x:{uid}:{uid}:{name}:/home/{name}:/bin/{'sh' if name == AUDITOR else 'bash'}")
        group.append(f"{name}:x:{uid}:")
        shadow.append(f"{name}:{secret}:19700:0:99999:7::{last_day}:")
        tree.folder(f"home/{name}", 0o755, uid)
        tree.folder(f"home/{name}/.ssh", 0o700, uid)
        tree.add(f"home/{name}/.ssh/authorized_keys", _lines(host, keys, name), 0o600, uid)
        if name == "deploy":
            tree.add("home/deploy/.ssh/id_ed25519", keys.everywhere.file(), 0o600, uid)
    tree.folder("root", 0o700, 0)
    if host.kind is Kind.OPEN:
        tree.folder("root/.ssh", 0o700, 0)
        tree.add("root/.ssh/authorized_keys", keys.everywhere.public + "\n", 0o600)
    group.append("sudo:x:27:")
    tree.add("etc/passwd", "\n".join(passwd) + "\n")
    tree.add("etc/group", "\n".join(group) + "\n")
    tree.add("etc/shadow", "\n".join(shadow) + "\n", 0o640)


def _has_password(host: DemoHost, name: str) -> bool:
    return host.passwords or (host.second_factor and name == OPERATOR)


def _lines(host: DemoHost, keys: Keyring, name: str) -> str:
    if name == AUDITOR:
        command = "/usr/bin/sudo -n /usr/local/libexec/hygiene-collector"
        return f'restrict,from="127.0.0.0/8",command="{command}" {keys.auditor.public}\n'
    if name in ("deploy", FORMER):
        return "# no keys\n"
    lines = (
        [keys.people[f"{host.tenant}/{name}"].public]
        if host.kind is Kind.OPEN
        else [DemoKey.make(f"{name}@{host.name}").public]
    )
    if host.weak and name == _PEOPLE[0]:
        lines.append(keys.weak.public)
    if host.odd and name == _PEOPLE[0]:
        lines += _odd_lines(host)
    return "\n".join(lines) + "\n"


def _odd_lines(host: DemoHost) -> list[str]:
    """What a review passes over: a typo, a limit that is none, a key that searches miss, an authority."""
    former, contractor, forgotten, signing = (
        DemoKey.make(f"{name}@{host.name}").public for name in ("former", "contractor", "forgotten", "signing")
    )
    return [
        f"no-ptty,no-port-forwarding {former}",
        f'from="*" {contractor}',
        forgotten.replace(" ", " \t ", 1),
        f"cert-authority {signing}",
    ]


def _hash() -> str:
    """A string of the form of a yescrypt hash; no password belongs to it."""
    return f"$y$j9T${secrets.token_hex(11)}${secrets.token_hex(21)}0"


def inventory(plan: Plan, port: int) -> str:
    """The inventory of the demo, as CSV."""
    lines = ["host,address,port,user,tenant,tags"]
    lines += [f"{h.name},{h.address},{port},{AUDITOR},{h.tenant},demo" for h in plan.hosts]
    return "\n".join(lines) + "\n"


def password_list(rows: tuple[ListRow, ...]) -> bytes:
    """The list that goes round, as a German spreadsheet program saves it: semicolons, cp1252."""
    made: dict[str, str] = {"same": "Sommer2023!"}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["System", "Benutzer", "Passwort", "Mandant", "Bemerkung"])
    for row in rows:
        if row.password == "short":  # noqa: S105  # a kind of password, not one
            secret = secrets.token_hex(3)
        elif row.password == "long":  # noqa: S105  # likewise
            secret = secrets.token_urlsafe(18)
        else:
            secret = made.setdefault(row.password, f"Server-{secrets.token_hex(2)}")
        writer.writerow([row.system, row.user, secret, row.tenant, "Zugang für Bereitschaft"])
    return text.getvalue().encode("cp1252")

"""What is planted, and what is true of it: keys, lines of key files, accounts, private key files, hosts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncssh
from lab.plan import HostKey, home_of, make_host_key
from lab.spec import AUDITOR_ADDRESS, AccountSpec, File, HostSpec, Node

BASE_ACCOUNTS = 19  # of the lab's Debian tree, root among them
KEYS, KEYS2 = ".ssh/authorized_keys", ".ssh/authorized_keys2"


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair made for this run."""

    name: str
    pair: asyncssh.SSHKey = field(repr=False)
    type: str
    bits: int
    weakness: str | None = None

    @property
    def public(self) -> str:
        """`type base64`, without a comment."""
        return " ".join(self.pair.export_public_key().decode().split()[:2])

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public)


def fingerprint(public: str) -> str:
    """`SHA256:...` of `type base64`, as ssh-keygen -l prints it."""
    digest = hashlib.sha256(base64.b64decode(public.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def ed25519(name: str) -> Key:
    return Key(name, asyncssh.generate_private_key("ssh-ed25519"), "ssh-ed25519", 256)


def ed25519_of(private: bytes) -> Key:
    """The key in a private key file."""
    return Key("read", asyncssh.import_private_key(private), "ssh-ed25519", 256)


def ecdsa(name: str) -> Key:
    return Key(name, asyncssh.generate_private_key("ecdsa-sha2-nistp256"), "ecdsa-sha2-nistp256", 256)


def rsa(name: str, bits: int) -> Key:
    pair = asyncssh.generate_private_key("ssh-rsa", key_size=bits)
    return Key(name, pair, "ssh-rsa", bits, f"rsa-{bits}" if bits < 3072 else None)


# ---------------------------------------------------------------- lines


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody gets in, and why not or why that cannot be known."""

    accepted: str
    reason: str | None = None


YES = Verdict("yes")


def no(reason: str) -> Verdict:
    return Verdict("no", reason)


def unknown(reason: str) -> Verdict:
    return Verdict("unknown", reason)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a key file. Without `key` nothing in it decodes as one."""

    text: bytes
    key: Key | None = None
    comment: str | None = None
    options: tuple[str, ...] = ()
    from_patterns: tuple[str, ...] | None = None
    limits: bool = False  # from= keeps somebody out
    command: str | None = None
    expires_at: str | None = None
    authority: bool = False
    verdict: Verdict = YES  # of the line alone
    source: str = AUDITOR_ADDRESS  # from where a login with it is tried


def line(
    key: Key,
    *flags: str,
    from_: str | None = None,
    limits: bool = True,
    command: str | None = None,
    expires: str | None = None,
    verdict: Verdict = YES,
    source: str = AUDITOR_ADDRESS,
    comment: str | None = None,
) -> Line:
    """A line as an admin writes it: options, key, comment. `expires` is a day, `20990101`."""
    comment = comment or f"{key.name}@planted"
    options = list(flags)
    if from_ is not None:
        options.append(f'from="{from_}"')
    if command is not None:
        options.append(f'command="{command}"')
    if expires is not None:
        options.append(f'expiry-time="{expires}"')
    text = f"{','.join(options)} {key.public} {comment}".lstrip()
    return Line(
        text=text.encode(),
        key=key,
        comment=comment,
        options=tuple(options),
        from_patterns=None if from_ is None else tuple(from_.split(",")),
        limits=from_ is not None and limits,
        command=command,
        expires_at=None if expires is None else f"{expires[:4]}-{expires[4:6]}-{expires[6:]}T00:00:00Z",
        authority="cert-authority" in flags,
        verdict=verdict,
        source=source,
    )


def broken(key: Key, options: str, reason: str) -> Line:
    """A line whose options sshd refuses, and so the whole line: its restrictions say nothing any more."""
    text = f"{options} {key.public} {key.name}@planted".encode()
    return Line(text, key, f"{key.name}@planted", tuple(options.split(",")), verdict=no(reason))


def raw(text: bytes, key: Key | None = None, verdict: Verdict = YES, comment: str | None = None) -> Line:
    """A line byte for byte; with a key that sshd finds in it."""
    return Line(text, key, comment, verdict=verdict)


def skipped(text: bytes) -> Line:
    """A comment or a blank line, which gives no row."""
    return Line(text, verdict=Verdict("skipped"))


# ---------------------------------------------------------------- accounts and hosts


@dataclass(frozen=True, slots=True)
class Way:
    """A row of login_paths that no key line gives; `reason` makes it unknown."""

    methods: str
    kinds: tuple[str, ...] = ()
    reason: str | None = None


PASSWORD = Way("password", ("password",))
KEYBOARD = Way("keyboard-interactive", ("password",))
NOTHING = Way("none")


@dataclass(frozen=True, slots=True)
class Person:
    """An account and what is true of it. `door` is what keeps all its keys out, whatever the line says."""

    spec: AccountSpec
    files: Mapping[str, tuple[Line, ...]]  # key files by their path below the home, or from `/`
    door: Verdict = YES
    state: str = "active"
    root_by: str = "none"
    password: str = "none"
    scheme: str | None = None
    ways: tuple[Way, ...] = ()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def home(self) -> str:
        return home_of(self.spec)


def person(
    name: str,
    uid: int,
    *lines: Line,
    more: Mapping[str, Sequence[Line]] | None = None,
    key_file: File | None = None,
    door: Verdict = YES,
    state: str = "active",
    root_by: str | None = None,
    password_state: str | None = None,
    scheme: str | None = None,
    ways: Sequence[Way] = (),
    files: Mapping[str, Node] | None = None,
    **account: Any,
) -> Person:
    """An account with the lines of its authorized_keys, and of `more` files; `key_file` gives the mode and owner."""
    found = {KEYS: lines} if lines else {}
    found |= {path: tuple(given) for path, given in (more or {}).items()}
    like = key_file or File(b"", 0o600)
    nodes = dict(files or {})
    for path, given in found.items():
        if path not in nodes:
            nodes[path] = replace(like, data=b"".join(part.text + b"\n" for part in given))
    spec = AccountSpec(name, uid, files=nodes, **account)
    has_password = spec.password is not None
    return Person(
        spec=spec,
        files=found,
        door=door,
        state=state,
        root_by=root_by or ("uid0" if uid == 0 else "none"),
        password=password_state or ("set" if has_password else "none"),
        scheme=scheme or (spec.hash_method if has_password else None),
        ways=tuple(ways),
    )


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file with a private key, where it lies and what can be known of it."""

    path: str
    data: bytes = field(repr=False)
    kind: str
    account: str | None
    encrypted: str = "no"
    key: Key | None = None  # None: the file does not tell whose it is
    mode: int = 0o600
    uid: int | None = None
    secret: Key | None = None  # whose private part is in it
    planted: bool = True  # False: it stands in a file that is planted for something else


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not seen; without an account it concerns the host."""

    area: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A host and what is true of it. `spec` has what no other field says."""

    spec: HostSpec
    people: tuple[Person, ...]
    user: str = "root"  # with whom it is entered
    key_files: tuple[KeyFile, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)  # those that are not `seen`
    gaps: tuple[Gap, ...] = ()
    status: str = "complete"
    stage: str = "done"
    reason: str = ""
    host_key: HostKey = field(default_factory=lambda: make_host_key("ed25519"))
    base_way: Way | None = None  # of each account of the base system, root aside
    root_by: str = "none"  # of the accounts of the base system, root aside
    password: str | None = None  # one state for all accounts: the host's shadow is not seen
    sshd_t: bool = True  # sshd -T could be run by the collector
    up: bool = True  # False: nobody is at the address
    known_key: str | None = None  # what known_hosts says, where it is wrong

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def seen(self) -> bool:
        return self.status in ("complete", "partial")

    @property
    def user_sees_all(self) -> bool:
        return self.password != "unknown"

    def host_spec(self) -> HostSpec:
        """The host for the lab: with its people, key files and host key."""
        files: dict[str, Node] = {
            kept.path: File(kept.data, kept.mode, kept.uid, kept.uid) for kept in self.key_files if kept.planted
        }
        files["/etc/ssh/ssh_host_ed25519_key"] = File(self.host_key.private, 0o600)
        files["/etc/ssh/ssh_host_ed25519_key.pub"] = File(f"{self.host_key.public} root@{self.name}\n".encode())
        return replace(
            self.spec,
            accounts=(*self.spec.accounts, *(one.spec for one in self.people)),
            files={**files, **self.spec.files},
        )

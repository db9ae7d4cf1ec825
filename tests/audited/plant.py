"""What is planted, and what is true of it: keys, lines of key files, accounts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asyncssh
from lab.plan import home_of
from lab.spec import AUDITOR_ADDRESS, AccountSpec, File, Node

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
    cause: str | None = None  # of a no: what kind of reason it is


STAGE = "/etc/pam.d/common-account:17"  # the rule of Debian 12 that judges ages
YES = Verdict("yes")


def no(reason: str, cause: str) -> Verdict:
    return Verdict("no", reason, cause)


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
    principals: tuple[str, ...] | None = None  # of an authority
    marks: tuple[str, ...] = ()  # what is odd about it
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
    principals: str | None = None,
    marks: tuple[str, ...] = (),
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
    if principals is not None:
        options.append(f'principals="{principals}"')
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
        principals=None if principals is None else tuple(principals.split(",")),
        marks=marks,
        verdict=verdict,
        source=source,
    )


def broken(key: Key, options: str, reason: str, cause: str = "typo", marks: tuple[str, ...] = ()) -> Line:
    """A line whose options sshd refuses, and so the whole line: its restrictions say nothing any more."""
    text = f"{options} {key.public} {key.name}@planted".encode()
    return Line(text, key, f"{key.name}@planted", tuple(options.split(",")), marks=marks, verdict=no(reason, cause))


def raw(
    text: bytes,
    key: Key | None = None,
    verdict: Verdict = YES,
    comment: str | None = None,
    marks: tuple[str, ...] = (),
) -> Line:
    """A line byte for byte; with a key that sshd finds in it."""
    return Line(text, key, comment, marks=marks, verdict=verdict)


def skipped(text: bytes) -> Line:
    """A comment or a blank line, which gives no row."""
    return Line(text, verdict=Verdict("skipped"))


# ---------------------------------------------------------------- accounts and hosts


@dataclass(frozen=True, slots=True)
class Way:
    """A row of login_paths; `reason` makes it unknown."""

    methods: str
    kinds: tuple[str, ...] = ()
    reason: str | None = None
    note: str | None = None  # a reason beside what is known
    source: str = "*"


# of a grant that only a certificate uses
BY_CERTIFICATE = "by certificate: its authority may have asked for more before it signed"
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
    ways: tuple[Way, ...] = ()  # those that no key line gives
    source: str = "*"  # from where sshd lets it in by key, whatever from= says
    writable_by: str | None = None  # who else can change its key file

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
    source: str = "*",
    writable_by: str | None = None,
    files: Mapping[str, Node] | None = None,
    **account: Any,
) -> Person:
    """An account with the lines of its authorized_keys, and of `more` files; `key_file` gives the mode and owner."""
    found = {KEYS: lines} if lines else {}
    found |= {path: tuple(given) for path, given in (more or {}).items()}
    like = key_file or File(b"", 0o600)
    nodes = dict(files or {})
    for path, given in found.items():
        if path not in nodes and not path.startswith("/"):
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
        source=source,
        writable_by=writable_by,
    )

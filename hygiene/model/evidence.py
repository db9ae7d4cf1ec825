"""What is asked of hosts and what they answered: targets, logins, evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hygiene.model.words import AfterKey, Status


@dataclass(frozen=True, slots=True)
class Target:
    """One host to be scanned."""

    host: str  # its name in every table
    address: str  # what is dialled; for an offline root the folder
    port: int = 22
    user: str | None = None  # None: the run's
    tenant: str | None = None
    tags: tuple[str, ...] = ()
    place: str = ""  # `file:line` where it was named


@dataclass(frozen=True, slots=True)
class Login:
    """With what a run entered a host."""

    user: str
    fingerprint: str | None  # `SHA256:...` of the key, None when not by key


@dataclass(frozen=True, slots=True)
class Query:
    """A public key of which a host is asked whether it would accept it; no private key is needed for that."""

    fingerprint: str
    algorithm: str  # of the signature that would follow
    blob: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What a host is asked after the collection: about one account, and which methods are offered for it."""

    user: str
    queries: tuple[Query, ...] = ()
    signed: Query | None = None  # our own key: last of all a login with it is begun


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What a host said to a signature with our own key."""

    fingerprint: str
    became: AfterKey
    methods: tuple[str, ...] = ()  # those offered afterwards: with `more`, one of them has to come besides


@dataclass(frozen=True, slots=True)
class Answers:
    """What a host said of what it would accept; no credential but our own key was shown to it."""

    asked_at: datetime
    user: str | None = None  # None: nothing was asked
    methods: tuple[str, ...] | None = None  # those offered to begin with; None: not said
    keys: tuple[tuple[str, bool], ...] = ()  # fingerprint, whether a signature of it would be accepted
    entered: bool = False  # the account was open without any credential
    problem: str = ""  # why it was not asked, or not to the end
    signed: KeyAnswer | None = None  # None: no signature was sent, or it was not answered


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one host said in one scan, raw. `stream` is empty when nothing was collected."""

    scan: str
    target: Target
    status: Status
    stage: str  # where it ended: `connect`, `login`, `collect`, `done`
    reason: str  # one line for a person; empty when complete
    started_at: datetime
    finished_at: datetime
    nonce: str = ""
    login: Login | None = None
    server_version: str | None = None  # the SSH banner, without "SSH-2.0-"
    host_key: str | None = None  # `type base64` as offered in the key exchange
    offline: bool = False  # an offline root: nothing ran there
    sshd_version: str | None = None  # given by hand (--sshd-version)
    owners: bytes = b""  # mtree file or tar listing given with an offline root
    stream: bytes = b""
    answers: Answers | None = None  # None: it was not meant to be asked
    digest_key: str | None = None  # names the key with which it was to make digests of hashes; None: with none


@dataclass(frozen=True, slots=True)
class ScanInfo:
    """One run of the collector: what was meant to be scanned."""

    id: str
    started_at: datetime
    targets_digest: str
    targets: tuple[Target, ...]
    excluded: tuple[str, ...] = ()
    tool: str = ""

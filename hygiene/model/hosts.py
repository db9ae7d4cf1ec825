"""Rows of the tables about hosts: what the evidence of one host gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hygiene.model.words import (
    AccountState,
    AreaName,
    AreaState,
    Cause,
    HashState,
    HashWeakness,
    PasswordState,
    PathVerdict,
    RootBy,
    RootStep,
    SettingState,
    Status,
    Truth,
)


@dataclass(frozen=True, slots=True)
class Host:
    host: str
    address: str
    port: int
    tenant: str | None
    tags: tuple[str, ...]
    status: Status
    stage: str
    reason: str
    machine_id: str | None
    os: str | None
    sshd_version: str | None
    collected_at: datetime | None  # when the facts below it were seen; None when never
    clock_skew_s: int | None  # host minus ours
    boot_id: str | None = None
    login_user: str | None = None
    login_fingerprint: str | None = None
    evidence: str | None = None  # digest of the evidence that the facts come from
    logs_since: datetime | None = None  # the oldest login in the logs that were read; None: none were


@dataclass(frozen=True, slots=True)
class Area:
    host: str
    area: AreaName
    state: AreaState


@dataclass(frozen=True, slots=True)
class Account:
    host: str
    account: str
    uid: int
    home: str
    shell: str
    state: AccountState
    root_by: RootBy
    password_state: PasswordState
    hash_scheme: str | None
    gid: int = -1


@dataclass(frozen=True, slots=True)
class Key:
    fingerprint: str
    type: str
    bits: int | None
    comment: str | None
    weakness: str | None  # `factorable`, `dsa`, `rsa-1024`, ...; None: none of the tests hit


@dataclass(frozen=True, slots=True)
class Grant:
    host: str
    daemon: str
    account: str
    fingerprint: str | None  # None: the line could not be decoded
    file: str
    line: int
    options: tuple[str, ...]
    from_patterns: tuple[str, ...] | None
    command: str | None  # the forced command
    restricted: bool  # a forced command, or from= patterns that do limit
    expires_at: datetime | None
    is_authority: bool
    accepted: Truth
    reason: str | None
    opens_root: Truth  # root, or everything by sudo without a password, and no forced command
    comment: str | None = None
    cause: Cause | None = None  # of `accepted` no
    marks: tuple[str, ...] = ()  # what is odd about the line: the words of `openssh.marks`
    principals: tuple[str, ...] | None = None  # of an authority: the names of which a certificate must hold one
    accepted_from: tuple[str, ...] | None = None  # the classes of source that get in; None: from= alone decides
    writable_by: str | None = None  # who besides the account and root can write the file, or the way to it


@dataclass(frozen=True, slots=True)
class PrivateKey:
    host: str
    account: str | None  # whose home it lies in, else its owner; None: neither is an account
    path: str
    kind: str  # `openssh`, `pem-rsa`, `pkcs8`, `putty`, ...
    encrypted: Truth
    fingerprint: str | None
    mode: str


@dataclass(frozen=True, slots=True)
class HostKey:
    host: str
    fingerprint: str
    type: str
    bits: int | None


@dataclass(frozen=True, slots=True)
class Setting:
    host: str
    daemon: str
    scope: str
    keyword: str
    value: str
    source: str
    state: SettingState


@dataclass(frozen=True, slots=True)
class DynamicSource:
    """Something besides files that names keys or principals of accounts, so that they cannot be listed."""

    host: str
    daemon: str
    keyword: str  # `authorizedkeyscommand`, `authorizedprincipalscommand`
    scope: str  # as in `settings`
    program: str  # without its arguments
    run_as: str | None  # the account that runs it
    fault: str | None  # why sshd refuses it, or who else could change it
    works: Truth  # sshd runs it


@dataclass(frozen=True, slots=True)
class RevokedKey:
    host: str
    daemon: str
    fingerprint: str
    file: str


@dataclass(frozen=True, slots=True)
class LoginPath:
    host: str
    daemon: str
    account: str
    source: str  # `*`: from anywhere, else the from= patterns
    methods: str
    factors: int | None
    kinds: tuple[str, ...]
    via: str | None  # the forced command
    verdict: PathVerdict
    reason: str | None  # why it is unknown; else why it takes no more than this
    condition: str | None = None  # what has to be so elsewhere for this path to open: the server of a token is away


@dataclass(frozen=True, slots=True)
class RootPath:
    """One way to everything as root: a login path and the step behind it, with all credentials that both take."""

    host: str
    daemon: str
    account: str  # the one that is entered
    source: str
    methods: str
    step: RootStep
    factors: int | None
    kinds: tuple[str, ...]
    via: str | None
    verdict: PathVerdict
    reason: str | None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A PAM rule that asks for more than a password, and what it does with one account."""

    host: str
    daemon: str
    account: str
    module: str  # `pam_google_authenticator`
    place: str  # the rule's file and line
    form: str  # of the credential: `code`, `key`, ...
    enrolled: Truth  # the account has a token there
    passes_without: Truth  # the module lets the account pass because it has none
    fails_open: Truth  # the module lets everybody pass when its server cannot be reached
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class KeyUse:
    host: str
    account: str
    fingerprint: str
    source: str | None
    first_used: datetime | None
    last_used: datetime | None
    uses: int


@dataclass(frozen=True, slots=True)
class Probe:
    """One answer of a daemon that was asked what it would accept, beside what the rest of the evidence says."""

    host: str
    daemon: str
    account: str
    # a key's fingerprint, or a method of authentication; `none`: the account is open without a credential; `login`: it
    # is with the key of `after` alone
    what: str
    # of a key: a signature of it is asked for, or (that of `after`) taken; of a method: it is offered to begin with
    expected: Truth
    observed: Truth
    detail: str
    after: str | None = None  # the fingerprint of the key with which a login was begun before that; None: of none


@dataclass(frozen=True, slots=True)
class HostHash:
    """The password field of a local account, without the hash. `digest` stands for the hash in comparisons.

    It is made on the host, of the key and the hash together; only digests of one key (`digest_key` names it without
    telling it) can be compared. None: there is no hash, or the host could not make it.
    """

    host: str
    account: str
    state: HashState
    scheme: str | None
    cost: str | None
    weakness: HashWeakness | None
    changed_at: datetime | None
    never_expires: bool | None
    digest: str | None = None
    digest_key: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not seen. `subject` is a host, `host:account`, a list or `fleet`."""

    host: str | None
    subject: str
    area: str  # an AreaName, `collect` when the host as a whole was not seen, or `probe` when it was not asked
    reason: str
    accepted: bool = False  # named in the policy as known and meant


@dataclass(frozen=True, slots=True)
class HostFacts:
    """All rows that the evidence of one host gives."""

    host: Host
    areas: tuple[Area, ...] = ()
    accounts: tuple[Account, ...] = ()
    keys: tuple[Key, ...] = ()  # distinct by fingerprint; `comment` is filled in the store
    grants: tuple[Grant, ...] = ()
    private_keys: tuple[PrivateKey, ...] = ()
    host_keys: tuple[HostKey, ...] = ()
    settings: tuple[Setting, ...] = ()
    dynamic_sources: tuple[DynamicSource, ...] = ()
    revoked_keys: tuple[RevokedKey, ...] = ()
    login_paths: tuple[LoginPath, ...] = ()
    root_paths: tuple[RootPath, ...] = ()
    tokens: tuple[Token, ...] = ()
    key_uses: tuple[KeyUse, ...] = ()
    probes: tuple[Probe, ...] = ()
    host_hashes: tuple[HostHash, ...] = ()
    gaps: tuple[Gap, ...] = ()
    moduli: tuple[tuple[str, str], ...] = ()  # fingerprint, RSA modulus in hex: for factors shared over the fleet

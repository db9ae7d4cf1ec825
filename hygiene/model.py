"""The frozen records that the stages hand on: standard library only, no I/O.

Target -> Evidence -> HostFacts (rows and gaps) -> store -> Finding -> Verdict -> Audit.

The records under "Tables" are rows of the tables that users rely on: a record's fields are the
table's columns, in this order. Texts in rows are str; bytes that are not UTF-8 appear as `\\xNN`.
Times are aware datetimes in UTC. A fixed set of words is an enum whose value is the word in the table.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# ---------------------------------------------------------------- words


class Status(enum.StrEnum):
    """How the scan of a host ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"  # no SSH transport: DNS, refused port, timeout
    REFUSED = "refused"  # transport, but the host key or our login was not accepted
    SKIPPED = "skipped"  # not tried


class AreaName(enum.StrEnum):
    """What is looked at on a host."""

    ACCOUNTS = "accounts"
    SHADOW = "shadow"
    SUDO = "sudo"
    SSHD = "sshd"
    PAM = "pam"
    AUTHORIZED_KEYS = "authorized_keys"
    PRIVATE_KEYS = "private_keys"
    HOST_KEYS = "host_keys"
    LOGS = "logs"  # read on request only


class AreaState(enum.StrEnum):
    SEEN = "seen"
    PARTIAL = "partial"
    UNSEEN = "unseen"
    ABSENT = "absent"


class Truth(enum.StrEnum):
    """What we know of a yes-or-no question; each `unknown` stands on a gap."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class AccountState(enum.StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    EXPIRED = "expired"
    NO_SHELL = "no-shell"


class RootBy(enum.StrEnum):
    UID0 = "uid0"
    SUDO = "sudo"  # everything as root, without a password
    NONE = "none"
    UNKNOWN = "unknown"


class PasswordState(enum.StrEnum):
    SET = "set"
    EMPTY = "empty"
    LOCKED = "locked"  # a hash behind `!`
    NONE = "none"  # nothing a password could match: `*`, `!`, `!!`
    UNKNOWN = "unknown"


class HashState(enum.StrEnum):
    """What stands where a password's hash belongs."""

    SET = "set"
    EMPTY = "empty"  # a login without a password
    LOCKED_HASH = "locked-hash"  # `!` before a hash: unlocking brings the old password back
    LOCKED = "locked"  # `!`, `!!`: nothing to bring back
    NONE = "none"  # `*` and other texts that no password gives
    ELSEWHERE = "elsewhere"  # `x`: the hash stands in another file


class HashWeakness(enum.StrEnum):
    BROKEN = "broken"  # the scheme itself: guessing takes next to nothing
    CHEAP = "cheap"  # the cost is below the profile's
    UNKNOWN = "unknown"  # a scheme or cost that is not understood


class EntryTie(enum.StrEnum):
    """Why an entry of a password list belongs to an account of a host."""

    NAME = "name"  # the list names the system and the user
    HASH = "hash"  # the password opens the account's hash


class SettingState(enum.StrEnum):
    EFFECTIVE = "effective"
    PENDING = "pending"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


class Cause(enum.StrEnum):
    """Why a line lets nobody in."""

    TYPO = "typo"  # no version of OpenSSH takes the line
    VERSION = "version"  # another version of OpenSSH would take it
    PERMISSIONS = "permissions"  # sshd does not open the file, or StrictModes refuses it
    UNREAD = "unread"  # sshd does not read this file for this account
    EXPIRED = "expired"
    SOURCE = "source"  # from= matches nobody whom the settings let in
    SETTINGS = "settings"  # switched off, not allowed for the account, or the algorithm is not accepted
    ACCOUNT = "account"  # expired, locked, without a shell that runs, refused by PAM
    REVOKED = "revoked"
    AUTHORITY = "authority"  # no certificate that this authority signs is taken for the account


class PathVerdict(enum.StrEnum):
    ONE = "one"  # also for none at all
    TWO = "two"
    UNKNOWN = "unknown"


class WeakestPath(enum.StrEnum):
    """What the weakest way into an account takes. What is unknown may be anything, so it is never `two`."""

    NOTHING = "nothing"
    ONE = "one"
    TWO = "two"
    UNKNOWN = "unknown"
    CLOSED = "closed"  # nobody gets in


class RootStep(enum.StrEnum):
    """How an account that somebody has entered becomes root."""

    UID0 = "uid0"  # it is root
    SUDO = "sudo"
    SU = "su"


class SecondFactor(enum.StrEnum):
    """What an identity export says of a person's second factor."""

    NONE = "none"
    PHISHABLE = "phishable"  # a code by SMS, voice or mail
    STRONG = "strong"
    UNKNOWN = "unknown"


class Severity(enum.StrEnum):
    """How bad it is if true; compare with `rank`, larger is worse."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return {"low": 0, "medium": 1, "high": 2, "critical": 3}[self.value]


class Confidence(enum.StrEnum):
    """How sure we are that it is true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class SubjectKind(enum.StrEnum):
    """What a finding is about; `Subject.id` is its name in the admin's world."""

    HOST = "host"
    ACCOUNT = "account"  # `host:account`, or the account's name over the fleet
    KEY = "key"  # `SHA256:...`
    LIST = "list"
    SOURCE = "source"
    FLEET = "fleet"


class FindingStatus(enum.StrEnum):
    OPEN = "open"
    WAIVED = "waived"
    BASELINE = "baseline"


# ---------------------------------------------------------------- targets and evidence


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


class AfterKey(enum.StrEnum):
    """What became of a login with one key."""

    ENTERED = "entered"
    MORE = "more"  # the key was right, and is not enough
    REFUSED = "refused"


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


@dataclass(frozen=True, slots=True)
class ScanInfo:
    """One run of the collector: what was meant to be scanned."""

    id: str
    started_at: datetime
    targets_digest: str
    targets: tuple[Target, ...]
    excluded: tuple[str, ...] = ()
    tool: str = ""


# ---------------------------------------------------------------- tables


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
class PasswordEntry:
    list: str
    row: int
    account: str | None
    system: str | None
    tenant: str | None
    length_band: str | None  # None where a reason narrows the entry to a word: `context`, `default`
    zxcvbn_score: int
    score: int
    group_id: int | None
    group_size: int
    reasons: tuple[str, ...]
    sheet: str | None = None  # of a workbook
    similar_id: int | None = None  # numbers the sets of similar passwords of a run; None: like no other
    similar_size: int = 1
    breached: Truth | None = None  # None: not looked up; unknown: the service did not answer


@dataclass(frozen=True, slots=True)
class PasswordList:
    """A file of passwords or hashes that was read, and who else can read it."""

    list: str
    path: str
    format: str  # `CSV`, `XLSX`, `KDBX 4`, `shadow`, ...
    rows: int  # all rows, the header included
    entries: int
    hashes: int
    encoding: str | None  # None where the format fixes it
    mode: str | None  # None: it was no file on this machine's disk, such as a pipe
    readable_by: str | None  # besides its owner and root: `everybody`, `group NAME`; None: nobody
    encrypted: Truth
    encryptable: bool  # the format has encryption


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
class ListHash:
    """A line of a file of hashes that was handed in, without the hash; as `HostHash`."""

    list: str
    row: int
    host: str | None  # whose file it is, where that was said
    account: str | None
    state: HashState
    scheme: str | None
    cost: str | None
    weakness: HashWeakness | None
    changed_at: datetime | None
    never_expires: bool | None
    digest: str | None
    digest_key: str | None
    tried: Truth | None = None  # passwords of the lists were tried on it; None: that was not asked for


@dataclass(frozen=True, slots=True)
class BreachLookup:
    """One list of breached passwords, or a service, in which the passwords of a run were looked up."""

    source: str  # the file's name, or the service's host
    kind: str  # `sha1`, `ntlm`
    passwords: int  # distinct ones
    breached: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class EntryAccount:
    """An entry of a password list that belongs to an account of a host."""

    list: str
    row: int
    sheet: str | None
    host: str
    account: str
    tie: EntryTie


@dataclass(frozen=True, slots=True)
class Identity:
    source: str
    user: str
    admin: bool | None  # None: the export does not say
    enabled: bool | None
    second_factor: SecondFactor
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    id: str
    check: str
    severity: Severity
    confidence: Confidence
    status: FindingStatus
    subject_kind: SubjectKind
    subject: str
    message: str
    measure: str  # a JSON object of numbers
    places_total: int


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


TABLES: Mapping[str, type] = {
    "hosts": Host,
    "areas": Area,
    "accounts": Account,
    "keys": Key,
    "grants": Grant,
    "private_keys": PrivateKey,
    "host_keys": HostKey,
    "settings": Setting,
    "dynamic_sources": DynamicSource,
    "revoked_keys": RevokedKey,
    "login_paths": LoginPath,
    "root_paths": RootPath,
    "tokens": Token,
    "key_uses": KeyUse,
    "probes": Probe,
    "host_hashes": HostHash,
    "password_lists": PasswordList,
    "password_entries": PasswordEntry,
    "list_hashes": ListHash,
    "breach_lookups": BreachLookup,
    "entry_accounts": EntryAccount,
    "identities": Identity,
    "findings": FindingRow,
    "gaps": Gap,
}


# ---------------------------------------------------------------- findings


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    id: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where a finding is: a query, not a list, so that 100,000 places cost no memory.

    `sql` selects named columns (host, account, file, line, ...) in a stable order; `parameters` are its `$name`s.
    """

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """The thing to fix. Its identity is check + subject, never a count, a host list or a date."""

    check: str
    severity: Severity
    confidence: Confidence
    subject: Subject
    message: str  # one line, true on its own, counts with thousands separators
    measure: Mapping[str, int]
    places: Places

    @property
    def id(self) -> str:
        """The first 32 hex digits of SHA-256 of `check NUL subject`."""
        name = f"{self.check}\0{self.subject.id}".encode("utf-8", "backslashreplace")
        return hashlib.sha256(name).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding after policy and baseline, with a sample of its places."""

    finding: Finding
    severity: Severity  # after the policy
    status: FindingStatus
    places_total: int
    sample: tuple[Mapping[str, object], ...]
    why: str
    remediation: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The books of the run: the five always add up to `targets`."""

    complete: int
    partial: int
    unreachable: int
    refused: int
    skipped: int

    @property
    def targets(self) -> int:
        return self.complete + self.partial + self.unreachable + self.refused + self.skipped


@dataclass(frozen=True, slots=True)
class Scan:
    """What was in scope, who ran what version with which policy."""

    id: str  # digest of the evidence
    started_at: datetime
    finished_at: datetime
    coverage: Coverage
    excluded: tuple[str, ...]
    lists: tuple[str, ...]
    policy_path: str | None
    policy_digest: str
    baseline_path: str | None
    run_by: str  # `user@machine`
    tool_version: str


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What became of one check in this audit."""

    id: str
    title: str
    state: str  # `ran`, `ignored`, `not-run` (what it needs is not there), `crashed`
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnknownReason:
    """Why it is not known what the weakest way in takes: of how many accounts, and of how many roots."""

    reason: str
    accounts: int
    roots: int


@dataclass(frozen=True, slots=True)
class LoginCounts:
    """Accounts of hosts by what their weakest way in takes, and roots by what everything as root takes.

    A root is an account that leads to everything as root. Every word of `WeakestPath` is there.
    """

    accounts: Mapping[WeakestPath, int]
    roots: Mapping[WeakestPath, int]
    # those of them that stand there only while something elsewhere is so, as `LoginPath.condition` says
    accounts_on_condition: Mapping[WeakestPath, int]
    roots_on_condition: Mapping[WeakestPath, int]
    reasons: tuple[UnknownReason, ...]  # of those that are unknown, largest first; not more than a report can show
    reasons_total: int


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """People of identity exports by their second factor; who is disabled is counted apart."""

    admins: Mapping[SecondFactor, int]
    others: Mapping[SecondFactor, int]
    unsaid: Mapping[SecondFactor, int]  # of whom the export does not say whether they are admins
    disabled: int


@dataclass(frozen=True, slots=True)
class Summary:
    headline: str
    findings_by_severity: Mapping[str, int]  # open findings
    findings_by_check: Mapping[str, int]
    gaps_by_area: Mapping[str, int]  # gaps that are not accepted
    logins: LoginCounts | None = None  # None: not counted
    people: PeopleCounts | None = None  # None: no export was given


def account_subject(host: str, account: str) -> str:
    """`host:account`, an IPv6 address in brackets."""
    return f"[{host}]:{account}" if ":" in host else f"{host}:{account}"

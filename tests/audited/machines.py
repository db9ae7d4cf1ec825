"""A host and what is true of it: its people, daemons, authorities, programs, files, logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lab.plan import HostKey, make_host_key
from lab.spec import AUDITOR_ADDRESS, File, HostSpec, Node

from .plant import YES, Key, Person, Verdict, Way


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
class Authority:
    """A line of TrustedUserCAKeys, and for each account of the host whether its certificates let in."""

    key: Key
    file: str
    # the verdict on accounts that are not named in `named`; `{}` stands for the account
    others: Verdict = YES
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by account: its principals
    line: int = 1

    @property
    def comment(self) -> str:
        return f"{self.key.name}@planted"

    @property
    def text(self) -> bytes:
        return f"{self.key.public} {self.comment}\n".encode()

    def verdict(self, account: str) -> Verdict:
        if account in self.named or self.others.reason is None:
            return YES
        return replace(self.others, reason=self.others.reason.format(account))


@dataclass(frozen=True, slots=True)
class Program:
    """A program that names keys: a row of dynamic_sources."""

    path: str
    fault: str | None = None
    works: str = "yes"
    run_as: str = "nobody"


@dataclass(frozen=True, slots=True)
class Daemon:
    """One of several sshds of a host: what differs by it."""

    name: str
    arguments: tuple[str, ...] = ()
    port: int = 22
    doors: Mapping[str, Verdict] = field(default_factory=dict)  # by account, instead of its own
    main: str = "/etc/ssh/sshd_config"

    @property
    def command(self) -> tuple[str, ...]:
        return ("/usr/sbin/sshd", *self.arguments)

    @property
    def options(self) -> tuple[str, ...]:
        """What `-o` and `-p` say, as lines of a configuration with `=`."""
        pairs = zip(self.arguments[::2], self.arguments[1::2], strict=True)
        return tuple({"-p": f"Port={value}", "-o": value}[flag] for flag, value in pairs if flag != "-f")


SSHD = Daemon("sshd")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a Match block changes for some: accounts (none named: every account), from where, and the lines."""

    accounts: tuple[str, ...]
    lines: Mapping[str, str]  # by keyword: the place that sets it
    source: str | None = None  # a class of source, as in the table
    address: str | None = None  # one of that class


@dataclass(frozen=True, slots=True)
class Try:
    """A login that is asked of the real daemon besides those with planted lines, and whether it succeeds."""

    user: str
    lets_in: bool
    key: Key | None = None
    authority: Key | None = None  # signs a certificate for the key
    principals: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)
    source: str = AUDITOR_ADDRESS
    port: int = 22


_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def days_ago(days: int) -> str:
    """The midnight before the run, and so many days, as logs and tables write it."""
    return f"{_TODAY - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Use:
    """Logins with a key by the logs of a host: so many days ago."""

    account: str
    key: Key
    source: str
    days: tuple[int, ...]

    @property
    def line(self) -> str:
        """What sshd logs of one."""
        key = f"ED25519 {self.key.fingerprint}"
        return f"Accepted publickey for {self.account} from {self.source} port 50022 ssh2: {key}"


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
    authorities: tuple[Authority, ...] = ()
    revoked: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)  # by file of RevokedKeys
    programs: tuple[Program, ...] = ()
    daemons: tuple[Daemon, ...] = (SSHD,)
    scopes: tuple[Scope, ...] = ()
    tries: tuple[Try, ...] = ()
    uses: tuple[Use, ...] = ()
    logged_days: int = 0  # how far back its logs reach; 0: it has none
    pending: str | None = None  # the file that was changed after sshd read it
    lax: int = 3  # settings of sshd that are laxer than they should be; Debian: forwarding of ports, agents and X11
    lax_severity: str = "low"

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
        for one in self.people:
            for path, lines in one.files.items():
                if path.startswith("/"):
                    files[path] = File(b"".join(part.text + b"\n" for part in lines))
        if self.logged_days:
            lines = [(self.logged_days, "Server listening on 0.0.0.0 port 22.")]
            lines += [(day, use.line) for use in self.uses for day in use.days]
            lines.sort(reverse=True)
            # the newest file is followed by those that were rotated away
            for path, days in (("/var/log/auth.log.1", range(30, 1000)), ("/var/log/auth.log", range(30))):
                text = [f"{days_ago(day)} {self.name} sshd[77]: {told}\n" for day, told in lines if day in days]
                files[path] = File("".join(text).encode(), 0o640, 0, 4)
        for authority in self.authorities:
            files[authority.file] = File(authority.text)
        for path, keys in self.revoked.items():
            files[path] = File("".join(f"{key.public}\n" for key in keys).encode())
        files["/etc/ssh/ssh_host_ed25519_key"] = File(self.host_key.private, 0o600)
        files["/etc/ssh/ssh_host_ed25519_key.pub"] = File(f"{self.host_key.public} root@{self.name}\n".encode())
        return replace(
            self.spec,
            accounts=(*self.spec.accounts, *(one.spec for one in self.people)),
            files={**files, **self.spec.files},
        )

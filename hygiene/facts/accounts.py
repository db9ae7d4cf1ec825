"""Accounts of a host: who there is, in what state, and who is root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from hygiene.accounts import group, master, nsswitch, passwd, shadow, sudoers, sudoers_files
from hygiene.accounts.group import Groups, Membership
from hygiene.accounts.passwd import Passwd, PasswdEntry
from hygiene.accounts.shadow import Password, ShadowEntry
from hygiene.accounts.sudoers import Root
from hygiene.accounts.sudoers_lists import Machine
from hygiene.evidence.frames import Frame
from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.model import Account, AccountState, AreaName, PasswordState, RootBy, Truth

_DAY_ZERO = date(1970, 1, 1)
_SUDO = ("/usr/bin/sudo", "/usr/local/bin/sudo", "/usr/bin/sudo-rs")
_MASTER = b"/etc/master.passwd"
# passwd(5) and getpwnam(3) of these: the field of /etc/passwd says nothing, master.passwd holds the password; that of
# macOS is for single-user mode alone
_BY_MASTER = frozenset({"FreeBSD", "OpenBSD", "NetBSD", "DragonFly"})
_DOAS = ("/usr/bin/doas", "/usr/local/bin/doas")


@dataclass(frozen=True, slots=True)
class Person:
    """One account with all that decides its logins."""

    entry: PasswdEntry
    password: Password
    aging: ShadowEntry | None
    membership: Membership
    shell: str  # the collector's word: `ok`, `missing`, `notexecutable`, `unknown`
    state: AccountState
    root: Root
    local: bool  # it stands in the host's own passwd

    @property
    def name(self) -> str:
        return self.entry.name


@dataclass(frozen=True, slots=True)
class People:
    """The accounts of a host in the order of its passwd."""

    everybody: tuple[Person, ...]
    passwd: Passwd
    groups: Groups
    shadow_seen: bool  # whole: an account without a line has no password
    day: int  # the host's today, in days since 1970-01-01
    groups_elsewhere: str | None  # why not all members of groups may have been seen

    def group_names(self, person: Person) -> frozenset[str] | None:
        """The names of all groups of an account; None where there may be more of them."""
        return person.membership.names if self.groups_elsewhere is None else None

    def expired(self, person: Person, use_pam: bool | None) -> Truth:
        """Whether sshd itself refuses the account as expired; `use_pam`: UsePAM, None where it is not known.

        With PAM the account stage says so, and sshd does not look (auth.c, allowed_user).
        """
        if use_pam:
            return Truth.NO
        alone = self._expired(person)
        return Truth.UNKNOWN if use_pam is None and alone is Truth.YES else alone

    def _expired(self, person: Person) -> Truth:
        if person.aging is not None:
            if person.aging.password == shadow.UNKNOWN or not person.aging.judged:
                return Truth.UNKNOWN  # its line was not understood, or not its dates
            return Truth.YES if person.aging.expired(self.day, pam=False) else Truth.NO
        return Truth.NO if self.shadow_seen and person.local else Truth.UNKNOWN

    def rows(self, host: str) -> tuple[Account, ...]:
        return tuple(
            Account(
                host=host,
                account=person.name,
                uid=person.entry.uid,
                home=person.entry.home,
                shell=person.entry.login_shell,
                state=person.state,
                root_by=person.root.by,
                password_state=person.password.state,
                hash_scheme=person.password.scheme if person.password.state is not PasswordState.NONE else None,
                gid=person.entry.gid,
            )
            for person in self.everybody
        )


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where accounts, groups and rules come from."""

    services: nsswitch.Sources
    unread: str | None  # why that is not known

    def elsewhere(self, database: str) -> str | None:
        """Why the files of the host may not be all of `passwd`, `shadow`, `group` or `sudoers`."""
        return self.unread or nsswitch.gap_reason(self.services, database)


def people(seen: Seen, ledger: Ledger) -> People:
    """Read all accounts; what could not be read makes its area partial or unseen, and the answers unknown."""
    sources = _sources(seen)
    listed = _passwd(seen, ledger, sources)
    if _has_master(seen):
        listed = replace(listed, accounts=tuple(replace(entry, password=None) for entry in listed.accounts))
    entries = (*listed.accounts, *_directory_entries(seen, listed))
    groups = _groups(seen, ledger, sources)
    memberships = group.memberships(entries, groups)
    aging, shadow_seen = _shadow(seen, ledger, sources)
    elsewhere = sources.elsewhere("group") or ("not all group members were seen" if groups.remote else None)
    roots = _roots(seen, ledger, sources, entries, memberships, elsewhere)
    day = (seen.now.date() - _DAY_ZERO).days
    local = {entry.name for entry in listed.accounts}
    everybody = []
    for entry in entries:
        line = aging.get(entry.name)
        # what is said of an account without a line holds for those of the host's own passwd alone
        known = shadow_seen and entry.name in local
        password = shadow.password_of(entry.password, line, shadow_seen=known)
        if known and password.state is PasswordState.UNKNOWN:
            ledger.doubt(AreaName.SHADOW, "what the password field says is not understood", entry.name)
        if line is not None and not line.judged:
            reason = "when it or its password ends, by /etc/master.passwd, is not judged by this version"
            ledger.doubt(AreaName.SHADOW, reason, entry.name)
        shell = seen.shells.get(entry.login_shell.encode("utf-8", "surrogateescape"), "unknown")
        expired = line is not None and line.expired(day)
        programs = {entry.login_shell: False} if shell in ("missing", "notexecutable") else {}
        state = shadow.account_state(password, expired=expired, shell=shadow.has_shell(entry.login_shell, programs))
        everybody.append(
            Person(entry, password, line, memberships[entry.name], shell, state, roots[entry.name], entry.name in local)
        )
    return People(tuple(everybody), listed, groups, shadow_seen, day, elsewhere)


def _sources(seen: Seen) -> _Sources:
    frame = seen.transcript.first("nsswitch")
    if frame is not None and frame.status in ("ok", "absent"):
        return _Sources(nsswitch.parse(frame.data if frame.status == "ok" else None), None)
    unread = f"/etc/nsswitch.conf {why_not(frame)}: accounts, groups and sudo rules may come from a directory too"
    return _Sources(nsswitch.parse(None), unread)


def _passwd(seen: Seen, ledger: Ledger, sources: _Sources) -> Passwd:
    area = AreaName.ACCOUNTS
    frame = seen.transcript.first("passwd")
    if frame is None or frame.status != "ok":
        ledger.unseen(area, f"/etc/passwd {why_not(frame)}")
        return Passwd((), (), remote=True)
    ledger.seen(area)
    listed = passwd.parse(frame.data)
    for problem in listed.problems:
        ledger.partial(area, problem)
    if (reason := sources.elsewhere("passwd")) is not None:
        ledger.partial(area, reason)
    return listed


def _directory_entries(seen: Seen, listed: Passwd) -> tuple[PasswdEntry, ...]:
    """Accounts of a directory, as far as they own a home on the host."""
    known = listed.by_name()
    directory = seen.text("nsspasswd")
    more = passwd.parse(directory, "getent passwd").accounts if directory else ()
    return tuple(entry for entry in more if entry.name not in known)


def _groups(seen: Seen, ledger: Ledger, sources: _Sources) -> Groups:
    area = AreaName.ACCOUNTS
    frame = seen.transcript.first("group")
    if frame is None or frame.status != "ok":
        ledger.partial(area, f"/etc/group {why_not(frame)}")
        return Groups((), (), remote=True)
    groups = group.parse(frame.data)
    for problem in groups.problems:
        ledger.partial(area, problem)
    if (reason := sources.elsewhere("group")) is not None:
        ledger.partial(area, reason)
    return groups


def _shadow(seen: Seen, ledger: Ledger, sources: _Sources) -> tuple[Mapping[str, ShadowEntry], bool]:
    area = AreaName.SHADOW
    elsewhere = sources.elsewhere("shadow")
    frames = _shadow_frames(seen)
    if not frames:
        if seen.transcript.first("shadow") is None:
            ledger.unseen(area, "/etc/shadow was not looked at")
            return {}, False
        ledger.absent(area)
        if elsewhere is not None:
            ledger.partial(area, elsewhere)
        return {}, elsewhere is None
    frame = frames[0]
    if frame.status != "ok":
        ledger.unseen(area, f"{plain(frame.path)} {why_not(frame)}: password states and expiry are unknown")
        return {}, False
    if frame.path == _MASTER and _uname(seen) not in _BY_MASTER:
        reason = (
            "/etc/master.passwd is read for FreeBSD, OpenBSD, NetBSD and DragonFly alone: password states are unknown"
        )
        ledger.unseen(area, reason)
        return {}, False
    ledger.seen(area)
    parsed = master.parse(frame.data) if frame.path == _MASTER else shadow.parse(frame.data)
    for problem in parsed.problems:
        ledger.partial(area, problem)
    if elsewhere is not None:
        ledger.partial(area, elsewhere)
    return parsed.entries, elsewhere is None


def _shadow_frames(seen: Seen) -> list[Frame]:
    """The files with the passwords, the one that holds first."""
    frames = [frame for frame in seen.transcript.all("shadow") if frame.status != "absent"]
    # no system of glibc or musl reads the other
    return [frame for frame in frames if frame.path != _MASTER] if _uname(seen) == "Linux" else frames


def _has_master(seen: Seen) -> bool:
    return any(frame.path == _MASTER for frame in _shadow_frames(seen))


def _uname(seen: Seen) -> str | None:
    uname = seen.line("uname")
    return uname.partition(" ")[0] if uname is not None else None


def _roots(
    seen: Seen,
    ledger: Ledger,
    sources: _Sources,
    entries: tuple[PasswdEntry, ...],
    memberships: Mapping[str, Membership],
    remote_groups: str | None,
) -> Mapping[str, Root]:
    area = AreaName.SUDO
    roots = {entry.name: Root(passwd.root_by_uid(entry) or RootBy.NONE) for entry in entries}
    doas = any(frame.status != "absent" for frame in seen.transcript.all("doas")) or not seen.transcript.complete
    if doas and seen.present(*_DOAS) is not False:
        reason = "doas.conf is not understood by this version: who becomes root with doas is unknown"
        ledger.partial(area, reason)
        roots = {name: root if root.by is RootBy.UID0 else Root(RootBy.UNKNOWN, reason) for name, root in roots.items()}
    frames = seen.transcript.all("sudoers")
    main = seen.transcript.file("sudoers", sudoers_files.MAIN.encode())
    if seen.present(*_SUDO) is False:
        ledger.absent(area)
        return roots
    if main is not None and main.status == "absent" and all(frame.status == "absent" for frame in frames):
        ledger.absent(area)
        return roots
    if main is None or main.status != "ok":
        reason = f"/etc/sudoers {why_not(main)}: who becomes root with sudo is unknown"
        ledger.unseen(area, reason)
        return {name: root if root.by is RootBy.UID0 else Root(RootBy.UNKNOWN, reason) for name, root in roots.items()}
    ledger.seen(area)
    if any(frame.path == b"/usr/local/etc/sudoers" and frame.status != "absent" for frame in frames):
        ledger.partial(area, "/usr/local/etc/sudoers is there too; which of the two sudo reads is unknown")
    files = {
        plain(frame.path): frame.data if frame.status == "ok" else None for frame in frames if frame.status != "absent"
    }
    folders = [plain(path) for path, state in seen.folders.items() if state in ("ok", "absent")]
    hostname = seen.line("hostname")
    rules = sudoers_files.read(files, folders, hostname)
    for problem in rules.problems:
        ledger.partial(area, problem)
    answers = sudoers.judge(
        rules,
        entries,
        memberships,
        Machine(hostname),
        remote_groups=remote_groups,
        remote_rules=sources.elsewhere("sudoers"),
    )
    for name, root in roots.items():
        if (
            root.by is RootBy.UNKNOWN and answers[name].by is not RootBy.SUDO
        ):  # by doas; what sudo asks for holds beside
            roots[name] = replace(root, asks=answers[name].asks)
        elif root.by is not RootBy.UID0:
            roots[name] = answers[name]
            if answers[name].by is RootBy.UNKNOWN:
                ledger.doubt(area, answers[name].reason or "whether sudo makes this account root is unknown", name)
    return roots

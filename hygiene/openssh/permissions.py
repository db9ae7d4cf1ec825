"""Whether sshd opens a key file: reached and read as the account, and safe enough for StrictModes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hygiene.model import Cause, Truth
from hygiene.openssh.members import Members
from hygiene.openssh.version import Vendor
from hygiene.openssh.way import Component, Kind, Way

_TRIES = 6  # MaxAuthTries by default: so many keys may be offered over one connection
_READ, _ENTER = 0o4, 0o1


@dataclass(frozen=True, slots=True)
class Owner:
    """The account whose file it is, as the kernel and sshd see it."""

    uid: int
    gids: frozenset[int] | None  # all of them, the primary one too; None: not known


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer, why it is not yes, and of a no what kind of reason that is."""

    answer: Truth
    reason: str | None = None
    cause: Cause | None = None


YES = Judgement(Truth.YES)


def worst(judgements: Sequence[Judgement]) -> Judgement:
    """The first no, else the first unknown, else yes."""
    for answer in (Truth.NO, Truth.UNKNOWN):
        for judgement in judgements:
            if judgement.answer is answer:
                return judgement
    return YES


@dataclass(frozen=True, slots=True)
class StrictModes:
    """What decides how strictly sshd looks at files of the accounts of a host."""

    on: bool | None  # None: not known
    vendor: Vendor | None  # None: not known
    members: Members | None = None  # None: neither passwd nor group were seen
    tries: int = _TRIES  # MaxAuthTries


def opened(way: Way, owner: Owner, home: Way | None, strict: StrictModes, what: str = "the key file") -> Judgement:
    """Judge whether sshd opens one file of an account, such as that of AuthorizedPrincipalsFile.

    `home` is the way to the home directory; None stands for no home to stop at. `what` is the file's name in reasons.
    """
    return opened_in_turn([way], owner, home, strict, what)[0]


def opened_in_turn(
    ways: Sequence[Way], owner: Owner, home: Way | None, strict: StrictModes, what: str = "the key file"
) -> tuple[Judgement, ...]:
    """Judge the files of AuthorizedKeysFile in their order, as sshd opens them one after the other for each key.

    Their order counts in Debian's builds: secure_permissions (misc.c, user-group-modes.patch) leaves the list of
    accounts where it met a member of the group that is not the owner, and the next question goes on from there. So a
    file that was refused once may be opened for the next key that is offered over the same connection.
    """
    names = [_Names(way, home, what) for way in ways]
    within = [worst(list(_reading(way, owner, name))) for way, name in zip(ways, names, strict=True)]
    if strict.on is False:
        return tuple(within)
    stop = _home(home, owner)
    groups = _PrivateGroups(strict)
    found = list(within)
    for attempt in range(max(1, strict.tries)):
        before = groups.place
        for at, (way, reading) in enumerate(zip(ways, within, strict=True)):
            if reading.answer is not Truth.NO:
                now = worst([reading, _safe(way, owner, stop, groups, names[at])])
                found[at] = _better(found[at], now) if attempt else now
        if groups.place == before:
            break  # the next attempt would find what this one did
    if strict.on is None:
        unclear = Judgement(Truth.UNKNOWN, "StrictModes is not known")
        pairs = zip(within, found, strict=True)
        found = [safe if safe.answer is Truth.YES else worst([reading, unclear]) for reading, safe in pairs]
    return tuple(found)


def opened_alone(way: Way, owner: Owner, strict: StrictModes, what: str) -> Judgement:
    """Judge whether sshd opens a file of an account and looks at no folder above it: .shosts, .rhosts, known_hosts.

    auth_rhosts2() in auth-rhosts.c and check_key_in_hostfiles() in auth.c.
    """
    reading = worst(list(_reading(way, owner, _Names(way, None, what))))
    return reading if reading.answer is Truth.NO else worst([reading, safe_alone(way, owner, strict, what)])


def safe_alone(way: Way, owner: Owner, strict: StrictModes, what: str) -> Judgement:
    """Judge whether StrictModes takes what stands at the end of a way, whatever leads there."""
    if strict.on is False:
        return YES
    if way.end is None:
        return _not_reached(way, what) or YES
    groups = _PrivateGroups(strict)
    safe = groups.safe(way.end, owner, what)
    for _ in range(strict.tries - 1):
        safe = _better(safe, groups.safe(way.end, owner, what))
    if strict.on is None and safe.answer is not Truth.YES:
        return Judgement(Truth.UNKNOWN, "StrictModes is not known")
    return safe


def opened_as_root(way: Way, what: str) -> Judgement:
    """Judge whether sshd opens a file as root, without a look at owners and modes: TrustedUserCAKeys, RevokedKeys.

    A device or pipe is unknown, for what it holds is; /dev/null is an empty file.
    """
    if way.fault is not None or way.end is None:
        return _not_reached(way, what) or YES
    if way.end.kind is Kind.DIRECTORY:
        return _no(f"{what} is a directory")
    if way.end.kind is not Kind.FILE and way.end.path != "/dev/null":
        return Judgement(Truth.UNKNOWN, f"{what} is no regular file")
    return worst(list(_followed(way, 0)))


def runs(way: Way, owner: Owner, strict: StrictModes, what: str) -> Judgement:
    """Judge whether sshd runs a program as an account: root's alone up to `/`, found and executed by the account.

    Follows subprocess() in misc.c, which calls safe_path() for root whatever StrictModes says.
    """
    names = _Names(way, None, what)
    steps = [*(_may(folder, owner, _ENTER, names.of(folder)) for folder in folders(way)), *_followed(way, owner.uid)]
    missed = _not_reached(way, what)
    if missed is not None or way.end is None:
        return worst([*steps, missed or YES])
    if way.end.kind is not Kind.FILE:
        return worst([*steps, _no(f"{what} is not a regular file")])
    groups, root = _PrivateGroups(strict), Owner(0, None)
    safe = _safe(way, root, _Stop(None, known=True), groups, names)
    for _ in range(strict.tries - 1):
        safe = _better(safe, _safe(way, root, _Stop(None, known=True), groups, names))
    executes = _may(way.end, owner, _ENTER, names.of(way.end))
    if owner.uid == 0 and not way.end.mode & 0o111:
        executes = _no("")
    if executes.answer is Truth.NO:
        executes = _no(f"{names.of(way.end)} cannot be executed by the account that shall run it")
    return worst([*steps, safe, executes])


def enters(way: Way, owner: Owner) -> Judgement:
    """Judge whether the account may look up all that the way leads over, as stat(2) and realpath(3) need it."""
    names = _Names(way, None, way.path)
    return worst([_may(folder, owner, _ENTER, names.of(folder)) for folder in folders(way)])


def may_pass(folder: Component, owner: Owner) -> bool:
    """Whether an account may enter a folder, for all that is seen: an access list and unknown groups may let it."""
    return _may(folder, owner, _ENTER, "").answer is not Truth.NO


def folders(way: Way) -> Iterator[Component]:
    """Every directory in which a name was looked up, once, in the order of the walk."""
    seen: set[str] = set()
    for step in way.steps:
        if step.folder.path not in seen:
            seen.add(step.folder.path)
            yield step.folder


# ---------------------------------------------------------------- reading


def _no(reason: str) -> Judgement:
    return Judgement(Truth.NO, reason, Cause.PERMISSIONS)


def _better(first: Judgement, second: Judgement) -> Judgement:
    """The one that is nearer to yes, of equals the first."""
    order = (Truth.NO, Truth.UNKNOWN, Truth.YES)
    return max(first, second, key=lambda judgement: order.index(judgement.answer))


@dataclass(frozen=True, slots=True)
class _Names:
    """What a component is called in a reason."""

    way: Way
    home: Way | None
    what: str

    def of(self, component: Component) -> str:
        if component is self.way.end and not self.way.linked:
            return self.what
        if self.home is not None and component.path == self.home.real != "/":
            return "the home directory"
        return component.path


def _reading(way: Way, owner: Owner, names: _Names) -> Iterator[Judgement]:
    """auth_openfile in auth2-pubkeyfile.c, up to StrictModes."""
    for folder in folders(way):
        yield _may(folder, owner, _ENTER, names.of(folder))
    yield from _followed(way, owner.uid)
    missed = _not_reached(way, names.what)
    if missed is not None:
        yield missed
    elif way.end is not None and way.end.kind is not Kind.FILE:
        yield _no("the file is not a regular file")
    elif way.end is not None:
        yield _may(way.end, owner, _READ, names.of(way.end))


def _not_reached(way: Way, what: str) -> Judgement | None:
    if way.fault is not None:
        place, fault = way.fault
        return _no(f"{what if place == way.path else place} {fault}")
    if way.end is None:
        unseen = what if way.unseen == way.path else way.unseen
        return Judgement(Truth.UNKNOWN, f"the owner and mode of {unseen} were not seen")
    return None


def _followed(way: Way, uid: int) -> Iterator[Judgement]:
    """Links that the kernel may not follow: fs.protected_symlinks (proc_sys_fs(5), may_follow_link in fs/namei.c)."""
    for step in way.steps:
        link = step.found
        if link is None or link.kind is not Kind.LINK or not step.last or step.folder.mode & 0o1002 != 0o1002:
            continue
        if link.uid not in (uid, step.folder.uid):
            reason = f"{link.path} is another's link in a sticky folder, and whether the kernel follows it is not known"
            yield Judgement(Truth.UNKNOWN, reason)


def _may(component: Component, owner: Owner, right: int, name: str) -> Judgement:
    """Whether the account may read or pass: sshd opens the file as the account, not as root."""
    if owner.uid == 0:
        return YES
    by_group, by_others = bool(component.mode & right << 3), bool(component.mode & right)
    if owner.uid == component.uid:
        allowed: bool | None = bool(component.mode & right << 6)
    elif component.extended:
        # acl(5): the group's bits are the most that the list gives, and a name in it may get less than others
        if by_group or by_others:
            return Judgement(Truth.UNKNOWN, f"{name} has an access list, which was not read")
        allowed = False
    elif owner.gids is None:
        allowed = by_group if by_group == by_others else None
    else:
        allowed = by_group if component.gid in owner.gids else by_others
    if allowed is None:
        return Judgement(Truth.UNKNOWN, "the groups of the account are not known")
    return YES if allowed else _no(f"{name} cannot be {'read' if right == _READ else 'entered'} by the account")


# ---------------------------------------------------------------- StrictModes


@dataclass(frozen=True, slots=True)
class _Stop:
    """The real path of the home directory, where safe_path stops; None: it is not resolved, and all is looked at."""

    path: str | None
    known: bool


def _home(home: Way | None, owner: Owner) -> _Stop:
    """realpath(3) of the home, called as the account."""
    if home is None or home.fault is not None:
        return _Stop(None, known=True)
    entered = enters(home, owner)
    if entered.answer is Truth.NO:
        return _Stop(None, known=True)
    return _Stop(home.real, known=entered.answer is Truth.YES and home.real is not None)


def _safe(way: Way, owner: Owner, stop: _Stop, groups: _PrivateGroups, names: _Names) -> Judgement:
    """safe_path in misc.c: the real file, then its real parents upwards, up to the home or to `/`."""
    if way.end is None:
        return Judgement(Truth.UNKNOWN, "the permissions of the file were not seen")
    unclear: Judgement | None = None
    for component in (way.end, *reversed(way.parents)):
        judgement = groups.safe(component, owner, names.of(component))
        if judgement.answer is Truth.NO:
            if stop.known or component in (way.end, way.parents[-1]):
                return judgement
            return Judgement(Truth.UNKNOWN, "the real path of the home directory was not seen")
        unclear = unclear or (judgement if judgement.answer is Truth.UNKNOWN else None)
        if component is not way.end and component.path == stop.path:
            break
    return unclear or YES


class _PrivateGroups:
    """One step of StrictModes after the other over one connection; Debian's builds remember something in between."""

    def __init__(self, strict: StrictModes) -> None:
        self._vendor = strict.vendor
        self._members = strict.members
        self.place = 0  # where getpwent(3) goes on

    def safe(self, component: Component, owner: Owner, name: str) -> Judgement:
        if component.uid not in (0, owner.uid):
            return _no(f"{name} belongs to another account")
        if component.mode & 0o002:
            return _no(f"{name} is writable by others")
        if not component.mode & 0o020:
            return YES
        refusal = _no(f"{name} is writable by its group")
        if self._vendor is not None and not self._vendor.takes_private_groups:
            return refusal
        private = self._is_private(component, owner)
        if self._vendor is None and private is not Truth.NO:
            unclear = f"{name} is writable by its group, and whose build of sshd it is is not known"
            return Judgement(Truth.UNKNOWN, unclear)
        if private is Truth.UNKNOWN:
            return Judgement(Truth.UNKNOWN, f"{name} is writable by its group, and who is in it is not known")
        return YES if private is Truth.YES else refusal

    def _is_private(self, component: Component, owner: Owner) -> Truth:
        """Whether the group has one member, the owner, as primary group or as the only name in the list."""
        people = self._members
        if people is None:
            return Truth.UNKNOWN
        group = people.groups.get(component.gid)
        name = people.by_uid.get(component.uid)
        alone = group is not None and name is not None and group.members in ((), (name.name,))
        if not people.complete:
            return Truth.NO if group is not None and name is not None and not alone else Truth.UNKNOWN
        if group is None:
            return Truth.NO
        count = 0
        for place, entry in people.primary.get(component.gid, ()):
            if place < self.place:
                continue
            if entry.uid != owner.uid:
                self.place = place + 1
                return Truth.NO
            count += 1
        self.place = 0
        return Truth.YES if alone and (count or group.members) else Truth.NO

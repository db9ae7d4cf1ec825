"""Who is let in by which line of which key file: every line that sshd might read, dead ones too."""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hygiene.facts.accounts import People, Person
from hygiene.facts.files import Files
from hygiene.facts.keys import KeyRing
from hygiene.facts.ledger import Ledger
from hygiene.facts.places import ANYWHERE, Place, Places, everywhere_but
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.facts.trust import Trust
from hygiene.model import AccountState, AreaName, Cause, Grant, RootBy, Truth
from hygiene.openssh import accept, authorities, authorized_keys, marks, standing, tokens
from hygiene.openssh.accept import Clock, LoginAccount
from hygiene.openssh.authorities import Authority
from hygiene.openssh.authorized_keys import Content, Line
from hygiene.openssh.options import Options
from hygiene.openssh.permissions import YES, Judgement, Owner, worst
from hygiene.openssh.principals import Principal
from hygiene.openssh.standing import Entry, Login, Standing
from hygiene.openssh.tokens import Holder

_DEFAULT_FILES = (".ssh/authorized_keys", ".ssh/authorized_keys2")
SHELL_RUNS = {"ok": Truth.YES, "missing": Truth.NO, "notexecutable": Truth.NO}
_LISTED = ("ok", "absent", "notdirectory")
# what holds whatever the settings are that a daemon still runs with
_CERTAIN = frozenset({Cause.TYPO, Cause.VERSION, Cause.EXPIRED})


@dataclass(frozen=True, slots=True)
class Opening:
    """A row with what the login paths need to know besides."""

    grant: Grant
    options: Options
    security_key: bool
    at: Mapping[Hashable, Judgement]  # by `Place.alike`: where all lines but this one's from= let in


@dataclass(frozen=True, slots=True)
class _Found:
    """A line of a file, with what it comes to."""

    file: str
    line: Line
    judgement: Judgement
    at: Mapping[Hashable, Judgement]
    effective: bool  # its own restrictions may hold
    shadowed: bool
    authority: bool
    principals: tuple[str, ...] | None


class Reader:
    """Reads what lets into the accounts of one host through one daemon."""

    def __init__(
        self, host: str, seen: Seen, people: People, places: Places, files: Files, ring: KeyRing, ledger: Ledger
    ) -> None:
        self._host = host
        self._seen = seen
        self._people = people
        self._places = places
        self._files = files
        self._ring = ring
        self._ledger = ledger
        self._daemon = places.daemon
        self._system = _system(seen)
        self._unread: dict[str, str] = {}  # why keys of the account that was asked about last were not all read
        self._opened_for: object = None
        self._opened_known: Mapping[str, Judgement] = {}
        there = (frame.path for frame in seen.transcript.all("akeys") if frame.status != "absent")
        self._files_there = sorted(plain(path) for path in there)
        self.trust = Trust(host, seen, places.daemon, files, ledger)
        ledger.seen(AreaName.AUTHORIZED_KEYS)

    def openings(self, person: Person) -> tuple[Opening, ...]:
        """A row for each line of each key file of the account, then for each authority, as this daemon judges it."""
        classes = self._places.classes(person)
        self._unread = {}
        lines = self._lines(person, classes)
        found = [*self._judged(person, classes, lines), *self._authorities(person, classes)]
        return tuple(self._opening(person, classes, each) for each in found)

    def unseen(self, person: Person, place: Place) -> str | None:
        """Why there may be other keys that let in from there than those of `openings`, which is asked before."""
        return self._unread.get(person.name) or self.trust.unseen(place.settings)

    # ------------------------------------------------------------ what is read

    def _lines(self, person: Person, classes: Sequence[Place]) -> list[tuple[str, Line]]:
        """The lines of all files that sshd might read for the account."""
        paths: dict[str, None] = {}
        for named in self._named(person, classes):
            paths.update(dict.fromkeys(named.among(self._below(named))))
            for pattern in named.patterns:
                folder = tokens.fixed_folder(pattern)
                state = self._seen.folders.get(folder.encode("utf-8", "surrogateescape"), "unknown")
                if state not in _LISTED:
                    reason = f"AuthorizedKeysFile {pattern} is a pattern, and {folder} could not be listed"
                    self._ledger.partial(AreaName.AUTHORIZED_KEYS, reason)
                    self._unread.setdefault(person.name, reason)
        return [(path, line) for path in paths for line in self._file(person, path)]

    def _named(self, person: Person, classes: Sequence[Place]) -> Iterator[tokens.Named]:
        """The files that AuthorizedKeysFile names; those of the default where the setting is not known."""
        account = self._account(person)
        for place in classes:
            named = standing.named_files(place.settings, account, self._daemon.version)
            yield named or tokens.named(_DEFAULT_FILES, _holder(person), self._daemon.version)

    def _file(self, person: Person, path: str) -> Iterator[Line]:
        frame = self._seen.transcript.file("akeys", path.encode("utf-8", "surrogateescape"))
        if frame is None and self._is_listed(path):
            return
        if frame is not None and frame.status == "badlink" and self._files.way(path).fault is not None:
            return  # the links lead nowhere, for sshd too
        if frame is None or frame.status not in ("ok", "filtered"):
            # sshd takes no key from a folder, pipe or device (auth2-pubkeyfile.c, auth_openfile): nothing is missed
            if frame is None or frame.status not in ("absent", "notregular"):
                reason = f"{path} {why_not(frame)}"
                self._ledger.partial(AreaName.AUTHORIZED_KEYS, reason, person.name)
                self._unread.setdefault(person.name, reason)
            return
        for line in authorized_keys.parse(frame.data, self._daemon.version):
            if line.key is not None:
                self._ring.add(line.key)
            yield line

    def _below(self, named: tokens.Named) -> Iterator[str]:
        """The files that were seen and that patterns among the names may match."""
        for pattern in named.patterns:
            folder = tokens.fixed_folder(pattern)
            at = bisect.bisect_left(self._files_there, folder)
            while at < len(self._files_there) and self._files_there[at].startswith(folder):
                yield self._files_there[at]
                at += 1

    def _is_listed(self, path: str) -> bool:
        """True for a name with wildcards that stands for itself, and whose folder was listed and does not hold it."""
        folder = tokens.fixed_folder(path)
        state = self._seen.folders.get(folder.encode("utf-8", "surrogateescape"))
        return not set(path).isdisjoint("*?[") and state in _LISTED

    # ------------------------------------------------------------ lines of key files

    def _judged(self, person: Person, classes: Sequence[Place], lines: Sequence[tuple[str, Line]]) -> Iterator[_Found]:
        """Judge the lines, those of one key together where from= stands on one of them."""
        groups: dict[str | None, list[int]] = {}
        limited = {line.key.fingerprint for _, line in lines if line.key is not None and line.options.from_patterns}
        for index, (_, line) in enumerate(lines):
            fingerprint = line.key.fingerprint if line.key is not None else None
            groups.setdefault(fingerprint if fingerprint in limited else None, []).append(index)
        found: dict[int, _Found] = {}
        for fingerprint, indexes in groups.items():
            part = [lines[index] for index in indexes]
            if fingerprint is None:
                places = classes
            else:
                lists = {",".join(line.options.from_patterns or ()) for _, line in part} - {""}
                places = self._places.of(person, lists)
            for index, each in zip(indexes, self._judged_at(person, places, part), strict=True):
                found[index] = each
        yield from (found[index] for index in sorted(found))

    def _judged_at(
        self, person: Person, places: Sequence[Place], lines: Sequence[tuple[str, Line]]
    ) -> Iterator[_Found]:
        everywhere = [self._standings(person, place, lines) for place in places]
        entries = [Entry(file, line) for file, line in lines]
        shadowed = standing.shadowed(entries, everywhere)
        for index, (file, line) in enumerate(lines):
            judgements = [standings[index].judgement for standings in everywhere]
            at: dict[Hashable, Judgement] = {}
            for place, judgement in zip(places, judgements, strict=True):
                at[place.alike] = standing.anywhere([at[place.alike], judgement]) if place.alike in at else judgement
            yield _Found(
                file,
                line,
                standing.anywhere(judgements),
                at,
                effective=standing.has_effect(index, everywhere),
                shadowed=index in shadowed,
                authority=line.options.cert_authority,
                principals=line.options.principals,
            )

    def _standings(self, person: Person, place: Place, lines: Sequence[tuple[str, Line]]) -> tuple[Standing, ...]:
        settings, version = place.settings, self._daemon.version
        opened = self._opened(person, place)
        entries = [
            Entry(
                file,
                line,
                opened.get(file, YES),
                self.trust.revoked(settings, line.key),
                authorities.judge_line(line, person.name, settings, version) if line.options.cert_authority else YES,
            )
            for file, line in lines
        ]
        return standing.standings(entries, self._login(person, place), place.situation)

    def _opened(self, person: Person, place: Place) -> Mapping[str, Judgement]:
        """Whether sshd opens each file that it comes to, with or without lines: their order may decide."""
        settings = place.settings
        strict = self._files.strict(self._daemon, settings)
        version = self._daemon.version
        named = standing.named_files(settings, self._account(person, place), version)
        named = named or tokens.named(_DEFAULT_FILES, _holder(person), version)
        paths = named.among(self._below(named))
        key = (person.name, paths, strict.on, strict.tries)
        if key != self._opened_for:
            owner = Owner(person.entry.uid, person.membership.gids if self._files.members.complete else None)
            judged = self._files.opened(paths, owner, person.entry.home, strict)
            self._opened_for, self._opened_known = key, dict(zip(paths, judged, strict=True))
        return self._opened_known

    def _login(self, person: Person, place: Place) -> Login:
        return Login(self._account(person, place), self._daemon.version, place.pam, Truth.NO, Clock(self._seen.now))

    def _account(self, person: Person, place: Place | None = None) -> LoginAccount:
        use_pam = True if place is None else place.settings.flag("usepam")
        return LoginAccount(
            name=person.name,
            uid=person.entry.uid,
            home=person.entry.home,
            shell_runs=SHELL_RUNS.get(person.shell, Truth.UNKNOWN),
            expired=self._people.expired(person, use_pam),
            locked=accept.locked(person.password, self._system),
        )

    # ------------------------------------------------------------ authorities of TrustedUserCAKeys

    def _authorities(self, person: Person, classes: Sequence[Place]) -> Iterator[_Found]:
        """A row for each authority that the daemon trusts, judged for this account."""
        found: dict[tuple[str, int], list[tuple[Place, Authority, Judgement, tuple[str, ...] | None]]] = {}
        for place in classes:
            trusted = self.trust.authorities(place.settings) if not place.settings.problems else None
            if trusted is None:
                continue
            path, read = trusted
            if isinstance(read, Judgement):
                if read.answer is Truth.UNKNOWN:
                    self._ledger.partial(AreaName.AUTHORIZED_KEYS, read.reason or "TrustedUserCAKeys was not read")
                continue
            names = self.trust.principals(person, place.settings)
            for authority in read:
                judgement = self._trusted(person, place, authority, names)
                listed = tuple(each.name for each in names if each.dead is None) if isinstance(names, tuple) else None
                found.setdefault((path, authority.number), []).append((place, authority, judgement, listed))
        for (path, number), each in found.items():
            authority = each[0][1]
            if authority.key is not None:
                self._ring.add(authority.key)
            content = Content(
                authority.key, Options(cert_authority=True), authority.comment, authority.dead, authority.cause
            )
            judgement = standing.anywhere([judgement for _, _, judgement, _ in each])
            at = {place.alike: judgement for place, _, judgement, _ in each}
            listed = next((names for *_, names in each if names is not None), None)
            yield _Found(path, Line(number, content), judgement, at, True, False, True, listed)

    def _trusted(
        self,
        person: Person,
        place: Place,
        authority: Authority,
        names: tuple[Principal, ...] | Judgement | None,
    ) -> Judgement:
        """Whether a certificate of the authority gets in as the account: user_cert_trusted_ca in auth2-pubkey.c."""
        settings, version = place.settings, self._daemon.version
        login = self._login(person, place)
        judgements = [
            authorities.judge_trusted(authority, names, settings, version, self.trust.revoked(settings, authority.key)),
            accept.by_settings(place.situation, version),
            accept.by_root(True, login.account, settings),
            accept.by_account(login.account, settings, place.pam, Truth.NO),
        ]
        if version is None:
            judgements.append(Judgement(Truth.UNKNOWN, "the version of sshd is not known"))
        return worst(judgements)

    # ------------------------------------------------------------ rows

    def _opening(self, person: Person, classes: Sequence[Place], found: _Found) -> Opening:
        answer = self._now(found.judgement)
        if answer.answer is Truth.UNKNOWN:
            reason = f"whether keys let in is unknown: {answer.reason}"
            self._ledger.doubt(AreaName.AUTHORIZED_KEYS, reason, person.name)
        at = {alike: self._now(judgement) for alike, judgement in found.at.items()}
        grant = self._row(person, classes, replace(found, judgement=answer, at=at))
        key = found.line.key
        security_key = key is not None and key.plain_type.startswith("sk-") and not found.authority
        return Opening(grant, found.line.options, security_key, at)

    def _now(self, judgement: Judgement) -> Judgement:
        """The judgement by the files as they are, where the daemon runs with what they were."""
        pending = self._daemon.pending
        if pending is None or judgement.cause in _CERTAIN or judgement.answer is Truth.UNKNOWN:
            return judgement
        then = "accepted" if judgement.answer is Truth.YES else f"not accepted: {judgement.reason}"
        reason = f"{pending} was changed after sshd read its configuration; once it reads the files as they are: {then}"
        return Judgement(Truth.UNKNOWN, reason)

    def _row(self, person: Person, classes: Sequence[Place], found: _Found) -> Grant:
        line, answer, options = found.line, found.judgement, found.line.options
        forced = self._forced(classes)
        command = forced or options.command
        odd = line.marks
        no_names = self._daemon.settings.flag("usedns") is False
        if no_names and marks.FROM_ITEM_DEAD not in odd and marks.has_names(options):
            odd = (*odd, marks.FROM_ITEM_DEAD)
        if found.shadowed:
            odd = (*odd, marks.SHADOWED)
        alive = answer.answer is not Truth.NO
        return Grant(
            host=self._host,
            daemon=self._daemon.name,
            account=person.name,
            fingerprint=line.key.fingerprint if line.key is not None else None,
            file=found.file,
            line=line.number,
            options=options.texts,
            from_patterns=options.from_patterns,
            command=command,
            restricted=command is not None or options.limits_source,
            expires_at=options.expires.at if options.expires is not None else None,
            is_authority=found.authority,
            accepted=answer.answer,
            reason=answer.reason,
            opens_root=self._opens_root(person, found, command),
            comment=line.comment,
            cause=answer.cause if answer.answer is Truth.NO else None,
            marks=odd,
            principals=found.principals,
            accepted_from=_labels(classes, found) if answer.answer is Truth.YES else None,
            writable_by=self._files.writers(found.file, person.entry.uid) if alive else None,
        )

    @staticmethod
    def _forced(classes: Sequence[Place]) -> str | None:
        """ForceCommand, where it holds wherever one comes from."""
        commands = {None if place.settings.problems else place.settings.path("forcecommand") for place in classes}
        return commands.pop() if len(commands) == 1 else None

    def _opens_root(self, person: Person, found: _Found, command: str | None) -> Truth:
        """Whether what the line lets in is root, or becomes root with everything and without a password."""
        by, answer = person.root.by, found.judgement.answer
        if answer is Truth.NO or command is not None or by is RootBy.NONE or not found.effective:
            return Truth.NO
        if person.state is AccountState.NO_SHELL:
            if by is not RootBy.UID0:
                return Truth.NO
            # no shell, and still a subsystem such as internal-sftp opens files as root
            self._ledger.doubt(AreaName.SSHD, "what root can do without a shell is not judged", person.name)
            return Truth.UNKNOWN
        return Truth.UNKNOWN if by is RootBy.UNKNOWN else answer


def _holder(person: Person) -> Holder:
    return Holder(person.name, person.entry.uid, person.entry.home)


def _labels(classes: Sequence[Place], found: _Found) -> tuple[str, ...] | None:
    """The classes of places from which the line lets in; None when it does from all."""
    inside = [place.label for place in classes if (answer := found.at.get(place.alike)) and answer.answer is Truth.YES]
    if not inside or len(inside) == len(classes):
        return None
    outside = [place.label for place in classes if place.label not in inside]
    return tuple(everywhere_but(outside) if label == ANYWHERE else label for label in inside)


def _system(seen: Seen) -> str | None:
    """The first word of `uname -a`; an image whose os-release is there is a Linux one."""
    uname = seen.line("uname")
    if uname is not None:
        return uname.partition(" ")[0]
    return "Linux" if seen.text("os-release") is not None else None

"""Where one may come from, and what holds there for an account: settings by Match blocks, and PAM's account stage."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hygiene.factors.door import PamAnswers
from hygiene.facts.accounts import People, Person
from hygiene.facts.daemons import UNASKED, Daemon, frame_arguments
from hygiene.facts.ledger import Ledger
from hygiene.facts.pam import Pam
from hygiene.facts.seen import Seen, plain
from hygiene.model import AreaName, Setting, SettingState
from hygiene.openssh import access
from hygiene.openssh.accept import Situation
from hygiene.openssh.connection import Connection, Source
from hygiene.openssh.permissions import Judgement
from hygiene.openssh.settings import Entry, Settings, conflicts, read_effective
from hygiene.pam.question import Conversation

ANYWHERE = "*"
_LISTEN_STREAM = re.compile(rb"(?m)^[ \t]*+ListenStream[ \t]*+=(?:[^\n]*:)?[ \t]*+(\d{1,5})[ \t\r]*+$")
_PATTERNS = re.compile(r"[^ !]++")  # a label that is a plain list of patterns, and can be negated


@dataclass(frozen=True, slots=True)
class Place:
    """One class of places that an account may come from, and what holds there."""

    label: str  # as sshd writes patterns; `*` for all that no criterion names
    situation: Situation
    pam: Judgement  # the account stage, of those who come by key
    answers: PamAnswers  # of those who come by PAM
    values: int  # equal for places with the same settings
    alike: Hashable  # equal for places where the same holds

    @property
    def settings(self) -> Settings:
        return self.situation.settings


def everywhere_but(labels: Iterable[str]) -> str:
    """`*,!10.0.0.0/8`: all places without these classes; `*` where one of them cannot be written as patterns."""
    without = list(labels)
    if not all(map(_PATTERNS.fullmatch, without)):
        return ANYWHERE
    return ",".join([ANYWHERE, *(f"!{item}" for label in without for item in label.split(","))])


class Places:
    """The places of the accounts of one daemon; what many accounts share is worked out once."""

    def __init__(self, host: str, seen: Seen, people: People, daemon: Daemon, pam: Pam) -> None:
        self.daemon = daemon
        self._host = host
        self._people = people
        self._outside = daemon.config.settings()
        # PAMServiceName stands outside Match blocks only (sshd_config(5))
        self.service = daemon.settings.value("pamservicename") or "sshd"
        self._pam = pam
        self._networks = frozenset(pam.places(self.service))
        self._known: dict[tuple[Hashable, Source], Settings] = {}
        self._sources: dict[frozenset[str], tuple[Source, ...]] = {}
        self._alike: dict[Hashable, int] = {}
        self._classes: dict[str, tuple[Place, ...]] = {}
        self._differences: dict[int, tuple[list[Entry], list[str]]] = {}
        self._ports = _ports(seen, daemon)
        self._disputed = dict(self._disputes(seen))

    def of(self, person: Person, lists: Iterable[str] = ()) -> tuple[Place, ...]:
        """The places that the settings tell apart for an account, and those that the from= lists besides do."""
        asked = frozenset(lists) | self._networks
        found = self._at(person, self._told_apart(asked))
        hosts = {
            pattern.rpartition("@")[2]
            for place in found
            for keyword in ("allowusers", "denyusers")
            for pattern in place.settings.values(keyword)
            if "@" in pattern
        }
        return self._at(person, self._told_apart(asked | hosts)) if hosts - asked else found

    def classes(self, person: Person) -> tuple[Place, ...]:
        """The places of `of` without those where the same holds as at an earlier one, `*` first."""
        if person.name not in self._classes:
            found: dict[Hashable, Place] = {}
            for place in sorted(self.of(person), key=lambda place: place.label != ANYWHERE):
                found.setdefault(place.alike, place)
            self._classes = {person.name: tuple(found.values())}  # asked for several times, then never again
        return self._classes[person.name]

    def rows(self, ledger: Ledger) -> Iterator[Setting]:
        """A row for each line that `sshd -T` would print: for everybody, and for an account what differs."""
        settings = self.daemon.settings
        pending = SettingState.PENDING if self.daemon.pending is not None else SettingState.EFFECTIVE
        state = SettingState.UNKNOWN if settings.problems else pending
        disputed = self._disputed.get(None, {})
        for entry in settings.entries:
            if entry.keyword not in disputed:
                yield self._row(ANYWHERE, entry, state)
        for keyword in settings.unresolved:
            if keyword not in UNASKED:
                yield self._row(ANYWHERE, Entry(keyword, "", ""), SettingState.UNKNOWN)
        yield from self._conflicts(ledger)
        if settings.problems or settings.has_match is False:
            return
        for person in self._people.everybody:
            for place in self.classes(person):
                yield from self._differing(person, place, pending, ledger)

    # ------------------------------------------------------------ inside

    def _told_apart(self, lists: frozenset[str]) -> tuple[Source, ...]:
        if lists not in self._sources:
            found = self.daemon.config.sources(lists)
            self._sources[lists] = tuple(source for source in found if self._arrives(source)) or found
        return self._sources[lists]

    def _arrives(self, source: Source) -> bool:
        """Whether the daemon listens where somebody who comes this way arrives."""
        return source.local_port is None or self._ports is None or source.local_port in self._ports

    def _at(self, person: Person, sources: Iterable[Source]) -> tuple[Place, ...]:
        groups = self._people.group_names(person)
        return tuple(self._place(person, groups, source) for source in sources)

    def _place(self, person: Person, groups: frozenset[str] | None, source: Source) -> Place:
        connection = source.connection(person.name, groups)
        settings = self._settings(connection, source)
        allowed = access.allowed(settings, connection, self.daemon.version)
        pam = self._pam.stage(self.service, person, source)
        answers = self._answers(person, source, settings)
        values = self._alike.setdefault((settings.entries, settings.unresolved, settings.problems), len(self._alike))
        same = (values, allowed, pam, answers)
        return Place(source.label, Situation(connection, settings), pam, answers, values, same)

    def _answers(self, person: Person, source: Source, settings: Settings) -> PamAnswers:
        if settings.flag("usepam") is False:
            return PamAnswers()
        empty = settings.flag("permitemptypasswords") is not False
        once, each = (
            self._pam.credentials(self.service, person, source, allow_empty=empty, conversation=conversation)
            for conversation in (Conversation.ONE, Conversation.EACH)
        )
        stage = self._pam.stage(self.service, person, source, by_password=True)
        return PamAnswers(once, each, stage, self._pam.tokens(self.service, person))

    def _settings(self, connection: Connection, source: Source) -> Settings:
        daemon = self.daemon
        if daemon.settings.problems or (daemon.settings.has_match is False and not self._disputed):
            return daemon.settings
        key = daemon.config.class_of(connection.user, connection.groups)
        if (key, source) not in self._known:
            here = _over(daemon.settings, self._outside, daemon.config.settings(connection))
            disputed = {*self._disputed.get(None, {}), *self._disputed.get(key, {})}
            self._known[key, source] = _without(here, disputed)
        return self._known[key, source]

    def _disputes(self, seen: Seen) -> Iterator[tuple[Hashable, Mapping[str, Entry]]]:
        """What `sshd -T` says otherwise than we do: for everybody (None), and for a class of accounts."""
        daemon = self.daemon
        if daemon.settings.problems:
            return
        found: dict[Hashable, dict[str, Entry]] = {}
        by_name = {person.name: person for person in self._people.everybody}
        for frame in (*seen.transcript.all("sshd_t"), *seen.transcript.all("sshd_tc")):
            if frame.status != "rc=0" or frame_arguments(frame) != daemon.arguments:
                continue
            printed = read_effective(frame.data)
            _, _, spec = plain(frame.path).partition("-C ")
            fields = dict(part.partition("=")[::2] for part in spec.split(","))
            person = by_name.get(fields.get("user", ""))
            ours, key = self._outside, None
            if spec:
                if person is None:
                    continue
                connection = _connection(fields, self._people.group_names(person))
                ours = daemon.config.settings(connection)
                key = daemon.config.class_of(connection.user, connection.groups)
            scope = ANYWHERE if not spec else f"{fields['user']} from {fields.get('addr', ANYWHERE)}"
            for keyword in conflicts(printed, ours):
                for value in printed.values(keyword) or ("",):
                    found.setdefault(key, {}).setdefault(keyword, Entry(keyword, value, scope))
        yield from found.items()

    def _conflicts(self, ledger: Ledger) -> Iterator[Setting]:
        for entries in self._disputed.values():
            for entry in entries.values():
                reason = f"`sshd -T` prints another {entry.keyword} than the files give for {entry.source}"
                ledger.doubt(AreaName.SSHD, reason)
                yield self._row(entry.source, Entry(entry.keyword, entry.value, "sshd -T"), SettingState.CONFLICT)

    def _differing(self, person: Person, place: Place, state: SettingState, ledger: Ledger) -> Iterator[Setting]:
        scope = person.name if place.label == ANYWHERE else f"{person.name} from {place.label}"
        for problem in place.settings.problems:
            ledger.doubt(AreaName.SSHD, f"settings are unknown: {problem}", person.name)
        if place.values not in self._differences:
            self._differences[place.values] = self._difference(place.settings)
        entries, unresolved = self._differences[place.values]
        for entry in entries:
            yield self._row(scope, entry, state)
        for keyword in unresolved:
            yield self._row(scope, Entry(keyword, "", ""), SettingState.UNKNOWN)
        if unresolved:
            reason = f"settings whose value is unknown: {', '.join(unresolved)}"
            ledger.doubt(AreaName.SSHD, reason, person.name)

    def _difference(self, here: Settings) -> tuple[list[Entry], list[str]]:
        """What differs from what holds for everybody, and what is not known here and is there."""
        outside = self.daemon.settings
        found: list[Entry] = []
        for keyword in dict.fromkeys(entry.keyword for entry in (*here.entries, *outside.entries)):
            if here.values(keyword) != outside.values(keyword) and keyword not in here.unresolved:
                entries = [entry for entry in here.entries if entry.keyword == keyword]
                found += entries or [Entry(keyword, "", "default")]
        disputed = {keyword for entries in self._disputed.values() for keyword in entries}
        return found, sorted(set(here.unresolved) - set(outside.unresolved) - UNASKED - disputed)

    def _row(self, scope: str, entry: Entry, state: SettingState) -> Setting:
        return Setting(self._host, self.daemon.name, scope, entry.keyword, entry.value, entry.source, state)


def _ports(seen: Seen, daemon: Daemon) -> frozenset[int] | None:
    """The ports that a daemon listens at, or systemd for it; None where that is not known."""
    if daemon.settings.problems:
        return None
    sockets = [frame.data for frame in seen.transcript.all("unit") if frame.path.endswith(b".socket")]
    socket_ports = [port.decode() for data in sockets for port in _LISTEN_STREAM.findall(data)]
    listened = [value.partition(" ")[0].rpartition(":")[2] for value in daemon.settings.values("listenaddress")]
    ports = [
        text
        for text in (*daemon.settings.values("port"), *listened, *socket_ports)
        if text.isascii() and text.isdigit()
    ]
    return frozenset(int(text) for text in ports if len(text) < 6) or None


def _over(printed: Settings, outside: Settings, here: Settings) -> Settings:
    """What holds here: what `sshd -T` printed for everybody where no Match block changes it, else what we resolved."""
    if here.problems:
        return here
    same = {
        keyword
        for keyword in {entry.keyword for entry in (*printed.entries, *outside.entries)}
        if keyword not in here.unresolved or keyword in outside.unresolved
        if here.values(keyword) == outside.values(keyword)
    }
    entries = [entry for entry in printed.entries if entry.keyword in same]
    entries += [entry for entry in here.entries if entry.keyword not in same]
    known = {entry.keyword for entry in entries}
    unresolved = tuple(keyword for keyword in here.unresolved if keyword not in known)
    return replace(here, entries=tuple(entries), unresolved=unresolved)


def _without(settings: Settings, disputed: set[str]) -> Settings:
    """The settings with these keywords unknown."""
    if not disputed:
        return settings
    entries = tuple(entry for entry in settings.entries if entry.keyword not in disputed)
    return replace(settings, entries=entries, unresolved=(*settings.unresolved, *sorted(disputed)))


def _connection(fields: Mapping[str, str], groups: frozenset[str] | None) -> Connection:
    """What `sshd -T -C` was asked for."""
    port = fields.get("lport", "")
    return Connection(
        fields["user"],
        groups,
        address=fields.get("addr"),
        host=fields.get("host"),
        local_address=fields.get("laddr"),
        local_port=int(port) if port.isdigit() else None,
    )

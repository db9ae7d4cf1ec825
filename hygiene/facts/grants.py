"""Who is let in by which line of which key file: every line that sshd might read, dead ones too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.facts.accounts import People, Person
from hygiene.facts.daemons import Daemon
from hygiene.facts.keys import KeyRing
from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.model import AccountState, AreaName, Grant, RootBy, Truth
from hygiene.openssh import authorized_keys, permissions
from hygiene.openssh.accept import Clock, LoginAccount, accepted
from hygiene.openssh.authorized_keys import Line
from hygiene.openssh.permissions import Component, Judgement, Kind, Owner, worst

_DEFAULT_FILES = (".ssh/authorized_keys", ".ssh/authorized_keys2")
_KINDS = {"d": Kind.DIRECTORY, "-": Kind.FILE}
SHELL_RUNS = {"ok": Truth.YES, "missing": Truth.NO, "notexecutable": Truth.NO}
_WILDCARDS = frozenset("*?[")  # from OpenSSH 10.0 on; before, they are part of a name
_NOLOGIN = ("/etc/nologin", "/var/run/nologin", "/run/nologin")
_NOLOGIN_THERE = "a nologin file is there"


@dataclass(frozen=True, slots=True)
class Opening:
    """A row with what the login paths need to know besides."""

    grant: Grant
    line: Line


@dataclass(frozen=True, slots=True)
class Gate:
    """One daemon, and what holds for all its logins."""

    daemon: Daemon
    pam_account: Judgement  # the account stage
    nologin: Truth


def nologin(seen: Seen, ledger: Ledger) -> Truth:
    """Whether a nologin file keeps all but root out. It goes away again, so while it is there nothing is certain."""
    match seen.present(*_NOLOGIN):
        case False:
            return Truth.NO
        case True:
            ledger.doubt(AreaName.PAM, f"{_NOLOGIN_THERE}: who gets in when it is gone is not judged")
            return Truth.YES
        case None:
            ledger.doubt(AreaName.PAM, "whether a nologin file is there is not known")
            return Truth.UNKNOWN


def openings(host: str, seen: Seen, people: People, gate: Gate, ring: KeyRing, ledger: Ledger) -> tuple[Opening, ...]:
    """Give a row for each line of each key file of each account, as this daemon judges it."""
    _other_sources(gate.daemon, ledger)
    reader = _Reader(host, seen, people, gate, ring, ledger)
    return tuple(opening for person in people.everybody for opening in reader.of(person))


def _other_sources(daemon: Daemon, ledger: Ledger) -> None:
    """Keys that no file lists."""
    settings = daemon.settings
    if settings.problems:
        return
    area = AreaName.AUTHORIZED_KEYS
    for keyword, what in (
        ("authorizedkeyscommand", "keys that a program supplies (AuthorizedKeysCommand) cannot be listed"),
        ("trustedusercakeys", "who gets in with a certificate (TrustedUserCAKeys) is not judged by this version"),
    ):
        if settings.path(keyword) is not None:
            ledger.partial(area, what)


class _Reader:
    """Reads the key files of the accounts of one host for one daemon."""

    def __init__(self, host: str, seen: Seen, people: People, gate: Gate, ring: KeyRing, ledger: Ledger) -> None:
        self._host = host
        self._seen = seen
        self._people = people
        self._gate = gate
        self._ring = ring
        self._ledger = ledger
        settings = gate.daemon.settings
        self._settings = None if settings.problems else settings
        self._patterns = _patterns(settings.value("authorizedkeysfile") if self._settings else None)
        self._pam = settings.flag("usepam") is not False
        self._forced = settings.path("forcecommand") if self._settings else None
        ledger.seen(AreaName.AUTHORIZED_KEYS)

    def of(self, person: Person) -> Iterator[Opening]:
        for path, pattern in {_expand(pattern, person): pattern for pattern in self._patterns}.items():
            if _WILDCARDS.isdisjoint(path):
                yield from self._file(person, path)
                continue
            named = path if _WILDCARDS.isdisjoint(pattern) else pattern
            reason = f"AuthorizedKeysFile {named} is a pattern, which this version does not follow"
            self._ledger.partial(AreaName.AUTHORIZED_KEYS, reason)

    def _file(self, person: Person, path: str) -> Iterator[Opening]:
        area = AreaName.AUTHORIZED_KEYS
        frame = self._seen.transcript.file("akeys", path.encode("utf-8", "surrogateescape"))
        if frame is None or frame.status not in ("ok", "filtered"):
            # sshd takes no key from a folder, pipe or device (auth2-pubkeyfile.c, auth_openfile): nothing is missed
            if frame is None or frame.status not in ("absent", "notregular"):
                self._ledger.partial(area, f"{path} {why_not(frame)}", person.name)
            return
        version = self._gate.daemon.version
        account = LoginAccount(
            name=person.name,
            uid=person.entry.uid,
            home=person.entry.home,
            shell_runs=SHELL_RUNS.get(person.shell, Truth.UNKNOWN),
            expired=self._people.expired(person, pam=self._pam),
            locked=person.password.locked,
        )
        safe = self._permissions(person, path)
        stage, shut = self._gate.pam_account, self._gate.nologin
        if shut is Truth.YES and person.entry.uid != 0:
            stage, shut = worst([stage, Judgement(Truth.UNKNOWN, _NOLOGIN_THERE)]), Truth.NO
        for line in authorized_keys.parse(frame.data, version):
            answer = accepted(
                line,
                path,
                account,
                version=version,
                settings=self._settings,
                permissions=safe,
                pam_account=stage,
                nologin=shut,
                clock=Clock(self._seen.now),
            )
            if line.key is not None:
                self._ring.add(line.key)
            if answer.answer is Truth.UNKNOWN:
                self._ledger.doubt(area, f"whether keys let in is unknown: {answer.reason}", person.name)
            yield Opening(self._row(person, path, line, answer), line)

    def _permissions(self, person: Person, path: str) -> Judgement:
        if self._seen.owners_lost:
            return Judgement(Truth.UNKNOWN, "the owners of the files in this image are lost; give them with --owners")
        settings = self._gate.daemon.settings
        version = self._gate.daemon.version
        return permissions.judge(
            self._chain(person, path),
            Owner(person.entry.uid, person.membership.gids if not self._people.groups.remote else None),
            strict_modes=settings.flag("strictmodes") if self._settings else None,
            vendor=version.vendor if version is not None else None,
            passwd=self._people.passwd,
            groups=self._people.groups,
        )

    def _chain(self, person: Person, path: str) -> list[Component]:
        """From the home folder down to the file; from `/` down for a file outside it. Empty when one was not seen.

        Links above the home folder, and the folder itself being one, change nothing: sshd resolves both ends
        (safe_path in misc.c).
        """
        home = person.entry.home.rstrip("/")
        start = home if path.startswith(f"{home}/") else ""
        links = self._seen.transcript.links
        raw, top = (text.encode("utf-8", "surrogateescape") for text in (path, start))
        real_top = links.get(top, top)
        below = raw[len(top) :].split(b"/")
        if links.get(raw, raw) != real_top + raw[len(top) :]:
            return [Component(path, Kind.LINK)]
        chain = []
        for count in range(1, len(below) + 1):
            real = b"/".join((real_top, *below[1:count])) or b"/"
            meta = self._seen.metas.get(real)
            if meta is None or meta.extended:
                return []
            kind = _KINDS.get(meta.type, Kind.OTHER)
            chain.append(Component(plain(real), kind, meta.mode, meta.uid, meta.gid))
        return chain

    def _row(self, person: Person, path: str, line: Line, answer: Judgement) -> Grant:
        options = line.options
        command = self._forced or options.command
        return Grant(
            host=self._host,
            daemon=self._gate.daemon.name,
            account=person.name,
            fingerprint=line.key.fingerprint if line.key is not None else None,
            file=path,
            line=line.number,
            options=options.texts,
            from_patterns=options.from_patterns,
            command=command,
            restricted=command is not None or options.limits_source,
            expires_at=options.expires.at if options.expires is not None else None,
            is_authority=options.cert_authority,
            accepted=answer.answer,
            reason=answer.reason,
            opens_root=self._opens_root(person, answer, command),
            comment=line.comment,
        )

    def _opens_root(self, person: Person, answer: Judgement, command: str | None) -> Truth:
        """Whether what the line lets in is root, or becomes root with everything and without a password."""
        by = person.root.by
        if answer.answer is Truth.NO or command is not None or by is RootBy.NONE:
            return Truth.NO
        if person.state is AccountState.NO_SHELL:
            if by is not RootBy.UID0:
                return Truth.NO
            # no shell, and still a subsystem such as internal-sftp opens files as root
            self._ledger.doubt(AreaName.SSHD, "what root can do without a shell is not judged", person.name)
            return Truth.UNKNOWN
        return Truth.UNKNOWN if by is RootBy.UNKNOWN else answer.answer


def _patterns(value: str | None) -> tuple[str, ...]:
    """The files that sshd reads; where that is not known, those of the default."""
    return _DEFAULT_FILES if value is None else tuple(name for name in value.split() if name.lower() != "none")


def _expand(pattern: str, person: Person) -> str:
    """Replace %h, %u, %U and %% (sshd_config(5), TOKENS); what is relative lies under the home."""
    entry = person.entry
    home = entry.home.rstrip("/")
    tokens = {"h": home or "/", "u": entry.name, "U": str(entry.uid), "%": "%"}
    parts = pattern.split("%")
    text, at = parts[0], 1
    while at < len(parts):
        if parts[at]:
            text += tokens.get(parts[at][0], f"%{parts[at][0]}") + parts[at][1:]
        elif at + 1 < len(parts):
            at += 1
            text += "%" + parts[at]
        at += 1
    return text if text.startswith("/") else f"{home}/{text}"

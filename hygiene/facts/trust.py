"""What besides key files decides which keys get in: revoked keys, principals, authorities, programs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from hygiene.facts.accounts import Person
from hygiene.facts.daemons import Daemon
from hygiene.facts.files import Files
from hygiene.facts.ledger import Ledger
from hygiene.facts.places import ANYWHERE, Place, Places
from hygiene.facts.seen import Seen, why_not
from hygiene.model import AreaName, Cause, DynamicSource, RevokedKey, Truth
from hygiene.openssh import authorities, principals, programs, revoked, tokens
from hygiene.openssh.authorities import Authority
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.permissions import YES, Judgement, Owner
from hygiene.openssh.principals import Principal
from hygiene.openssh.revoked import Revoked
from hygiene.openssh.settings import Settings
from hygiene.openssh.tokens import Holder

_SOURCES = {
    "authorizedkeysfile": "AuthorizedKeysFile",
    "authorizedkeyscommand": "AuthorizedKeysCommand",
    "trustedusercakeys": "TrustedUserCAKeys",
}
_COMMANDS = {
    "authorizedkeyscommand": "keys that a program supplies (AuthorizedKeysCommand) cannot be listed",
    "authorizedprincipalscommand": "principals that a program supplies (AuthorizedPrincipalsCommand) cannot be listed",
}


class Trust:
    """The files of one daemon that root's configuration names, each read once."""

    def __init__(self, host: str, seen: Seen, daemon: Daemon, files: Files, ledger: Ledger) -> None:
        self._host = host
        self._seen = seen
        self._daemon = daemon
        self._files = files
        self._ledger = ledger
        self._revoked: dict[str, Revoked | Judgement] = {}
        self._authorities: dict[str, tuple[Authority, ...] | Judgement] = {}
        self._supplied: dict[Hashable, bool] = {}

    # ------------------------------------------------------------ revoked keys

    def revoked(self, settings: Settings, key: PublicKey | None) -> Judgement:
        """Whether RevokedKeys leaves a key alone."""
        if key is None or settings.problems:
            return YES
        if not settings.is_known("revokedkeys"):
            return Judgement(Truth.UNKNOWN, "RevokedKeys is not known")
        for path in self._revoked_paths(settings):
            known = self._revoked_in(path)
            if isinstance(known, Judgement):
                return known
            if known.holds(key):
                return Judgement(Truth.NO, f"the key is revoked in {path}", Cause.REVOKED)
        return YES

    def revoked_rows(self, places: Places) -> Iterator[RevokedKey]:
        """A row for each key that a file of this daemon revokes by itself."""
        paths = dict.fromkeys(self._revoked_paths(places.daemon.settings))
        for path in (*paths, *(path for path in self._revoked if path not in paths)):
            known = self._revoked_in(path)
            if isinstance(known, Revoked):
                for fingerprint in known.fingerprints:
                    yield RevokedKey(self._host, self._daemon.name, fingerprint, path)

    def _revoked_paths(self, settings: Settings) -> list[str]:
        value = settings.path("revokedkeys")
        if value is None:
            return []
        several = self._daemon.version is None or self._daemon.version.since(10, 3)
        return value.split() if several else [value]

    def _revoked_in(self, path: str) -> Revoked | Judgement:
        if path not in self._revoked:
            self._revoked[path] = self._read_revoked(path)
        return self._revoked[path]

    def _read_revoked(self, path: str) -> Revoked | Judgement:
        data = self._content("trust", path, "RevokedKeys")
        if isinstance(data, Judgement):
            if data.answer is Truth.NO:
                return Judgement(Truth.NO, f"{data.reason}, so sshd refuses every key", Cause.SETTINGS)
            return data
        known = revoked.read(data, self._daemon.version)
        if isinstance(known, str):
            return Judgement(Truth.NO, f"RevokedKeys {path}: {known}, so sshd refuses every key", Cause.SETTINGS)
        return known

    # ------------------------------------------------------------ authorities

    def authorities(self, settings: Settings) -> tuple[str, tuple[Authority, ...] | Judgement] | None:
        """TrustedUserCAKeys with its lines, or why they are not read; None where it is not set."""
        path = settings.path("trustedusercakeys")
        if path is None:
            return None
        if path not in self._authorities:
            data = self._content("trust", path, "TrustedUserCAKeys")
            read = data if isinstance(data, Judgement) else authorities.read(data, self._daemon.version)
            self._authorities[path] = read
        return path, self._authorities[path]

    def principals(self, person: Person, settings: Settings) -> tuple[Principal, ...] | Judgement | None:
        """What AuthorizedPrincipalsFile of an account holds; None where it is not set."""
        if not settings.is_known("authorizedprincipalsfile"):
            return Judgement(Truth.UNKNOWN, "AuthorizedPrincipalsFile is not known")
        pattern = settings.path("authorizedprincipalsfile")
        if pattern is None:
            return None
        entry = person.entry
        named = tokens.named([pattern], Holder(person.name, entry.uid, entry.home), self._daemon.version)
        if named.fatal is not None or not named.paths:
            return Judgement(Truth.NO, f"AuthorizedPrincipalsFile {named.fatal}", Cause.AUTHORITY)
        (path,) = named.paths
        frame = self._seen.transcript.file("principals", path.encode("utf-8", "surrogateescape"))
        if frame is not None and frame.status in ("absent", "notregular"):
            return Judgement(Truth.NO, f"{path} {why_not(frame)}", Cause.AUTHORITY)
        if frame is None or frame.status not in ("ok", "filtered"):
            return Judgement(Truth.UNKNOWN, f"{path} {why_not(frame)}")
        strict = self._files.strict(self._daemon, settings)
        owner = Owner(entry.uid, person.membership.gids if self._files.members.complete else None)
        (opened,) = self._files.opened((path,), owner, entry.home, strict)
        if opened.answer is not Truth.YES:
            return opened
        found = tuple(principals.read(frame.data, self._daemon.version))
        if frame.status == "filtered" and all(each.dead is not None for each in found):
            return Judgement(Truth.UNKNOWN, f"{path} holds lines that were not collected")
        return found

    def _content(self, kind: str, path: str, what: str) -> bytes | Judgement:
        """The bytes of a file that sshd opens as root, or why it does not."""
        frame = self._seen.transcript.file(kind, path.encode("utf-8", "surrogateescape"))
        if frame is not None and frame.status == "absent":
            return Judgement(Truth.NO, f"{what} {path} is not there")
        opened = self._files.opened_as_root(path, path)
        if opened.answer is Truth.NO:
            return opened
        if frame is None or frame.status not in ("ok", "filtered"):
            if path == "/dev/null":
                return b""
            return Judgement(Truth.UNKNOWN, f"{what} {path} {why_not(frame)}")
        return frame.data if opened.answer is Truth.YES else opened

    # ------------------------------------------------------------ programs

    def unseen(self, settings: Settings) -> str | None:
        """Why sshd may take keys besides those of its files, or certificates of authorities that were not read."""
        if settings.problems:
            return None  # whoever asks knows that nothing is known
        unknown = next((name for keyword, name in _SOURCES.items() if not settings.is_known(keyword)), None)
        if unknown is not None:
            return f"{unknown} is not known"
        trusted = self.authorities(settings)
        if trusted is not None and isinstance(trusted[1], Judgement) and trusted[1].answer is Truth.UNKNOWN:
            return trusted[1].reason or "TrustedUserCAKeys was not read"
        command, user = (settings.path(f"authorizedkeyscommand{word}") for word in ("", "user"))
        if command is None:
            return None
        strict = self._files.strict(self._daemon, settings)
        key = (command, user, strict.on)
        if key not in self._supplied:
            self._supplied[key] = programs.judge(command, user, self._files.look, strict).works is not Truth.NO
        return _COMMANDS["authorizedkeyscommand"] if self._supplied[key] else None

    def programs(self, places: Places, person: Person | None, place: Place | None) -> Iterator[DynamicSource]:
        """The programs that name keys or principals: for everybody, or where a place of an account has others."""
        outside = places.daemon.settings
        settings = outside if place is None else place.settings
        if settings.problems:
            return
        for keyword, reason in _COMMANDS.items():
            command, user = settings.path(keyword), settings.path(f"{keyword}user")
            if command is None or (place is not None and command == outside.path(keyword)):
                continue
            found = programs.judge(command, user, self._files.look, self._files.strict(self._daemon, settings))
            scope = ANYWHERE
            if person is not None and place is not None:
                scope = person.name if place.label == ANYWHERE else f"{person.name} from {place.label}"
            if found.works is not Truth.NO:
                self._ledger.partial(AreaName.AUTHORIZED_KEYS, reason, person.name if person is not None else None)
            fault = found.fault
            if found.works is Truth.UNKNOWN:
                self._ledger.doubt(AreaName.AUTHORIZED_KEYS, f"whether sshd runs {found.path} is unknown: {fault}")
                fault = None
            yield DynamicSource(
                self._host, self._daemon.name, keyword, scope, found.path, found.run_as, fault, found.works
            )

"""Whether another host, or a ticket of Kerberos, opens an account: by the files that sshd asks for that."""

from __future__ import annotations

from hygiene.evidence.frames import Frame
from hygiene.facts.accounts import People, Person
from hygiene.facts.daemons import Daemon
from hygiene.facts.files import LOST, Files
from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.facts.trust import Trust
from hygiene.model import Truth
from hygiene.openssh import algorithms, equiv, gssapi, hostbased, keys, known_keys, permissions
from hygiene.openssh.equiv import Equiv
from hygiene.openssh.gssapi import Krb5Conf, Logins
from hygiene.openssh.hostbased import Budget, KnownPair, Lists, Naming
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.known_keys import KnownFile
from hygiene.openssh.patterns import match_list
from hygiene.openssh.permissions import YES, Judgement, Owner, StrictModes, worst
from hygiene.openssh.settings import Settings

_SYSTEM_EQUIV = ("/etc/hosts.equiv", "/etc/ssh/shosts.equiv")
_HOME_EQUIV = (".shosts", ".rhosts")  # in the order of auth_rhosts2()
_SYSTEM_KNOWN = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
_HOME_KNOWN = (".ssh/known_hosts", ".ssh/known_hosts2")
_KEYTAB = "/etc/krb5.keytab"


class HostTrust:
    """What the files of a host say of the two methods that need neither a key nor a password of the person.

    Nothing here looks at AuthenticationMethods, PermitRootLogin, the lists of users or the account's state: only at
    whether the method itself can succeed. The reason of a yes says by what.
    """

    def __init__(self, seen: Seen, people: People, files: Files, daemon: Daemon) -> None:
        self._seen = seen
        self._people = people
        self._files = files
        self._daemon = daemon
        host = seen.evidence.target.host
        self._trust = Trust(host, seen, daemon, files, Ledger(host))  # asked for revoked keys alone
        self._equiv: dict[str, Equiv | Judgement | None] = {}
        self._known: dict[str, KnownFile | Judgement | None] = {}
        self._budget = Budget()
        self._conf: Krb5Conf | None = None

    # ------------------------------------------------------------ hosts

    def hostbased(self, person: Person, settings: Settings) -> Judgement:
        """Whether some other host can vouch for somebody as this account, where these settings hold."""
        if (off := _off(settings, "hostbasedauthentication", "HostbasedAuthentication")) is not None:
            return off
        naming = Naming(settings.flag("hostbasedusesnamefrompacketonly"), settings.flag("usedns"))

        def takes(key: PublicKey, authority: bool) -> Judgement:
            return worst([self._takes(key, authority, settings), self._trust.revoked(settings, key)])

        lists, pairs = self._lists(person, settings), self._pairs(person, settings)
        return hostbased.judge(person.name, lists, pairs, naming, takes, self._budget)

    def _lists(self, person: Person, settings: Settings) -> Lists:
        found: list[Equiv | Judgement | None] = []
        if person.entry.uid != 0:
            found += [self._list(path) for path in _SYSTEM_EQUIV]
        found += self._home_lists(person, settings)
        return Lists(
            tuple(each for each in found if isinstance(each, Equiv)),
            tuple(each for each in found if isinstance(each, Judgement)),
        )

    def _list(self, path: str) -> Equiv | Judgement | None:
        if path not in self._equiv:
            frame = self._frame("equiv", path)
            there = frame is not None and frame.status == "ok"
            self._equiv[path] = equiv.read(frame.data, path) if frame is not None and there else _missing(frame, path)
        return self._equiv[path]

    def _home_lists(self, person: Person, settings: Settings) -> list[Equiv | Judgement | None]:
        ignored = (settings.value("ignorerhosts") or "").lower()
        if ignored == "yes":
            return []
        if ignored not in ("no", "shosts-only"):
            return [Judgement(Truth.UNKNOWN, "IgnoreRhosts is not known")]
        home = person.entry.home.rstrip("/")
        strict, owner = self._files.strict(self._daemon, settings), self._owner(person)
        way = self._files.way(home or "/")
        if way.fault is not None:
            return []  # sshd looks for the folder before it looks into it
        safe = self._judged(permissions.safe_alone(way, owner, strict, "the home directory"))
        if safe.answer is Truth.NO:
            return []
        found: list[Equiv | Judgement | None] = []
        for name in _HOME_EQUIV if ignored == "no" else _HOME_EQUIV[:1]:
            path = f"{home}/{name}"
            list_ = self._list(path)
            if not isinstance(list_, Equiv):
                found.append(list_)
                continue
            if not list_.named:
                continue  # it lets nobody in, whether it is read or not
            opened = worst([safe, self._opened(path, owner, strict)])
            if opened.answer is Truth.YES:
                found.append(list_)
            elif opened.answer is Truth.UNKNOWN:
                found.append(opened)
        return found

    def _pairs(self, person: Person, settings: Settings) -> tuple[KnownPair, ...]:
        ignored = settings.flag("ignoreuserknownhosts")
        home = self._home_of(person.entry.uid, person.entry.home).rstrip("/")
        pairs = []
        for system, own in zip(_SYSTEM_KNOWN, _HOME_KNOWN, strict=True):
            account: KnownFile | Judgement | None = None
            if ignored is None:
                account = Judgement(Truth.UNKNOWN, "IgnoreUserKnownHosts is not known")
            elif not ignored:
                account = self._home_known(person, f"{home}/{own}", settings)
            pairs.append(KnownPair(self._known_file(system), account))
        return tuple(pairs)

    def _home_known(self, person: Person, path: str, settings: Settings) -> KnownFile | Judgement | None:
        found = self._known_file(path)
        if not isinstance(found, KnownFile):
            return found
        opened = self._opened(path, self._owner(person), self._files.strict(self._daemon, settings))
        return {Truth.YES: found, Truth.NO: None, Truth.UNKNOWN: opened}[opened.answer]

    def _known_file(self, path: str) -> KnownFile | Judgement | None:
        if path not in self._known:
            frame = self._frame("khosts", path)
            whole = frame is not None and frame.status == "ok"
            self._known[path] = (
                known_keys.read(frame.data, path, self._daemon.version)
                if frame is not None and whole
                else _missing(frame, path)
            )
        return self._known[path]

    def _takes(self, key: PublicKey, authority: bool, settings: Settings) -> Judgement:
        """Whether sshd takes a signature of another host's key, or a certificate that this authority signed."""
        accepted = settings.value("hostbasedacceptedalgorithms")
        if accepted is None:
            return Judgement(Truth.UNKNOWN, "HostbasedAcceptedAlgorithms is not known")
        version = self._daemon.version
        if authority:
            signed = settings.value("casignaturealgorithms")
            if signed is None and (version is None or version.since(7, 9)):
                return Judgement(Truth.UNKNOWN, "CASignatureAlgorithms is not known")
            if signed is not None and not any(match_list(name, signed) for name in algorithms.signing(key)):
                return Judgement(Truth.NO, f"CASignatureAlgorithms has none for an authority's {key.plain_type}")
            if not any(match_list(name.decode(), accepted) for name, form in keys.NAMES.items() if form.cert):
                return Judgement(Truth.NO, "HostbasedAcceptedAlgorithms holds no algorithm for certificates")
            return YES
        # until 7.8 the list was of types of keys
        old = version is not None and not version.since(7, 8)
        names = (key.plain_type,) if old else algorithms.signing(key)
        if not any(match_list(name, accepted) for name in names):
            return Judgement(Truth.NO, f"HostbasedAcceptedAlgorithms has none for {key.plain_type}")
        if key.n is None:
            return YES
        if not settings.is_known("requiredrsasize"):
            return Judgement(Truth.UNKNOWN, "RequiredRSASize is not known")
        least = settings.number("requiredrsasize")
        if least is not None and key.bits < least:
            return Judgement(Truth.NO, f"the RSA key has {key.bits} bits, and RequiredRSASize is {least}")
        return YES

    # ------------------------------------------------------------ tickets

    def gssapi(self, person: Person, settings: Settings) -> Judgement:
        """Whether some ticket of Kerberos opens this account, where these settings hold."""
        if (off := _off(settings, "gssapiauthentication", "GSSAPIAuthentication")) is not None:
            return off
        conf = self._krb5()
        return gssapi.judge(person.name, self._keytab(conf), conf, self._logins(person, conf))

    def _keytab(self, conf: Krb5Conf) -> Judgement:
        if conf.keytab not in (None, _KEYTAB, f"FILE:{_KEYTAB}"):
            return Judgement(Truth.UNKNOWN, "whether the file of default_keytab_name is there was not seen")
        frame = self._frame("keytab", _KEYTAB)
        if frame is not None and frame.status == "ok":
            return YES
        if frame is not None and frame.status == "absent":
            # without a key of its own sshd can check nobody's ticket
            return Judgement(Truth.NO, f"{_KEYTAB} is not there") if conf.doubt is None else _unseen(conf.doubt)
        return _unseen(f"{_KEYTAB} {why_not(frame)}")

    def _krb5(self) -> Krb5Conf:
        if self._conf is None:
            frames = self._seen.transcript.all("krb5conf")
            files = [(plain(frame.path), frame.data if frame.status == "ok" else None) for frame in frames]
            there = [file for file, frame in zip(files, frames, strict=True) if frame.status != "absent"]
            self._conf = gssapi.read_conf(there if frames else [("/etc/krb5.conf", None)])
        return self._conf

    def _logins(self, person: Person, conf: Krb5Conf) -> Logins | Judgement | None:
        if conf.directory is not None:
            return _unseen("the files of k5login_directory were not collected")
        path = f"{person.entry.home.rstrip('/')}/.k5login"
        frame = self._frame("k5login", path)
        if frame is None or frame.status not in ("ok", "notregular"):
            return _missing(frame, path)
        if frame.status == "notregular":
            return _unseen(f"{path} is no regular file")
        end = self._files.way(path).end
        if end is None or self._seen.owners_lost:
            return _unseen(f"the owner of {path} was not seen")
        if end.uid not in (0, person.entry.uid):
            return Judgement(Truth.NO, f"{path} belongs to another account")
        return gssapi.read_logins(frame.data, path)

    # ------------------------------------------------------------ inside

    def _frame(self, kind: str, path: str) -> Frame | None:
        return self._seen.transcript.file(kind, path.encode("utf-8", "surrogateescape"))

    def _opened(self, path: str, owner: Owner, strict: StrictModes) -> Judgement:
        return self._judged(permissions.opened_alone(self._files.way(path), owner, strict, path))

    def _judged(self, judgement: Judgement) -> Judgement:
        return LOST if self._seen.owners_lost else judgement

    def _owner(self, person: Person) -> Owner:
        return Owner(person.entry.uid, person.membership.gids if self._files.members.complete else None)

    def _home_of(self, uid: int, otherwise: str) -> str:
        """The home that `~` means: of the first account with this number (tilde_expand_filename in misc.c)."""
        first = self._files.members.by_uid.get(uid)
        return first.home if first is not None else otherwise


def _missing(frame: Frame | None, path: str) -> Judgement | None:
    """None for a file that is not there, or is none; else why it is not known what it says."""
    if frame is not None and frame.status in ("absent", "notregular"):
        return None
    return _unseen(f"{path} {why_not(frame)}")


def _unseen(reason: str) -> Judgement:
    return Judgement(Truth.UNKNOWN, reason)


def _off(settings: Settings, keyword: str, name: str) -> Judgement | None:
    """Why the method is not there; None when it is on."""
    if settings.problems:
        return Judgement(Truth.UNKNOWN, f"the settings of sshd are not known: {settings.problems[0]}")
    match settings.flag(keyword):
        case True:
            return None
        case False:
            return Judgement(Truth.NO, f"{name} is no")
        case None:
            return Judgement(Truth.UNKNOWN, f"{name} is not known")

"""sshd_config resolved without running sshd: what holds for a connection, and where it stands."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hygiene.openssh import places
from hygiene.openssh.account_classes import AccountClasses
from hygiene.openssh.connection import Connection, Source
from hygiene.openssh.includes import Files, Listings, Tree
from hygiene.openssh.keywords import BY_NAME
from hygiene.openssh.lines import SIGNATURES
from hygiene.openssh.overlay import Overlay, overlay, use_dns
from hygiene.openssh.printed import lines
from hygiene.openssh.program import Program, Values, compile_program, may_be_deaf
from hygiene.openssh.settings import Entry, Settings
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Vendor, Version
from hygiene.openssh.words import as_bytes, shown

MAIN = "/etc/ssh/sshd_config"
# with an unknown version each of these answers, and what they agree in is known: without Include; with it, but without
# Match inside; old and new words; and releases whose slips matter
_ANY_VERSION = (Version(7, 4), Version(8, 2), Version(8, 4), Version(9, 2), Version(9, 9), Version(10, 5))
_NAMES = tuple(BY_NAME)

_Known = Mapping[str, tuple[Entry, ...] | None]  # by keyword; None: the value cannot be told


def read(
    files: Files,
    listings: Listings,
    version: Version | None,
    main: str = MAIN,
    folder: str = "/etc/ssh",
    options: Sequence[str] = (),
) -> Config:
    """Read the files as sshd of this version does at its start (servconf.c); nothing here raises on bad input.

    `folder` is what relative Includes are relative to. `options` are those of the command line, which come before the
    file and win: for each -o its `Keyword=value`, and `-p2222`, `-4`, `-6`, `-h/file` as they stand, the value behind
    the letter. A file or folder that was not seen, or a line that sshd refuses, is a problem: then nothing is known.
    With `version` None a keyword is known where all versions agree.
    """
    tree = Tree(files, listings)
    programs = [
        compile_program(tree, one, main, folder, options, deaf)
        for one in (_ANY_VERSION if version is None else (version,))
        for deaf in _deafness(one)
    ]
    for program in programs:
        _check(program, main)
    able = [program for program in programs if not program.problems] or programs[-1:]
    criteria = [
        criterion
        for program in able
        for section in program.sections
        for match in section.matches or ()
        for criterion in match.criteria
    ]
    by_name = any(use_dns(program) is not False for program in able)
    return Config(tuple(able), AccountClasses.of(criteria), places.Criteria.of(criteria, by_name))


def resolve(
    files: Files, listings: Listings, version: Version | None, main: str = MAIN, folder: str = "/etc/ssh"
) -> Settings:
    """What holds outside every Match block, see `read`."""
    return read(files, listings, version, main, folder).settings()


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one daemon, ready to be asked what holds for a connection."""

    _programs: tuple[Program, ...]  # one; with an unknown version one for each that it may be
    _accounts: AccountClasses
    _criteria: places.Criteria
    _outside: dict[int, _Known] = field(default_factory=dict, compare=False)
    _plain: dict[int, Settings] = field(default_factory=dict, compare=False)  # where no block counts

    def settings(self, connection: Connection | None = None) -> Settings:
        """What `sshd -T -C` prints for the connection; None: for none, so that no block but `Match all` counts."""
        asked = None if connection is None else _in_bytes(connection)
        return _agreed([self._settings(index, asked) for index in range(len(self._programs))])

    def sources(self, more: Iterable[str] = ()) -> tuple[Source, ...]:
        """One Source for each class of places that the Match criteria and the pattern lists in `more` tell apart."""
        return places.sources(self._criteria, more)

    def class_of(self, user: str, groups: frozenset[str] | None) -> Hashable:
        """Equal for accounts that no User or Group criterion tells apart: they get the same settings everywhere."""
        return self._accounts.class_of(user, groups)

    def _settings(self, index: int, connection: Connection | None) -> Settings:
        program = self._programs[index]
        problems = (*program.problems, *self._accounts.problems)
        if problems:
            return Settings((), program.has_match or None, _NAMES, problems)
        try:
            above = overlay(program, connection)
            if not above and index in self._plain:
                return self._plain[index]
            known = self._known(index, above)
        except ValueRefusedError as error:
            why = f"{shown(str(error))}; sshd ends the connection"
            return Settings((), program.has_match, _NAMES, (why,))
        unresolved = [
            name
            for name, entries in known.items()
            if entries is None or above.is_doubtful(name, program, tuple(entry.value for entry in entries))
        ]
        left = set(unresolved)
        settings = Settings(
            tuple(entry for name, entries in known.items() if name not in left for entry in entries or ()),
            program.has_match,
            tuple(unresolved),
            none_is_a_file=above.none_is_a_file,
        )
        if not above:
            self._plain[index] = settings
        return settings

    def _known(self, index: int, above: Overlay) -> _Known:
        program = self._programs[index]
        if index not in self._outside:
            self._outside[index] = _printed(program, program.found, _NAMES)
        known = self._outside[index]
        if above.found:
            changed = {slot.partition("/")[0] for slot in above.found}
            known = {**known, **_printed(program, above.over(program), [name for name in _NAMES if name in changed])}
        return known


def _deafness(version: Version) -> tuple[bool, ...]:
    """Whether sshd has the slips of 8.2: upstream's has them, and of other builds nobody knows."""
    if not may_be_deaf(version):
        return (False,)
    return (True,) if version.vendor is Vendor.OTHER else (True, False)


def _in_bytes(connection: Connection) -> Connection:
    """The connection with names as they are compared: one character for each byte."""
    groups = connection.groups
    return replace(
        connection,
        user=as_bytes(connection.user),
        groups=None if groups is None else frozenset(map(as_bytes, groups)),
        host=None if connection.host is None else as_bytes(connection.host),
        rdomain=None if connection.rdomain is None else as_bytes(connection.rdomain),
    )


def _printed(program: Program, found: Mapping[str, Values], names: Iterable[str]) -> _Known:
    """The lines of the keywords; ValueRefusedError for a list of algorithms that ends empty."""
    known: dict[str, tuple[Entry, ...] | None] = {}
    for name in names:
        told = lines(BY_NAME[name], found, program.version)
        if told is not None and name in SIGNATURES and not all(value for value, _ in told):
            raise ValueRefusedError(f"{told[0][1]}: the list of algorithms is empty")
        known[name] = None if told is None else tuple(Entry(name, shown(value), place) for value, place in told)
    return known


_METHODS = {
    "publickey": "pubkeyauthentication",
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "hostbased": "hostbasedauthentication",
    "gssapi-with-mic": "gssapiauthentication",
    "gssapi-keyex": "gssapikeyexchange",
}


def _check(program: Program, main: str) -> None:
    """Find settings that do not go together, for which sshd does not start (main() in sshd.c)."""
    if program.problems:
        return
    try:
        known = _printed(program, program.found, _NAMES)
    except ValueRefusedError as error:
        program.problem(f"{error}; sshd refuses such a file")
        return
    first = {name: entries[0].value for name, entries in known.items() if entries}
    for name in ("AuthorizedKeysCommand", "AuthorizedPrincipalsCommand"):
        user = f"{name}User".lower()
        if first[name.lower()].lower() != "none" and user not in program.found:
            program.problem(f"{main}: {name} is set without {name}User; sshd refuses that")
    if not program.version.since(8, 7) and program.found.get("kbdinteractiveauthentication", [("", "")])[0][0] == "yes":
        first["kbdinteractiveauthentication"] = "yes"  # offered, though it does nothing
    methods = first.get("authenticationmethods", "any")
    if methods.lower() != "any" and not any(
        all(_is_on(method.partition(":")[0], first) for method in one.split(",")) for one in methods.split()
    ):
        program.problem(f"{main}: no list of AuthenticationMethods has only methods that are on; sshd refuses that")


def _is_on(method: str, first: Mapping[str, str]) -> bool:
    return method == "none" or first.get(_METHODS.get(method, ""), "no") == "yes"


def _agreed(candidates: Sequence[Settings]) -> Settings:
    able = [settings for settings in candidates if not settings.problems] or candidates[-1:]
    last = able[-1]
    if len(able) == 1:
        return last
    names = dict.fromkeys(entry.keyword for settings in able for entry in settings.entries)
    differing = {
        name
        for name in names
        if any(name in settings.unresolved or settings.values(name) != last.values(name) for settings in able)
    }
    return Settings(
        tuple(entry for entry in last.entries if entry.keyword not in differing),
        last.has_match,
        tuple(dict.fromkeys((*last.unresolved, *sorted(differing)))),
        last.problems,
        last.none_is_a_file,
    )

"""sshd_config resolved without running sshd: what holds outside every Match block, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from hygiene.openssh import algorithms, keywords
from hygiene.openssh.connection import Connection, Source
from hygiene.openssh.includes import Files, Listings, Tree, UnseenError
from hygiene.openssh.keywords import ALIASES, BY_NAME, KEYWORDS, PATCHED, WITHOUT_EFFECT, Keyword
from hygiene.openssh.settings import Entry, Settings
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Vendor, Version
from hygiene.openssh.words import WordError, next_word, old_words, words

MAIN = "/etc/ssh/sshd_config"
_DEPTH = 16  # SERVCONF_MAX_DEPTH
_FILES_MAX = 1000  # a hostile tree of Includes would grow as a power of its depth
_PROBLEMS_MAX = 10
_ANY_VERSION = (Version(7, 4), Version(8, 4), Version(9, 2), Version(10, 5))
_OLD_NAME = "challengeresponseauthentication"  # a setting of its own before 8.7
_SIGNATURES = ("pubkeyacceptedalgorithms", "hostbasedacceptedalgorithms", "hostkeyalgorithms")
_LISTS = (*_SIGNATURES, "casignaturealgorithms", "ciphers", "macs", "kexalgorithms")


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one daemon, ready to be asked what holds for a connection."""

    outside: Settings  # what holds outside every Match block

    def settings(self, connection: Connection | None = None) -> Settings:
        """What `sshd -T -C` prints for the connection; None: what holds outside every Match block."""
        if connection is None or self.outside.has_match is False:
            return self.outside
        return replace(self.outside, entries=(), unresolved=tuple(keyword.name for keyword in KEYWORDS))

    def sources(self, more: Iterable[str] = ()) -> tuple[Source, ...]:
        """One Source for each class of places that the Match criteria and the pattern lists in `more` tell apart."""
        return (Source("*"),)

    def class_of(self, user: str, groups: frozenset[str] | None) -> Hashable:
        """Equal for accounts that no User or Group criterion tells apart: they get the same settings everywhere."""
        return (user, groups)


def read(
    files: Files,
    listings: Listings,
    version: Version | None,
    main: str = MAIN,
    folder: str = "/etc/ssh",
    options: Sequence[str] = (),
) -> Config:
    """Read the files as sshd of this version does at its start (servconf.c); nothing here raises on bad input.

    `folder` is what relative Includes are relative to. `options` are `Keyword=value` of -o on the command line, which
    come before the file and win. With `version` None a keyword is known where all versions agree.
    """
    settings = resolve(files, listings, version, main, folder)
    if options:
        settings = replace(settings, problems=(*settings.problems, "options of the command line are not resolved"))
    return Config(settings)


def resolve(
    files: Files, listings: Listings, version: Version | None, main: str = MAIN, folder: str = "/etc/ssh"
) -> Settings:
    """Resolve the files as sshd of this version does at its start (servconf.c).

    `folder` is what relative Includes are relative to. A file or folder that was not seen, or a line that sshd refuses,
    is a problem: then nothing is known. With `version` None a keyword is known where all versions agree.
    """
    tree = Tree(files, listings)
    if version is not None:
        return _resolve(tree, version, main, folder)
    candidates = [_resolve(tree, candidate, main, folder) for candidate in _ANY_VERSION]
    return _agreed([settings for settings in candidates if not settings.problems] or candidates[-1:])


def _agreed(candidates: Sequence[Settings]) -> Settings:
    last = candidates[-1]
    names = dict.fromkeys(entry.keyword for settings in candidates for entry in settings.entries)
    differing = {
        name
        for name in names
        if any(name in settings.unresolved or settings.values(name) != last.values(name) for settings in candidates)
    }
    return Settings(
        tuple(entry for entry in last.entries if entry.keyword not in differing),
        last.has_match,
        tuple(dict.fromkeys((*last.unresolved, *sorted(differing)))),
        last.problems,
    )


@dataclass(slots=True)
class _State:
    """What the lines so far came to."""

    tree: Tree
    version: Version
    folder: str
    found: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # keyword -> values and places
    has_match: bool = False
    problems: list[str] = field(default_factory=list)
    files: int = 0

    def problem(self, text: str) -> None:
        if len(self.problems) < _PROBLEMS_MAX and text not in self.problems:
            self.problems.append(text)


def _resolve(tree: Tree, version: Version, main: str, folder: str) -> Settings:
    state = _State(tree, version, folder)
    if version.since(7, 0):
        _read_file(state, main, active=True, never=False, depth=0)
    else:
        state.problem(f"the defaults of OpenSSH {version} are not known")
    if state.problems:
        return Settings((), state.has_match or None, tuple(keyword.name for keyword in KEYWORDS), tuple(state.problems))
    entries: list[Entry] = []
    unresolved: list[str] = []
    for keyword in KEYWORDS:
        lines = _lines(state, keyword)
        if lines is None:
            unresolved.append(keyword.name)
        else:
            entries.extend(Entry(keyword.name, value, place) for value, place in lines)
    settings = Settings(tuple(entries), state.has_match, tuple(unresolved))
    state.problems += _contradictions(settings, main)
    if state.problems:
        return Settings((), state.has_match, tuple(keyword.name for keyword in KEYWORDS), tuple(state.problems))
    return settings


_METHODS = {
    "publickey": "pubkeyauthentication",
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "hostbased": "hostbasedauthentication",
    "gssapi-with-mic": "gssapiauthentication",
}


def _contradictions(settings: Settings, main: str) -> list[str]:
    """Settings that do not go together, for which sshd does not start (main() in sshd.c)."""
    found = [
        f"{main}: {name} is set without {name}User; sshd refuses that"
        for name in ("AuthorizedKeysCommand", "AuthorizedPrincipalsCommand")
        if settings.path(name.lower()) and not settings.path(f"{name}User".lower())
    ]
    lists = settings.value("authenticationmethods") or "any"
    if lists != "any" and not any(
        all(settings.flag(_METHODS.get(method.partition(":")[0], "")) for method in methods.split(","))
        for methods in lists.split()
    ):
        found.append(f"{main}: no list of AuthenticationMethods has only methods that are on; sshd refuses that")
    return found


def _read_file(state: _State, path: str, active: bool, never: bool, depth: int) -> None:
    if depth > _DEPTH or state.files >= _FILES_MAX:
        state.problem(f"{path}: too many Includes inside each other; sshd refuses them")
        return
    state.files += 1
    try:
        data = state.tree.read(path)
    except UnseenError as error:
        state.problem(str(error))
        return
    if b"\0" in data:
        state.problem(f"{path}: there is a NUL byte in the file")
        return
    for number, raw in enumerate(data.decode("utf-8", "backslashreplace").split("\n"), 1):
        line = raw.lstrip(" \t\r").rstrip(" \t\r\n\f")
        if not line or line.startswith("#"):
            continue
        place = f"{path}:{number}"
        try:
            active = _read_line(state, line, place, active, never, depth)
        except (ValueRefusedError, WordError) as error:
            state.problem(f"{place}: {error}; sshd refuses such a file")
        except UnseenError as error:
            state.problem(f"{place}: {error}")


def _read_line(state: _State, line: str, place: str, active: bool, never: bool, depth: int) -> bool:
    """Take one line; True when the lines behind it count."""
    name, rest = next_word(line)
    if not name:  # quotes or an equals sign at the start
        name, rest = next_word(rest)
    if not name or name.startswith("#"):
        return active
    if not rest:
        raise ValueRefusedError(f'there is no argument behind "{name[:40]}"')
    keyword = name.lower()
    if keyword == "match":
        everything = [word.lower() for word in words(rest)] == ["all"]
        state.has_match = state.has_match or not everything
        return everything and not never
    arguments = words(rest) if state.version.since(8, 7) else old_words(rest)
    if keyword == "include" and state.version.since(8, 2):
        for pattern in arguments:
            path = pattern if pattern.startswith("/") else f"{state.folder}/{pattern}"
            for file in state.tree.expand(path):
                _read_file(state, file, active, never or not active, depth + 1)
        return active
    if active and keyword not in WITHOUT_EFFECT and keyword not in PATCHED:
        _take(state, keyword, rest, arguments, place)
    return active


def _take(state: _State, keyword: str, rest: str, arguments: list[str], place: str) -> None:
    old = not state.version.since(8, 7) and keyword in (_OLD_NAME, "skeyauthentication")
    name = _OLD_NAME if old else ALIASES.get(keyword, keyword)
    rule = BY_NAME["kbdinteractiveauthentication"] if old else BY_NAME.get(name)
    if rule is None:
        raise ValueRefusedError(f'the keyword "{keyword[:40]}" is not known')
    lines = state.found.setdefault(name, [])
    if rule.gathers and rule.read is None:
        if name in ("subsystem", "listenaddress"):
            lines.append((" ".join(arguments), place))
        elif name != "setenv" or not lines:
            lines.extend((argument, place) for argument in arguments)
        return
    if rule.raw:
        value = _raw(name, rest)
    elif rule.first_line:
        value = _joined(name, arguments)
    else:
        assert rule.read is not None
        value = rule.read(arguments)
    if rule.gathers or not lines:
        lines.append((value, place))
    elif rule.last_wins:
        lines[:] = [(value, place)]


def _raw(name: str, rest: str) -> str:
    value = rest.lstrip(" \t\r\n")
    if name not in ("forcecommand", "versionaddendum") and not value.startswith("/") and value.lower() != "none":
        raise ValueRefusedError("the command is not an absolute path")
    return "none" if value.lower() == "none" or not value else value


def _joined(name: str, arguments: list[str]) -> str:
    if not arguments or not all(arguments):
        raise ValueRefusedError("the value is missing or empty")
    if name == "permitlisten":
        arguments = [word if ":" in word or word in ("any", "none") else f"*:{word}" for word in arguments]
    elif name == "pubkeyauthoptions":
        given = {word.lower() for word in arguments}
        if given - {"none", "touch-required", "verify-required"}:
            raise ValueRefusedError("the option is not one of none, touch-required, verify-required")
        arguments = [word for word in ("touch-required", "verify-required") if word in given] or ["none"]
    elif name == "ipqos":
        arguments = (arguments * 2)[:2] if len(arguments) == 1 else arguments
    return " ".join(arguments)


def _lines(state: _State, keyword: Keyword) -> list[tuple[str, str]] | None:
    """The values and places of one keyword; None when they cannot be told."""
    found = state.found.get(keyword.name)
    if keyword.name == "listenaddress":
        return _listen_addresses(state)
    if keyword.name == "kbdinteractiveauthentication" and not state.version.since(8, 7):
        old = (state.found.get(_OLD_NAME) or [("yes", "default")])[0]
        return [old] if old[0] == "yes" or not found else found
    if keyword.name in _LISTS:
        return _algorithms(state, keyword.name, found)
    if found:
        if keyword.name == "permitrootlogin" and state.version.since(10, 1):
            return [("prohibit-password" if value == "without-password" else value, place) for value, place in found]
        return found
    if not state.version.since(*keyword.since):
        return []
    default = keywords.defaults(keyword, state.version)
    return None if default is None else [(value, "default") for value in default]


def _algorithms(state: _State, name: str, found: list[tuple[str, str]] | None) -> list[tuple[str, str]] | None:
    value, place = found[0] if found else ("", "default")
    # Red Hat 8 hands its crypto policy to sshd on the command line
    policy = state.version.vendor is Vendor.REDHAT and not state.version.since(8, 7)
    if name in _SIGNATURES and not policy:
        names = algorithms.assemble(value, state.version) if found else algorithms.defaults(state.version)
        if found and names == ():
            state.problem(f"{place}: the list of algorithms is empty; sshd refuses such a file")
        return [(",".join(names), place)] if names else None
    return [(value, place)] if found and not re.search(r"[*?!]|^[-+^]", value) else None


def _listen_addresses(state: _State) -> list[tuple[str, str]]:
    family = (state.found.get("addressfamily") or [("any", "")])[0][0]
    ports = [port for port, _ in state.found.get("port") or [("22", "default")]]
    given = state.found.get("listenaddress")
    if not given:
        wild = [("[::]", "inet6"), ("0.0.0.0", "inet")]  # noqa: S104 - text to be printed, nothing is bound
        return [(f"{address}:{port}", "default") for port in ports for address, kind in wild if family in ("any", kind)]
    lines = []
    for text, place in given:
        address, blank, rest = text.partition(" ")
        match = re.fullmatch(r"\[([^]]*)\](?::(\w+))?|([^:]*)(?::(\w+))?|(.*)", address)
        assert match is not None  # its last branch takes anything
        host = match[1] or match[3] or match[5] or ""
        own = match[2] or match[4]
        shown = f"[{host}]" if ":" in host else host
        lines += [(f"{shown}:{port}{blank}{rest}", place) for port in ([own] if own else ports)]
    return lines

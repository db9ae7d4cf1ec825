"""The grammar of sudoers(5): text to statements. What cannot be read becomes an `Opaque` statement, never nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hygiene.accounts.sudoers_asking import BUILT_IN
from hygiene.accounts.sudoers_words import Command, Cursor, Members, UnreadableError, is_alias_name

_BLANK = " \t\r"
_MARKS = re.compile(r'["#]')
_LIMITING = frozenset({"CHROOT", "NOTBEFORE", "NOTAFTER", "PRIVS", "LIMITPRIVS", "APPARMOR_PROFILE"})
# the settings that decide whether root is reached without a password
_FREEING = ("authenticate", "exempt_group", "runas_default")
# and those that decide about root at all
DECIDING = (*_FREEING, *(name for name in BUILT_IN if name not in _FREEING))
_ALIASES = {
    "User_Alias": "user",
    "Runas_Alias": "runas",
    "Host_Alias": "host",
    "Cmnd_Alias": "cmnd",
    "Cmd_Alias": "cmnd",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One command with what holds for it; tags and run-as users handed on from the commands before it."""

    runas: Members | None  # None: the default user, root
    nopasswd: bool | None  # None: no tag
    limited: bool  # in a chroot, for a time, under a profile, with some privileges
    command: Command


@dataclass(frozen=True, slots=True)
class Rule:
    """One user specification."""

    line: int
    users: Members
    privileges: tuple[tuple[Members, tuple[Grant, ...]], ...]  # hosts and what is allowed there


@dataclass(frozen=True, slots=True)
class Alias:
    line: int
    kind: str  # `user`, `runas`, `host`, `cmnd`
    name: str
    members: Members = ()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Defaults:
    line: int
    scope: str  # ``, `user`, `host`, `runas`, `cmnd`
    members: Members
    commands: tuple[Command, ...]
    settings: tuple[tuple[str, str | None], ...]  # `authenticate`: None for on, `!` for off, else the value


@dataclass(frozen=True, slots=True)
class Include:
    line: int
    path: str
    folder: bool


@dataclass(frozen=True, slots=True)
class Opaque:
    """A statement that was not understood. `users`: whom it could concern, None for everybody."""

    line: int
    reason: str
    users: Members | None = None
    is_alias: bool = False  # concerns those whose rules use an alias that is defined nowhere else
    is_asking: bool = False  # may say whom sudo authenticates, and how


Statement = Rule | Alias | Defaults | Include | Opaque


def parse(text: str) -> Iterator[Statement]:
    """The statements in order."""
    for line, logical in logical_lines(text):
        yield from _statements(line, logical)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined at a backslash, without comments, each with the number of its first; blank ones left out.

    A backslash at the end of a comment joins nothing: the next line holds.
    """
    start, parts = 1, list[str]()
    for number, raw in enumerate(text.split("\n"), 1):
        if not parts:
            start = number
        content, commented = _without_comment(raw)
        stripped = content.rstrip(_BLANK)
        if not commented and stripped.endswith("\\") and (len(stripped) - len(stripped.rstrip("\\"))) % 2:
            parts.append(stripped[:-1] + " ")
            continue
        parts.append(stripped)
        logical = "".join(parts).strip(_BLANK)
        parts = []
        if logical:
            yield start, logical
    if parts and (logical := "".join(parts).strip(_BLANK)):
        yield start, logical


def _without_comment(line: str) -> tuple[str, bool]:
    head = line.lstrip(_BLANK)
    if head.startswith(("#include ", "#include\t", "#includedir ", "#includedir\t")):
        return line, False
    close = -1  # where the quoted string around this place ends
    for found in _MARKS.finditer(line):
        mark = found.start()
        if mark <= close or (mark and line[mark - 1] == "\\"):
            continue
        if found[0] == '"':
            close = line.find('"', mark + 1)
            if close < 0:
                close = mark
            continue
        # toke.l: `#` before a number is a uid or gid, wherever it stands
        rest = line[mark + 1 : mark + 3]
        if not (rest[:1].isdigit() or (rest[:1] == "-" and rest[1:].isdigit())):
            return line[:mark], True
    return line, False


def _statements(line: int, text: str) -> Iterator[Statement]:
    cursor = Cursor(text)
    users: Members | None = None
    try:
        for word in ("@includedir", "#includedir", "@include", "#include"):
            if text.startswith(word) and text[len(word) : len(word) + 1] in (" ", "\t"):
                yield Include(line, _include_path(text[len(word) :]), word.endswith("dir"))
                return
        if text.startswith("Defaults") and (len(text) == 8 or text[8] in _BLANK + "@:!>"):
            yield _defaults(line, cursor)
            return
        for word, kind in _ALIASES.items():
            if text.startswith(word) and text[len(word) : len(word) + 1] in (" ", "\t"):
                cursor.position = len(word)
                yield from _aliases(line, kind, cursor)
                return
        users = cursor.members()
        yield _rule(line, users, cursor)
    except UnreadableError as error:
        is_alias = text.startswith(tuple(_ALIASES))
        is_defaults = text.startswith("Defaults")
        if is_alias or (is_defaults and not any(word in text for word in _FREEING)):
            users = ()
        is_asking = is_defaults and any(word in text for word in BUILT_IN)
        yield Opaque(line, str(error), users, is_alias, is_asking)


def _include_path(text: str) -> str:
    path = text.strip(_BLANK)
    if path.startswith('"'):
        end = path.find('"', 1)
        if end < 0 or path[end + 1 :].strip(_BLANK):
            raise UnreadableError("an include with an odd path")
        return path[1:end]
    return path.replace("\\ ", " ").replace("\\\\", "\\")


def _rule(line: int, users: Members, cursor: Cursor) -> Rule:
    privileges: list[tuple[Members, tuple[Grant, ...]]] = []
    while True:
        hosts = cursor.members(hosts=True)
        cursor.expect("=")
        privileges.append((hosts, tuple(_grants(cursor))))
        if not cursor.take(":"):
            break
    cursor.end()
    return Rule(line, users, tuple(privileges))


def _grants(cursor: Cursor) -> Iterator[Grant]:
    runas: Members | None = None
    nopasswd: bool | None = None
    limited = False
    while True:
        if cursor.take("("):
            # `()` and `(:group)` run the command as the account itself
            runas = () if cursor.peek() in (":", ")") else cursor.members()
            if cursor.take(":") and cursor.peek() != ")":
                cursor.members()
            cursor.expect(")")
        while (word := cursor.keyword()) is not None:
            name, mark = word
            if mark == "=":
                cursor.value()
                limited = limited or name in _LIMITING
            elif name in ("PASSWD", "NOPASSWD"):
                nopasswd = name == "NOPASSWD"
        yield Grant(runas, nopasswd, limited, cursor.command())
        if not cursor.take(","):
            return


def _aliases(line: int, kind: str, cursor: Cursor) -> Iterator[Alias]:
    while True:
        name = cursor.word()
        if not is_alias_name(name):
            raise UnreadableError("an alias whose name is not upper case")
        cursor.expect("=")
        if kind == "cmnd":
            yield Alias(line, kind, name, commands=tuple(cursor.commands()))
        else:
            yield Alias(line, kind, name, cursor.members(hosts=kind == "host"))
        if not cursor.take(":"):
            break
    cursor.end()


def _defaults(line: int, cursor: Cursor) -> Defaults:
    cursor.position = 8
    scope = {"@": "host", ":": "user", ">": "runas", "!": "cmnd"}.get(cursor.text[8:9], "")
    members: Members = ()
    commands: tuple[Command, ...] = ()
    if scope == "cmnd":
        cursor.position += 1
        commands = tuple(cursor.commands(arguments=False))
    elif scope:
        cursor.position += 1
        members = cursor.members(hosts=scope == "host")
    settings = [cursor.setting()]
    while cursor.take(","):
        settings.append(cursor.setting())
    cursor.end()
    return Defaults(line, scope, members, commands, tuple(settings))

"""The configuration as sshd of one version runs it: once when it starts, and once more for each connection.

The first pass takes what stands outside Match blocks and checks the syntax of the rest. The second takes the Match
blocks that the connection meets; what they set replaces what the first pass came to (servconf.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hygiene.openssh.includes import Tree, UnseenError
from hygiene.openssh.keywords import Taking
from hygiene.openssh.match import Match
from hygiene.openssh.parts import Parts
from hygiene.openssh.statements import LENIENT, Statement, statement, statements
from hygiene.openssh.version import Version
from hygiene.openssh.words import as_bytes, shown

_DEPTH = 16  # SERVCONF_MAX_DEPTH
_FILES_MAX = 1000  # a hostile tree of Includes would grow as a power of its depth
_LINES_MAX = 400_000  # run, the files of Includes as often as they are named
_PROBLEMS_MAX = 10
_LISTENERS_MAX = 5000  # addresses times ports; sshd itself takes 16 (MAX_LISTEN_SOCKS in sshd.c)
_PORTS_MAX = 256  # MAX_PORTS
_OLD_LIST_MAX = 256  # MAX_ALLOW_USERS and so on, before 7.7
_SUBSYSTEMS_MAX = 256  # MAX_SUBSYSTEMS, before 9.5

Values = list[tuple[str | None, str]]  # values and places; None: a value that cannot be told
Found = dict[str, Values]  # by slot


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that a connection gets when it meets all these Match lines, which an Include may put inside each other."""

    matches: tuple[Match, ...] | None  # None: nobody gets them
    statements: tuple[Statement, ...]
    methods_any: str | None  # the place of a line `AuthenticationMethods any`, where it may end the connection


@dataclass(slots=True)
class Program:
    """What one version of sshd makes of the files."""

    version: Version
    found: Found = field(default_factory=dict)  # after the first pass
    sections: list[Section] = field(default_factory=list)
    has_match: bool = False
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        if len(self.problems) < _PROBLEMS_MAX and text not in self.problems:
            self.problems.append(text)


def may_be_deaf(version: Version) -> bool:
    """True for 8.2 and 8.3, which have two slips that some builders have put right.

    No Match in a file holds that is included outside Match; and the ports are settled at the end of each file.
    """
    return version.since(8, 2) and not version.since(8, 4)


def compile_program(
    tree: Tree, version: Version, main: str, folder: str, options: Sequence[str], deaf: bool = False
) -> Program:
    """Read the files and run the first pass. `options` are those of the command line, see config.read.

    `deaf`: with the slips of `may_be_deaf`.
    """
    program = Program(version)
    if not version.since(7, 0):
        program.problem(f"the defaults of OpenSSH {version} are not known")
        return program
    runner = _Runner(tree, program, folder, deaf)
    for option in options:
        runner.command_line(option)
    runner.file(main, _Context(active=True, never=False, top=True, matches=None), 0)
    runner.settle_ports()
    if not version.since(9, 3) and program.found.get("channeltimeout", [("", "")])[0][0] == "none":
        del program.found["channeltimeout"]  # 9.2 prints no line then, though it does inside a Match block
    return program


def take(found: Found, parts: Parts, place: str) -> None:
    """Do to the values found so far what one more line does."""
    for part in parts:
        if part.unless and part.unless in found:
            continue
        given = [(value, place) for value in part.values]
        if part.taking is Taking.ADD:
            if given:
                found.setdefault(part.slot, []).extend(given)
        elif part.taking is Taking.LAST or part.slot not in found:
            found[part.slot] = given


@dataclass(frozen=True, slots=True)
class _Context:
    """Where a file stands in both passes, up to its first Match line."""

    active: bool  # first pass: lines count
    never: bool  # first pass: no Match makes lines count
    top: bool  # second pass: no line counts before a Match, and a Match asks the connection alone (SSHCFG_MATCH_ONLY)
    matches: tuple[Match, ...] | None  # second pass: what must be met for the lines to count; None: they never do


@dataclass(slots=True)
class _Area:
    """The lines since the last Match line of a file, as the second pass takes them."""

    matches: tuple[Match, ...] | None
    statements: list[Statement] = field(default_factory=list)
    methods_any: str | None = None


class _Runner:
    def __init__(self, tree: Tree, program: Program, folder: str, deaf: bool) -> None:
        self._tree, self._program, self._folder = tree, program, folder
        self._version, self._deaf = program.version, deaf
        self._read: dict[str, list[Statement]] = {}
        self._files = self._run = 0
        self._ports_given = False  # by -p: those of the files do not count

    def command_line(self, option: str) -> None:
        """Take one option: `Keyword=value` of -o, or `-p2222`, `-4`, `-6`, `-h/path`, `-c/path` as they stand."""
        place = "command line"
        if option.startswith("-"):
            self._flag(option[1:2], option[2:].strip(), place)
            return
        line = statement(as_bytes(option), place, self._version)
        if line is None:
            return
        if line.match is not None or line.include is not None or line.refused is not None:
            why = shown(line.refused or "the keyword stands in files alone")
            self._program.problem(f"{place}: {why}; sshd refuses that")
        else:
            take(self._program.found, line.parts, place)

    def _flag(self, letter: str, value: str, place: str) -> None:
        found = self._program.found
        if letter == "p" and value.isascii() and value.isdigit():
            found.setdefault("port", []).append((str(int(value)), place))
            self._ports_given = True
        elif letter in ("4", "6"):
            found["addressfamily"] = [("inet" if letter == "4" else "inet6", place)]
        elif letter in ("h", "c") and value:
            slot = "hostkey" if letter == "h" else "hostcertificate"
            found.setdefault(slot, []).append((value if value.startswith("/") else None, place))
        else:
            self._program.problem(f"{place}: the option -{letter} is not resolved")

    def settle_ports(self) -> None:
        """Give the listening addresses read so far their ports (process_queued_listen_addrs in servconf.c)."""
        found = self._program.found
        found.setdefault("port", [("22", "default")])
        found.setdefault("addressfamily", [("any", "default")])
        settled = found.setdefault("listenaddress/settled", [])
        for text, place in found.pop("listenaddress", []):
            own, _, host = (text or "").partition(" ")
            ports = [(own, place)] if own not in ("", "*") else found["port"]
            if len(settled) + len(ports) > _LISTENERS_MAX:
                settled[:] = [(None, place)]
                return
            settled += [(None if text is None or port is None else f"{port} {host}", place) for port, _ in ports]

    def file(self, path: str, context: _Context, depth: int) -> None:
        """Run one file in both passes."""
        if depth > _DEPTH or self._files >= _FILES_MAX:
            self._program.problem(f"{path}: too many Includes inside each other; sshd refuses them")
            return
        self._files += 1
        lines = self._statements(path)
        self._run += len(lines)
        if self._run > _LINES_MAX:
            self._program.problem(f"{path}: the files have more than {_LINES_MAX:,} lines together; they are not read")
            return
        active, area, top = context.active, _Area(context.matches), context.top
        for line in lines:
            if line.match is not None:
                self._close(area)
                active = self._first_match(line.match, line.place) and not context.never
                area, top = _Area(self._chained(context, line.match)), False
            elif line.include is not None and line.refused is None:
                self._close(area)
                area = _Area(area.matches)
                inside = _Context(active, context.never or not active, top and not self._deaf, area.matches)
                for file in self._included(line):
                    self.file(file, inside, depth + 1)
            else:
                self._setting(line, active, area)
        self._close(area)
        if self._deaf:
            self.settle_ports()

    def _first_match(self, line: Match, place: str) -> bool:
        everybody = len(line.criteria) == 1 and line.criteria[0].name == "all"
        self._program.has_match = self._program.has_match or not everybody
        standing = line.without_connection(self._version)
        if standing is None:
            self._program.problem(f"{place}: whether the version matches is not known")
        return bool(standing)

    @staticmethod
    def _chained(context: _Context, line: Match) -> tuple[Match, ...] | None:
        if context.top:
            return (line,)
        return None if context.matches is None else (*context.matches, line)

    def _close(self, area: _Area) -> None:
        """Keep the lines for the second pass, which nobody asks for when there are none."""
        if (area.statements and area.matches is not None) or area.methods_any:
            self._program.sections.append(Section(area.matches, tuple(area.statements), area.methods_any))

    def _setting(self, line: Statement, active: bool, area: _Area) -> None:
        version, keyword = self._version, line.keyword
        if not active and not line.in_match and line.refused is None:
            line = replace(line, refused=f'the keyword "{line.name[:40]}" may not stand in a Match block')
        found = self._program.found
        slot = "" if keyword is None else keyword.name
        if line.refused is not None and not self._is_lenient(slot, line, active):
            self._program.problem(f"{line.place}: {shown(line.refused)}; sshd refuses such a file")
            return
        if keyword is None:
            return
        if active and not (slot == "port" and self._ports_given) and line.refused is None:
            if (slot == "authenticationmethods" and line.is_any and self._counts_any(found)) or self._is_too_much(line):
                self._program.problem(f"{line.place}: the line may not stand behind those before it; sshd refuses it")
                return
            take(found, line.parts, line.place)
        elif slot == "authenticationmethods" and line.is_any and self._counts_any(found):
            self._program.problem(f'{line.place}: "any" may not follow other AuthenticationMethods; sshd refuses it')
        if area.matches is not None and keyword.counts_in_match(version):
            area.statements.append(line)
        if slot == "authenticationmethods" and line.is_any and version.since(8, 7) and not version.since(9, 7):
            area.methods_any = line.place

    def _is_lenient(self, slot: str, line: Statement, active: bool) -> bool:
        """Before 8.7 some keywords were looked at only where they count."""
        if slot not in LENIENT or self._version.since(8, 7) or not line.in_match:
            return False
        return slot in self._program.found or (not active and slot != "authenticationmethods")

    def _counts_any(self, found: Found) -> bool:
        version = self._version
        return "authenticationmethods" in found and version.since(8, 7) and not version.since(9, 7)

    def _is_too_much(self, line: Statement) -> bool:
        found, version = self._program.found, self._version
        for part in line.parts:
            count = len(found.get(part.slot, ())) + len(part.values)
            if part.slot == "port" and count > _PORTS_MAX:
                return True
            if part.taking is Taking.ADD and not version.since(7, 7) and count > _OLD_LIST_MAX:
                return True
            if part.slot.startswith("subsystem/") and not version.since(9, 5):
                names = sum(slot.startswith("subsystem/") for slot in found)
                return part.slot in found or names >= _SUBSYSTEMS_MAX
        return False

    def _statements(self, path: str) -> list[Statement]:
        if path not in self._read:
            try:
                self._read[path] = statements(path, self._tree.read(path), self._version)
            except UnseenError as error:
                self._program.problem(str(error))
                self._read[path] = []
        return self._read[path]

    def _included(self, line: Statement) -> list[str]:
        files: list[str] = []
        for pattern in map(shown, line.include or ()):
            if pattern.startswith("~"):
                continue  # glob(3) does not know homes
            if not pattern.startswith("/") and (self._version.major, self._version.minor) == (8, 2):
                self._program.problem(f"{line.place}: 8.2 takes a relative Include for another file; not resolved")
                continue
            try:
                files += self._tree.expand(pattern if pattern.startswith("/") else f"{self._folder}/{pattern}")
            except UnseenError as error:
                self._program.problem(f"{line.place}: {error}")
        return files

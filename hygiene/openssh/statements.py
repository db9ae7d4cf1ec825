"""The lines of one file of sshd_config, each as what sshd of a version takes it for, wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.openssh import match
from hygiene.openssh.keywords import Keyword, find
from hygiene.openssh.lines import read
from hygiene.openssh.match import Match
from hygiene.openssh.parts import Parts
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Version
from hygiene.openssh.words import WordError, next_word, old_words, words

# before 8.7 their arguments were read only where they count
LENIENT = ("authorizedkeysfile", "authenticationmethods", "authorizedkeyscommand", "authorizedprincipalscommand")
_LONGEST_OLD_LINE = 4093  # bytes without the line's end, before 7.8 (load_server_config in servconf.c)


@dataclass(frozen=True, slots=True)
class Statement:
    """A line: a Match, an Include, or a keyword with its values. Text has one character for each byte."""

    place: str
    name: str = ""  # the keyword as it stands
    keyword: Keyword | None = None  # None: the line changes nothing
    in_match: bool = True  # a Match block may hold the line
    parts: Parts = ()
    refused: str | None = None  # why sshd would not take the line
    match: Match | None = None
    include: tuple[str, ...] | None = None  # patterns of files

    @property
    def is_any(self) -> bool:
        """True for `AuthenticationMethods any`."""
        return len(self.parts) == 1 and self.parts[0].values == ("any",)


def statements(path: str, data: bytes, version: Version) -> list[Statement]:
    """Read the lines of a file; those that say nothing are left out."""
    if b"\0" in data:
        return [Statement(path, refused="there is a NUL byte in the file")]
    found = []
    for number, raw in enumerate(data.decode("latin-1").split("\n"), 1):
        place = f"{path}:{number}"
        if not version.since(7, 8) and len(raw) > _LONGEST_OLD_LINE:
            found.append(Statement(place, refused="the line is too long for this version"))
            continue
        # before 8.7 a comment began anywhere, even inside quotes
        line = statement(raw if version.since(8, 7) else raw.partition("#")[0], place, version)
        if line is not None:
            found.append(line)
    return found


def statement(raw: str, place: str, version: Version) -> Statement | None:
    """Read one line; None when it says nothing."""
    text = raw.lstrip(" \t\r")
    if version.since(7, 5):
        text = text[:1] + text[1:].rstrip(" \t\r\n\f")  # the first character stays
    try:
        name, rest = next_word(text)
        if not name:  # quotes or an equals sign at the start
            name, rest = next_word(rest)
    except WordError:
        return None  # strdelim() gives nothing, and sshd goes on with the next line
    if not name or name.startswith("#"):
        return None
    try:
        return _statement(name, rest or "", place, version)
    except (ValueRefusedError, WordError) as error:
        found = find(name, version)
        keyword, in_match = found or (None, True)
        return Statement(place, name, keyword, in_match, refused=str(error))


def _statement(name: str, rest: str, place: str, version: Version) -> Statement:
    new = version.since(8, 7)
    if not rest and new:
        raise ValueRefusedError(f'there is no argument behind "{name[:40]}"')
    low = name.lower()
    arguments = words(rest) if new else old_words(rest, equals=low != "setenv")
    if low == "match":
        return Statement(place, name, match=match.parse(rest, arguments, version))
    if low == "include" and version.since(8, 2):
        if not arguments or not all(arguments):
            raise ValueRefusedError("the name of a file is missing")
        return Statement(place, name, include=tuple(arguments))
    found = find(name, version)
    if found is None:
        raise ValueRefusedError(f'the keyword "{low[:40]}" is not known')
    keyword, in_match = found
    if keyword is None:
        return Statement(place, name, None, in_match)
    return Statement(place, name, keyword, in_match, read(keyword, arguments, rest, version))

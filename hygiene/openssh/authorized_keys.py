"""authorized_keys as sshd reads it: which lines hold a key that can log in, and with what restrictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hygiene.model import Cause
from hygiene.openssh import key_text, marks, options
from hygiene.openssh.key_line import Content as Content
from hygiene.openssh.key_line import hidden, marked, read_line
from hygiene.openssh.key_text import BLANK, NEWEST, lines, read_key, rules
from hygiene.openssh.keys import PublicKey
from hygiene.openssh.options import OptionError, Options
from hygiene.openssh.remembered import Budget, Remembered
from hygiene.openssh.version import Version


# not frozen, as Content is not
@dataclass(slots=True)
class Line:
    """One line that is neither blank nor a comment."""

    number: int  # 1 is the first
    content: Content

    @property
    def key(self) -> PublicKey | None:
        return self.content.key

    @property
    def options(self) -> Options:
        return self.content.options

    @property
    def comment(self) -> str | None:
        return self.content.comment

    @property
    def dead(self) -> str | None:
        return self.content.dead

    @property
    def cause(self) -> Cause | None:
        return self.content.cause

    @property
    def marks(self) -> tuple[str, ...]:
        return self.content.marks

    @property
    def doubt(self) -> str | None:
        """Why it cannot be known from here whether sshd takes a line that is not dead."""
        return self.content.options.doubt


class KeyFile:
    """The lines of a file, made anew for each who goes through them: what is kept is far smaller than they are."""

    __slots__ = ("_contents", "numbers")

    def __init__(self, numbers: Sequence[int], contents: Sequence[Content]) -> None:
        self.numbers = numbers
        self._contents = tuple(contents)

    def __iter__(self) -> Iterator[Line]:
        return map(Line, self.numbers, self._contents)


_REMEMBERED_SIZE = 1024  # bytes of a line: an RSA key of 4096 bits with its comment has 750
_WHOLE_MAX = 1 << 20  # bytes of a file that is kept whole; larger ones are read line by line
# bytes that a line of a file, one that is remembered, and each option as text take besides what is in them
_LINE_COST, _CONTENT_COST, _TEXT_COST = 120, 700, 80
_VERSIONS_MAX = 64
_NOTHING = Content()  # of a blank line or a comment
_line_budget, _file_budget = Budget(128 << 20), Budget(64 << 20)
_readers: dict[Version | None, _Reader] = {}


def parse(data: bytes, version: Version | None) -> Iterable[Line]:
    """Read a file: one item for each line that is neither blank nor a comment, in order, dead ones too.

    Follows auth_check_authkeys_file in auth2-pubkeyfile.c. With `version` None a line lives when any version takes
    it. Nothing here raises on bad input. A file up to 1 MB can be gone through again, a larger one is read line by
    line as one goes through it.
    """
    reader = _readers.get(version) or _reader(version)
    if len(data) > _WHOLE_MAX:
        return reader.lines(data)
    return reader.files.young.get(data) or reader.file(data)


def _reader(version: Version | None) -> _Reader:
    if len(_readers) >= _VERSIONS_MAX:
        forget()
    reader = _readers[version] = _Reader(version)
    return reader


def forget() -> None:
    """Keep nothing any longer of what was read."""
    _readers.clear()
    _line_budget.leave()
    _file_budget.leave()
    key_text.forget()
    options.forget()


def charged() -> int:
    """About how many bytes of this generation are kept."""
    return _line_budget.charged + _file_budget.charged + key_text.budget.charged


class _Reader:
    """Reads lines as one version does, or any, each distinct line once."""

    def __init__(self, version: Version | None) -> None:
        self._version = version
        self._rules = rules(version or NEWEST)
        self._grammar = options.grammar(self._rules.version)
        # before 7.7 a line needs a look at each of its bytes
        self._usual = self._rules.usual.fullmatch if self._rules.version.since(7, 7) else _never
        self.files: Remembered[bytes, KeyFile] = Remembered(_file_budget)
        self._contents: Remembered[bytes, Content] = Remembered(_line_budget)
        self._options: Remembered[bytes, tuple[Options, tuple[str, ...], bool]] = Remembered(_line_budget)

    def file(self, data: bytes) -> KeyFile:
        """A file that is not remembered, or not from the last generation."""
        charge = len(data) + _LINE_COST * (data.count(b"\n") + 2)
        known = self.files.older(data, charge)
        if known is None:
            known = self._whole(data)
            self.files.put(data, known, charge)
        return known

    def _whole(self, data: bytes) -> KeyFile:
        if not self._rules.getline or data.count(b"\n") >= marks.JUNK:
            lines_ = list(self.lines(data))
            return KeyFile([line.number for line in lines_], [line.content for line in lines_])
        get, read = self._contents.young.get, self._content
        contents = [get(line) or read(line) for line in data.split(b"\n")]
        if contents[-1] is _NOTHING:  # behind the last line end
            contents.pop()
        numbers = [number for number, content in enumerate(contents, 1) if content is not _NOTHING]
        if len(numbers) == len(contents):
            return KeyFile(range(1, len(contents) + 1), contents)
        return KeyFile(numbers, [contents[number - 1] for number in numbers])

    def lines(self, data: bytes) -> Iterator[Line]:
        """The lines of a file of any size, one by one."""
        junk = 0
        by = self._rules if self._version is not None else None
        for number, (line, lost) in enumerate(lines(data, by), 1):
            content = self._contents.young.get(line) or self._content(line)
            if content.key is None:
                junk += 1
                if content is _NOTHING:
                    continue
            elif junk >= marks.JUNK and content.dead is None:
                content = marked(content, marks.OBFUSCATED)
            if lost is not None:
                content = hidden(content, lost)
            elif content.dead is None:
                junk = 0
            yield Line(number, content)

    def _content(self, line: bytes) -> Content:
        charge = 2 * len(line) + _CONTENT_COST
        content = self._contents.older(line, charge)
        if content is None:
            content = self._read_usual(line) or read_line(line, self._version) or _NOTHING
            if len(line) <= _REMEMBERED_SIZE:
                own = 0 if content.dead is None else _TEXT_COST * len(content.options.texts)
                self._contents.put(line, content, charge + own)
        return content

    def _read_usual(self, line: bytes) -> Content | None:
        """A living line with nothing odd about its key, for the price of one match; None for all others."""
        match = self._usual(line)
        if match is None:
            return None
        plain, raw, behind_options, token, behind = match.groups()
        reading = read_key(token)
        if isinstance(reading, str) or not reading.usual or reading.form.name != (plain or behind_options):
            return None
        read = options.NONE
        found: tuple[str, ...] = ()
        if raw is not None:
            known = self._options.young.get(raw) or self._parsed(raw)
            if known is None:
                return None
            read, found, touch = known
            if touch and not reading.form.sk:
                found += (marks.VERIFY_WITHOUT_EFFECT,)
        comment = None
        if behind:
            comment = behind.strip(BLANK).decode("utf-8", "backslashreplace") or None
            if marks.has_options(behind):
                found += (marks.OPTIONS_BEHIND_KEY,)
        return Content(reading.key, read, comment, None, None, found)

    def _parsed(self, raw: bytes) -> tuple[Options, tuple[str, ...], bool] | None:
        """Options, their marks, and whether they say what counts for authenticators; None when sshd refuses them."""
        charge = 6 * len(raw) + 2 * _CONTENT_COST
        known = self._options.older(raw, charge)
        if known is None and len(raw) <= _REMEMBERED_SIZE:
            try:
                read = options.read(raw, self._grammar)
            except OptionError:
                return None
            known = read, tuple(marks.of_sources(read, True)), marks.asks_for_touch(read)
            self._options.put(raw, known, charge + _TEXT_COST * len(read.texts))
        return known


def _never(_: bytes) -> None:
    return None

"""Words, lists and commands inside one line of sudoers, as toke.l and gram.y of sudo 1.9 read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_BLANK = " \t\r"
_WORD_ENDS = frozenset(_BLANK + '#>!=:,()"')
_TAGS = frozenset(
    {"EXEC", "NOEXEC", "FOLLOW", "NOFOLLOW", "LOG_INPUT", "NOLOG_INPUT", "LOG_OUTPUT", "NOLOG_OUTPUT"}
    | {"MAIL", "NOMAIL", "INTERCEPT", "NOINTERCEPT", "PASSWD", "NOPASSWD", "SETENV", "NOSETENV"}
)
_OPTIONS = frozenset(
    {"ROLE", "TYPE", "PRIVS", "LIMITPRIVS", "APPARMOR_PROFILE", "TIMEOUT", "CWD", "CHROOT", "NOTBEFORE", "NOTAFTER"}
)
_DIGESTS = ("sha224", "sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class Member:
    """One item of a list of users, hosts or run-as users."""

    negated: bool
    kind: str  # `all`, `word`, `alias`, `uid`, `group`, `gid`, `foreign` (netgroup, plugin group), `network`
    value: str = ""


Members = tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Command:
    negated: bool
    kind: str  # `all`, `path`, `alias`, `regex`, `other` (sudoedit, list)
    path: str = ""
    arguments: str | None = None  # None: any; empty: none may be given
    digest: bool = False


class UnreadableError(ValueError):
    """The statement does not follow the grammar known here; the message says where."""


def is_alias_name(word: str) -> bool:
    """Upper case, digits and underscores, as toke.l has it."""
    return word[:1].isupper() and word.isascii() and all(c.isupper() or c.isdigit() or c == "_" for c in word)


class Cursor:
    """A place in one logical line. Every method skips blanks before it reads, and raises UnreadableError."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0

    def peek(self) -> str:
        while self.text[self.position : self.position + 1] in tuple(_BLANK):
            self.position += 1
        return self.text[self.position : self.position + 1]

    def take(self, mark: str) -> bool:
        if self.peek() != mark:
            return False
        self.position += 1
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise UnreadableError(f"`{mark}` expected at character {self.position + 1}")

    def end(self) -> None:
        if self.peek():
            raise UnreadableError(f"nothing more expected at character {self.position + 1}")

    def word(self, ends: frozenset[str] = _WORD_ENDS) -> str:
        """A word with its escapes undone, or a quoted string."""
        if self.peek() == '"':
            close = self.text.find('"', self.position + 1)
            if close < 0:
                raise UnreadableError(f"a quote left open at character {self.position + 1}")
            found = self.text[self.position + 1 : close]
            self.position = close + 1
            return found
        parts: list[str] = []
        start = self.position
        while self.position < len(self.text):
            character = self.text[self.position]
            if character == "\\" and self.position + 1 < len(self.text):
                parts.append(self.text[start : self.position])
                start = self.position + 1
                self.position += 2
            elif character in ends:
                break
            else:
                self.position += 1
        parts.append(self.text[start : self.position])
        return "".join(parts)

    def members(self, *, hosts: bool = False) -> Members:
        found = [self._member(hosts)]
        while self.take(","):
            found.append(self._member(hosts))
        return tuple(found)

    def _member(self, hosts: bool) -> Member:
        negated = False
        while self.take("!"):
            negated = not negated
        mark = self.peek()
        if hosts and (network := self._network()):
            return Member(negated, "network", network)
        if mark == "#":
            self.position += 1
            return Member(negated, "uid", self.word())
        quoted = mark == '"'
        word = self.word()
        if word.startswith("%") and not hosts:
            return self._group(negated, word)
        if not word:
            raise UnreadableError(f"a name expected at character {self.position + 1}")
        if word.startswith("+"):
            return Member(negated, "foreign", word)
        if quoted:
            return Member(negated, "word", word)
        if word == "ALL":
            return Member(negated, "all")
        return Member(negated, "alias" if is_alias_name(word) else "word", word)

    def _group(self, negated: bool, word: str) -> Member:
        name = word[1:]
        if not name and self.text[self.position : self.position + 1] in (":", '"', "#"):
            if self.text[self.position] == ":":
                self.position += 1
                self.take("#")
                return Member(negated, "foreign", "%:" + self.word())
            if self.text[self.position] == "#":
                self.position += 1
                return Member(negated, "gid", self.word())
            name = self.word()
        if name.startswith(":"):
            return Member(negated, "foreign", "%" + name)
        if name.startswith("#"):
            return Member(negated, "gid", name[1:])
        if not name:
            raise UnreadableError(f"a group expected at character {self.position + 1}")
        return Member(negated, "group", name)

    def _network(self) -> str:
        end = self.position
        while end < len(self.text) and self.text[end] in "0123456789abcdefABCDEF:./":
            end += 1
        found = self.text[self.position : end]
        address = found.partition("/")[0]
        if address.count(":") < 2 and not (address.count(".") == 3 and set(found) <= set("0123456789./")):
            return ""
        self.position = end
        return found

    def keyword(self) -> tuple[str, str] | None:
        """A tag and its `:` or an option and its `=`, when one is next."""
        self.peek()
        end = self.position
        while end < len(self.text) and (self.text[end].isupper() or self.text[end] == "_"):
            end += 1
        word = self.text[self.position : end]
        after = end
        while self.text[after : after + 1] in tuple(_BLANK):
            after += 1
        mark = self.text[after : after + 1]
        if (word in _TAGS and mark == ":") or (word in _OPTIONS and mark == "="):
            self.position = after + 1
            return word, mark
        return None

    def value(self) -> str:
        return self.word(frozenset(_BLANK + ",")) if self.peek() != '"' else self.word()

    def setting(self) -> tuple[str, str | None]:
        off = False
        while self.take("!"):
            off = not off
        name = self.word(frozenset(_BLANK + '#>!=:,()"+-'))
        if not name:
            raise UnreadableError(f"the name of a setting expected at character {self.position + 1}")
        if self.peek() in ("+", "-") and self.text[self.position + 1 : self.position + 2] == "=":
            self.position += 1
        if self.take("="):
            return name, self.value()
        return name, "!" if off else None

    def commands(self, *, arguments: bool = True) -> Iterator[Command]:
        yield self.command(arguments=arguments)
        while self.take(","):
            yield self.command(arguments=arguments)

    def command(self, *, arguments: bool = True) -> Command:
        negated = False
        while self.take("!"):
            negated = not negated
        digest = False
        while self._digest():
            digest = True
        first = self.peek()
        if first == "/":
            path = self.word(frozenset(_BLANK + ",:=#"))
            return Command(negated, "path", path, self._arguments() if arguments else None, digest)
        if first == "^":
            return Command(negated, "regex", self._regex(), self._arguments() if arguments else None, digest)
        if first == '"':
            return Command(negated, "path", self.word(), self._arguments() if arguments else None, digest)
        word = self.word()
        if word == "ALL":
            return Command(negated, "all", digest=digest)
        if word in ("sudoedit", "list"):
            self._arguments()
            return Command(negated, "other", word)
        if is_alias_name(word):
            return Command(negated, "alias", word, digest=digest)
        raise UnreadableError(f"a command expected at character {self.position + 1}")

    def _digest(self) -> bool:
        self.peek()
        if not self.text.startswith(_DIGESTS, self.position):
            return False
        start, self.position = self.position, self.position + 6
        if not self.take(":"):
            self.position = start
            return False
        if not self.word(frozenset(_BLANK + ",")):
            raise UnreadableError(f"a digest expected at character {self.position + 1}")
        self.take(",")
        return True

    def _arguments(self) -> str | None:
        """The arguments up to an unescaped comma or colon; None when there are none, empty for `""`."""
        start = self.position
        while self.position < len(self.text):
            character = self.text[self.position]
            if character == "\\":
                self.position += 1
            elif character in ",:#":
                break
            self.position += 1
        self.position = min(self.position, len(self.text))
        words = self.text[start : self.position].split()
        if words == ['""']:
            return ""
        return " ".join(words) if words else None

    def _regex(self) -> str:
        start = self.position
        while (end := self.text.find("$", self.position)) >= 0:
            self.position = end + 1
            if self.text[end + 1 : end + 2] in ("", " ", "\t", ",", ":") and self.text[end - 1] != "\\":
                return self.text[start : end + 1]
        raise UnreadableError(f"a regular expression left open at character {start + 1}")

"""The lines of a PAM service, included files spliced in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_DEPTH_MAX = 16
_LINES_MAX = 2000
FOLDER = "/etc/pam.d"


@dataclass(frozen=True, slots=True)
class Line:
    """One rule, normalised: words in lower case where libpam ignores case, the module without its path and `.so`."""

    place: str  # `/etc/pam.d/sshd:4`
    control: str  # `required`, `[default=ignore success=1]` with its pairs sorted, ...
    module: str
    arguments: tuple[str, ...]


class StackError(ValueError):
    """The stack cannot be told; the message says where and why."""


def stack(files: Mapping[str, bytes | None], service: str, kind: str) -> tuple[Line, ...]:
    """The rules of one kind (`auth`, `account`) in order, those of included files and substacks at their places.

    `files`: the folder's files by name, None for one that could not be read. A substack is spliced like an include: it
    differs in where `sufficient` and jumps end, so whoever reads on behind one must take care. Follows libpam's
    pam_handlers.c; StackError on a missing, unreadable or endless file and on a line that libpam would not take.
    """
    found: list[Line] = []
    for line in _lines(files, service, kind, 0, f"service {service}"):
        found.append(line)
        if len(found) > _LINES_MAX:
            raise StackError(f"{line.place}: more than {_LINES_MAX:,} rules in all")
    return tuple(found)


def _lines(files: Mapping[str, bytes | None], name: str, kind: str, depth: int, by: str) -> Iterator[Line]:
    path = name if name.startswith("/") else f"{FOLDER}/{name}"
    name = name.removeprefix(f"{FOLDER}/")
    if depth > _DEPTH_MAX:
        raise StackError(f"{by}: includes are nested more than {_DEPTH_MAX} deep")
    if name not in files:
        raise StackError(f"{by}: {path} is not there")
    data = files[name]
    if data is None:
        raise StackError(f"{by}: {path} could not be read")
    for number, text in _logical(data.decode("utf-8", "backslashreplace")):
        place = f"{path}:{number}"
        words = _words(text, place)
        if not words:
            continue
        if words[0].lower() == "@include":
            if len(words) < 2:
                raise StackError(f"{place}: an include without a file")
            yield from _lines(files, words[1], kind, depth + 1, place)
            continue
        # a leading hyphen only keeps a missing module out of the log
        if words[0].lower().removeprefix("-") != kind:
            if words[0].lower().removeprefix("-") not in ("auth", "account", "password", "session"):
                raise StackError(f"{place}: not a rule; expected auth, account, password or session first")
            continue
        if len(words) < 3:
            raise StackError(f"{place}: not a rule; expected a type, a control and a module")
        control = _control(words[1])
        if control in ("include", "substack"):
            yield from _lines(files, words[2], kind, depth + 1, place)
            continue
        module = words[2].rpartition("/")[2].removesuffix(".so")
        yield Line(place, control, module, tuple(words[3:]))


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, joined at a backslash, with the number of the first."""
    start, parts = 1, list[str]()
    for number, raw in enumerate(text.split("\n"), 1):
        start = start if parts else number
        content = raw.partition("#")[0].rstrip()
        if content.endswith("\\"):
            parts.append(content[:-1])
            continue
        yield start, " ".join([*parts, content])
        parts = []
    yield start, " ".join(parts)


def _words(text: str, place: str) -> list[str]:
    """Words at blanks; what stands in square brackets is one word, kept with its brackets."""
    words: list[str] = []
    rest = text.strip()
    while rest:
        if rest.startswith("["):
            inside, closing, after = rest[1:].partition("]")
            if not closing:
                raise StackError(f"{place}: a square bracket is left open")
            words.append(f"[{inside}]")
            rest = after.lstrip()
        else:
            parts = rest.split(None, 1)
            words.append(parts[0])
            rest = parts[1] if len(parts) > 1 else ""
    return words


def _control(word: str) -> str:
    low = word.lower()
    return f"[{' '.join(sorted(low[1:-1].split()))}]" if low.startswith("[") else low

"""How systemd starts sshd: the arguments in its units, variables filled in from their environment files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# systemd.unit(5), UNIT FILE LOAD PATH: earlier ones replace later ones
FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
_SSHD = re.compile(r"(?:^|/)sshd$")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_WORDS_MAX = 1000
_USUAL = ("SSHD_OPTS", "OPTIONS", "CRYPTO_POLICY")  # of Debian, and of Red Hat


@dataclass(frozen=True, slots=True)
class Started:
    """One unit that runs sshd."""

    unit: str  # `ssh.service`
    arguments: tuple[str, ...]  # behind the program's name
    unknown: tuple[str, ...] = ()  # variables whose file was not seen


def started(files: Mapping[str, bytes], environments: Mapping[str, bytes | None]) -> tuple[Started, ...]:
    """Give the units that run sshd, of unit files and drop-ins by their path.

    `environments`: by path, what EnvironmentFile names; None: it could not be read; not in it: it is not there.
    """
    found = []
    for unit in sorted({_unit_of(path) for path in files} - {""}):
        settings = [entry for path in _sources(unit, files) for entry in _entries(files[path])]
        values, unseen = _environment(settings, environments)
        for command in _last_set(settings, "ExecStart"):
            words = _split(command)
            if not words or not _SSHD.search(words[0].lstrip("-@:+!|")):
                continue
            expanded, unknown = _expand(words[1:], values, unseen)
            found.append(Started(unit, expanded, unknown))
    return tuple(found)


def of_environments(environments: Mapping[str, bytes | None]) -> tuple[str, ...]:
    """Give the arguments that the usual variables hold, for systems whose init scripts put them behind sshd."""
    values = _read_environments(data for data in environments.values() if data is not None)
    return tuple(word for name in _USUAL for word in values.get(name, "").split())


def _unit_of(path: str) -> str:
    """The unit that a file belongs to: its own name, or the folder's without `.d`."""
    folder, _, name = path.rpartition("/")
    if name.endswith(".conf") and folder.endswith(".service.d"):
        return folder.rpartition("/")[2].removesuffix(".d")
    return name if name.endswith(".service") else ""


def _sources(unit: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """The unit's file, the first of the load path, then its drop-ins by name."""
    main = next((path for folder in FOLDERS if (path := f"{folder}/{unit}") in files), None)
    if main is not None:
        yield main
    drop_ins: dict[str, str] = {}
    for folder in FOLDERS:
        for path in files:
            if path.startswith(f"{folder}/{unit}.d/"):
                drop_ins.setdefault(path.rpartition("/")[2], path)
    yield from (drop_ins[name] for name in sorted(drop_ins))


def _entries(data: bytes) -> Iterator[tuple[str, str]]:
    """Name and value of each line of the section [Service]; a backslash at the end goes on with the next line."""
    section, kept = "", ""
    for raw in data.decode("utf-8", "backslashreplace").split("\n"):
        line = raw.strip()
        if line.startswith(("#", ";")):
            continue  # systemd.syntax(7): a comment inside a continued line is left out of it
        if line.endswith("\\"):
            kept += line[:-1] + " "
            continue
        line, kept = kept + line, ""
        if line.startswith("["):
            section = line
        elif section == "[Service]":
            name, equals, value = line.partition("=")
            if equals:
                yield name.strip(), value.strip()


def _last_set(settings: Sequence[tuple[str, str]], name: str) -> list[str]:
    """The values of a setting that adds up; an empty one drops those before it."""
    values: list[str] = []
    for key, value in settings:
        if key == name:
            values = [*values, value] if value else []
    return values


def _environment(
    settings: Sequence[tuple[str, str]], environments: Mapping[str, bytes | None]
) -> tuple[dict[str, str], bool]:
    """The variables, and whether a file of them could not be read; files come after Environment= (systemd.exec(5))."""
    values: dict[str, str] = {}
    unseen = False
    for text in _last_set(settings, "Environment"):
        for word in _split(text):
            name, _, value = word.partition("=")
            values[name] = value
    for path in _last_set(settings, "EnvironmentFile"):
        data = environments.get(path.removeprefix("-"), b"")
        if data is None:
            unseen = True
        else:
            values |= _read_environments([data])
    return values, unseen


def _read_environments(texts: Iterable[bytes]) -> dict[str, str]:
    values = {}
    for data in texts:
        for line in data.decode("utf-8", "backslashreplace").split("\n"):
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith(("#", ";")):
                values[name.strip().removeprefix("export ")] = " ".join(_split(value))
    return values


def _expand(words: Sequence[str], values: Mapping[str, str], unseen: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`$NAME` as a word of its own becomes several words, `${NAME}` stays in its word (systemd.service(5))."""
    expanded: list[str] = []
    unknown = []
    for word in words:
        unknown += [name for pair in _VARIABLE.findall(word) if unseen and (name := pair[0] or pair[1]) not in values]
        whole = re.fullmatch(r"\$(\w+)", word)
        if whole is not None:
            expanded += values.get(whole[1], "").split()
        else:
            expanded.append(_VARIABLE.sub(lambda match: values.get(match[1] or match[2], ""), word))
    return tuple(word for word in expanded[:_WORDS_MAX] if word), tuple(dict.fromkeys(unknown))


def _split(text: str) -> list[str]:
    """Words at blanks, single and double quotes taken off; a quote that does not close ends with the text."""
    words: list[str] = []
    word: list[str] = []
    quote, begun = "", False
    for char in text:
        if quote:
            if char == quote:
                quote = ""
            else:
                word.append(char)
        elif char in "\"'":
            quote, begun = char, True
        elif char in " \t":
            if begun or word:
                words.append("".join(word))
            word, begun = [], False
        else:
            word.append(char)
    if begun or word:
        words.append("".join(word))
    return words[:_WORDS_MAX]

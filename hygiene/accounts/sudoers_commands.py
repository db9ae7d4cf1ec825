"""Which commands of a rule are everything: ALL, and the programs that start any other program."""

from __future__ import annotations

from collections.abc import Callable

from hygiene.accounts import globs
from hygiene.accounts.sudoers_words import Command
from hygiene.accounts.verdicts import MATCH, NO_MATCH, maybe, negated

# A rule for one of these without limits on its arguments gives everything. Editors, pagers, interpreters and the many
# other programs that can be talked into a shell are no entries: a rule for a named command is judged by its name.
SHELLS = ("sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "zsh", "csh", "tcsh", "fish")
SWITCHERS = ("su", "runuser")
RUNNERS = ("env", "busybox")
_FOLDERS = ("/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin")

ANY = ""  # stands for a command that no rule names
PROBES = (ANY, *(f"{folder}/{name}" for name in (*SHELLS, *SWITCHERS, *RUNNERS) for folder in _FOLDERS))

_SHELL_ARGUMENTS = frozenset({"-", "-l", "-i", "-s", "-p", "--login", "-c", "*"})
_SWITCHER_ARGUMENTS = frozenset({"-", "-l", "--login", "-m", "-p", "--preserve-environment", "-c", "root", "*"})


def command_bits(command: Command, probe: str, say: Callable[[str], None]) -> int:
    """Does the command of a rule (no alias) match the probe? `say` is told why that is not known."""
    match command.kind:
        case "all":
            bits = MATCH
        case "path":
            bits = _path(command, probe, say)
        case "regex":
            bits = _regex(command, probe, say)
        case _:  # sudoedit and list start no shell
            bits = NO_MATCH
    if command.digest and bits != NO_MATCH:
        say("a command bound to a digest, which is not compared with the file")
        bits = maybe(bits)
    return negated(bits, command.negated)


def _path(command: Command, probe: str, say: Callable[[str], None]) -> int:
    if probe == ANY or not _names(command.path, probe):
        return NO_MATCH
    if command.arguments is None:
        return MATCH
    # a refused set of arguments leaves the others
    return NO_MATCH if command.negated else _arguments(probe.rpartition("/")[2], command.arguments, say)


def _names(path: str, probe: str) -> bool:
    if path.endswith("/"):  # sudoers(5): a folder stands for the files in it
        return globs.matches(path.rstrip("/"), probe.rpartition("/")[0])
    return globs.matches(path, probe)


def _arguments(name: str, arguments: str, say: Callable[[str], None]) -> int:
    """A shell for which some arguments are given: none or harmless ones still open it, others are a command."""
    if name in RUNNERS:
        free = arguments == "*"
    else:
        allowed = _SWITCHER_ARGUMENTS if name in SWITCHERS else _SHELL_ARGUMENTS
        free = set(arguments.split()) <= allowed and arguments != "-c"
    if free:
        return MATCH
    if globs.is_pattern(arguments) or arguments.startswith("^"):
        say(f"{name} with a pattern of arguments, which may let any command through")
        return maybe(MATCH)
    return NO_MATCH


def _regex(command: Command, probe: str, say: Callable[[str], None]) -> int:
    """A regular expression is not run: it may match unless the text that it begins with says otherwise."""
    if probe == ANY:
        return NO_MATCH
    literal = command.path[1:]
    for index, character in enumerate(literal):
        if character in "\\.[](){}*+?|^$":
            # a repetition may take the character before it away
            literal = literal[: index - (character in "*?{" and index > 0)]
            break
    if "|" not in command.path and not probe.startswith(literal):
        return NO_MATCH
    say("a command given as a regular expression")
    return maybe(MATCH)

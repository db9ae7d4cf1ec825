"""AuthorizedKeysCommand and AuthorizedPrincipalsCommand: whether sshd runs the program, and who could change it."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.model import Truth
from hygiene.openssh.permissions import Judgement, Owner, StrictModes, runs
from hygiene.openssh.way import Look, walk
from hygiene.openssh.words import WordError, words
from hygiene.openssh.writers import writers

_ANY = "%u"  # AuthorizedKeysCommandUser: the account that logs in


@dataclass(frozen=True, slots=True)
class Program:
    """A program that names keys or principals, as `DynamicSource` has it."""

    path: str  # without its arguments
    run_as: str | None
    works: Truth  # sshd runs it
    fault: str | None  # why not, why that is not known, or who else could change it


def judge(command: str, user: str | None, look: Look, strict: StrictModes) -> Program:
    """Judge the value of ...Command with that of ...CommandUser, `none` aside.

    subprocess() in misc.c wants an absolute path, root's alone from the program up to `/`, and looks for it as the
    account that shall run it; Debian's exception for groups with one member holds here too. What the program answers,
    and whether it ends well, is not judged.
    """
    try:
        path = next(iter(words(command)), "")
    except WordError as error:
        return Program(command.split(maxsplit=1)[0], user, Truth.NO, f"in the command {error}")
    if not command.startswith("/"):  # nor may it start with a quote (parse_command in servconf.c)
        return Program(path, user, Truth.NO, "the path of the program is not absolute")
    way = walk(path, look)
    owner = _owner(user, strict)
    if isinstance(owner, Judgement):
        return Program(path, user, owner.answer, owner.reason)
    judgement = runs(way, owner, strict, path)
    if judgement.answer is Truth.YES:
        others = writers(way, 0, strict.members)
        return Program(path, user, Truth.YES, None if others is None else f"it can be changed by {others}")
    return Program(path, user, judgement.answer, judgement.reason)


def _owner(user: str | None, strict: StrictModes) -> Owner | Judgement:
    """Who runs it; a no or unknown where that is nobody, or not known."""
    if user is None or user.lower() == "none":
        return Judgement(Truth.NO, "no account is set to run the program")
    if user == _ANY:
        return Owner(-1, None)
    members = strict.members
    entry = members.by_name.get(user) if members is not None else None
    if entry is not None and members is not None:
        return Owner(entry.uid, members.gids[user] if members.complete else None)
    if members is not None and members.complete:
        return Judgement(Truth.NO, f"the account {user}, which shall run the program, is not there")
    return Judgement(Truth.UNKNOWN, f"whether the account {user}, which shall run the program, is there is not known")

"""pam_access: a table of accounts and origins, where the first line that matches decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hygiene.pam.codes import ASCII_LOWER, Code
from hygiene.pam.modules import addresses
from hygiene.pam.modules.access_table import Entry, Words, entries
from hygiene.pam.question import Answer, Conf, Person, Question, either, sure

FILE = "/etc/security/access.conf"
_FOLDER = "/etc/security/access.d"


@dataclass(frozen=True, slots=True)
class _Options:
    files: tuple[str, ...] = ()
    fields: str = ":"
    lists: str = ", \t"
    new_groups_only: bool = False
    no_dns: bool = False


def access(question: Question) -> Answer:
    """Granted when no line matches, or there is no table (login_access in pam_access.c)."""
    options = _options(question.arguments)
    unopened = _unopened(options, question.conf)
    if unopened is not None:
        return unopened
    decided: set[bool] = set()
    doubt = why = None
    for path, data in _tables(options, question.conf):
        if isinstance(data, str):
            decided.add(False)
            doubt, why = doubt or data, why or f"{path} may refuse it"
            continue
        for entry in entries(data, options.fields, options.lists):
            matches = None if entry.doubt is not None else _matches(entry, question, options)
            if matches is False:
                continue
            decided |= {True, False} if entry.doubt is not None else {entry.grants}
            place = f"{path}:{entry.number}"
            if not entry.grants:
                why = why or f"{place} refuses it"
            if matches:
                return _decision(decided, doubt, why)
            doubt = doubt or f"{place}: {entry.doubt or 'whether the line matches is not known'}"
    return _decision(decided | {True}, doubt, why)


def origins(arguments: tuple[str, ...], conf: Conf) -> Iterator[str]:
    """The networks and addresses that the tables tell apart, as sshd writes them: `10.0.0.0/8`."""
    options = _options(arguments)
    for _, data in _tables(options, conf):
        if isinstance(data, bytes):
            for entry in entries(data, options.fields, options.lists):
                yield from filter(None, (addresses.network(word) for words in entry.origins for word in words))


def _options(arguments: tuple[str, ...]) -> _Options:
    """The last value of each; what it does not know it leaves alone."""
    values = {"fieldsep": ":", "listsep": ", \t"}
    values |= {
        name: value for name, sep, value in (text.partition("=") for text in arguments) if sep and name in values
    }
    return _Options(
        tuple(text.removeprefix("accessfile=") for text in arguments if text.startswith("accessfile=")),
        values["fieldsep"],
        values["listsep"],
        "nodefgroup" in arguments,
        "nodns" in arguments,
    )


def _unopened(options: _Options, conf: Conf) -> Answer | None:
    """The answer where an `accessfile=` cannot be opened; None where all can."""
    for path in options.files:
        data = conf.read(path)
        why = f"{path} is not there"
        if data is None:
            return sure(Code.ABORT, why)
        if isinstance(data, str):
            return either({Code.SUCCESS, Code.PERM_DENIED, Code.ABORT}, data, why)
    return None


def _tables(options: _Options, conf: Conf) -> Iterator[tuple[str, bytes | str]]:
    """The tables in order; a text says why one is not known. Those of access.d come behind the default table alone."""
    paths = options.files[-1:] or (FILE,)
    if not options.files and not conf.before(1, 3, 1):
        paths = (*paths, *((_FOLDER,) if conf.access_d is None else sorted(conf.access_d)))
    for path in paths:
        data = conf.read(path) if path != _FOLDER else f"{_FOLDER} was not listed"
        if data is not None:
            yield path, data


def _matches(entry: Entry, question: Question, options: _Options) -> bool | None:
    users = _in_list(entry.users, lambda word: _user(word, question, options))
    if users is False:
        return False
    origins = _in_list(entry.origins, lambda word: _origin(word, question, options))
    return False if origins is False else None if users is None or origins is None else True


def _in_list(words: Words, matches: Callable[[str], bool | None]) -> bool | None:
    """Whether a word before the first EXCEPT matches and the rest, read in the same way, does not."""
    rest: bool | None = False
    for part in reversed(words):
        here: bool | None = False
        for word in part:
            one = matches(word)
            if one is not False:
                here = one
            if one:
                break
        if here is not False and rest is not False:
            here = False if rest else None
        rest = here
    return rest


def _user(word: str, question: Question, options: _Options) -> bool | None:
    """One word of the second field: a name, ALL, a (group), a group, user@host or @netgroup (user_match)."""
    person, old = question.person, question.conf.before(1, 7)
    if word.startswith("(") and word.endswith(")"):
        if len(word) < 3:
            return False
        member = question.is_in(word[1:-1])
        return member if member or old else _either(member, _gid(word[1:-1], person), old)
    name, at, host = _split_at(word)
    if at:
        mine = _user(name, question, options)
        return mine if mine is False or host.translate(ASCII_LOWER) == "all" else _host(host, question, mine)
    if word.startswith("@"):
        return None  # a netgroup
    lower = word.translate(ASCII_LOWER)
    if lower == "all" or lower == person.name.translate(ASCII_LOWER):
        return True
    if word == str(person.uid) and not old:
        return None if old is None else True
    return False if options.new_groups_only else question.is_in(word)


def _gid(word: str, person: Person) -> bool | None:
    """Whether a number is the gid of a group of the account."""
    if not (word.isascii() and word.isdigit()) or len(word) > 10:
        return False
    gids = person.gids if person.gids is not None else {person.gid}
    return True if int(word) in gids else None if person.gids is None else False


def _either(name: bool | None, number: bool | None, old: bool | None) -> bool | None:
    """By its name, or, since 1.7, by its number (`old` False)."""
    if number is False or name:
        return name
    return number if old is False else None


def _split_at(word: str) -> tuple[str, str, str]:
    """user@host, the at signs in front left to the user."""
    name = word.lstrip("@")
    user, at, host = name.partition("@")
    return word[: len(word) - len(name)] + user, at, host


def _host(word: str, question: Question, user: bool | None) -> bool | None:
    """The host's own name behind user@."""
    mine = question.conf.hostname
    if mine is not None and word and mine.translate(ASCII_LOWER) == word.translate(ASCII_LOWER):
        return user
    return None  # a name of it, or an address, for all that is known


def _origin(word: str, question: Question, options: _Options) -> bool | None:
    """One word of the third field (from_match): sshd always comes with a remote host, sudo and su with none."""
    if word.startswith("@"):
        return None  # a netgroup
    lower = word.translate(ASCII_LOWER)
    rhost = question.rhost
    if lower == "all" or (rhost is not None and lower == rhost.translate(ASCII_LOWER)):
        return True
    if question.is_local:  # the terminal stands for the host, or the service where there is none
        return lower == "local" or (None if word.startswith("pts/") or word == question.service else False)
    if lower == "local":
        return False
    names = False if options.no_dns else _not(question.conf.before(1, 5, 3))
    return addresses.matches(word, rhost, question.source.address, names_are_resolved=names)


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _decision(decided: set[bool], doubt: str | None, why: str | None) -> Answer:
    return either({Code.SUCCESS if grants else Code.PERM_DENIED for grants in decided}, doubt or "", why)

"""The line of a Match block: its criteria, and whether a connection meets them, as match_cfg_line() in servconf.c."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hygiene.openssh.connection import Connection
from hygiene.openssh.patterns import host_verdict, list_verdict
from hygiene.openssh.sources import INVALID, address_verdict
from hygiene.openssh.values import ValueRefusedError
from hygiene.openssh.version import Vendor, Version
from hygiene.openssh.words import WordError, next_word

_WITH_VALUE = ("user", "group", "host", "address", "localaddress", "localport")
_PORT = re.compile(r"[ \t]*+\+?(\d{1,20}+)")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its name in lower case, and its value; for `all` and `invalid-user` the value is empty."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Match:
    """The criteria of one line; all of them have to be met."""

    criteria: tuple[Criterion, ...]

    def answer(self, connection: Connection | None, version: Version, use_dns: bool | None = False) -> bool | None:
        """Whether the connection meets all criteria; None when that cannot be told.

        `connection` None: there is none, so that only `all` and `version` can be met. `use_dns` None: not known.
        ValueRefusedError when sshd of this version ends the connection here.
        """
        answers = [
            _of_nobody(criterion, version) if connection is None else _answer(criterion, connection, version, use_dns)
            for criterion in self.criteria
        ]
        return False if False in answers else None if None in answers else True

    def without_connection(self, version: Version) -> bool | None:
        """Whether sshd takes the block for everybody when it reads its configuration, before anybody connects."""
        answers = [_standing(criterion, version) for criterion in self.criteria]
        return False if False in answers else None if None in answers else True


def parse(rest: str, arguments: Sequence[str], version: Version) -> Match:
    """Read the criteria behind `Match`; ValueRefusedError when sshd of this version does not start with them.

    `rest` is the line as it stands, `arguments` are its words, which count since 9.9.
    """
    words = list(arguments) if version.since(9, 9) else _old_words(rest, version)
    criteria: list[Criterion] = []
    at = 0
    while at < len(words):
        name = words[at].lower()
        at += 1
        if name == "all":
            if criteria or at < len(words):
                raise ValueRefusedError("'all' does not stand alone in the Match line")
            return Match((Criterion("all", ""),))
        if name == "invalid-user" and version.since(9, 9):
            criteria.append(Criterion(name, ""))
            continue
        kind, equals, value = name.partition("=")
        if equals and version.since(10, 0) and _is_known(kind, version):
            value = words[at - 1].partition("=")[2]
        elif at < len(words):
            kind, value = name, words[at]
            at += 1
        else:
            kind, value = name, ""
        if not value or value.startswith("#"):
            raise ValueRefusedError(f'the criterion "{kind[:40]}" of the Match line has no value')
        criteria.append(_criterion(kind, value, version))
    if not criteria:
        raise ValueRefusedError("the Match line has no criteria")
    return Match(tuple(criteria))


def _old_words(rest: str, version: Version) -> list[str]:
    """The words as strdelim() gives them, where `=` separates; an empty one ends the criteria."""
    found: list[str] = []
    left: str | None = rest
    while left is not None:
        try:
            word, left = next_word(left)
        except WordError:
            break
        if not word or (word.startswith("#") and version.since(8, 7)):
            if left and not (word and word.startswith("#")):
                raise ValueRefusedError("there are extra arguments at the end of the line")
            break
        found.append(word)
    return found


def _is_known(name: str, version: Version) -> bool:
    return (
        name in _WITH_VALUE
        or (name == "rdomain" and version.since(7, 7))
        or (name == "version" and version.since(10, 0))
    )


def _criterion(name: str, value: str, version: Version) -> Criterion:
    if not _is_known(name, version):
        raise ValueRefusedError(f'the criterion "{name[:40]}" of the Match line is not known')
    if name in ("address", "localaddress") and version.since(8, 4) and address_verdict(None, value) == INVALID:
        raise ValueRefusedError(f'the list "{value[:80]}" of the Match line holds an invalid address or network')
    if name == "localport" and _port(value) == -1 and (_PORT.match(value) or not version.since(7, 9)):
        raise ValueRefusedError(f'the value "{value[:40]}" of the Match line is not a port')
    return Criterion(name, value)


def _port(value: str) -> int:
    """The port; -1 for a name, which the host's /etc/services may hold, and for what is none."""
    match = _PORT.fullmatch(value) if value.isascii() else None
    return int(match[1]) if match and int(match[1]) <= 65535 else -1


def _standing(criterion: Criterion, version: Version) -> bool | None:
    match criterion.name:
        case "all":
            return True
        case "invalid-user":
            return (version.major, version.minor) == (9, 9)  # a slip of this release; 10.0 put it right
        case "version":
            return _version_answer(criterion.value, version)
    return False


def _of_nobody(criterion: Criterion, version: Version) -> bool | None:
    return criterion.name != "invalid-user" and _standing(criterion, version)


def _answer(criterion: Criterion, connection: Connection, version: Version, use_dns: bool | None) -> bool | None:
    value = criterion.value
    match criterion.name:
        case "host" | "address" | "localaddress" if value in connection.unclear:
            return None
        case "user":
            return list_verdict(connection.user, value) > 0
        case "group":
            return _group_answer(value, connection)
        case "host":
            return _host_answer(value, connection, use_dns, version.since(7, 6))
        case "address":
            return _address_answer(connection.address, value)
        case "localaddress":
            return _address_answer(connection.local_address, value)
        case "localport":
            if connection.local_port is None:
                return False
            port = _port(value)
            return None if port < 0 else port == connection.local_port
        case "rdomain":
            return connection.rdomain is not None and list_verdict(connection.rdomain, value) > 0
        case "invalid-user":
            return connection.invalid_user
        case "version":
            return _version_answer(value, version)
    return True  # all


def _group_answer(value: str, connection: Connection) -> bool | None:
    if connection.invalid_user:
        return False
    if connection.groups is None:
        return None
    return in_groups(connection.groups, value)


def in_groups(groups: frozenset[str], patterns: str) -> bool:
    """True when a group matches and none matches a negated pattern (ga_match_pattern_list in groupaccess.c)."""
    verdicts = {list_verdict(group, patterns) for group in groups}
    return 1 in verdicts and -1 not in verdicts


def _host_answer(value: str, connection: Connection, use_dns: bool | None, folded: bool) -> bool | None:
    if connection.host is not None:
        return host_verdict(connection.host, value, folded) > 0
    if connection.address is None:
        return False
    if use_dns is not False:
        return None
    return host_verdict(connection.address, value) > 0


def _address_answer(address: str | None, value: str) -> bool:
    if address is None:
        return False
    verdict = address_verdict(address, value)
    if verdict == INVALID:
        raise ValueRefusedError(f'the list "{value[:80]}" of a Match line is invalid')
    return verdict > 0


def _version_answer(patterns: str, version: Version) -> bool | None:
    """Match SSH_RELEASE of version.h; Debian and Ubuntu put the package's name behind it."""
    plain = f"OpenSSH_{version.major}.{version.minor}"
    texts = [f"{plain}p{patch}" for patch in ([version.patch] if version.patch else [1, 2])]
    if version.vendor is not Vendor.OTHER:
        texts += [f"{text} Debian-1" for text in texts] + [f"{text} Ubuntu-1ubuntu1" for text in texts]
    answers = {list_verdict(text, patterns) > 0 for text in texts}
    return answers.pop() if len(answers) == 1 else None

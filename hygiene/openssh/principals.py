"""AuthorizedPrincipalsFile as sshd reads it: the names of which a certificate must hold one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hygiene.model import Cause
from hygiene.openssh import options
from hygiene.openssh.key_text import LAST, NEWEST, Rules, lines, rules
from hygiene.openssh.option_text import OptionError, shown, text
from hygiene.openssh.options import Options
from hygiene.openssh.version import Version


@dataclass(frozen=True, slots=True)
class Principal:
    """One line that is neither blank nor a comment."""

    number: int  # 1 is the first
    name: str
    options: Options = options.NONE  # of a line that sshd refuses, `texts` alone
    dead: str | None = None  # why no certificate gets in by this line; None when one may
    cause: Cause | None = None  # of `dead`: a typo, or the version


def read(data: bytes, version: Version | None) -> Iterator[Principal]:
    """Read a file: one item for each line that names somebody, in order, dead ones too.

    Follows auth_process_principals in auth2-pubkeyfile.c. With `version` None a line lives when any version takes it.
    A line whose expiry-time has passed, or that is for another source, is not dead: ask its options.
    """
    by = rules(version or NEWEST)
    others = [rules(other) for other in LAST] if version is None else []
    first: dict[bytes, int] = {}
    for number, (line, hidden) in enumerate(lines(data, by), 1):
        parts = _cut(line)
        if parts is None:
            continue
        found = _read(number, *parts, by)
        for other in others:
            if found.dead is not None:
                found = next((it for it in [_read(number, *parts, other)] if it.dead is None), found)
        if hidden is not None:
            found = replace(found, dead=hidden, cause=Cause.VERSION)
        elif found.dead is None and by.version.since(7, 7) and first.setdefault(parts[1], number) != number:
            # the first line with the name is taken, and what its options refuse is refused
            reason = f"line {first[parts[1]]} names the same principal, and sshd looks at the first alone"
            found = replace(found, dead=reason, cause=Cause.TYPO)
        yield found


def _cut(line: bytes) -> tuple[bytes, bytes] | None:
    """What stands before the name, and the name; None for a line that names nobody.

    A `#` starts a comment anywhere. The name is what stands behind the last blank, or where there is none, behind the
    last tab (auth_check_principals_line).
    """
    whole = line.partition(b"\0")[0].lstrip(b" \t").partition(b"#")[0].rstrip(b" \t")
    if not whole or whole == b"\r":
        return None
    at = whole.rfind(b" ")
    if at < 0:
        at = whole.rfind(b"\t")
    return (whole[:at], whole[at:].lstrip(b" \t")) if at >= 0 else (b"", whole)


def _read(number: int, before: bytes, name: bytes, by: Rules) -> Principal:
    cut = options.split(before)
    if cut is None:
        return Principal(number, text(name), dead="a double quote in the options is not closed", cause=Cause.TYPO)
    raw = cut[0]
    try:
        read_ = options.parse(raw, by.version) if raw else options.NONE
    except OptionError as error:
        dead: str | None = f"{error}; what stands before a principal's name are its options"
        return Principal(number, text(name), Options(texts=options.texts(raw)), dead, Cause.TYPO)
    dead = None
    if name.endswith(b"\r"):
        dead = f"the name is {shown(name)}: a carriage return is part of it"
    elif read_.cert_authority and by.version.since(7, 7):
        dead = "cert-authority says nothing here, and sshd refuses the line"
    return Principal(number, text(name), read_, dead, Cause.TYPO if dead else None)

"""What `hygiene who` says of a host, read back from its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ACCOUNT = re.compile(r"(\S+): uid \d+")
_NOBODY = re.compile(r"Nobody gets in as \([0-9,]+\): (.+)")
_KEY = re.compile(r"  (?:\[(?P<daemon>[^]]+)\] )?(?P<what>key|certificates of the authority) (?P<key>SHA256:\S+) ")
_ANYWHERE = re.compile(r"\) from anywhere[,;]")
# by a key or certificate alone, of which the lines below it tell more
_WAY = re.compile(
    r"  (?:\[(?P<daemon>[^]]+)\] )?way in: (?!unknown)(?!(?:key|[0-9]+ keys|certificate of authority)\b(?!.*, then ))"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Who gets in: (daemon, account, fingerprint) by key or authority, (daemon, account) otherwise."""

    keys: set[tuple[str, str, str]] = field(default_factory=set)
    anywhere: set[tuple[str, str, str]] = field(default_factory=set)  # the keys of which no limit by source is told
    authorities: set[tuple[str, str, str]] = field(default_factory=set)
    otherwise: set[tuple[str, str]] = field(default_factory=set)
    nobody: set[str] = field(default_factory=set)


def read(text: str) -> Told:
    """Sort the lines; those that say `unknown` are no statement."""
    told, account = Told(), ""
    for line in text.splitlines():
        if match := _ACCOUNT.match(line):
            account = match[1]
        elif match := _NOBODY.fullmatch(line):
            told.nobody.update(match[1].split(", "))
        elif match := _KEY.match(line):
            found = told.keys if match["what"] == "key" else told.authorities
            found.add((match["daemon"] or "sshd", account, match["key"]))
            if match["what"] == "key" and _ANYWHERE.search(line):
                told.anywhere.add((match["daemon"] or "sshd", account, match["key"]))
        elif match := _WAY.match(line):
            told.otherwise.add((match["daemon"] or "sshd", account))
    return told

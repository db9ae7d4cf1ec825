"""What is asked: plain records of cases and of the hosts that they stand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncssh
from lab.spec import AUDITOR_ADDRESS, OTHER_ADDRESS, AccountSpec, Node

BOTH = (AUDITOR_ADDRESS, OTHER_ADDRESS)


@dataclass(frozen=True, slots=True)
class Case:
    """One login that is tried from each source.

    `account` says all of the account but name and uid, which the host gives, unless `name` does. In the bytes of its
    files and in `host_files`, `@NAME@` stands for the account's name.
    """

    id: str  # `lines/crlf`: where the case is from, and why it is there
    account: AccountSpec
    offer: asyncssh.SSHKeyPair = field(repr=False)
    fingerprint: str  # of the rows that are to tell: the key's, or the authority's of a certificate
    certified: bool = False  # a certificate is offered
    sources: tuple[str, ...] = BOTH
    name: str | None = None
    host_files: Mapping[str, Node] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)  # given where another method is asked for besides the key
    line_limits: bool = True  # a session's limits are those of the line; False: settings limit it besides
    broader: str | None = None  # why the row may rightly say yes though this login is refused: who else it lets in
    unknowable: str | None = None  # why nobody can tell from the host's files
    brief: bool = False  # stands in the part that every test run does


@dataclass(frozen=True, slots=True)
class Scene:
    """A host: settings that hold for several cases."""

    name: str
    cases: tuple[Case, ...]
    config: str | None = "UsePAM yes\n"  # behind what every host of the suite needs; None: as the release ships it
    accounts: tuple[AccountSpec, ...] = ()  # besides those of the cases
    groups: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, Node] = field(default_factory=dict)
    since: tuple[int, int] = (0, 0)  # the first version that takes these settings
    before: tuple[int, int] = (99, 0)  # the first version that does not any more

    def stands_on(self, version: str) -> bool:
        """Whether an sshd of this version can be started with these settings."""
        major, minor = version.split(".")
        return self.since <= (int(major), int(minor)) < self.before

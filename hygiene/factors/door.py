"""One account as a daemon sees it: what the login paths are worked out from."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.accounts.shadow import Password
from hygiene.model import Grant, LoginPath, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Settings
from hygiene.pam.plain import PlainPam


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of one account."""

    account: str
    uid: int
    password: Password
    expired: Truth  # the account, as PAM (or sshd without it) judges it today
    shell_runs: Truth  # the shell is there and executable; /usr/sbin/nologin is
    grants: tuple[Grant, ...] = ()  # of this account and daemon
    sk_keys: frozenset[str] = frozenset()  # fingerprints of the keys among them that live in a security key
    allowed: Judgement = YES  # by the lists of users and groups
    stage: Judgement = YES  # PAM's account stage, which sshd asks with UsePAM only


@dataclass(frozen=True, slots=True)
class Daemon:
    """What holds for the accounts of one daemon that come from one class of places."""

    host: str
    name: str
    settings: Settings | None  # None: not seen
    pam: PlainPam


@dataclass(frozen=True, slots=True)
class Ways:
    """The login paths of one account, and why some of them are unknown: each reason is a gap.

    What is unknown because a grant is has that grant's reason, and no other doubt.
    """

    paths: tuple[LoginPath, ...]
    doubts: tuple[str, ...]

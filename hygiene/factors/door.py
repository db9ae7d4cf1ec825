"""One account as a daemon sees it: what the login paths are worked out from."""

from __future__ import annotations

from dataclasses import dataclass

from hygiene.accounts.shadow import Password
from hygiene.model import Grant, LoginPath, Truth
from hygiene.openssh.permissions import YES, Judgement
from hygiene.openssh.settings import Settings
from hygiene.pam.auth import Credentials, Pass
from hygiene.pam.tokens import TokenRule

NOT_SEEN = Credentials((), (Pass(frozenset()),), "the PAM files were not seen")
_NOBODY = Judgement(Truth.NO)


@dataclass(frozen=True, slots=True)
class PamAnswers:
    """What PAM asks of the account before it lets it in, where sshd asks PAM."""

    once: Credentials = NOT_SEEN  # with one text for all prompts, as the methods `password` and `none` answer
    each: Credentials = NOT_SEEN  # with an answer for each prompt, as by keyboard-interactive
    account: Judgement = YES  # the account stage behind them; that of keys is part of their grants
    tokens: tuple[TokenRule, ...] = ()  # rules that ask for more than a password


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of one account that comes from one class of places."""

    account: str
    uid: int
    password: Password
    expired: Truth  # the account, as PAM (or sshd without it) judges it today
    shell_runs: Truth  # the shell is there and executable; /usr/sbin/nologin is
    grants: tuple[Grant, ...] = ()  # of this account and daemon
    sk_keys: frozenset[str] = frozenset()  # fingerprints of the keys among them that live in a security key
    unseen_keys: str | None = None  # why there may be other keys that let in; None: the grants are all
    allowed: Judgement = YES  # by the lists of users and groups
    pam: PamAnswers = PamAnswers()
    hostbased: Judgement = _NOBODY  # whether some host vouches for the account
    gssapi: Judgement = _NOBODY  # whether some ticket opens it


@dataclass(frozen=True, slots=True)
class Daemon:
    """What holds for the accounts of one daemon that come from one class of places."""

    host: str
    name: str
    settings: Settings | None  # None: not seen


@dataclass(frozen=True, slots=True)
class Ways:
    """The login paths of one account, and why some of them are unknown: each reason is a gap.

    What is unknown because a grant is, or because keys were not seen, has that reason, and no other doubt.
    """

    paths: tuple[LoginPath, ...]
    doubts: tuple[str, ...]

"""Facts of a small fleet by hand: one root key almost everywhere, passwords on some hosts, a shared list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from audits import DEPLOY, OLD

from hygiene.model import (
    Area,
    AreaName,
    AreaState,
    Grant,
    Host,
    HostFacts,
    Key,
    LoginPath,
    PasswordEntry,
    PathVerdict,
    Status,
    Truth,
)

SEEN_AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
OPS = "SHA256:" + "ops0" * 10 + "ops"
REFUSED = "SHA256:" + "dead" * 10 + "key"


def host_facts(number: int, text: str = "") -> HostFacts:
    """Host `number` of a fleet; `text` goes wherever a host can put one."""
    name = f"web-{number:02}{text}"
    unseen = AreaState.UNSEEN if number % 10 == 7 else AreaState.SEEN
    grants = [_grant(name, "root", DEPLOY, f"deploy@ci{text}", Truth.YES, Truth.YES)]
    if number % 2 == 0:
        grants.append(_grant(name, "backup", OLD, "backup", Truth.UNKNOWN, Truth.NO))
    if number < 3:
        grants.append(_grant(name, "root", OPS, None, Truth.YES, Truth.YES))
        grants.append(_grant(name, "ops", OPS, None, Truth.YES, Truth.NO))
    if number == 4:
        grants.append(replace(_grant(name, "root", OPS, None, Truth.YES, Truth.YES), restricted=True))
    if number == 5:
        grants.append(_grant(name, "root", OPS, None, Truth.UNKNOWN, Truth.YES))
    grants.append(_grant(name, "root", REFUSED, "expired", Truth.NO, Truth.YES))
    paths = [_path(name, "root", ("key",), PathVerdict.ONE)]
    if number % 5 == 0:
        paths.append(_path(name, "deploy", ("password",), PathVerdict.ONE))
    if number % 5 == 1:
        paths.append(_path(name, "alice", ("code", "key"), PathVerdict.TWO))
    if number % 10 == 7:
        paths.append(_path(name, "ldap", (), PathVerdict.UNKNOWN))
    return HostFacts(
        Host(
            name,
            f"192.0.2.{number}",
            22,
            f"tenant-{number % 4}{text}",
            (),
            Status.COMPLETE,
            "done",
            "",
            None,
            None,
            None,
            SEEN_AT,
            0,
        ),
        areas=(
            Area(name, AreaName.ACCOUNTS, AreaState.SEEN),
            Area(name, AreaName.AUTHORIZED_KEYS, AreaState.PARTIAL if number % 10 == 3 else AreaState.SEEN),
            Area(name, AreaName.SHADOW, unseen),
            Area(name, AreaName.LOGS, AreaState.ABSENT),
        ),
        keys=(
            Key(DEPLOY, "ssh-ed25519", 256, None, None),
            Key(OLD, "ssh-rsa", 2048, None, None),
            Key(OPS, "ssh-ed25519", 256, None, None),
            Key(REFUSED, "ssh-rsa", 4096, None, None),
        ),
        grants=tuple(grants),
        login_paths=tuple(paths),
    )


def _grant(host: str, account: str, fingerprint: str, comment: str | None, accepted: Truth, root: Truth) -> Grant:
    return Grant(
        host,
        "sshd",
        account,
        fingerprint,
        f"/home/{account}/.ssh/authorized_keys",
        1,
        (),
        None,
        None,
        False,
        None,
        False,
        accepted,
        None,
        root,
        comment,
    )


def _path(host: str, account: str, kinds: tuple[str, ...], verdict: PathVerdict) -> LoginPath:
    factors = None if verdict is PathVerdict.UNKNOWN else len(kinds)
    return LoginPath(host, "sshd", account, "*", "", factors, kinds, None, verdict, None)


def password_entries() -> tuple[PasswordEntry, ...]:
    """120 entries, most of them short; every tenth shares its password with another."""
    bands = ("<8", "8-11", "12-14", "15+")
    return tuple(
        PasswordEntry(
            "shared.xlsx",
            number + 2,
            f"user{number}",
            None,
            None,
            bands[min(score, 3) if number % 3 else 0],
            score,
            score,
            1 if number % 10 == 0 else None,
            12 if number % 10 == 0 else 1,
            ("short",),
        )
        for number in range(120)
        for score in [(0, 0, 1, 1, 1, 2, 2, 3, 4, 4)[(number * 7) % 10]]
    )

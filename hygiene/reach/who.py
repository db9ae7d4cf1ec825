"""Who can get into one host: each account with all its ways in, and what is not known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from hygiene.model import (
    Account,
    AreaName,
    DynamicSource,
    Gap,
    Grant,
    Host,
    Key,
    LoginPath,
    PathVerdict,
    RootPath,
    Setting,
    Token,
    Truth,
    account_subject,
)
from hygiene.store.fleet import Fleet

_Row = TypeVar("_Row", Grant, LoginPath, RootPath, Token)

# what has to do with who gets in; the rest is told by the reports
_AREAS = ("collect", *(area for area in AreaName if area not in (AreaName.PRIVATE_KEYS, AreaName.LOGS)))


@dataclass(frozen=True, slots=True)
class Entrance:
    """One account: what lets in, or may."""

    account: Account
    grants: tuple[Grant, ...]  # accepted or unknown, in the order of daemon, file and line
    dead: tuple[Grant, ...]  # lines that let nobody in
    paths: tuple[LoginPath, ...]  # the weakest first
    roots: tuple[RootPath, ...]  # likewise
    tokens: tuple[Token, ...]  # what PAM's rules that ask for more than a password do with the account
    gaps: tuple[Gap, ...]  # of this account alone

    @property
    def is_shut(self) -> bool:
        """True when it is certain that nobody gets in."""
        return not self.grants and not self.paths and not self.gaps


@dataclass(frozen=True, slots=True)
class Access:
    """One host: its entrances in the order of its passwd, and what holds for all of them."""

    host: Host
    entrances: tuple[Entrance, ...]
    sources: tuple[DynamicSource, ...]
    gaps: tuple[Gap, ...]  # of the host as a whole
    daemons: tuple[str, ...]
    settings: tuple[Setting, ...]  # what decides which keys ask for a PIN

    @property
    def is_whole(self) -> bool:
        """True when all was seen that lets somebody in: then nobody enters an account without a way."""
        return not self.gaps and all(source.works is Truth.NO for source in self.sources)


def access(fleet: Fleet, host: str, account: str | None = None) -> Access | None:
    """Give who gets into a host, or into one account of it; None when the store knows no such host.

    An account that is not there gives no entrance.
    """
    asked = {"host": host}
    known = next(fleet.rows(Host, "host = $host", asked), None)
    if known is None:
        return None
    accounts = [row for row in fleet.rows(Account, "host = $host", asked) if account in (None, row.account)]
    grants = _by_account(fleet.rows(Grant, "host = $host", asked))
    paths = _by_account(fleet.rows(LoginPath, "host = $host", asked))
    roots = _by_account(fleet.rows(RootPath, "host = $host", asked))
    tokens = _by_account(fleet.rows(Token, "host = $host", asked))
    gaps = [gap for gap in fleet.rows(Gap, "host = $host", asked) if gap.area in _AREAS]
    daemons = (name for (name,) in fleet.query("SELECT DISTINCT daemon FROM settings WHERE host = $host", asked))
    return Access(
        known,
        tuple(
            Entrance(
                row,
                tuple(grant for grant in grants.get(row.account, ()) if grant.accepted is not Truth.NO),
                tuple(grant for grant in grants.get(row.account, ()) if grant.accepted is Truth.NO),
                tuple(sorted(paths.get(row.account, ()), key=_weakest_first)),
                tuple(sorted(roots.get(row.account, ()), key=_weakest_first)),
                tuple(tokens.get(row.account, ())),
                tuple(gap for gap in gaps if gap.subject == account_subject(host, row.account)),
            )
            for row in accounts
        ),
        tuple(fleet.rows(DynamicSource, "host = $host", asked)),
        tuple(gap for gap in gaps if gap.subject == host),
        tuple(sorted(daemons)),
        tuple(fleet.rows(Setting, "host = $host AND keyword = 'pubkeyauthoptions'", asked)),
    )


def _weakest_first(path: LoginPath | RootPath) -> tuple[bool, bool, int]:
    """What is certain before what is not, what always opens before what does at times."""
    return path.verdict is PathVerdict.UNKNOWN, path.condition is not None, path.factors or 0


def keys(fleet: Fleet, entrances: Iterable[Entrance]) -> dict[str, Key]:
    """Give what is known of the keys in these entrances, by fingerprint."""
    wanted = sorted({grant.fingerprint for entrance in entrances for grant in entrance.grants if grant.fingerprint})
    rows = fleet.rows(Key, "list_contains($wanted::VARCHAR[], fingerprint)", {"wanted": wanted})
    return {key.fingerprint: key for key in rows}


def hosts_like(fleet: Fleet, name: str, most: int = 5) -> list[str]:
    """Give names of hosts that hold this text: for those who mistyped one."""
    rows = fleet.query("SELECT host FROM hosts WHERE contains(lower(host), lower($name)) ORDER BY host", {"name": name})
    return [host for (host,) in _first(rows, most)]


def _first(rows: Iterator[tuple[str]], most: int) -> Iterator[tuple[str]]:
    for row, _ in zip(rows, range(most), strict=False):
        yield row


def _by_account(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.account, []).append(row)
    return found

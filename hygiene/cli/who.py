"""The command `hygiene who`: each account of a host with every way in, a line each, so that it can be searched."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping

from hygiene.cli import exits, output
from hygiene.cli.ways import way_in, ways_to_root
from hygiene.errors import UsageError
from hygiene.model import DynamicSource, Gap, Grant, Key, LoginPath, RootBy, RootPath, Setting, Status, Truth
from hygiene.openssh.version import from_package
from hygiene.reach.openers import openers
from hygiene.reach.who import Access, Entrance, access, hosts_like, keys
from hygiene.store.fleet import Fleet
from hygiene.store.store import Store
from hygiene.visible import visible

_ROOT = {
    RootBy.UID0: "root",
    RootBy.SUDO: "root by sudo without a password",
    RootBy.UNKNOWN: "whether it becomes root is unknown",
}
_LONGEST_NAMES = 2000  # characters of names of accounts that nobody enters


def run_who(args: Namespace) -> int:
    """Print who gets in; exit code 3 when something of it is unknown."""
    with Store.open(args.db, create=False, read_only=True) as store:
        fleet = store.fleet()
        found, account = _find(fleet, args.who)
        if account is not None and not found.entrances:
            raise UsageError(
                f"{found.host.host}: there is no account {visible(account)!r} in what was seen of this host"
            )
        known = keys(fleet, found.entrances)
    output.text(*(f"{visible(line)}\n" for line in _told(found, known, dead=args.verbose or account is not None)))
    gaps = (*found.gaps, *(gap for entrance in found.entrances for gap in entrance.gaps))
    return exits.CLEAN if all(gap.accepted for gap in gaps) else exits.GAPS


def _find(fleet: Fleet, name: str) -> tuple[Access, str | None]:
    """`HOST`, `HOST:ACCOUNT`, `[IPV6]:ACCOUNT`; a host's own name may hold a colon."""
    whole = access(fleet, name)
    if whole is not None:
        return whole, None
    host, colon, account = name.rpartition(":")
    part = access(fleet, host.removeprefix("[").removesuffix("]"), account) if colon and host else None
    if part is not None:
        return part, account
    near = hosts_like(fleet, host or name)
    hint = f"did you mean {', '.join(near)}?" if near else "`hygiene export hosts` lists those that were scanned"
    raise UsageError(f"{visible(name)}: no such host is stored; {hint}")


def _told(found: Access, known: Mapping[str, Key], *, dead: bool) -> Iterator[str]:
    host = found.host
    yield ", ".join(
        [
            f"{host.host}: OpenSSH {host.sshd_version or 'of unknown version'}",
            host.os or "unknown system",
            f"seen {host.collected_at:%Y-%m-%d %H:%M} UTC" if host.collected_at else "never seen",
        ]
    )
    if host.status is not Status.COMPLETE:
        yield f"  {host.status}: {host.reason}"
    yield from _gaps(found.gaps)
    yield from (_source(source) for source in found.sources)
    several = len(found.daemons) > 1
    version = from_package(host.sshd_version or "")
    # up to 10.2 a cert-authority line without principals= takes certificates that name nobody
    nameless = version is None or not version.since(10, 3)
    shut = [entrance for entrance in found.entrances if entrance.is_shut and not (dead and entrance.dead)]
    for entrance in found.entrances:
        if entrance not in shut:
            yield ""
            yield from _entrance(entrance, known, found.settings, dead=dead, several=several, nameless=nameless)
    if shut:
        names = ", ".join(entrance.account.account for entrance in shut)
        cut = f"{names[:_LONGEST_NAMES]}..." if len(names) > _LONGEST_NAMES else names
        yield ""
        yield f"{'Nobody gets in' if found.is_whole else 'No way in was seen'} as ({len(shut):,}): {cut}"
    hidden = sum(len(entrance.dead) for entrance in found.entrances)
    if hidden and not dead:
        yield f"Lines that let nobody in: {hidden:,} (-v shows them)"


def _entrance(
    entrance: Entrance,
    known: Mapping[str, Key],
    settings: tuple[Setting, ...],
    *,
    dead: bool,
    several: bool,
    nameless: bool,
) -> Iterator[str]:
    account = entrance.account
    yield ", ".join(
        part
        for part in (
            f"{account.account}: uid {account.uid}",
            _ROOT.get(account.root_by),
            account.state if account.state != "active" else None,
            None if entrance.grants or entrance.paths else "nobody gets in" if not entrance.gaps else None,
        )
        if part
    )
    for path in entrance.paths:
        lines = openers(path, entrance.grants, known, settings)
        yield f"  {_daemon(path, several)}way in: {way_in(path, lines, known, entrance.tokens)}"
    yield from (f"  {_daemon(path, several)}{told}" for path, told in ways_to_root(entrance))
    for grant in entrance.grants:
        yield f"  {_daemon(grant, several)}{_grant(grant, known, nameless)}"
    yield from _gaps(entrance.gaps)
    for grant in entrance.dead if dead else ():
        yield f"  {_daemon(grant, several)}dead line: {grant.fingerprint or 'no key'}, {grant.reason}; {_place(grant)}"


def _daemon(row: Grant | LoginPath | RootPath, several: bool) -> str:
    return f"[{row.daemon}] " if several else ""


def _grant(grant: Grant, known: Mapping[str, Key], nameless: bool) -> str:
    """`key SHA256:... (ssh-ed25519, ops@laptop) from 10.0.0.0/8, runs only X; /root/.ssh/authorized_keys:3`."""
    key = known.get(grant.fingerprint or "")
    about = ", ".join(part for part in (key.type if key else None, grant.comment) if part)
    name = "certificates of the authority" if grant.is_authority else "key"
    parts = [f"{name} {grant.fingerprint}{f' ({about})' if about else ''}"]
    if grant.is_authority:
        names = list(grant.principals or ["the account"])
        if not grant.principals and nameless and "cert-authority" in [option.lower() for option in grant.options]:
            names.append("nobody")
        parts.append(f"naming {' or '.join(names)}")
    parts.append(f"from {_sources(grant)}")
    told = " ".join(parts)
    if grant.command is not None:
        told += f", runs only {grant.command}"
    if grant.expires_at is not None:
        told += f", until {grant.expires_at:%Y-%m-%d %H:%M:%S}"
    others = [option for option in grant.options if not option.lower().startswith(_SHOWN)]
    if others:
        told += f", with {' '.join(others)}"
    if grant.writable_by is not None:
        told += f", can be changed by {grant.writable_by}"
    if grant.accepted is Truth.UNKNOWN:
        return f"unknown: {told}; {_place(grant)}: {grant.reason}"
    return f"{told}; {_place(grant)}"


_SHOWN = ("from=", "command=", "expiry-time=", "principals=", "cert-authority")


def _sources(grant: Grant) -> str:
    limits = ",".join(grant.from_patterns or ())
    where = " or ".join(grant.accepted_from or ())
    if limits and where and limits != where:
        return f"{limits} within {where}"
    return _anywhere(limits or where or "*")


def _anywhere(source: str) -> str:
    return "anywhere" if source == "*" else source


def _place(grant: Grant) -> str:
    return f"{grant.file}:{grant.line}"


def _source(source: DynamicSource) -> str:
    """`unknown: what AuthorizedKeysCommand gives: /usr/bin/x as nobody`."""
    name = {
        "authorizedkeyscommand": "AuthorizedKeysCommand",
        "authorizedprincipalscommand": "AuthorizedPrincipalsCommand",
    }
    scope = "" if source.scope == "*" else f" for {source.scope}"
    works = " (sshd does not run it)" if source.works is Truth.NO else ""
    fault = f": {source.fault}" if source.fault else ""
    run_as = f" as {source.run_as}" if source.run_as else ""
    return f"  {name.get(source.keyword, source.keyword)}{scope}: {source.program}{run_as}{works}{fault}"


def _gaps(gaps: tuple[Gap, ...]) -> Iterator[str]:
    for gap in gaps:
        yield f"  {'accepted gap' if gap.accepted else 'not seen'}: {gap.area}: {gap.reason}"

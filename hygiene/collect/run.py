"""A run of the collector, put together: over SSH from a fleet, or from offline roots."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hygiene.collect import identity
from hygiene.collect.fleet import Collect, FleetOptions, Progress, Ran, Sink, run, stop_on_signals
from hygiene.collect.host import HostCollector, Way, our_exchange
from hygiene.collect.identity import Identity
from hygiene.collect.known_hosts import KnownHosts
from hygiene.collect.offline import OfflineCollector, Root
from hygiene.collect.session import Limits
from hygiene.collect.ssh import Deadlines
from hygiene.errors import UsageError
from hygiene.model import Target


@dataclass(frozen=True, slots=True)
class Access:
    """With what a run gets in: who it is, its keys, and the host keys that it trusts."""

    user: str  # for targets that name none
    known_hosts: Sequence[Path]
    key_files: Sequence[Path] = ()
    passphrase: bytes | None = field(default=None, repr=False)
    agent_socket: str | None = None  # asked only when no key file is given
    sudo: bool = True
    jump: Target | None = None


def over_ssh(
    targets: Sequence[Target],
    access: Access,
    sink: Sink,
    options: FleetOptions,
    *,
    deadlines: Deadlines | None = None,
    limits: Limits | None = None,
    ready: Callable[[], None] = lambda: None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Ran:
    """Collect a fleet over SSH. Ctrl-C and SIGTERM stop it and keep what is done.

    `ready` is called when all is there and the first host is about to be dialled. Raises before that:
    PassphraseNeededError for an encrypted key file, InputError for a key, agent or known_hosts file that cannot be
    used, UsageError when there is no key at all.
    """
    known_hosts = KnownHosts.load(access.known_hosts)

    async def go() -> Ran:
        async with our_keys(access) as identities:
            if not identities:
                raise UsageError("there is no key to log in with; name one with --key FILE, or load one into an agent")
            way = Way(
                user=access.user,
                identities=identities,
                known_hosts=known_hosts,
                sudo=access.sudo,
                jump=access.jump,
                deadlines=deadlines or Deadlines(),
                limits=limits or Limits(),
            )
            collector = HostCollector(options.scan, way, our_exchange(options.logs, options.digest_key))
            try:
                ready()
                return await _run(targets, collector.collect, sink, options, progress)
            finally:
                await collector.close()

    return asyncio.run(go())


@asynccontextmanager
async def our_keys(access: Access) -> AsyncIterator[tuple[Identity, ...]]:
    """The keys of a run, of the agent where no file is named, for as long as the block is open.

    Raises PassphraseNeededError and InputError as `over_ssh`.
    """
    found = tuple(each for path in access.key_files for each in identity.from_file(path, access.passphrase))
    if found or not access.agent_socket:
        yield found
        return
    async with identity.from_agent(access.agent_socket) as held:
        yield held


def offline_roots(
    targets: Sequence[Target],
    roots: Mapping[str, Root],
    sink: Sink,
    options: FleetOptions,
    *,
    deadlines: Deadlines | None = None,
    limits: Limits | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Ran:
    """Collect offline roots: a target's address is its folder; `roots` says by host what is given besides."""
    collector = OfflineCollector(
        options.scan,
        our_exchange(options.logs, options.digest_key),
        dict(roots),
        deadlines or Deadlines(),
        limits or Limits(),
    )
    # each is a process that computes: more at once than cores would only run into the deadline
    at_once = replace(options, jobs=min(options.jobs, os.cpu_count() or 1))
    return asyncio.run(_run(targets, collector.collect, sink, at_once, progress))


async def _run(
    targets: Sequence[Target],
    collect: Collect,
    sink: Sink,
    options: FleetOptions,
    progress: Callable[[Progress], None],
) -> Ran:
    stop = asyncio.Event()
    stop_on_signals(stop)
    return await run(targets, collect, sink, options, progress=progress, stop=stop)

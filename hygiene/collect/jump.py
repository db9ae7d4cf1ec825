"""One jump host: a single shared connection through which all hosts of a run are dialled.

The connection to a host is end to end: the jump host sees only its encrypted bytes, and no agent goes there.
One connection for all, since MaxStartups of the jump host would drop many (sshd_config(5)).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncssh

from hygiene.collect import faults, ssh
from hygiene.model import Status

# OpenSSH 9.8 and later: PerSourcePenalties last 15 s and more
_PAUSE_AFTER_FAILURE_S = 30.0


class JumpError(Exception):
    """The jump host cannot be used now; the outcome says why, as for any host."""

    def __init__(self, outcome: faults.Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(slots=True)
class JumpHost:
    """The shared connection, opened when first needed and again when it was lost."""

    host: str
    new_client: Callable[[], ssh.Client]
    user: str
    options: asyncssh.SSHClientConnectionOptions
    login_s: float
    _connection: asyncssh.SSHClientConnection | None = None
    _opening: asyncio.Task[asyncssh.SSHClientConnection] | None = None
    _failed: JumpError | None = None
    _failed_at: float = 0.0

    async def tunnel(self) -> asyncssh.SSHClientConnection:
        """Give the connection, opening it if need be. Raises JumpError, for a while without trying again."""
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        loop = asyncio.get_running_loop()
        if self._failed is not None:
            final = self._failed.outcome.status is not Status.UNREACHABLE
            if final or loop.time() - self._failed_at < _PAUSE_AFTER_FAILURE_S:
                raise self._failed
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        # one host that is given up must not end what the others wait for
        return await asyncio.shield(self._opening)

    async def close(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        if self._connection is not None:
            await ssh.close(self._connection)

    async def _open(self) -> asyncssh.SSHClientConnection:
        client = self.new_client()
        algorithms = ssh.host_key_algorithms(client.known_hosts, client.target)
        try:
            async with asyncio.timeout(self.login_s):
                self._connection = await ssh.connect(client, self.user, self.options, algorithms)
        except (asyncssh.Error, OSError, ValueError) as error:
            outcome = faults.before_session(client, self.user, self.login_s, error)
            self._failed = JumpError(outcome)
            self._failed_at = asyncio.get_running_loop().time()
            raise self._failed from error
        else:
            self._failed = None
            return self._connection
        finally:
            self._opening = None

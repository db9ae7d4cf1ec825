"""One command on a connection, and what it says: bounded for each host and for all of them together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncssh

# a child that went to the background may hold the output open after the command has ended
_GRACE_AFTER_EXIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a host may say before it is cut off."""

    # a little above the cap of the collector itself, so that its own words about it arrive
    stdout_bytes: int = 33 << 20
    stderr_bytes: int = 64 << 10
    together_bytes: int = 1 << 30  # what all hosts in flight may hold in memory; beyond it the large ones are cut off


class Held:
    """How much the answers of all hosts in flight hold in memory together."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.now_bytes = 0
        self.answers = 0

    def too_much_for(self, size: int) -> bool:
        """Whether memory is full and an answer of this size holds more than its share of it."""
        return self.now_bytes > self.limit_bytes and size * max(1, self.answers) > self.limit_bytes


class Session(asyncssh.SSHClientSession[bytes]):
    """What one command has said so far; kept also when the connection is lost or we stop listening."""

    def __init__(self, limits: Limits, held: Held) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.exit_status: int | None = None
        self.over_limit = ""  # which limit cut it off
        self.closed = False
        self.lost = False
        self.done = asyncio.Event()
        self._limits = limits
        self._held = held
        self._stderr_bytes = 0
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self.over_limit:
            return
        if datatype == asyncssh.EXTENDED_DATA_STDERR:
            self._stderr_bytes += len(data)
            self.stderr += data[: self._limits.stderr_bytes - len(self.stderr)]
            if self._stderr_bytes > 16 * self._limits.stderr_bytes:
                self._cut_off(f"more than {16 * self._limits.stderr_bytes:,} bytes of errors")
            return
        room = self._limits.stdout_bytes - len(self.stdout)
        self.stdout += data[:room]
        self._held.now_bytes += min(room, len(data))
        if len(data) > room:
            self._cut_off(f"more than {self._limits.stdout_bytes:,} bytes")
        elif self._held.too_much_for(len(self.stdout)):
            self._cut_off(f"{len(self.stdout):,} bytes when memory was full; collect fewer at a time with --jobs")

    def _cut_off(self, limit: str) -> None:
        self.over_limit = limit
        self.done.set()
        if self._channel is not None:
            self._channel.abort()

    def exit_status_received(self, status: int) -> None:
        self.exit_status = status
        asyncio.get_running_loop().call_later(_GRACE_AFTER_EXIT_S, self.done.set)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc is not None
        self.closed = True
        self.done.set()


async def run(connection: asyncssh.SSHClientConnection, session: Session, command: str, payload: bytes) -> None:
    """Run one command with this input and wait until it is over; what it said is in the session.

    Raises asyncssh.ChannelOpenError when the host runs no commands.
    """
    channel, _ = await connection.create_session(lambda: session, command, encoding=None)
    try:
        channel.write(payload)
        channel.write_eof()
    except BrokenPipeError:
        pass  # it has ended without reading; what it said is worth more
    await session.done.wait()

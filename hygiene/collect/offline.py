"""Collect an offline root: the same collector runs here, over a folder that holds a host's files.

Nothing inside the root is run. What belongs to whom comes from the folder itself, or from an mtree file or
tar listing given with it where an ordinary user has unpacked it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hygiene.collect import rpmdb, script
from hygiene.collect.host import Collected, Exchange
from hygiene.collect.session import Limits
from hygiene.collect.ssh import Deadlines
from hygiene.errors import InputError
from hygiene.model import Evidence, Status, Target

_CHUNK = 1 << 16
_LARGEST_OWNERS_FILE = 256 << 20


@dataclass(frozen=True, slots=True)
class Root:
    """What is given with an offline root besides its folder, which is its target's address."""

    owners: Path | None = None
    sshd_version: str | None = None


@dataclass(frozen=True, slots=True)
class OfflineCollector:
    """Collects offline roots one by one."""

    scan: str
    exchange: Exchange
    roots: dict[str, Root] = field(default_factory=dict)  # by the name of the host
    deadlines: Deadlines = field(default_factory=Deadlines)
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_nonce: Callable[[], str] = script.new_nonce

    async def collect(self, target: Target) -> Collected:
        """Collect one root. An InputError says that the folder or its owners file cannot be read."""
        root = self.roots.get(target.host, Root())
        started_at, nonce = self.clock(), self.new_nonce()
        if not Path(target.address).is_dir():
            raise InputError(f"{target.address}: no such folder; --root takes the root folder of an unpacked image")
        owners = _read_owners(root.owners)
        stream, late = await self._run(target.address, root, nonce)
        known = root.sshd_version or await asyncio.to_thread(rpmdb.openssh_version, Path(target.address))
        problem = self.exchange.problem(stream, nonce)
        if len(stream) > self.limits.stdout_bytes:
            problem = f"the collector said more than {self.limits.stdout_bytes:,} bytes and was cut off"
        elif late and problem is not None:
            problem = f"collection did not end within {self.deadlines.collect_s:g} s; {problem}"
        evidence = Evidence(
            scan=self.scan,
            target=target,
            status=Status.PARTIAL if problem else Status.COMPLETE,
            stage="collect" if problem else "done",
            reason=problem or "",
            started_at=started_at,
            finished_at=self.clock(),
            nonce=nonce,
            offline=True,
            sshd_version=known,
            owners=owners,
            stream=stream[: self.limits.stdout_bytes],
            digest_key=self.exchange.digest_key,
        )
        return Collected(evidence)

    async def _run(self, folder: str, root: Root, nonce: str) -> tuple[bytes, bool]:
        """What the collector said, at most one byte over the limit, and whether the deadline ended it."""
        arguments = ["-R", folder]
        if root.owners is not None:
            arguments += ["-O", str(root.owners.absolute())]
        shell = await asyncio.create_subprocess_exec(
            "sh",
            "-s",
            "--",
            *arguments,
            nonce,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        assert shell.stdin is not None
        assert shell.stdout is not None
        stream = bytearray()
        late = False
        try:
            async with asyncio.timeout(self.deadlines.collect_s):
                shell.stdin.write(self.exchange.payload(nonce))
                shell.stdin.close()
                while len(stream) <= self.limits.stdout_bytes and (chunk := await shell.stdout.read(_CHUNK)):
                    stream += chunk
        except TimeoutError:
            late = True
        finally:
            if shell.returncode is None:
                # it leads a group of its own: whatever it started ends with it
                _kill_group(shell.pid)
                await shell.wait()
        return bytes(stream[: self.limits.stdout_bytes + 1]), late


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _read_owners(path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        if path.stat().st_size > _LARGEST_OWNERS_FILE:
            raise InputError(
                f"{path}: larger than {_LARGEST_OWNERS_FILE >> 20} MB; expected an mtree file or tar listing"
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot read the list of owners: {error.strerror}") from error

"""What a host says when a command is run on it: the collector's real output, a canned answer, or a fault."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator

import asyncssh

from hygiene.collect import script
from hygiene.testing.hosts import Fault, SshHost

_KEY_LINE = re.compile(rb": K[A-Za-z0-9]+\n(hyg_key=[0-9a-f]{32}\n)")
_NONCE = re.compile(rb"\b[A-Za-z0-9]{16,64}\b")
_LONGEST_SCRIPT = 1 << 20
_CHUNK = 1 << 16
_STALE_NONCE = "0" * 32

# What each of these says: standard output, standard error, exit status
_SAYINGS = {
    Fault.WINDOWS: (
        b"",
        b"'sh' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
        1,
    ),
    Fault.APPLIANCE: (b"\r\n% Invalid input detected at '^' marker.\r\n", b"", 0),
    Fault.NO_SHELL: (b"This account is currently not available.\n", b"", 1),
    Fault.SUDO_DENIED: (b"", b"sudo: a password is required\n", 1),
    Fault.OTHER_COMMAND: (b"backup finished: 0 files\n", b"", 0),
}
_NOISE = b"Welcome to \x1b[31mweb\x1b[0m\r\n@HYG not ours\n 12:00:01 up 3 days\n" * 3


async def answer(host: SshHost, process: asyncssh.SSHServerProcess[bytes], running: asyncio.Semaphore) -> None:
    """Answer one command on one host, and exit."""
    try:
        if host.fault in _SAYINGS:
            out, err, status = _SAYINGS[host.fault]
            process.stdout.write(out)
            process.stderr.write(err)
            process.exit(status)
            return
        await _answer(host, process, running)
    except (ConnectionError, asyncssh.Error):
        pass  # the client has gone


async def _answer(host: SshHost, process: asyncssh.SSHServerProcess[bytes], running: asyncio.Semaphore) -> None:
    if host.fault is Fault.CLOSES_AT_COMMAND:
        process.channel.get_connection().abort()
        return
    while host.fault is Fault.ENDLESS:
        process.stdout.write(b" QUJD" * 1000 + b"\n")
        await process.stdout.drain()
    payload = await _read_all(process)
    nonce = _nonce((process.command or "").encode(), payload, host)
    if nonce is None:
        process.stderr.write(b"no nonce was sent\n")
        process.exit(2)
        return
    if host.fault is Fault.NOISE:
        process.stdout.write(_NOISE)
    sent = 0
    async for chunk in _output(host, payload, nonce, running):
        if host.fault in (Fault.CUT, Fault.HANGS_IN_STREAM) and sent + len(chunk) >= host.fault_at:
            process.stdout.write(chunk[: host.fault_at - sent])
            await process.stdout.drain()
            if host.fault is Fault.CUT:
                process.channel.get_connection().close()
            await process.wait_closed()
            return
        if host.fault is Fault.TRICKLES:
            await _trickle(process, chunk)
        process.stdout.write(chunk)
        sent += len(chunk)
        await process.stdout.drain()
    if host.fault is Fault.LINGERS:
        await process.wait_closed()
        return
    process.exit(0)


async def _trickle(process: asyncssh.SSHServerProcess[bytes], data: bytes) -> None:
    for position in range(len(data)):
        process.stdout.write(data[position : position + 1])
        await process.stdout.drain()
        await asyncio.sleep(0.05)


async def _read_all(process: asyncssh.SSHServerProcess[bytes]) -> bytes:
    """What the client sends, until it ends its input."""
    parts = []
    room = _LONGEST_SCRIPT
    while room > 0 and (part := await process.stdin.read(min(room, _CHUNK))):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _nonce(command: bytes, payload: bytes, host: SshHost) -> str | None:
    """The nonce: an installed collector reads it from the first line, else it is the command's last such word."""
    if host.fault is Fault.WRONG_NONCE:
        return _STALE_NONCE
    found = _NONCE.findall(payload.partition(b"\n")[0] if host.installed else command)
    return found[-1].decode() if found else None


async def _output(host: SshHost, payload: bytes, nonce: str, running: asyncio.Semaphore) -> AsyncIterator[bytes]:
    """The host's standard output, piece by piece."""
    if host.answer is not None:
        yield host.answer.replace(b"NONCE", nonce.encode())
        return
    text = payload
    if host.installed:
        # on its standard input it would read these lines itself; here it comes there with a root to look at
        key_line = _KEY_LINE.match(payload) if host.collector is None else None
        text = (key_line[1] if key_line else b"") + (host.collector.read_bytes() if host.collector else script.text())
    arguments = ["-R", str(host.root)]
    if host.owners is not None:
        arguments += ["-O", str(host.owners)]
    async with running:
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
        try:
            shell.stdin.write(text)
            shell.stdin.close()
            while chunk := await shell.stdout.read(_CHUNK):
                yield chunk
            await shell.wait()
        finally:
            if shell.returncode is None:
                # it leads a group of its own: whatever it started ends with it, and holds no pipe any more
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGKILL)
                await shell.wait()

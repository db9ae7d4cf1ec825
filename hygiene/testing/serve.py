"""The process that serves hosts for testing: `python -m hygiene.testing.serve`, started by `hosts.serving`.

One line of JSON on standard input says what to serve, one on standard output at which port. It ends when
its standard input does: with the test, or with the process that started it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys

from hygiene.testing.hosts import read_order
from hygiene.testing.server import Servers


async def _serve() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    hosts, seed, port = await loop.run_in_executor(None, read_order, (await _first_line(reader)).decode())
    async with Servers(hosts, seed, port) as servers:
        sys.stdout.write(json.dumps({"port": servers.port}) + "\n")
        sys.stdout.flush()
        while await reader.read(1 << 16):
            pass


async def _first_line(reader: asyncio.StreamReader) -> bytes:
    """A line of any length."""
    parts = []
    while part := await reader.read(1 << 16):
        parts.append(part)
        if part.endswith(b"\n"):
            break
    return b"".join(parts)


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_serve())


if __name__ == "__main__":
    main()

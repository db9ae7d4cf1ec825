"""How the test run and the keeper talk: pickled objects over a socket pair, with descriptors beside them.

Both ends are this package in processes of the same run, so pickle carries nothing foreign.
"""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Sequence
from typing import Any

_HEADER = struct.Struct("!I")
MAX_DESCRIPTORS = 3


def send(channel: socket.socket, message: Any, descriptors: Sequence[int] = ()) -> None:
    data = pickle.dumps(message)
    if descriptors:
        socket.send_fds(channel, [_HEADER.pack(len(data))], descriptors)
    else:
        channel.sendall(_HEADER.pack(len(data)))
    channel.sendall(data)


def receive(channel: socket.socket) -> tuple[Any, list[int]]:
    """The next object and its descriptors; EOFError when the other side is gone."""
    header, descriptors, _, _ = socket.recv_fds(channel, _HEADER.size, MAX_DESCRIPTORS)
    header += _exactly(channel, _HEADER.size - len(header)) if header else b""
    if not header:
        raise EOFError
    return pickle.loads(_exactly(channel, *_HEADER.unpack(header))), descriptors


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)

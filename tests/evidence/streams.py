"""Streams as the collector makes them, put together by hand or taken from a real run."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from hygiene.collect import script
from hygiene.evidence.cksum import cksum

NONCE = "0123456789abcdef"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAX5BwFLQOMiA6FjUt7NfSU0aB6xYZMRsnaHh2uCthk+"
HEAD = f"@HYG1 {NONCE} v=1 t=1767323045 uid=0 mode=offline enc=b64 root=/\n".encode()

# of all places where something may break: some in every run, all when asked for
STEPS = pytest.mark.parametrize(
    "step", [pytest.param(7, id="some"), pytest.param(1, id="all", marks=pytest.mark.prove)]
)


def text(data: bytes) -> bytes:
    """A frame of text items."""
    return b"@T\n" + lines(data) + b"@E\n"


def batch(kind: str, files: dict[bytes, bytes]) -> bytes:
    """A frame of files as they are."""
    index = b"".join(b"%d %d .%s\n" % (cksum(data), len(data), path) for path, data in files.items())
    return b"@B " + kind.encode() + b"\n" + lines(index + b"\n" + b"".join(files.values())) + b"@E\n"


def lines(data: bytes) -> bytes:
    return b"".join(b" " + line + b"\n" for line in base64.encodebytes(data).split())


def whole(*parts: bytes, head: bytes = HEAD, nonce: str = NONCE) -> bytes:
    """A complete stream of these parts."""
    body = head + b"".join(parts)
    frames = sum(part.startswith((b"@T", b"@B", b"@K")) for part in parts)
    tail = f"@SUM {cksum(body)} {len(body)}\n@END {nonce} {frames} {body.count(10)} {len(body)}\n"
    return body + tail.encode()


def real(root: Path) -> bytes:
    """What the collector says of a small root, from its first line on."""
    for name, content in {
        "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "root/.ssh/authorized_keys": f"{KEY} ops\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    command = ["dash", "-s", "--", "-R", str(root), NONCE]
    answer = subprocess.run(command, input=script.text(), capture_output=True, check=True, timeout=60).stdout
    return answer[answer.index(b"@HYG1") :]

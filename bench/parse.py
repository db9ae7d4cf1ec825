"""What reading key files costs beside `ssh-keygen -lf`: lines per second of CPU time.

    python bench/parse.py [KEYS]

Each key stands on two lines with different options and comments, and each line in ten files of 50 lines. The second
row reads each of these files five times, as on a fleet whose hosts were made from one image. The files lie in memory,
as evidence does, each with bytes of its own. ssh-keygen gets lines of the same mixture in one file, so that its start
costs nothing; it reads a line again and again at one rate, and judges no options. Each rate is the best of five rounds.
"""

from __future__ import annotations

import base64
import gc
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncssh
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tabulate import tabulate

from hygiene.openssh import authorized_keys
from hygiene.openssh.authorized_keys import parse
from hygiene.openssh.keys import encode
from hygiene.openssh.version import Version

VERSION = Version(9, 2)
COPIES, REPEATS, LINES_OF_A_FILE = 10, 5, 50
PEER_LINES = 5_000
ROUNDS = 5
CHANCE = random.Random(4)
OPTIONS = (
    "",
    'from="10.{a}.0.0/16" ',
    'restrict,command="/usr/local/bin/backup --host h{n}" ',
    'no-pty,no-port-forwarding,from="192.168.{a}.{b}" ',
)


def main() -> None:
    keygen = shutil.which("ssh-keygen")
    lines = distinct_lines(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)
    copies = lines * COPIES
    CHANCE.shuffle(copies)
    with tempfile.TemporaryDirectory() as folder:
        files = [text(copies[at : at + LINES_OF_A_FILE]) for at in range(0, len(copies), LINES_OF_A_FILE)]
        again = [bytes(memoryview(data)) for data in files * REPEATS]
        CHANCE.shuffle(again)
        once = text(lines)
        readers: dict[str, Callable[[], int]] = {
            "hygiene, distinct lines": lambda: read([once]),
            f"hygiene, {COPIES} copies of each line": lambda: read(files),
            f"hygiene, and {REPEATS} of each file": lambda: read(again),
        }
        if keygen is None:
            print("ssh-keygen is not installed: there is nothing to compare with")
        else:
            peer = Path(folder) / "keys"
            peer.write_bytes(text(copies[:PEER_LINES]))
            readers["ssh-keygen -lf"] = lambda: listed(keygen, peer)
        gc.freeze()  # the lines that are read are no garbage to look through
        rounds = [[measure(work) for work in readers.values()] for _ in range(ROUNDS)]
    rows = [(name, *max(results)) for name, results in zip(readers, zip(*rounds, strict=True), strict=True)]
    slowest = rows[-1][1]
    print(
        tabulate(
            [[name, count, rate, 1e6 / rate, rate / slowest] for name, rate, count in rows],
            headers=["reader", "lines", "lines/s of CPU", "us/line", "ratio"],
            floatfmt=("", ",", ",.0f", ".2f", ".1f"),
        )
    )


def distinct_lines(count: int) -> list[bytes]:
    """Two lines for each of so many keys."""
    lines = []
    for number in range(count):
        kind, blob = key(number)
        body = kind + b" " + base64.b64encode(blob)
        lines.append(body + b" user%d@host%d" % (number % 997, number))
        options = CHANCE.choice(OPTIONS).format(a=number % 256, b=number // 256 % 256, n=number)
        lines.append(options.encode() + body + b" other%d" % number)
    return lines


def key(number: int) -> tuple[bytes, bytes]:
    """A public key by the mixture that fleets have: the halves that nobody needs here were never made."""
    kind = number % 50
    if kind < 20:
        bits = (2048, 2048, 3072, 4096)[number % 4]
        return b"ssh-rsa", encode(b"ssh-rsa", 65537, CHANCE.getrandbits(bits) | 1 << bits - 1 | 1)
    if kind < 37:
        return b"ssh-ed25519", encode(b"ssh-ed25519", CHANCE.randbytes(32))
    if kind < 42:
        curve = (ec.SECP256R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())[number % 4]
        point = ec.generate_private_key(curve).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        name = b"nistp%d" % curve.key_size
        return b"ecdsa-sha2-" + name, encode(b"ecdsa-sha2-" + name, name, point)
    if kind < 45:
        return SK, encode(SK, CHANCE.randbytes(32), b"ssh:")
    if kind < 46:
        numbers = (CHANCE.getrandbits(bits) | 1 << bits - 1 for bits in (1024, 160, 1024, 1023))
        return b"ssh-dss", encode(b"ssh-dss", *numbers)
    if kind < 49:
        return b"ssh-ed25519", encode(b"ssh-ed25519", CHANCE.randbytes(32))
    signed = AUTHORITY.generate_user_certificate(asyncssh.generate_private_key("ssh-ed25519"), f"id{number}")
    return b"ssh-ed25519-cert-v01@openssh.com", signed.public_data


SK = b"sk-ssh-ed25519@openssh.com"
AUTHORITY = asyncssh.generate_private_key("ssh-ed25519")


def text(lines: list[bytes]) -> bytes:
    return b"\n".join(lines) + b"\n"


def read(files: list[bytes]) -> int:
    return sum(sum(1 for _ in parse(data, VERSION)) for data in files)


def listed(keygen: str, path: Path) -> int:
    done = subprocess.run([keygen, "-lf", path], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout.count(b"\n")


def measure(work: Callable[[], int]) -> tuple[float, int]:
    """Lines in a second of CPU time, from a start where nothing is remembered, and how many there were."""
    authorized_keys.forget()
    gc.collect()
    before = cpu_s()
    count = work()
    return count / (cpu_s() - before), count


def cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()

"""What looking up breached passwords costs beside pwnedpasswords-offline: CPU time for each look-up.

    python bench/breach.py [LINES]

A made-up list of real SHA-1 digests, sorted, 5,000,000 lines by default; 40,000 look-ups in random order, half of them
in the list. Each way gets the same ones, one after the other, in rounds, after one that brings the file into memory;
each number is the median of five. The peer is installed into a folder of its own when it is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tabulate import tabulate

from hygiene.passwords.breach import Breaches, open_breaches, open_text
from hygiene.passwords.breach.build import build

PEER_VERSION = "pwnedpasswords-offline==1.2.0"
FOLDER = Path(tempfile.gettempdir()) / f"hygiene-bench-breach-{os.getuid()}-{sys.version_info[0]}{sys.version_info[1]}"
ROUNDS = 5
LOOK_UPS = 40_000
# the peer runs in a process of its own, with nothing of ours in it
PEER = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from pwnedpasswords_offline import PwnedPasswordsOfflineChecker
checker = PwnedPasswordsOfflineChecker(sys.argv[2])
checker.open()
for line in sys.stdin:
    digests = json.loads(line)
    before = time.process_time()
    found = [checker.lookup_hash(digest) for digest in digests]
    print(json.dumps([time.process_time() - before, [int(bool(one)) for one in found]]), flush=True)
"""
Way = Callable[[list[bytes]], tuple[float, list[int]]]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    install()
    with tempfile.TemporaryDirectory() as folder:
        path, index = Path(folder) / "list.txt", Path(folder) / "list.index"
        make(path, count)
        with open_text(path) as text:
            before = time.process_time()
            build(text, index)
            built_s = time.process_time() - before
        look_ups(path, index, count)
        print(f"\nindex: {count / built_s:,.0f} lines/s of CPU, {index.stat().st_size / count:.2f} bytes a line")


def digest_of(number: int) -> bytes:
    return hashlib.sha1(b"made up %d" % number).digest()


def make(path: Path, count: int) -> None:
    """Part after part by the first digit, so that little is in memory at once."""
    parts: list[list[bytes]] = [[] for _ in range(256)]
    for number in range(count):
        digest = digest_of(number)
        parts[digest[0]].append(digest)
    with path.open("w", encoding="ascii", newline="") as out:
        for part in parts:
            part.sort()
            out.writelines(f"{digest.hex().upper()}:{digest[-1] % 97 + 1}\n" for digest in part)
            part.clear()


def install() -> None:
    if not any(FOLDER.glob("pwnedpasswords_offline*")):
        print("installing the peer:", PEER_VERSION, file=sys.stderr)
        uv = subprocess.run(["uv", "--version"], capture_output=True).returncode == 0
        pip = ["uv", "pip"] if uv else [sys.executable, "-m", "pip"]
        subprocess.run([*pip, "install", "--quiet", "--target", FOLDER, PEER_VERSION], check=True)


def ours(breaches: Breaches) -> Way:
    def look_up(digests: list[bytes]) -> tuple[float, list[int]]:
        before = time.process_time()
        found = list(breaches.count(digests))
        return time.process_time() - before, [int(bool(one)) for one in found]

    return look_up


class Peer:
    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", PEER, FOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, digests: list[bytes]) -> tuple[float, list[int]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([digest.hex() for digest in digests]) + "\n")
        self._process.stdin.flush()
        seconds, found = json.loads(self._process.stdout.readline())
        return seconds, found

    def end(self) -> None:
        self._process.communicate()


def look_ups(path: Path, index: Path, count: int) -> None:
    rng = random.Random(6)
    digests = [digest_of(number) for number in rng.sample(range(count), LOOK_UPS // 2)]
    digests += [digest_of(count + number) for number in range(LOOK_UPS // 2)]
    rng.shuffle(digests)
    known = {digest_of(number) for number in random.Random(6).sample(range(count), LOOK_UPS // 2)}
    expected = [int(digest in known) for digest in digests]
    peer = Peer(path)
    with open_breaches(path) as text, open_breaches(index) as alone, open_breaches(index, path) as both:
        ways: dict[str, Way] = {
            "pwnedpasswords-offline 1.2.0, text": peer,
            "hygiene, text": ours(text),
            "hygiene, index": ours(alone),
            "hygiene, index, hits counted in the text": ours(both),
        }
        rounds = [[way(digests) for way in ways.values()] for _ in range(ROUNDS + 1)][1:]
    peer.end()
    rows = []
    for name, measured in zip(ways, zip(*rounds, strict=True), strict=True):
        ratios = [each[0][0] / one[0] for one, each in zip(measured, rounds, strict=True)]
        wrong = sum(one != other for _, found in measured for one, other in zip(found, expected, strict=True))
        each = 1e6 * median(seconds for seconds, _ in measured) / LOOK_UPS
        rows.append((name, each, median(ratios), f"{min(ratios):.1f} to {max(ratios):.1f}", wrong))
    print(f"{count:,} lines, {LOOK_UPS:,} look-ups, half of them hits, medians of {ROUNDS} rounds")
    headers = ["way", "CPU us each", "times the peer", "in the rounds", f"wrong of {ROUNDS * LOOK_UPS:,}"]
    print(tabulate(rows, headers=headers, floatfmt=("", ".2f", ".1f")))


if __name__ == "__main__":
    main()

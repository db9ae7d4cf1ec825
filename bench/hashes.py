"""Passwords of a list tried on hashes that were handed in: are the opened accounts found, and what does a guess cost?

    python bench/hashes.py

First planted files of hashes: of each scheme some accounts are opened by entries of a list, some behind a lock, the
rest by none; precision and recall are of pairs of entry and account. Then guesses a second by scheme, a guess being
one password on one hash, beside a plain loop that calls crypt_r(3) of the same library for each of them, in the same
run by turns: medians of the rounds in CPU time, and in the last column by the clock of the wall, with a thread for
each core.
"""

from __future__ import annotations

import ctypes
import random
import string
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from passwords.hashes_made import PREFIXES, made

from hygiene.passwords.against import Against
from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.hashes.matching import match
from hygiene.passwords.hashes.own import OPENS
from hygiene.passwords.lists import score_lists

TURNS = range(3)
HASHES = 4  # of each scheme, each with a salt of its own where the scheme has one
ROUND_S = 0.25  # of the plain loop
DEAR = ("scrypt", "sunmd5")  # a guess takes a fifth of a second
ENTRIES = 100
HOSTS = 5
BUDGET_S = 600.0


def main() -> None:
    rng = random.Random(6)
    found(rng)
    speed(rng)


def word(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits + "äöü€!", k=rng.randint(9, 16)))


def found(rng: random.Random) -> None:
    """Plant opened accounts on some hosts, and count what comes back."""
    passwords = [word(rng) for _ in range(ENTRIES)]
    rows_of: dict[str, list[int]] = {}
    for row, password in enumerate(passwords, 2):
        rows_of.setdefault(password, []).append(row)
    schemes = sorted({*PREFIXES, *OPENS} - {*DEAR})
    planted: set[tuple[int, str, str]] = set()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "made-up.csv"
        table.write_text("user;password\n" + "".join(f"u{n % 50};{one}\n" for n, one in enumerate(passwords)))
        files = []
        for number in range(HOSTS):
            lines = []
            for scheme in schemes:
                for kind in ("opened", "locked", "closed"):
                    password = word(rng) if kind == "closed" else rng.choice(passwords)
                    account = f"{scheme}-{kind}"
                    lines.append(f"{account}:{'!' * (kind == 'locked')}{made(scheme, password)}:19000:0:99999:7:::\n")
                    if kind != "closed":
                        planted.update((row, f"host{number}", account) for row in rows_of[password])
            path = Path(folder) / f"shadow{number}"
            path.write_text("".join(lines))
            files.append(HashFile(path, f"host{number}"))
        begun = time.monotonic()
        audit = score_lists([table], against=Against(match_budget_s=BUDGET_S), hashes=files)
        took_s = time.monotonic() - begun
    ties = {(tie.row, tie.host, tie.account) for tie in audit.ties or ()}
    untried = sum(row.tried == "unknown" for row in audit.hashes)
    print(f"{len(audit.hashes):,} hashes of {len(schemes)} schemes, {ENTRIES:,} entries; {took_s:.0f} s with scoring")
    print(f"planted ties {len(planted):,}, found {len(ties):,}, hashes left untried {untried}")
    print(f"precision {ratio(ties & planted, ties)}, recall {ratio(ties & planted, planted)}", end="\n\n")


def ratio(some: set[tuple[int, str, str]], of: set[tuple[int, str, str]]) -> str:
    return f"{len(some) / len(of):.4f}" if of else "none"


def plain_loop() -> Callable[[list[bytes], list[str]], int]:
    """The library as it stands in libcrypt's manual: one call for each password and hash."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
    library.crypt_r.restype = ctypes.c_char_p
    buffer = ctypes.create_string_buffer(256 << 10)

    def run(candidates: list[bytes], hashes: list[str]) -> int:
        texts = [text.encode() for text in hashes]
        return sum(library.crypt_r(one, text, buffer) == text for text in texts for one in candidates)

    return run


def speed(rng: random.Random) -> None:
    loop = plain_loop()
    rows = []
    for scheme in PREFIXES:
        hashes = [made(scheme, word(rng)) for _ in range(HASHES)]
        guess_s = max(1e-6, cost_s(loop, [b"how long"] * 4, hashes[:1])[0] / 4)
        count = max(4, int(ROUND_S / guess_s / HASHES))
        candidates = [word(rng).encode() for _ in range(count)]
        rounds = [(*cost_s(loop, candidates, hashes), *cost_s(match, candidates, hashes, BUDGET_S)) for _ in TURNS]
        peer, peer_wall, ours, ours_wall = map(median, zip(*rounds, strict=True))
        guesses = count * HASHES
        rows.append((scheme, guesses, guesses / peer, guesses / ours, peer / ours, peer_wall / ours_wall))
    for scheme in sorted(OPENS.keys() - PREFIXES.keys()):
        hashes = [made(scheme, word(rng)) for _ in range(HASHES)]
        candidates = [word(rng).encode() for _ in range(100)]
        ours = median(cost_s(match, candidates, hashes, BUDGET_S)[0] for _ in TURNS)
        rows.append((scheme, 100 * HASHES, None, 100 * HASHES / ours, None, None))
    print(
        f"{HASHES} hashes of each scheme, at the least cost that crypt(3) takes; a loop where libcrypt has the scheme"
    )
    headers = ["scheme", "guesses", "plain loop, /s of CPU", "hygiene, /s of CPU", "times", "times by the wall"]
    print(tabulate(rows, headers=headers, floatfmt=("", ",", ",.0f", ",.0f", ".1f", ".1f")), end="\n\n")


def cost_s(work: Callable[..., object], *arguments: object) -> tuple[float, float]:
    """CPU time of all threads, and time by the clock of the wall."""
    begun = time.process_time(), time.perf_counter()
    work(*arguments)
    return time.process_time() - begun[0], time.perf_counter() - begun[1]


if __name__ == "__main__":
    main()

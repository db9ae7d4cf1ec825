"""What scoring passwords costs beside zxcvbn of the Python package index and zxcvbn-rs-py: CPU time for each password.

    python bench/passwords.py [PASSWORDS]

Varied distinct passwords of at most 72 characters, 10,000 by default, in rounds: every scorer gets the same ones, one
after the other, and each number is the median of five rounds. What hygiene's score adds (the overlay, the pipes to
its processes, reading a list) has rows of its own. Then the longest that one password may take, of kinds that cost
zxcvbn seconds; then how many typical German passwords look fine with zxcvbn alone and with the overlay. The peers are
installed into a folder of their own when they are not there.
"""

from __future__ import annotations

import json
import os
import random
import resource
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from passwords.samples import KINDS, L33T_SIGNS, of_kind, typical_german, varied

from hygiene.passwords.against import Against
from hygiene.passwords.lists import score_lists
from hygiene.passwords.score.batch import score_all
from hygiene.passwords.score.judgement import Knowledge
from hygiene.passwords.score.overlay import Judge
from hygiene.passwords.score.reference import zxcvbn_score

PEERS = ("zxcvbn==4.5.0", "zxcvbn-rs-py==0.3.0")
FOLDER = Path(tempfile.gettempdir()) / f"hygiene-bench-peers-{os.getuid()}-{sys.version_info[0]}{sys.version_info[1]}"
ROUNDS = 5
LONGEST = 72
KNOWN = Knowledge(2026)
# the peers run in a process of their own, with nothing of ours in it
PEER = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
if sys.argv[2] == "rs":
    from zxcvbn_rs_py import zxcvbn
else:
    from zxcvbn import zxcvbn
for line in sys.stdin:
    passwords = json.loads(line)
    before = time.process_time()
    for password in passwords:
        zxcvbn(password)
    print(time.process_time() - before, flush=True)
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    # zxcvbn-rs-py takes no lone surrogates
    passwords = [one for one in varied(41, count + 200, LONGEST) if one.isascii() or one == clean(one)][:count]
    install()
    speed(passwords)
    worst()
    german()


def clean(password: str) -> str:
    return password.encode("utf-8", "ignore").decode()


def install() -> None:
    if not all(any(FOLDER.glob(f"{name}*")) for name in ("zxcvbn-", "zxcvbn_rs_py-")):
        print("installing the peers:", *PEERS, file=sys.stderr)
        pip = ["uv", "pip"] if subprocess.run(["uv", "--version"], capture_output=True).returncode == 0 else PIP
        subprocess.run([*pip, "install", "--quiet", "--target", FOLDER, *PEERS], check=True)


PIP = [sys.executable, "-m", "pip"]


class Peer:
    def __init__(self, which: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", PEER, FOLDER, which], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, passwords: list[str]) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(passwords) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def ours(score: Callable[[str], object]) -> Callable[[list[str]], float]:
    def seconds(passwords: list[str]) -> float:
        before = time.process_time()
        for password in passwords:
            score(password)
        return time.process_time() - before

    return seconds


def of_all_processes(work: Callable[[list[str]], object]) -> Callable[[list[str]], float]:
    """CPU time of this process and of those it starts, their start included."""

    def seconds(passwords: list[str]) -> float:
        before = cpu_s()
        work(passwords)
        return cpu_s() - before

    return seconds


def cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def from_a_list(passwords: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up.csv"
        with path.open("w", encoding="utf-8", errors="surrogatepass") as out:
            out.write("user\tpassword\n")
            out.writelines(f"user{at}\t{password}\n" for at, password in enumerate(passwords) if writable(password))
        score_lists([path], against=Against(knowledge=KNOWN))


def writable(password: str) -> bool:
    return password.isprintable() and '"' not in password and password == clean(password)


def speed(passwords: list[str]) -> None:
    peers = {"zxcvbn 4.5.0": Peer("python"), "zxcvbn-rs-py 0.3.0": Peer("rs")}
    scorers: dict[str, Callable[[list[str]], float]] = {
        "hygiene, zxcvbn_score": ours(zxcvbn_score),
        **peers,
        "hygiene, with the overlay": ours(Judge(KNOWN).judge),
        "hygiene, over all cores": of_all_processes(lambda some: list(score_all(some, KNOWN))),
        "hygiene, from a list": of_all_processes(from_a_list),
    }
    rounds = [[seconds(passwords) for seconds in scorers.values()] for _ in range(ROUNDS)]
    for peer in peers.values():
        peer.end()
    rows = []
    for name, times in zip(scorers, zip(*rounds, strict=True), strict=True):
        ratios = [time / each[0] for time, each in zip(times, rounds, strict=True)]
        each = median(times) / len(passwords)
        rows.append((name, 1e6 * each, 1 / each, median(ratios), f"{min(ratios):.1f} to {max(ratios):.1f}"))
    print(f"{len(passwords):,} varied passwords of at most {LONGEST} characters, medians of {ROUNDS} rounds")
    headers = ["scorer", "CPU us each", "each s of CPU", "times zxcvbn_score", "in the rounds"]
    print(tabulate(rows, headers=headers, floatfmt=("", ",.0f", ",.0f", ".1f")), end="\n\n")


def hostile() -> Iterator[tuple[str, str]]:
    rng = random.Random(42)
    signs = L33T_SIGNS
    yield "every l33t sign, 32 characters", (signs * 2)[:32]
    yield "every l33t sign, 250 characters", (signs * 13)[:250]
    yield "l33t signs at random", "".join(rng.choices(signs, k=250))
    yield "l33t signs, then zeros", signs + "0" * 230
    yield "l33t signs in a run", "a" * 110 + signs + "a" * 120
    yield "a letter of another length in lower case", ("İ" + signs) * 11 + "0" * 19
    yield "signs and letters that stand for each other", ("1!|7+ilt" * 32)[:250]
    yield "the same at random", "".join(rng.choices("1!|7+ilt", k=250))
    yield "the same, and letters of another length", ("İ1!|7+il t" * 25)[:250]
    yield "digits at random", "".join(rng.choices(string.digits, k=250))
    yield "one character", "a" * 250
    yield "two by turns", "ab" * 125
    yield "no repeat at all", squarefree(250)
    yield "keys in a row", ("qwertyuiop[poiuytrew" * 13)[:250]
    yield "dates", ("1.1.2011" * 32)[:250]
    yield "words", ("theandofinis" * 30)[:250]
    yield "all printable at random", "".join(rng.choices(string.printable[:94], k=250))


def squarefree(length: int) -> str:
    text = "a"
    while len(text) < length:
        text = text.translate(str.maketrans({"a": "abc", "b": "ac", "c": "b"}))
    return text[:length]


def worst() -> None:
    judge = Judge(KNOWN)
    words = tuple(f"word{number}" for number in range(24))
    rows = []
    for name, password in hostile():
        with_words = ours(lambda text: judge.judge(text, words))
        measured = [(ours(zxcvbn_score)([password]), with_words([password])) for _ in range(ROUNDS)]
        rows.append((name, len(password), *(1e3 * median(times) for times in zip(*measured, strict=True))))
    headers = ["password", "characters", "zxcvbn_score, ms", "score with 24 words, ms"]
    print(tabulate(rows, headers=headers, floatfmt=("", "", ".1f", ".1f")), end="\n\n")


def german() -> None:
    judge = Judge(KNOWN)
    rng = random.Random(43)
    kinds = ("random, letters and digits", "random, printable", "English, mutated", "German, mutated")
    samples = {"German, typical": [typical_german(rng) for _ in range(5_000)]}
    samples |= {kind: of_kind(kind, 44, 5_000) for kind in kinds if kind in KINDS}
    rows = []
    for name, passwords in samples.items():
        judged = [judge.judge(password) for password in passwords]
        scores = [one.zxcvbn_score for one in judged], [one.score for one in judged]
        fine = [sum(score >= 3 for score in some) / len(some) for some in scores]
        rows.append((name, *fine, sum(scores[0]) / len(judged), sum(scores[1]) / len(judged)))
    headers = ["passwords", "3 or more: zxcvbn", "with the overlay", "mean: zxcvbn", "with the overlay"]
    print(tabulate(rows, headers=headers, floatfmt=("", ".1%", ".1%", ".2f", ".2f")))


if __name__ == "__main__":
    main()

"""Scores of 100,000 passwords beside the two programs that define them; a program itself:

    PYTHONPATH=tests python -m passwords.agreement [--table] [--count N] [--jobs N]

asks zxcvbn of the Python package index and, with node, that of npm, in processes of their own (half an hour of CPU
time); shows each score that another one gives, and with `--table` the table of docs/passwords.md. The exit status is 1
if a score or a number of guesses differs for no reason that is known, and 2 where one of them cannot be had.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from hygiene.passwords.score.l33t import SIGNS
from hygiene.passwords.score.reference import CAP, guesses, score_of
from passwords.samples import of_every_length, with_kinds

SEED, COUNT = 100, 100_000
_LONGEST_OF_A_KIND = 80  # the package takes a second and more for a longer random one; every length is there besides
EVERY_LENGTH = "every length from 1 to 250"
NPM_PACKAGE = "zxcvbn@4.4.2"
_CHUNK = 200
_LOG10_OF_CAP = math.log10(CAP)

# the package's own limit of 72 characters is lifted
PYTHON = """
import json, sys
from zxcvbn import zxcvbn
for line in sys.stdin:
    found = [zxcvbn(password, max_length=250) for password in json.loads(line)]
    print(json.dumps([[float(one["guesses_log10"]), one["score"]] for one in found]), flush=True)
"""
# it takes the clock's year for the present, the Python package always 2017
NODE = """
Date.prototype.getFullYear = () => 2017;
const zxcvbn = require(process.argv[1]);
require('readline').createInterface({input: process.stdin}).on('line', line => {
  const found = JSON.parse(line).map(password => zxcvbn(password));
  console.log(JSON.stringify(found.map(one => [one.guesses_log10, one.score])));
});
"""
# With many l33t signs npm's takes hours: it tells sets of substitutions apart by the order in which it made them, and
# makes all orders. Told apart by what is in them, the same ones remain.
_BY_ORDER, _BY_CONTENT = "results.push([k, v]);", "results.push([k, 0]);"
_FEW_SIGNS = 6
# there are up to 736 such sets, and each costs the square of the length
_LONGEST_WITH_MANY_SIGNS = 40
_INHERITED = ("constructor", "__proto__")

TWO_UNITS = "a character beyond U+FFFF counts as two; ours is the same with two in its place"
DIGITS = "digits of other scripts stand in dates of the Python package; ours is the same with signs in their place"
INHERITED = "each object of JavaScript has a `constructor`, so its word lists seem to hold that word"

Answer = tuple[float, int]  # log10 of the guesses, and the score
Answers = Mapping[str, Answer]


class NotThereError(Exception):
    """A program to compare with cannot be had."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A password that another program judges otherwise. Its repr shows the password: they are made up."""

    password: str
    mine: Answer
    other: Answer
    reason: str | None  # None: none that is known

    @property
    def of_score(self) -> bool:
        return self.mine[1] != self.other[1]


def sample(count: int = COUNT) -> dict[str, str]:
    """Distinct passwords with the names of their kinds."""
    made = dict.fromkeys(of_every_length(SEED), EVERY_LENGTH)
    for password, kind in with_kinds(SEED, count, _LONGEST_OF_A_KIND).items():
        if len(made) == count:
            break
        made.setdefault(password, kind)
    return dict(islice(made.items(), count))


def ours(passwords: Sequence[str]) -> dict[str, Answer]:
    found = ((password, guesses(password)) for password in passwords)
    return {password: (math.log10(number), score_of(number)) for password, number in found}


class _Oracle:
    """A process that is asked by lines of JSON."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, passwords: Sequence[str]) -> list[Answer]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(passwords) + "\n")
        self._process.stdin.flush()
        return [(log10, score) for log10, score in json.loads(self._process.stdout.readline())]


def ask(
    command: Sequence[str | Path], passwords: Sequence[str], jobs: int, told: Callable[[int], None] = lambda _: None
) -> dict[str, Answer]:
    """What a program answers, asked in so many processes at a time."""
    answers: dict[str, Answer] = {}
    with ExitStack() as stack:
        oracles = [stack.enter_context(_Oracle(command)) for _ in range(jobs)]
        threads = stack.enter_context(ThreadPoolExecutor(jobs))
        chunks = [passwords[at : at + _CHUNK] for at in range(0, len(passwords), _CHUNK)]

        def work(oracle: _Oracle) -> None:
            while chunks:
                try:
                    chunk = chunks.pop()
                except IndexError:
                    return
                answers.update(zip(chunk, oracle.ask(chunk), strict=True))
                told(len(answers))

        for future in [threads.submit(work, oracle) for oracle in oracles]:
            future.result()
    return answers


def ask_pypi(passwords: Sequence[str], jobs: int = 1, told: Callable[[int], None] = lambda _: None) -> Answers:
    return ask([sys.executable, "-c", PYTHON], passwords, jobs, told)


def install_npm(folder: Path) -> tuple[Path, Path]:
    """The package as it is, and one that tells sets of substitutions apart by content. NotThereError without npm."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotThereError("node and npm are not there; install them (Debian: apt install nodejs npm)")
    command = ["npm", "install", "--silent", "--prefix", str(folder), NPM_PACKAGE]
    installed = subprocess.run(command, capture_output=True, text=True)
    if installed.returncode:
        raise NotThereError(f"npm cannot install {NPM_PACKAGE}: {installed.stderr or installed.stdout}")
    package = folder / "node_modules" / "zxcvbn"
    changed = folder / "by-content" / "zxcvbn"
    shutil.copytree(package, changed)
    source = (changed / "lib" / "matching.js").read_text()
    assert source.count(_BY_ORDER) == 1
    (changed / "lib" / "matching.js").write_text(source.replace(_BY_ORDER, _BY_CONTENT))
    return package, changed


def ask_npm(
    packages: tuple[Path, Path], passwords: Sequence[str], jobs: int = 1, told: Callable[[int], None] = lambda _: None
) -> Answers:
    """Its answers; none for long passwords with many l33t signs."""
    plain, changed = packages
    many = [one for one in passwords if len(SIGNS.intersection(one)) > _FEW_SIGNS]
    few = [one for one in passwords if len(SIGNS.intersection(one)) <= _FEW_SIGNS]
    short = [one for one in many if len(one) <= _LONGEST_WITH_MANY_SIGNS]
    answers = ask(["node", "-e", NODE, plain], few, jobs, told)
    return answers | ask(["node", "-e", NODE, changed], short, jobs, lambda done: told(len(answers) + done))


def differences(mine: Answers, other: Answers, why: Callable[[str, Answer], str | None]) -> Iterator[Difference]:
    """Those with another score, or another number of guesses below 10^12."""
    for password, answer in other.items():
        if not _alike(mine[password], answer):
            yield Difference(password, mine[password], answer, why(password, answer))


def _alike(mine: Answer, other: Answer) -> bool:
    enough = mine[0] >= _LOG10_OF_CAP and other[0] > _LOG10_OF_CAP - 1e-9
    return mine[1] == other[1] and (enough or abs(mine[0] - other[0]) < 1e-9)


def why_npm(password: str, answer: Answer) -> str | None:
    """Why npm's answer is another one, where that can be shown."""
    halves = password.encode("utf-16-le", "surrogatepass")
    units = "".join(chr(int.from_bytes(halves[at : at + 2], "little")) for at in range(0, len(halves), 2))
    if units != password and _alike(ours([units])[units], answer):
        return TWO_UNITS
    signs = "".join("\ue000" if one.isdecimal() and not one.isascii() else one for one in password)
    if signs != password and _alike(ours([signs])[signs], answer):
        return DIGITS
    if any(word in password.lower() for word in _INHERITED):
        return INHERITED
    return None


@dataclass(frozen=True, slots=True)
class Compared:
    """One program's answers beside ours."""

    name: str
    asked: Sequence[str]
    found: Sequence[Difference]


def table(kinds: Mapping[str, str], compared: Sequence[Compared]) -> str:
    """In Markdown: how many of each kind were asked and differ; then each reason."""
    heads = "".join(f" {one.name}: asked | other guesses | other scores |" for one in compared)
    lines = [f"| kind | passwords |{heads}", "|---|" + "---|" * (1 + 3 * len(compared))]
    for name in (*sorted({*kinds.values()}), None):
        cells = [f"{sum(name in (None, kind) for kind in kinds.values()):,}"]
        for one in compared:
            asked = sum(name in (None, kinds[password]) for password in one.asked)
            found = [each for each in one.found if name in (None, kinds[each.password])]
            cells += [f"{asked:,}", _share(len(found), asked), _share(sum(each.of_score for each in found), asked)]
        lines.append(f"| {name or 'all'} | " + " | ".join(cells) + " |")
    reasons = Counter((one.name, each.reason or "unknown", each.of_score) for one in compared for each in one.found)
    if reasons:
        lines += ["", "| program | reason | other guesses | other scores |", "|---|---|---|---|"]
        for program, reason in sorted({(program, reason) for program, reason, _ in reasons}):
            scores = reasons[program, reason, True]
            lines.append(f"| {program} | {reason} | {scores + reasons[program, reason, False]:,} | {scores:,} |")
    return "".join(f"{line}\n" for line in lines)


def _share(found: int, asked: int) -> str:
    return f"{found:,} ({found / asked:.2%})" if found else "0"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m passwords.agreement")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    kinds = sample(asked.count)
    passwords = list(kinds)
    mine = ours(passwords)
    with tempfile.TemporaryDirectory() as folder:
        try:
            packages = install_npm(Path(folder))
        except NotThereError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        npm = ask_npm(packages, passwords, asked.jobs, _teller("npm", len(passwords)))
    pypi = ask_pypi(passwords, asked.jobs, _teller("PyPI", len(passwords)))
    compared = [
        Compared("PyPI", [*pypi], [*differences(mine, pypi, lambda *_: None)]),
        Compared("npm", [*npm], [*differences(mine, npm, why_npm)]),
    ]
    unknown = [(one.name, each) for one in compared for each in one.found if each.reason is None]
    if asked.table:
        sys.stdout.write(table(kinds, compared))
    sys.stderr.writelines(
        f"{one.name}: {each.password!a}: {each.other}, ours {each.mine}: {each.reason}\n"
        for one in compared
        for each in one.found
        if not asked.table or each.reason is None
    )
    return 1 if unknown else 0


def _teller(name: str, count: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % (25 * _CHUNK) == 0:
            sys.stderr.write(f"{name}: {done:,} of {count:,}\n")

    return tell


if __name__ == "__main__":
    sys.exit(main())

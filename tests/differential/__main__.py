"""Program: make the table of agreement.

    PYTHONPATH=tests python -m differential [VERSION...] [--only WORD...]

Asks the daemons of all releases, or of those that are named, as root. The table goes to standard output, every case
that disagrees to standard error; with `--only`, the cases whose id holds one of the words are shown whole instead. The
exit status is 1 if a case disagrees.
"""

from __future__ import annotations

import argparse
import sys

from lab.releases import RELEASES
from lab.tree import ensure_tree

from . import suite
from .agreement import Result, run
from .table import table, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m differential")
    parser.add_argument("versions", nargs="*", choices=[*RELEASES, []], default=[])
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD")
    asked = parser.parse_args()
    versions = asked.versions or list(RELEASES)
    results: list[Result] = []
    for version in versions:
        results += run(ensure_tree(RELEASES[version]), version, suite.only(version, asked.only), suite.ways(version))
        sys.stderr.write(f"{version}: {len(results):,} answers\n")
    disagreements = list(wrong(results))
    if asked.only:
        sys.stdout.writelines(f"{result}\n" for result in results)
    else:
        sys.stdout.write(table(results, {version: RELEASES[version].release for version in versions}))
        sys.stderr.writelines(f"\n{text}\n" for text in disagreements)
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())

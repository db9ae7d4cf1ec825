"""Program: try all configurations, and make the table of agreement.

    PYTHONPATH=tests python -m second_factor [--only WORD...] [--table]

Stands up a host for each configuration, as root. Shows what disagrees, and with `--only` each configuration whose id
holds one of the words, whole; with `--table` the table of docs/factors.md. The exit status is 1 if one disagrees.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from . import suite
from .agreement import run
from .table import table, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m second_factor")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD")
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    results = run(suite.only(asked.only))
    disagreements = list(wrong(results))
    if asked.table:
        sys.stdout.write(table(results))
    elif asked.only:
        sys.stdout.writelines(f"{result}\n" for result in results)
    sys.stderr.writelines(f"\n{text}\n" for text in disagreements)
    counted = Counter(str(result.word) for result in results)
    sys.stderr.write(
        f"{len(results):,} answers: {', '.join(f'{word} {counted[word]:,}' for word in sorted(counted))}\n"
    )
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())

"""Program: make the table of agreement.

    PYTHONPATH=tests python -m differential [VERSION...]

Asks the daemons of all releases, or of those that are named; as root. The table goes to standard output, every case
that disagrees to standard error, and the exit status is 1 if there is one.
"""

from __future__ import annotations

import sys

from lab.releases import RELEASES
from lab.tree import ensure_tree

from . import suite
from .agreement import run
from .table import table, wrong


def main() -> int:
    versions = sys.argv[1:] or list(RELEASES)
    results = []
    for version in versions:
        results += run(ensure_tree(RELEASES[version]), version, suite.everything())
        sys.stderr.write(f"{version}: {len(results):,} answers\n")
    sys.stdout.write(table(results, {version: RELEASES[version].release for version in versions}))
    disagreements = list(wrong(results))
    sys.stderr.writelines(f"\n{text}\n" for text in disagreements)
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())

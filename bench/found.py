"""Precision and recall of what is found in a list of 50,000 rows, as a user finds it: by the command and its export.

    python bench/found.py [ROWS]

Planted: equal passwords, sets of similar ones, breached ones, vendors' defaults, and accounts whose hashes a password
of the list opens, each beside what only looks like it. Equal and similar ones are counted by pairs of rows, opened
accounts by row, host and account. Ends with an error when any figure is below 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from passwords.planted import Planted, pairs, plant

BUDGET_S = 900  # of a busy machine too
_ENDS = (0, 3, 10)  # clean, gaps, findings


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory() as folder:
        planted = plant(Path(folder), 49, rows)
        database = Path(folder) / "hygiene.duckdb"
        found = search(database, planted)
        gaps = [gap["reason"] for gap in export(database, "gaps")]
    table = []
    for name, truth, told in found:
        hits = len(set(truth) & set(told))
        table.append((name, len(truth), len(told), hits / max(1, len(told)), hits / max(1, len(truth))))
    print(f"{rows:,} rows")
    print(
        tabulate(table, headers=["", "planted", "found", "precision", "recall"], floatfmt=("", ",", ",", ".4f", ".4f"))
    )
    print(*(f"a gap of the run: {reason}" for reason in gaps), sep="\n", end="\n\n")
    wrong = [name for name, truth, told, *shares in table if not truth or min(shares) < 1]
    if wrong:
        print(f"not found exactly: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def search(database: Path, planted: Planted) -> list[tuple[str, Collection[Any], Collection[Any]]]:
    """What was planted, and what the command tells of it."""
    command = ["passwords", str(planted.list), "--breached", str(planted.breached)]
    for host, path in planted.hashes.items():
        command += ["--hashes", f"{host}={path}"]
    command += ["--match", "--match-budget", str(BUDGET_S), "--format", "json", "--quiet"]
    report = json.loads(hygiene(database, *command))
    entries = list(export(database, "password_entries"))
    groups, clusters = defaultdict(list), defaultdict(list)
    for entry in entries:
        groups[entry["group_id"]].append(entry["row"])
        clusters[entry["similar_id"]].append(entry["row"])
    opened = {
        (tie["row"], tie["host"], tie["account"])
        for tie in export(database, "entry_accounts")
        if tie["tie"] == "hash" and tie["list"] == planted.list.name
    }
    checks = {finding["check"] for finding in report["findings"]}
    expected = {"password-reused", "password-similar", "password-breached", "password-default"}
    return [
        ("equal, pairs", planted.equal, pairs(rows for number, rows in groups.items() if number is not None)),
        ("similar, pairs", planted.similar, pairs(rows for number, rows in clusters.items() if number is not None)),
        ("breached", planted.known, {entry["row"] for entry in entries if "breached" in entry["reasons"]}),
        ("vendors' defaults", planted.delivered, {entry["row"] for entry in entries if "default" in entry["reasons"]}),
        ("opened accounts", planted.opened, opened),
        ("checks that report", expected, checks & expected),
    ]


def export(database: Path, table: str) -> Iterator[dict[str, Any]]:
    return map(json.loads, hygiene(database, "export", table, "--format", "jsonl").splitlines())


def hygiene(database: Path, *command: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "hygiene", *command, "--db", str(database)], capture_output=True, text=True
    )
    if ran.returncode not in _ENDS:
        raise SystemExit(f"hygiene {command[0]} ended with {ran.returncode}: {ran.stderr}")
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main())

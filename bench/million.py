"""A large list from file to report: `hygiene passwords FILE` with a million rows, 440,000 of them distinct passwords.

    python bench/million.py [ROWS]

The list is made from a seed, of 20,000 users on 5,000 systems of 80 customers. The command runs as a person runs it;
its CPU time and that of its scoring processes are told apart and added, and the largest memory of each process is
looked up while they run (pages that the processes share are in each of them). Beside it the obvious way: one process
that calls zxcvbn for each distinct password and does nothing else, measured on a sample and multiplied.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from passwords.samples import varied

DISTINCT = 0.44  # of the rows of a large list
USERS, SYSTEMS, TENANTS = 20_000, 5_000, 80
LONGEST = 72  # zxcvbn refuses longer ones
SAMPLE = 2_000
BETWEEN_LOOKS_S = 0.2
SMALL_BYTES = 16 * 2**20  # less: a program that looks a library up, no process that scores
LOOP = """
import json, sys, time
from zxcvbn import zxcvbn
passwords = json.load(sys.stdin)
zxcvbn("warm")
before = time.process_time()
for password in passwords:
    zxcvbn(password)
print(time.process_time() - before)
"""


class Run(NamedTuple):
    wall_s: float
    cpu_s: float  # of the command and all that it started
    scoring_s: float  # of these its scoring processes
    peaks: list[int]  # bytes, the command first, then its scoring processes


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    passwords = writable(max(1, int(rows * DISTINCT)))
    with tempfile.TemporaryDirectory(prefix="hygiene-bench-") as folder:
        path = Path(folder) / "made-up.csv"
        write(path, rows, passwords)
        print(f"{rows:,} rows, {len(passwords):,} distinct passwords, {path.stat().st_size / 2**20:,.0f} MiB of CSV")
        ran = run(path)
    loop_s = zxcvbn_alone(random.Random(9).sample(passwords, min(SAMPLE, len(passwords)))) * len(passwords)
    table = [
        ("hygiene, from file to report", ran.wall_s, ran.cpu_s, rows / ran.wall_s, loop_s / ran.wall_s),
        (f"zxcvbn in a loop, scores alone: {SAMPLE:,} x {len(passwords) / SAMPLE:,.0f}", loop_s, loop_s, rows / loop_s),
    ]
    headers = ["", "wall s", "CPU s", "rows/s", "times faster"]
    print(tabulate(table, headers=headers, floatfmt=("", ",.1f", ",.1f", ",.0f", ".0f")))
    command, *others = (f"{peak / 2**20:,.0f}" for peak in ran.peaks if peak > SMALL_BYTES)
    print(f"CPU time: the command itself {ran.cpu_s - ran.scoring_s:,.1f} s, what it started {ran.scoring_s:,.1f} s")
    print(f"peak memory: {command} MiB, its scoring processes {' and '.join(others)} MiB", end="\n\n")


def writable(count: int) -> list[str]:
    """Distinct passwords that any table can hold."""
    made = varied(7, count + count // 5 + 100, LONGEST)
    return [password for password in made if password.isprintable() and password.strip()][:count]


def write(path: Path, rows: int, passwords: list[str]) -> None:
    """Each password once; of the other rows half have few that are used everywhere, half any other."""
    rng = random.Random(8)
    last = len(passwords) - 1
    order = [*range(len(passwords))]
    for _ in range(rows - len(passwords)):
        often = rng.random() < 0.5
        order.append(min(last, int(rng.paretovariate(0.6)) - 1) if often else rng.randrange(len(passwords)))
    rng.shuffle(order)
    with path.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(("System", "Benutzer", "Passwort", "Mandant"))
        table.writerows(
            (f"srv{at % SYSTEMS}.example.org", f"user{at % USERS}", passwords[which], f"Kasse {at % TENANTS}")
            for at, which in enumerate(order)
        )


def run(path: Path) -> Run:
    command = [sys.executable, "-m", "hygiene", "passwords", str(path), "--db", str(path.with_suffix(".duckdb"))]
    with path.with_suffix(".txt").open("wb") as report:
        started = time.monotonic()
        process = subprocess.Popen([*command, "--exit-zero", "--quiet"], stdout=report, cwd=path.parent)
        peaks: dict[int, int] = {process.pid: 0}
        while True:
            for one in family(process.pid):
                peaks[one] = max(peaks.get(one, 0), peak_bytes(one))
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            time.sleep(BETWEEN_LOOKS_S)
        wall_s = time.monotonic() - started
    own_s = own_cpu_s(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    # so that it is not waited for once more
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Run(wall_s, cpu_s, cpu_s - own_s, [*peaks.values()])


def family(process: int) -> list[int]:
    """The process and all that it started, by whatever way."""
    found = [process]
    for parent in found:
        try:
            tasks = Path(f"/proc/{parent}/task").iterdir()
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue  # it has ended
    return found


def peak_bytes(process: int) -> int:
    """proc_pid_status(5): VmHWM is the largest resident set so far."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def own_cpu_s(process: int) -> float:
    """Of a process that nobody waited for yet; proc_pid_stat(5): fields 14 and 15, in ticks."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def zxcvbn_alone(passwords: list[str]) -> float:
    """Seconds of CPU for each."""
    ended = subprocess.run(
        [sys.executable, "-I", "-c", LOOP], input=json.dumps(passwords), capture_output=True, text=True, check=True
    )
    return float(ended.stdout) / len(passwords)


if __name__ == "__main__":
    main()

"""Similar passwords: how many of the planted sets are found, what is found besides, time and memory.

Entries are made from a seed, so the figures of what is found are the same on each machine; time is CPU time. Pairs of
entries are counted: a planted one that is found is a hit, a found one that was not planted is wrong.

    python bench/similar.py [ROWS]       by default 1,000,000 rows with 440,000 distinct passwords
"""

from __future__ import annotations

import os
import random
import string
import sys
import time
import tracemalloc
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat
from pathlib import Path

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from passwords.samples import varied
from passwords.similars import entries

from hygiene.passwords.similar.clusters import Clusters, Similar
from hygiene.passwords.similar.owners import Owners
from hygiene.passwords.similar.skeletons import Change

DISTINCT = 0.44  # of the rows of a large list
USERS, SYSTEMS, TENANTS = 20_000, 5_000, 80
Names = tuple[str | None, str | None, str | None]
KINDS = {
    "letters and digits": string.ascii_letters + string.digits,
    "printable": string.ascii_letters + string.digits + string.punctuation,
    "small letters and digits": string.ascii_lowercase + string.digits,
}


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    found(41, sets=2_000, strangers=20_000)
    false(max(1, rows * 3 // 10))
    cost(rows)


def similar(passwords: Sequence[str], names: Iterable[Names] = ()) -> Similar:
    """What is told of entries; `names`: account, system and tenant of each."""
    slots = {password: slot for slot, password in enumerate(dict.fromkeys(passwords))}
    clusters = Clusters(os.urandom(32))
    for password, slot in slots.items():
        clusters.learn(slot, password)
    columns = zip(*(names or repeat((None, None, None), len(passwords))), strict=True)
    return clusters.finish(Owners(array("I", map(slots.__getitem__, passwords)), *columns))


def pairs(groups: Counter[object]) -> int:
    return sum(size * (size - 1) // 2 for size in groups.values())


def found(seed: int, sets: int, strangers: int) -> None:
    made = entries(seed, sets, strangers)
    told = similar([one.password for one in made], [(one.account, one.system, one.tenant) for one in made])
    planted: Counter[object] = Counter(one.planted for one in made if one.planted is not None)
    numbers: Counter[object] = Counter()
    both: Counter[object] = Counter()
    ways: Counter[str] = Counter()
    for at, one in enumerate(made):
        number = told.number(at)
        if number is not None:
            numbers[number] += 1
            if one.planted is not None:
                both[number, one.planted] += 1
    for number in range(1, len(told) + 1):
        ways.update(way.name or "" for way in Change if way in told.changes(number))
    hits = pairs(both)
    print(f"{len(made):,} entries, {sets:,} planted sets; {len(told):,} found")
    print(f"recall {hits / pairs(planted):.4f}, precision {hits / max(1, pairs(numbers)):.4f}, by pairs")
    print(
        "sets that differ in " + ", ".join(f"{way.lower()} {count:,}" for way, count in sorted(ways.items())),
        end="\n\n",
    )


def false(count: int) -> None:
    rows = []
    for name, alphabet in KINDS.items():
        for length in (8, 10, 12):
            rng = random.Random(length)
            passwords = list(dict.fromkeys("".join(rng.choices(alphabet, k=length)) for _ in range(count)))
            roots = (("root", f"s{at}", f"t{at}") for at in range(len(passwords)))
            rows.append((name, length, len(similar(passwords)), len(similar(passwords, roots))))
    print(f"{count:,} random passwords each")
    headers = ["of", "characters", "false sets", "as root of as many customers"]
    print(tabulate(rows, headers=headers), end="\n\n")


def cost(rows: int) -> None:
    distinct = list(dict.fromkeys(varied(7, int(rows * DISTINCT), 40)))
    rng = random.Random(8)
    passwords = [*distinct, *rng.choices(distinct, k=max(0, rows - len(distinct)))]
    rng.shuffle(passwords)
    names = [(f"user{at % USERS}", f"system{at % SYSTEMS}", f"tenant{at % TENANTS}") for at in range(len(passwords))]
    before = time.process_time()
    told = similar(passwords, names)
    taken = time.process_time() - before
    tracemalloc.start()
    similar(passwords, names)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{len(passwords):,} rows, {len(distinct):,} distinct: {len(told):,} sets")
    print(f"{taken:.1f} s; peak {peak / 2**20:,.0f} MiB, traced, with a copy of the rows")


if __name__ == "__main__":
    main()

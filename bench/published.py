"""How much the published fields of an entry tell of its password, in bits.

    python bench/published.py [PASSWORDS]

Distinct passwords of 22 kinds, 87,000 by default, are scored from a list as a run does it, with users and systems of
which some passwords are made, vendors' defaults, some used again, and a list of breached ones. Of each field: its
entropy over the distinct passwords, what it adds to length band and score, in how large a crowd a password stands on
average, and the share that it singles out. Ends with an error when band and score tell more than 3.5 bits.
"""

from __future__ import annotations

import csv
import hashlib
import math
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from pathlib import Path

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hygiene_checks.password_short import PasswordShort
from hygiene_checks.password_weak import PasswordWeak
from passwords.samples import with_kinds

from hygiene.api import Check, PasswordEntry
from hygiene.passwords.against import Against
from hygiene.passwords.breach import open_breaches
from hygiene.passwords.defaults.pairs import vendor_defaults
from hygiene.passwords.lists import score_lists
from hygiene.passwords.score.judgement import Knowledge
from hygiene.store.store import Store

MOST_BITS = 3.5
Field = Callable[[PasswordEntry], Hashable]
FIELDS: dict[str, Field] = {
    "zxcvbn_score": lambda entry: entry.zxcvbn_score,
    "score": lambda entry: entry.score,
    "length_band": lambda entry: entry.length_band,
    "band and score": lambda entry: (entry.length_band, entry.score),
    "band and zxcvbn_score": lambda entry: (entry.length_band, entry.zxcvbn_score),
}
_WORD = re.compile(r"[A-Za-z]{4,}")


def _has(reason: str) -> Field:
    return lambda entry: reason in entry.reasons


ADDED: dict[str, Field] = {
    "zxcvbn_score": lambda entry: entry.zxcvbn_score,
    **{f"reason {one}": _has(one) for one in ("short", "common", "pattern", "context", "default")},
    **{f"reason {one}": _has(one) for one in ("reused", "similar", "breached")},
    "common and pattern": lambda entry: ("common" in entry.reasons, "pattern" in entry.reasons),
    "all reasons": lambda entry: entry.reasons,
    "group_size": lambda entry: entry.group_size,
    "similar_size": lambda entry: entry.similar_size,
    "similar_by": lambda entry: entry.similar_by,
    "all of these": lambda entry: (
        *(entry.zxcvbn_score, entry.reasons, entry.group_size),
        *(entry.similar_size, entry.similar_by, entry.breached),
    ),
}


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 87_000
    # no text file holds half a character: it would be read as another encoding
    kinds = {one: kind for one, kind in with_kinds(47, count + 1_000, 140).items() if "\ud800" not in one}
    kinds = dict(islice(kinds.items(), count))
    with tempfile.TemporaryDirectory() as folder:
        entries = scored(Path(folder), kinds)
    print(f"{count:,} distinct passwords: {math.log2(count):.1f} bits if each were told")
    report = in_report(entries)
    rows = [("in the report: band and score", *told(report))]
    rows += [(name, *told(list(map(field, entries)))) for name, field in FIELDS.items()]
    headers = ["published", "bits", "crowd on average", "singled out"]
    print(tabulate(rows, headers=headers, floatfmt=("", ".2f", ",.0f", ".2%")), end="\n\n")
    beside = [added(name, field, entries) for name, field in ADDED.items()]
    headers = ["beside band and score", "of passwords", "bits more", "bits together", "crowd on average", "singled out"]
    print(tabulate(beside, headers=headers, floatfmt=("", ".1%", ".2f", ".2f", ",.0f", ".2%")))
    bits, _, _ = told(report)
    if bits > MOST_BITS:
        print(
            f"length band and score in the report tell {bits:.2f} bits; at most {MOST_BITS} are allowed",
            file=sys.stderr,
        )
        return 1
    return 0


def scored(folder: Path, kinds: dict[str, str]) -> Sequence[PasswordEntry]:
    """The first entry of each distinct password, from a list with all that adds a reason."""
    rng = random.Random(48)
    passwords = list(kinds)
    first = [(*names(rng, password), password) for password in passwords]
    for at, (user, password) in zip(rng.sample(range(len(first)), 80), sorted(vendor_defaults().pairs), strict=False):
        if password not in kinds:
            first[at] = (user, "device", password)
    # a few by many, most by one
    again = [(f"again{at}", "s", first[int(len(first) * rng.random() ** 4)][2]) for at in range(len(first) // 4)]
    path, breached = folder / "list.csv", folder / "breached.txt"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("user", "system", "password"), *first, *again])
    known = {password for password, kind in kinds.items() if kind.startswith("common") or rng.random() < 0.1}
    digests = sorted(hashlib.sha1(one.encode()).hexdigest().upper() for one in known)
    breached.write_text("".join(f"{digest}:1\n" for digest in digests))
    with open_breaches(breached) as breaches:
        audit = score_lists([path], against=Against(Knowledge(2026), breaches=breaches))
    if len(audit.entries) < 0.98 * (len(first) + len(again)):
        raise SystemExit(f"only {len(audit.entries):,} of {len(first) + len(again):,} rows were read")
    return [entry for entry in audit.entries if entry.row <= len(first) + 1]


def in_report(entries: Sequence[PasswordEntry]) -> list[Hashable]:
    """What the places of the checks tell of each entry: its band, and its score; None: not there."""
    with Store.in_memory() as store:
        store.put(PasswordEntry, entries)
        fleet = store.fleet()

        def column(check: Check, name: str) -> dict[int, Hashable]:
            places = (finding.places for finding in check.run(fleet))
            rows = (row for one in places if one is not None for row in fleet.named(one.sql, one.parameters))
            return {row["row"]: row[name] for row in rows}

        bands, scores = column(PasswordShort(), "length_band"), column(PasswordWeak(), "score")
        return [(bands.get(entry.row), scores.get(entry.row)) for entry in entries]


def names(rng: random.Random, password: str) -> tuple[str, str]:
    """A user and a system; of one in twenty the user is a word of the password."""
    words = _WORD.findall(password)
    user = rng.choice(words).lower() if words and rng.random() < 0.05 else f"u{rng.randrange(10**6)}"
    return user, f"host{rng.randrange(5_000)}"


def told(values: Sequence[Hashable]) -> tuple[float, float, float]:
    """Entropy in bits, the expected size of the crowd with the same value, and the share that is alone."""
    counts = Counter(values).values()
    everybody = len(values)
    bits = -sum(one / everybody * math.log2(one / everybody) for one in counts)
    return bits, sum(one * one for one in counts) / everybody, sum(one == 1 for one in counts) / everybody


def added(
    name: str, field: Field, entries: Sequence[PasswordEntry]
) -> tuple[str, float | None, float, float, float, float]:
    base = FIELDS["band and score"]
    before, _, _ = told(list(map(base, entries)))
    bits, crowd, alone = told([(base(entry), field(entry)) for entry in entries])
    given = [field(entry) for entry in entries]
    share = sum(map(bool, given)) / len(given) if isinstance(given[0], bool) else None
    return name, share, bits - before, bits, crowd, alone


if __name__ == "__main__":
    sys.exit(main())

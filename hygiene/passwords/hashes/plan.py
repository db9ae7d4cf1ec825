"""What trying passwords on hashes would cost, and which hashes fit into a budget: settled before the first guess."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hygiene.model import HashState
from hygiene.passwords.hashes.crypt import Libcrypt
from hygiene.passwords.hashes.own import OPENS
from hygiene.passwords.hashes.schemes import Standing, classify, plain, unlocked

# a guess cannot be interrupted, and a hash of a host may ask for anything
_GUESS_MAX_S: Final = 10.0
_MEMORY_MAX_KIB: Final = 1 << 20
_MEASURED_MAX_S: Final = 1.0  # of one guess, by the table: those of more are not measured
_PROBE: Final = b"how long does it take"

# seconds for each unit of Standing.work, or for each guess where the scheme has no choice: libxcrypt 4.4 on one core
_SECONDS: Final[Mapping[str, float]] = {
    "des": 1e-5,
    "bsdi": 1.7e-7,
    "md5": 1.5e-4,
    "apr1": 1.5e-3,
    "sunmd5": 3.5e-5,
    "sha256crypt": 7e-7,
    "sha512crypt": 5.5e-7,
    "sm3crypt": 1e-6,
    "sha1crypt": 6e-7,
    "nt": 1e-4,
    "sha1": 2e-6,
    "salted-sha1": 2e-6,
    "plain-md5": 2e-6,
    "salted-md5": 2e-6,
    "yescrypt": 2e-6,
    "gost-yescrypt": 2e-6,
    "sm3-yescrypt": 2e-6,
    "scrypt": 4e-6,
    "argon2": 2e-7,
}
_BCRYPT_S: Final = 7.1e-5  # times two to the cost


class Untried(Enum):
    """Why it is not known whether an entry opens a hash."""

    NO_HASH = "no hash"
    UNKNOWN_SCHEME = "neither this system's libcrypt nor this program knows the scheme"
    TOO_COSTLY = "one guess takes too long or too much memory"
    OVER_BUDGET = "more than the budget"


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """Hashes that one guess tries at once, because they share scheme, cost and salt. Its repr shows no hash."""

    scheme: str
    texts: Mapping[str, tuple[int, ...]]  # the numbers of the hashes
    candidates: tuple[int, ...] | None  # None: all
    guesses: int
    guess_s: float

    @property
    def seconds(self) -> float:
        return self.guesses * self.guess_s

    def __repr__(self) -> str:
        return f"Group({self.scheme}, hashes={sum(map(len, self.texts.values()))}, guesses={self.guesses})"


@dataclass(frozen=True, slots=True)
class Plan:
    """`groups` fit into the budget, the cheapest first; times are of the wall clock, with all threads."""

    groups: tuple[Group, ...]
    untried: Mapping[int, Untried]
    planned_s: float
    whole_s: float  # what all that can be tried would take

    @property
    def estimate(self) -> str:
        """For a person: `27 guesses on 3 hashes, about 12 s; all would take about 4 h`."""
        hashes = sum(len(numbers) for group in self.groups for numbers in group.texts.values())
        guesses = sum(group.guesses for group in self.groups)
        text = f"{guesses:,} guesses on {hashes:,} hashes, about {duration(self.planned_s)}"
        over = Untried.OVER_BUDGET in self.untried.values()
        return f"{text}; all would take about {duration(self.whole_s)}" if over else text


def duration(seconds: float) -> str:
    """`1 s`, `12 min`, `4 h`, `3 days`, rounded up."""
    for size, name in ((1, "s"), (60, "min"), (3600, "h")):
        count = max(1, -int(-seconds // size))
        if count < (120 if name != "h" else 48):
            return f"{count:,} {name}"
    return f"{-int(-seconds // 86_400):,} days"


def plan(
    candidates: int,
    hashes: Sequence[str],
    budget_s: float,
    *,
    pairs: Mapping[int, Sequence[int]] | None = None,
    threads: int = 1,
    libcrypt: Libcrypt | None,
    clock: Callable[[], float] = time.monotonic,
) -> Plan:
    """What fits. `pairs`: the candidates' numbers for each hash's number; None: each with each. Takes a few guesses."""
    untried: dict[int, Untried] = {}
    shared: dict[tuple[str, str], dict[str, list[int]]] = {}
    standings: dict[tuple[str, str], Standing] = {}
    for number, field in enumerate(hashes):
        if pairs is not None and not pairs.get(number):
            continue  # nothing is asked of it
        standing = classify(field)
        if standing.state not in (HashState.SET, HashState.LOCKED_HASH) or standing.scheme is None:
            untried[number] = Untried.NO_HASH
            continue
        text = plain(unlocked(field))
        key = (standing.scheme, _setting(standing.scheme, text))
        standings[key] = standing
        shared.setdefault(key, {}).setdefault(text, []).append(number)
    groups: list[Group] = []
    measured: dict[tuple[str, str | None], float | Untried] = {}
    for key, texts in shared.items():
        standing = standings[key]
        cost = (key[0], standing.cost)
        if cost not in measured:
            measured[cost] = _guess_s(standing, next(iter(texts)), libcrypt, clock)
        guess_s = measured[cost]
        numbers = [number for some in texts.values() for number in some]
        if isinstance(guess_s, Untried):
            untried.update(dict.fromkeys(numbers, guess_s))
            continue
        chosen = None if pairs is None else tuple(sorted({one for number in numbers for one in pairs[number]}))
        guesses = candidates if chosen is None else len(chosen)
        frozen = {text: tuple(some) for text, some in texts.items()}
        groups.append(Group(key[0], frozen, chosen, guesses, guess_s))
    groups.sort(key=lambda group: (group.guess_s, group.seconds))
    planned: list[Group] = []
    planned_s = 0.0
    for group in groups:
        if planned_s + group.seconds / threads <= budget_s:
            planned.append(group)
            planned_s += group.seconds / threads
        else:
            untried.update((number, Untried.OVER_BUDGET) for numbers in group.texts.values() for number in numbers)
    whole_s = sum(group.seconds for group in groups) / threads
    return Plan(tuple(planned), dict(sorted(untried.items())), planned_s, whole_s)


def _setting(scheme: str, text: str) -> str:
    """What is equal for hashes that one guess tries at once."""
    match scheme:
        case "des":
            return text[:2]
        case "bsdi":
            return text[:9]
        case "bcrypt":
            return text[:29]
        case "nt" | "sha1" | "plain-md5":
            return ""
        case _ if scheme in OPENS:
            return text
    return text.rpartition("$")[0]


def _guess_s(standing: Standing, text: str, libcrypt: Libcrypt | None, clock: Callable[[], float]) -> float | Untried:
    """How long one guess takes, measured where that itself does not take long."""
    scheme = standing.scheme or ""
    if scheme == "bcrypt":
        told = _BCRYPT_S * 2 ** min(standing.work or 0, 99)
    elif scheme in _SECONDS and (standing.work is not None or standing.cost is None):
        told = _SECONDS[scheme] * (1 if standing.work is None else max(1, standing.work))
    else:
        return Untried.UNKNOWN_SCHEME
    if told > _GUESS_MAX_S or standing.memory_kib > _MEMORY_MAX_KIB:
        return Untried.TOO_COSTLY
    if told > _MEASURED_MAX_S:
        return told if scheme in OPENS or libcrypt is not None else Untried.UNKNOWN_SCHEME
    before = clock()
    if opens(libcrypt, scheme, text, _PROBE) is None:
        return Untried.UNKNOWN_SCHEME
    return max(clock() - before, 1e-6)


def opens(libcrypt: Libcrypt | None, scheme: str, text: str, password: bytes) -> bool | None:
    """Does this password open this hash? None: it cannot be told here."""
    made = made_by(libcrypt, text, password) if scheme not in OPENS else None
    if made is not None:
        return made == text
    return OPENS[scheme](password, text) if scheme in OPENS else None


def made_by(libcrypt: Libcrypt | None, text: str, password: bytes) -> str | None:
    """The hash of a password under the setting of another; None where libcrypt does not know it."""
    if libcrypt is None or not text.isascii():
        return None
    made = libcrypt.hash(password, text.encode("ascii"))
    return None if made is None else made.decode("latin-1")

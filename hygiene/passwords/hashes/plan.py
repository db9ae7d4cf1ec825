"""What trying passwords on hashes would cost, and which hashes fit into a budget: settled before the first guess."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from hygiene.counted import counted
from hygiene.passwords.hashes.crypt import Libcrypt
from hygiene.passwords.hashes.own import MAKES, OPENS, SHARED, canonical, method
from hygiene.passwords.hashes.schemes import Standing, classify, plain, unlocked

# a guess cannot be interrupted, and a hash of a host may ask for anything
_GUESS_MAX_S: Final = 10.0
_MEMORY_MAX_KIB: Final = 1 << 20
_MEASURED_TIMES: Final = 3
_QUICK_S: Final = 0.01
_MEASURED_MAX_S: Final = 1.0  # of one guess, by the table: those of more are not measured
_MEASURING_SHARE: Final = 0.25  # of the budget; costs that come after that are taken from the table
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
    "sha2": 2e-6,
    "salted-sha2": 2e-6,
    "salted-md5": 2e-6,
    "yescrypt": 2e-6,
    "gost-yescrypt": 2e-6,
    "sm3-yescrypt": 2e-6,
    "scrypt": 4e-6,
    "argon2": 2e-7,
    "mysql": 4e-6,
    "pbkdf2": 8e-7,
    "phpass": 5e-7,
    "drupal": 9e-7,
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
    guess_s: float
    memory_kib: int = 0  # of one guess

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(number for numbers in self.texts.values() for number in numbers)

    def __repr__(self) -> str:
        return f"Group({self.scheme}, hashes={len(self.numbers)})"


@dataclass(frozen=True, slots=True, repr=False)
class Work:
    """Candidates to be tried on a group: those of its accounts, or all others."""

    group: Group
    candidates: Sequence[int]
    without: frozenset[int] = frozenset()

    @property
    def guesses(self) -> int:
        return len(self.candidates) - len(self.without)

    @property
    def seconds(self) -> float:
        return self.guesses * self.group.guess_s

    def wall_s(self, threads: int) -> float:
        """By the clock of the wall: schemes that are written in Python run in one thread at a time."""
        alone = self.group.scheme in OPENS and self.group.scheme not in SHARED
        return self.seconds / (1 if alone else threads)

    def __repr__(self) -> str:
        return f"Work({self.group!r}, guesses={self.guesses})"


@dataclass(frozen=True, slots=True)
class Plan:
    """`works` fit into the budget; what is `beyond` is tried by turns as long as time is left.

    Candidates of a hash's own account come before all others, cheap hashes before dear ones. Times are of the wall
    clock, with all threads.
    """

    works: tuple[Work, ...]
    beyond: tuple[Work, ...]
    untried: Mapping[int, Untried]  # what cannot be tried, whatever the budget
    budget_s: float
    planned_s: float
    whole_s: float  # what all that can be tried would take

    @property
    def estimate(self) -> str:
        """For a person: `27 guesses on 3 hashes, about 12 s`."""
        works = (*self.works, *self.beyond)
        guesses = sum(work.guesses for work in works)
        hashes = sum(map(len, {id(work.group): work.group.numbers for work in works}.values()))
        text = f"{counted(guesses, 'guess', 'guesses')} on {counted(hashes, 'hash', 'hashes')}"
        if self.beyond:
            return f"{text} would take about {duration(self.whole_s)}; as many as {duration(self.budget_s)} allow"
        return f"{text}, about {duration(self.planned_s)}"


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
    first: Mapping[int, tuple[int, ...]] | None = None,
    threads: int = 1,
    libcrypt: Libcrypt | None,
    clock: Callable[[], float] = time.monotonic,
) -> Plan:
    """What fits. `first`: the candidates' numbers that come first, for each hash's number. Takes a few guesses.

    Hashes of which the same come first share one tuple of them, so that it is held once.
    """
    groups, untried = _groups(hashes, _MEASURING_SHARE * budget_s, libcrypt, clock)
    own = _Firsts(first or {})
    firsts, others = [], []
    for group in sorted(groups, key=lambda group: group.guess_s):
        chosen, without = own.of(group.numbers)
        firsts.append(Work(group, chosen))
        others.append(Work(group, range(candidates), without))
    works, beyond, planned_s = [], [], 0.0
    for work in (*firsts, *others):
        if not work.guesses:
            continue
        if planned_s + work.wall_s(threads) <= budget_s:
            works.append(work)
            planned_s += work.wall_s(threads)
        else:
            beyond.append(work)
    whole_s = planned_s + sum(work.wall_s(threads) for work in beyond)
    return Plan(tuple(works), tuple(beyond), dict(sorted(untried.items())), budget_s, planned_s, whole_s)


class _Firsts:
    """The candidates that come first, for several hashes together; equal sets of them are held once."""

    def __init__(self, first: Mapping[int, tuple[int, ...]]) -> None:
        self._first = first
        self._made: dict[frozenset[int], tuple[tuple[int, ...], frozenset[int]]] = {}

    def of(self, hashes: Iterable[int]) -> tuple[tuple[int, ...], frozenset[int]]:
        chosen = {id(some): some for number in hashes if (some := self._first.get(number))}
        key = frozenset(chosen)
        if key not in self._made:
            together = frozenset().union(*chosen.values())
            self._made[key] = (tuple(sorted(together)), together)
        return self._made[key]


def _groups(
    hashes: Sequence[str], measuring_max_s: float, libcrypt: Libcrypt | None, clock: Callable[[], float]
) -> tuple[list[Group], dict[int, Untried]]:
    untried: dict[int, Untried] = {}
    shared: dict[tuple[str, str], dict[str, list[int]]] = {}
    standings: dict[tuple[str, str], Standing] = {}
    for number, field in enumerate(hashes):
        standing = classify(field)
        if standing.scheme is None or not standing.is_hash:
            untried[number] = Untried.NO_HASH
            continue
        text = canonical(standing.scheme, plain(unlocked(field)))
        scheme = method(standing.scheme, text)
        key = (scheme, _setting(scheme, text))
        standings[key] = standing
        shared.setdefault(key, {}).setdefault(text, []).append(number)
    groups: list[Group] = []
    costs: dict[tuple[str, str | None], float | Untried] = {}
    measuring_s = 0.0
    told = {key: _told_s(standing) for key, standing in standings.items()}
    for key in sorted(shared, key=lambda key: _seconds(told[key])):
        texts = shared[key]
        cost = (key[0], standings[key].cost)
        guess_s = costs.get(cost, told[key])
        if cost not in costs and not isinstance(guess_s, Untried) and measuring_s + guess_s <= measuring_max_s:
            guess_s = _measured_s(guess_s, key[0], next(iter(texts)), libcrypt, clock)
            measuring_s += 0 if isinstance(guess_s, Untried) else guess_s
        if isinstance(guess_s, Untried):
            # of another that costs the same it may be known
            untried.update((number, guess_s) for numbers in texts.values() for number in numbers)
        else:
            costs[cost] = guess_s
            frozen = {text: tuple(some) for text, some in texts.items()}
            groups.append(Group(key[0], frozen, guess_s, standings[key].memory_kib))
    return groups, untried


def _setting(scheme: str, text: str) -> str:
    """What is equal for hashes that one guess tries at once."""
    match scheme:
        case "des":
            return text[:2]
        case "bsdi":
            return text[:9]
        case "bcrypt":
            return text[:29]
        case _ if scheme in MAKES:
            return ""
        case _ if scheme in OPENS:
            return text
    return text.rpartition("$")[0]


def _told_s(standing: Standing) -> float | Untried:
    """How long one guess takes, by the table."""
    scheme = standing.scheme or ""
    if scheme == "bcrypt":
        told = _BCRYPT_S * 2 ** min(standing.work or 0, 99)
    elif scheme in _SECONDS and (standing.work is not None or standing.cost is None):
        told = _SECONDS[scheme] * (1 if standing.work is None else max(1, standing.work))
    else:
        return Untried.UNKNOWN_SCHEME
    dear = told > _GUESS_MAX_S or standing.memory_kib > _MEMORY_MAX_KIB
    return Untried.TOO_COSTLY if dear else told


def _seconds(told: float | Untried) -> float:
    return 0.0 if isinstance(told, Untried) else told


def _measured_s(
    told: float, scheme: str, text: str, libcrypt: Libcrypt | None, clock: Callable[[], float]
) -> float | Untried:
    """How long one guess takes, measured where that itself does not take long."""
    if told > _MEASURED_MAX_S:
        return told if scheme in OPENS or libcrypt is not None else Untried.UNKNOWN_SCHEME
    fastest = _MEASURED_MAX_S
    # a quick one may have been held up by something else, and would then come after all dear ones
    for _ in range(_MEASURED_TIMES):
        before = clock()
        if opens(libcrypt, scheme, text, _PROBE) is None:
            return Untried.UNKNOWN_SCHEME
        took = clock() - before
        if took >= _QUICK_S:
            return took
        fastest = min(fastest, took)
    return max(fastest, 1e-6)


def opens(libcrypt: Libcrypt | None, scheme: str, text: str, password: bytes) -> bool | None:
    """Does this password open this hash, in its canonical form? None: it cannot be told here."""
    if scheme in OPENS:
        return OPENS[scheme](password, text)
    made = made_by(libcrypt, scheme, text, password)
    return None if made is None else made == text


def made_by(libcrypt: Libcrypt | None, scheme: str, text: str, password: bytes) -> str | None:
    """The hash of a password under the setting of another; None where it cannot be made here."""
    # libxcrypt's crypt-nthash.c widens bytes to UTF-16, which is right for ASCII alone
    if scheme in MAKES and not (scheme == "nt" and libcrypt is not None and password.isascii()):
        return MAKES[scheme](password)
    if libcrypt is None or not text.isascii():
        return None
    made = libcrypt.hash(password, text.encode("ascii"))
    if made is None and scheme in MAKES:
        return MAKES[scheme](password)
    return None if made is None else made.decode("latin-1")

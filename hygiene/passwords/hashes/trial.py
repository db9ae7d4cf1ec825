"""The passwords of a run's lists tried on the hashes that were handed in: which entries belong to which accounts."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from hygiene.counted import counted
from hygiene.errors import ListError
from hygiene.model import EntryAccount, EntryTie, Truth
from hygiene.passwords.hashes.listed import ListedHashes
from hygiene.passwords.hashes.matching import Matches, match
from hygiene.passwords.hashes.plan import Plan, Untried

# what is held in memory while lists are read; the rest is left out, and said
_CANDIDATES_MAX: Final = 1_000_000
_BYTES_MAX: Final = 64 << 20
_PASSWORD_BYTES_MAX: Final = 1024  # libxcrypt takes 511, and web servers hardly more
_TIES_MAX: Final = 1_000_000

_WHY: Final[Mapping[Untried, str]] = {
    Untried.OVER_BUDGET: "for lack of time (--match-budget)",
    Untried.UNKNOWN_SCHEME: "because their scheme cannot be tried here",
    Untried.TOO_COSTLY: "because one guess takes too long or too much memory",
}

Place = tuple[str, int, str | None]  # list, row, sheet


class Entries(Protocol):
    """What a trial asks of the entries; a slot is a distinct password."""

    def members(self, slot: int) -> int: ...
    def owners(self) -> Iterator[tuple[str | None, int]]: ...
    def places(self, slots: set[int]) -> dict[int, list[Place]]: ...


class Watcher(Protocol):
    """Is told how far a trial is; neither passwords nor hashes are among it."""

    def estimate(self, text: str) -> None: ...
    def guesses(self, done_s: float, whole_s: float) -> None: ...


class Candidates:
    """The distinct passwords of a run that are to be tried, in memory only. Its repr shows the number alone."""

    def __init__(self, limit: int = _CANDIDATES_MAX, bytes_limit: int = _BYTES_MAX) -> None:
        self.slots = array("I")
        self.passwords: list[bytes] = []
        self.left_out = 0
        self._limit = limit
        self._bytes_left = bytes_limit

    def add(self, slot: int, password: bytes) -> None:
        """Take a password that was not met before, in UTF-8; what is beyond the limits is counted.

        One with letters of Western Europe is tried in their older encoding too: a terminal or browser may have sent it.
        """
        forms = (password,) if password.isascii() else (password, *_latin1(password))
        size = sum(map(len, forms))
        if (
            len(password) > _PASSWORD_BYTES_MAX
            or size > self._bytes_left
            or len(self.passwords) + len(forms) > self._limit
        ):
            self.left_out += 1
            return
        self._bytes_left -= size
        self.slots.extend([slot] * len(forms))
        self.passwords.extend(forms)

    def __repr__(self) -> str:
        return f"Candidates({len(self.passwords):,})"


def _latin1(password: bytes) -> tuple[bytes, ...]:
    try:
        return (password.decode("utf-8", "surrogatepass").encode("latin-1"),)
    except UnicodeEncodeError:
        return ()


class Ties:
    """The rows of `entry_accounts` that come of opened hashes: made when they are looked at, since they may be many.

    Each opened account has a row for every entry with a password that opens it, as far as the limit goes.
    """

    def __init__(
        self,
        accounts: Mapping[tuple[str, str], set[int]],
        places: Mapping[int, Sequence[Place]],
        limit: int = _TIES_MAX,
    ) -> None:
        self._accounts = accounts
        self._places = places
        counts = [sum(len(places[slot]) for slot in slots) for slots in accounts.values()]
        self._each = None if sum(counts) <= limit else max(1, limit // len(counts))
        self.left_out = 0 if self._each is None else sum(max(0, count - self._each) for count in counts)

    def __iter__(self) -> Iterator[EntryAccount]:
        for (host, account), slots in sorted(self._accounts.items()):
            every = (place for slot in sorted(slots) for place in self._places[slot])
            # one row of a list may have several passwords
            for name, row, sheet in dict.fromkeys(islice(every, self._each)):
                yield EntryAccount(name, row, sheet, host, account, EntryTie.HASH)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. `unknown`: by list, then of the run as a whole (None), what was not tried, and why."""

    tried: Mapping[int, Truth]  # by the number of the hash; hashes that are not named are none
    ties: Iterable[EntryAccount]
    unknown: Mapping[str | None, tuple[str, ...]]


def try_all(
    candidates: Candidates, hashes: ListedHashes, entries: Entries, budget_s: float, watcher: Watcher | None = None
) -> Trial:
    """Try the passwords on the hashes: those of entries with the hash's account first, then the most frequent ones.

    ListError when there is nothing to try, or nothing to try it on.
    """
    if not hashes.rows:
        raise ListError("nothing to match: none of the files holds a hash; give one of hashes with --hashes FILE")
    if not candidates.slots:
        raise ListError("nothing to match: none of the lists holds a password; give a list of passwords besides")
    order = sorted(range(len(candidates.slots)), key=lambda at: -entries.members(candidates.slots[at]))
    slots = [candidates.slots[at] for at in order]

    def planned(plan: Plan) -> None:
        if watcher is not None:
            watcher.estimate(plan.estimate)

    matches = match(
        [candidates.passwords[at] for at in order],
        hashes.fields,
        budget_s,
        first=_first(slots, hashes, entries),
        planned=planned,
        progress=watcher.guesses if watcher is not None else lambda _done, _all: None,
    )
    opened: dict[int, set[int]] = {}
    for one in matches.opened:
        opened.setdefault(one.hash, set()).add(slots[one.candidate])
    ties, nameless = _ties(opened, hashes, entries)
    unknown = _unknown(matches, hashes)
    lost = (
        (candidates.left_out, "{} not tried on the hashes: no more than 1,000,000 of up to 1,024 bytes are"),
        (ties.left_out, "{} that open a hash are not tied to its account: no more than 1,000,000 ties are kept"),
        (
            nameless,
            "{} opened by a password of the lists without being of an account; no entry can be tied to an account",
        ),
    )
    nouns = (("distinct password", "distinct passwords"), ("entry", "entries"), ("hash is", "hashes are"))
    unknown[None] = tuple(
        text.format(counted(count, *noun)) for (count, text), noun in zip(lost, nouns, strict=True) if count
    )
    return Trial(_tried(matches, hashes, opened, complete=not candidates.left_out), ties, unknown)


def _first(slots: Sequence[int], hashes: ListedHashes, entries: Entries) -> dict[int, tuple[int, ...]]:
    """For each hash the candidates that stand beside its account in a list; one tuple for each account."""
    owned: dict[str, set[int]] = {row.account.casefold(): set() for row in hashes.rows if row.account}
    numbers: dict[int, list[int]] = {}
    for at, slot in enumerate(slots):
        numbers.setdefault(slot, []).append(at)
    for account, slot in entries.owners():
        if account and (own := owned.get(account.casefold())) is not None and slot in numbers:
            own.update(numbers[slot])
    chosen = {account: tuple(sorted(own)) for account, own in owned.items()}
    return {at: chosen[row.account.casefold()] for at, row in enumerate(hashes.rows) if row.account}


def _ties(opened: Mapping[int, set[int]], hashes: ListedHashes, entries: Entries) -> tuple[Ties, int]:
    """The ties, and how many opened hashes have no account."""
    accounts: dict[tuple[str, str], set[int]] = {}
    nameless = 0
    for number, slots in opened.items():
        row = hashes.rows[number]
        if row.account is None:
            nameless += 1
        else:
            # a file of which nobody said whose it is stands for a host of its name
            accounts.setdefault((row.host or row.list, row.account), set()).update(slots)
    return Ties(accounts, entries.places({slot for slots in accounts.values() for slot in slots})), nameless


def _tried(
    matches: Matches, hashes: ListedHashes, opened: Mapping[int, set[int]], *, complete: bool
) -> dict[int, Truth]:
    tried = {}
    for number in range(len(hashes.rows)):
        reason = matches.untried.get(number)
        if reason is Untried.NO_HASH:
            continue
        known = number in opened or (complete and reason is None)
        tried[number] = Truth.YES if known else Truth.UNKNOWN
    return tried


def _unknown(matches: Matches, hashes: ListedHashes) -> dict[str | None, tuple[str, ...]]:
    """For each list of hashes how many were not tried with all passwords, and why."""
    held: Counter[str] = Counter()
    untried: dict[str, Counter[Untried]] = {}
    for number, row in enumerate(hashes.rows):
        reason = matches.untried.get(number)
        if reason is not Untried.NO_HASH:
            held[row.list] += 1
            if reason is not None:
                untried.setdefault(row.list, Counter())[reason] += 1
    return {name: (_reason(held[name], counts),) for name, counts in untried.items()}


def _reason(held: int, counts: Mapping[Untried, int]) -> str:
    each = ", ".join(f"{counts[why]:,} {text}" for why, text in _WHY.items() if why in counts)
    whole = sum(counts.values())
    return f"{whole:,} of {counted(held, 'hash', 'hashes')} not tried with all passwords of the lists: {each}"

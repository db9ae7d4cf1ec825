"""The cheapest way to put a password together from matches and bare characters, in zxcvbn's measure.

`count` parts cost `count! * product + 10^(4 * (count - 1))` guesses. So four cost more than 10^12, where we stop, as
the highest score begins at 10^10; and the search is over one part, two or three, without zxcvbn's table of all
prefixes and lengths. What is kept of that table is one quirk: a pair that is no cheaper than one match over the same
prefix is forgotten there, though with a third part it might win (`alone`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from operator import mul

from hygiene.passwords.score.l33t import SIGNS, Substitution, choices, l33t_ways, substitutions, words_with_signs
from hygiene.passwords.score.patterns import Match
from hygiene.passwords.score.words import LONGEST_WORD, Automaton, case_ways

CAP = 1e12  # guesses are exact below it
_PAIR, _TRIPLE = 1e4, 1e8
_LEAST_CHARACTER, _LEAST_PART = 10, 50  # what a match counts at least when it is not the whole password
_INFINITE = float("inf")
# up to so many substitutions times characters each is read in one go, which is faster for few
_FEW = 1500
# so many bare characters, by number
_BARE = [1.0, 11.0, *(10.0**length for length in range(2, 251))]


class Kind(IntEnum):
    BARE = 0
    WORD = 1
    PATTERN = 2
    CONTEXT = 3


class Matches:
    """Matches of one password, kept by what they can be: the whole of it, its head, its tail, or what is between.

    `head[stop]` and `tail[start]` are the fewest guesses for what ends or begins there, bare characters included.
    """

    __slots__ = (
        "aligned",
        "alone",
        "between",
        "cased",
        "edges",
        "german",
        "head",
        "head_kind",
        "keyboards",
        "lower",
        "pairs",
        "password",
        "readings",
        "signed",
        "signs",
        "size",
        "tail",
        "tail_kind",
        "whole",
        "whole_kind",
        "words_between",
    )

    def __init__(self, password: str) -> None:
        size = len(password)
        self.password = password
        self.size = size
        self.lower = password.lower()
        self.pairs = list(map(str.__add__, password, password[1:]))
        self.aligned = len(self.lower) == size
        self.cased = self.lower != password
        self.signs = SIGNS.intersection(password)
        # made when first needed: what the signs may mean, and where they are
        self.readings: list[tuple[Substitution, str]] = []
        self.signed: list[int] = []
        self.head = _BARE[: size + 1]
        self.tail = self.head[::-1]
        self.head_kind = [Kind.BARE] * (size + 1)
        self.tail_kind = [Kind.BARE] * (size + 1)
        self.whole = _BARE[size]
        self.whole_kind = Kind.BARE
        self.edges = 0  # how many matches were at an edge
        self.alone: dict[int, float] = {}  # as head, without bare characters
        self.between: list[tuple[int, int, float, Kind]] = []
        self.keyboards = 0  # on which ones there may be walks
        # words that are ours, found on the way: they do not count before `add_german`
        self.german: list[tuple[int, int, int, Substitution | None]] = []
        # looked at only where the rest leaves room for them
        self.words_between: list[tuple[int, int, float, Substitution | None, Kind]] = []

    def add(self, matches: Iterable[Match], kind: Kind) -> None:
        for start, stop, guesses in matches:
            if start and stop < self.size:
                self.between.append((start, stop, max(guesses, _LEAST_PART), kind))
            else:
                self._at_edge(start, stop, guesses, kind)

    def add_words(self, words: Automaton, kind: Kind) -> None:
        """Words, and at twice their rank those that are written backwards."""
        last = self.size - 1
        between, german = self.words_between, self.german
        # where lower case has another length, the package reads words that lie beside those of the password
        for end, (length, rank, ours) in words.iter(self.lower[: self.size]):
            start = end - length + 1
            if ours:
                german.append((start, end + 1, ours, None))
            if not rank:
                continue
            if start and end < last:
                between.append((start, end + 1, rank, None, kind))
            else:
                self._at_edge(start, end + 1, self._written(start, end + 1, rank, None), kind)
        backwards = self.lower[::-1] if self.aligned else self.password[::-1].lower()[: self.size]
        for end, (length, rank, ours) in words.iter(backwards):
            start = last - end
            if ours:
                german.append((start, start + length, 2 * ours, None))
            if not rank:
                continue
            if start and start + length <= last:
                between.append((start, start + length, 2 * rank, None, kind))
            else:
                self._at_edge(start, start + length, self._written(start, start + length, 2 * rank, None), kind)

    def add_l33t(self, words: Automaton, kind: Kind) -> None:
        """Words of two characters and more in what the password says when its l33t signs are read."""
        if not self.signs:
            return
        if self.aligned and choices(self.signs) * self.size > _FEW:
            for start, stop, rank, ours, substitution in words_with_signs(words, self.lower, self.signs, LONGEST_WORD):
                self._add_read(start, stop, rank, ours, substitution, kind)
            return
        aligned, password, lower = self.aligned, self.password, self.lower
        if not self.readings:
            self.signed = [at for at, sign in enumerate(password) if sign in self.signs]
            self.readings += (
                (substitution, lower.translate(table)[: self.size]) for substitution, table in substitutions(self.signs)
            )
        first, last = self.signed[0], self.signed[-1]
        for substitution, text in self.readings:
            for end, (length, rank, ours) in words.iter(text):
                start = end - length + 1
                if length > 1 and ((end >= first and start <= last) or not aligned):
                    written = lower[start : end + 1] if aligned else password[start : end + 1].lower()
                    if written != text[start : end + 1]:
                        self._add_read(start, end + 1, rank, ours, substitution, kind)

    def _add_read(self, start: int, stop: int, rank: int, ours: int, substitution: Substitution, kind: Kind) -> None:
        if ours:
            self.german.append((start, stop, ours, substitution))
        if rank:
            self._add_word(start, stop, rank, substitution, kind)

    def add_german(self) -> None:
        """Let the words that are ours count too."""
        for start, stop, rank, substitution in self.german:
            self._add_word(start, stop, rank, substitution, Kind.WORD)
        self.german = []

    def _add_word(self, start: int, stop: int, rank: int, substitution: Substitution | None, kind: Kind) -> None:
        if start and stop < self.size:
            self.words_between.append((start, stop, rank, substitution, kind))
        else:
            self._at_edge(start, stop, self._written(start, stop, rank, substitution), kind)

    def _written(self, start: int, stop: int, rank: float, substitution: Substitution | None) -> float:
        token = self.password[start:stop]
        guesses = rank * case_ways(token) if self.cased else rank
        return guesses if substitution is None else guesses * l33t_ways(token, substitution)

    def __len__(self) -> int:
        return self.edges + len(self.between) + len(self.words_between)

    def _at_edge(self, start: int, stop: int, guesses: float, kind: Kind) -> None:
        self.edges += 1
        if start == 0 and stop == self.size:
            if guesses <= self.whole:
                self.whole, self.whole_kind = guesses, kind
            return
        if guesses < _LEAST_PART:
            guesses = max(guesses, _LEAST_CHARACTER) if stop - start == 1 else _LEAST_PART
        if start == 0:
            if guesses <= self.head[stop]:
                self.head[stop], self.head_kind[stop] = guesses, kind
            if guesses < self.alone.get(stop, _INFINITE):
                self.alone[stop] = guesses
        elif guesses <= self.tail[start]:
            self.tail[start], self.tail_kind[start] = guesses, kind

    def covering(self, first: int, last: int) -> Iterator[tuple[int, int, float, Kind]]:
        """All matches that reach from one place to another at least, the whole and bare characters aside."""
        for stop in range(last, self.size):
            if self.head_kind[stop]:
                yield 0, stop, self.head[stop], self.head_kind[stop]
        for start in range(1, first + 1):
            if self.tail_kind[start]:
                yield start, self.size, self.tail[start], self.tail_kind[start]
        for start, stop, guesses, kind in self.between:
            if start <= first and stop >= last:
                yield start, stop, guesses, kind
        for start, stop, rank, substitution, kind in self.words_between:
            if start <= first and stop >= last:
                yield start, stop, max(self._written(start, stop, rank, substitution), _LEAST_PART), kind

    # -- the search

    def guesses(self) -> float:
        return self.cheapest()[0]

    def cheapest(self) -> tuple[float, tuple[tuple[Kind, int], ...]]:
        """The guesses, and the parts they are for: what each is and how many characters it has. CAP, () above it."""
        size = self.size
        best = self.whole + 1
        parts: tuple[tuple[Kind, int], ...] = ((self.whole_kind, size),)
        if size > 1:
            products = list(map(mul, self.head[1:size], self.tail[1:size]))
            least = min(products)
            if 2 * least + _PAIR < best:
                best = 2 * least + _PAIR
                cut = products.index(least) + 1
                parts = ((self.head_kind[cut], cut), (self.tail_kind[cut], size - cut))
        if best > CAP:
            best, parts = CAP, ()
        if size > 2:
            for product, start, stop, kind in self._triples((best - _TRIPLE) / 6):
                # each is cheaper than the one before
                best = 6 * product + _TRIPLE
                parts = (self.head_kind[start], start), (kind, stop - start), (self.tail_kind[stop], size - stop)
        return best, parts

    def _triples(self, limit: float) -> Iterator[tuple[float, int, int, Kind]]:
        """Head, middle and tail whose product is below the limit and below all those before."""
        size, head, tail, alone = self.size, self.head, self.tail, self.alone
        least_head, least_tail = min(head[1 : size - 1]), min(tail[2:size])
        if least_head * least_tail * _LEAST_CHARACTER >= limit:
            return
        for start, stop, guesses, kind in self.between:
            product = head[start] * guesses
            if product * tail[stop] < limit and _kept(product, alone.get(stop, _INFINITE)):
                limit = product * tail[stop]
                yield limit, start, stop, kind
        # bare characters between two matches; beside other bare ones they would be one part
        starts = [at for at in range(1, size - 1) if self.head_kind[at] and head[at] * least_tail * 11 < limit]
        if starts:
            stops = [at for at in range(2, size) if self.tail_kind[at] and tail[at] * least_head * 11 < limit]
            for start in starts:
                for stop in stops:
                    if start < stop:
                        product = head[start] * _BARE[stop - start]
                        if product * tail[stop] < limit and _kept(product, head[stop]):
                            limit = product * tail[stop]
                            yield limit, start, stop, Kind.BARE
        for start, stop, rank, substitution, kind in self.words_between:
            room = head[start] * tail[stop]
            if room * max(rank, _LEAST_CHARACTER) >= limit:
                continue
            guesses = self._written(start, stop, rank, substitution)
            if guesses < _LEAST_PART:
                guesses = max(guesses, _LEAST_CHARACTER) if stop - start == 1 else _LEAST_PART
            product = head[start] * guesses
            if product * tail[stop] < limit and _kept(product, alone.get(stop, _INFINITE)):
                limit = product * tail[stop]
                yield limit, start, stop, kind


def _kept(product: float, alone: float) -> bool:
    """Whether zxcvbn keeps a pair over a prefix beside one part over the same."""
    return 2 * product + _PAIR < alone + 1

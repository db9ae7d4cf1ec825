"""The cheapest way to put a password together from matches and bare characters, in zxcvbn's measure.

`count` parts cost `count! * product + 10^(4 * (count - 1))` guesses. So four cost more than 10^12, where we stop, as
the highest score begins at 10^10; and the search is over one part, two or three, without zxcvbn's table of all
prefixes and lengths. What is kept of that table is one quirk: a pair that is no cheaper than one match over the same
prefix is forgotten there, though with a third part it might win (`_kept`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from hygiene.passwords.score.l33t import SIGNS, Substitution, folded, l33t_ways, likeliest, reading
from hygiene.passwords.score.patterns import Match, Pairs
from hygiene.passwords.score.words import Words, case_ways

CAP = 1e12  # guesses are exact below it
Parts = tuple[tuple["Kind", int], ...]  # what each part is and how many characters it has
Place = tuple[int, int, int]  # from, to, the number of the words that may be there (Words.alike)
_PAIR, _TRIPLE = 1e4, 1e8
_LEAST_CHARACTER, _LEAST_PART = 10, 50  # what a match counts at least when it is not the whole password
# so many bare characters, by number
_BARE = [1.0, 11.0, *(10.0**length for length in range(2, 251))]


class Kind(IntEnum):
    BARE = 0
    WORD = 1
    PATTERN = 2
    CONTEXT = 3


_Edge = tuple[float, Kind]
_NONE: _Edge = (float("inf"), Kind.BARE)


class Matches:
    """Matches of one password, kept by what they can be: the whole of it, its head, its tail, or what is between.

    `heads` and `tails` have the fewest guesses for a match that ends or begins there.
    """

    __slots__ = (
        "aligned",
        "between",
        "cased",
        "german",
        "heads",
        "lower",
        "pairs",
        "password",
        "signs",
        "size",
        "tails",
        "whole",
        "whole_kind",
        "words_between",
    )

    def __init__(self, password: str) -> None:
        size = len(password)
        self.password = password
        self.size = size
        self.lower = lower = password.lower()
        self.aligned = len(lower) == size
        self.cased = lower != password
        self.signs = SIGNS.intersection(password)
        self.pairs = Pairs(password) if size > 1 else None
        self.heads: dict[int, _Edge] = {}
        self.tails: dict[int, _Edge] = {}
        self.whole = _BARE[size]
        self.whole_kind = Kind.BARE
        self.between: list[tuple[int, int, float, Kind]] = []
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

    def add_words(self, words: Words, kind: Kind) -> None:
        """Words, and at twice their rank those that are written backwards."""
        size, lower = self.size, self.lower
        # where lower case has another length, the package reads words that lie beside those of the password
        for end, value in words.plain.iter(lower if self.aligned else lower[:size]):
            stop = end + 1
            start = stop - (value & 255)
            if value & 256:
                self.german.append((start, stop, words.ours[lower[start:stop]], None))
            if value > 511:
                self._add_word(start, stop, value >> 9, None, kind)
        backwards = lower[::-1] if self.aligned else self.password[::-1].lower()[:size]
        for end, value in words.plain.iter(backwards):
            start, length = size - 1 - end, value & 255
            if value & 256:
                self.german.append((start, start + length, 2 * words.ours[backwards[end + 1 - length : end + 1]], None))
            if value > 511:
                self._add_word(start, start + length, 2 * (value >> 9), None, kind)

    def signed(self, words: Words) -> list[Place]:
        """Where these words may be with l33t signs."""
        signs, lower = self.signs, self.lower[: self.size]
        places = [at for at, character in enumerate(lower) if character in signs] if signs else None
        if not places:
            return []
        first, last = places[0], places[-1]
        return [
            (start, end + 1, value >> 8)
            for end, value in words.folded.iter(folded(lower))
            if end >= first and (start := end + 1 - (value & 255)) <= last
        ]

    def add_l33t(self, words: Words, signed: Iterable[Place], kind: Kind) -> None:
        """Words in what the password says when its l33t signs are read, `signed` as above."""
        for start, stop, number in signed:
            token = self.lower[start:stop]
            for word in words.alike[number]:
                if word == token or not (read := reading(token, word, self.signs)):
                    continue
                if self.aligned or self.password[start:stop].lower() != word:
                    if ours := words.ours.get(word, 0):
                        self.german.append((start, stop, ours, read))
                    if rank := words.ranks.get(word, 0):
                        self._add_word(start, stop, rank, read, kind)

    def add_german(self) -> None:
        """Let the words that are ours count too."""
        for start, stop, rank, read in self.german:
            self._add_word(start, stop, rank, read, Kind.WORD)
        self.german = []

    def _add_word(self, start: int, stop: int, rank: int, read: Substitution | None, kind: Kind) -> None:
        if start and stop < self.size:
            self.words_between.append((start, stop, rank, read, kind))
        else:
            self._at_edge(start, stop, self._written(start, stop, rank, read), kind)

    def _written(self, start: int, stop: int, rank: float, read: Substitution | None) -> float:
        token = self.password[start:stop]
        guesses = rank * case_ways(token) if self.cased else rank
        if read is None:
            return guesses
        if not self.aligned:
            read = likeliest(read, self.lower[start:stop], self.signs, token)
        return guesses * l33t_ways(token, read)

    def _at_edge(self, start: int, stop: int, guesses: float, kind: Kind) -> None:
        if start == 0 and stop == self.size:
            if guesses <= self.whole:
                self.whole, self.whole_kind = guesses, kind
            return
        if guesses < _LEAST_PART:
            guesses = max(guesses, _LEAST_CHARACTER) if stop - start == 1 else _LEAST_PART
        edges, place = (self.tails, start) if start else (self.heads, stop)
        if guesses <= edges.get(place, _NONE)[0]:
            edges[place] = guesses, kind

    def covering(self, first: int, last: int) -> Iterator[tuple[int, int, float, Kind]]:
        """All matches that reach from one place to another at least, the whole and bare characters aside."""
        size = self.size
        for stop, (guesses, kind) in sorted(self.heads.items()):
            if stop >= last and guesses <= _BARE[stop]:
                yield 0, stop, guesses, kind
        for start, (guesses, kind) in sorted(self.tails.items()):
            if start <= first and guesses <= _BARE[size - start]:
                yield start, size, guesses, kind
        for start, stop, guesses, kind in self.between:
            if start <= first and stop >= last:
                yield start, stop, guesses, kind
        for start, stop, rank, read, kind in self.words_between:
            if start <= first and stop >= last:
                yield start, stop, max(self._written(start, stop, rank, read), _LEAST_PART), kind

    def lengths(self) -> list[int]:
        """How many characters the matches have that are no more than a part, in no order."""
        return [
            *self.heads,
            *(self.size - start for start in self.tails),
            *(match[1] - match[0] for match in self.between),
            *(match[1] - match[0] for match in self.words_between),
            *(match[1] - match[0] for match in self.german),
        ]

    # -- the search

    def guesses(self) -> float:
        return self.cheapest()[0]

    def cheapest(self, best: float = CAP, parts: Parts = ()) -> tuple[float, Parts]:
        """The guesses and the parts they are for; what is given where nothing is below it."""
        size = self.size
        if self.whole + 1 < best:
            best, parts = self.whole + 1, ((self.whole_kind, size),)
        # by place, with bare characters where they are cheaper
        head, tail = _BARE[: size + 1], _BARE[size::-1]
        for stop, (guesses, _) in self.heads.items():
            if guesses < head[stop]:
                head[stop] = guesses
        for start, (guesses, _) in self.tails.items():
            if guesses < tail[start]:
                tail[start] = guesses
        for cut in sorted({*self.heads, *self.tails}):
            guesses = 2 * head[cut] * tail[cut] + _PAIR
            if guesses < best:
                best = guesses
                parts = (self._head_kind(cut), cut), (self._tail_kind(cut), size - cut)
        if size > 2 and best > _TRIPLE:
            for product, start, stop, kind in self._triples(head, tail, (best - _TRIPLE) / 6):
                # each is cheaper than the one before
                best = 6 * product + _TRIPLE
                parts = (self._head_kind(start), start), (kind, stop - start), (self._tail_kind(stop), size - stop)
        return best, parts

    def _head_kind(self, stop: int) -> Kind:
        guesses, kind = self.heads.get(stop, _NONE)
        return kind if guesses <= _BARE[stop] else Kind.BARE

    def _tail_kind(self, start: int) -> Kind:
        guesses, kind = self.tails.get(start, _NONE)
        return kind if guesses <= _BARE[self.size - start] else Kind.BARE

    def _triples(self, head: list[float], tail: list[float], limit: float) -> Iterator[tuple[float, int, int, Kind]]:
        """Head, middle and tail whose product is below the limit and below all those before."""
        size, heads, tails = self.size, self.heads, self.tails
        least_head, least_tail = min(head[1 : size - 1]), min(tail[2:size])
        if least_head * least_tail * _LEAST_CHARACTER >= limit:
            return
        for start, stop, guesses, kind in self.between:
            product = head[start] * guesses
            if product * tail[stop] < limit and _kept(product, heads.get(stop, _NONE)[0]):
                limit = product * tail[stop]
                yield limit, start, stop, kind
        # bare characters between two matches; beside other bare ones they would be one part
        for start in sorted(heads):
            if start < size - 1 and head[start] * least_tail * 11 < limit:
                for stop in sorted(tails):
                    if start < stop:
                        product = head[start] * _BARE[stop - start]
                        if product * tail[stop] < limit and _kept(product, head[stop]):
                            limit = product * tail[stop]
                            yield limit, start, stop, Kind.BARE
        for start, stop, rank, read, kind in self.words_between:
            room = head[start] * tail[stop]
            if room * max(rank, _LEAST_CHARACTER) >= limit:
                continue
            guesses = self._written(start, stop, rank, read)
            if guesses < _LEAST_PART:
                guesses = max(guesses, _LEAST_CHARACTER) if stop - start == 1 else _LEAST_PART
            product = head[start] * guesses
            if product * tail[stop] < limit and _kept(product, heads.get(stop, _NONE)[0]):
                limit = product * tail[stop]
                yield limit, start, stop, kind


def _kept(product: float, alone: float) -> bool:
    """Whether zxcvbn keeps a pair over a prefix beside one match over the same."""
    return 2 * product + _PAIR < alone + 1

"""Sets of similar passwords of a run, found in one pass over the entries: digests are kept, texts are not."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from hygiene.passwords.similar.skeletons import Change, Reach, changes, skeletons
from hygiene.passwords.similar.typos import Typos

_UNSIGNED = 2**64 - 1
_ANYBODY, _NEIGHBOURS = int(Reach.ANYBODY), int(Reach.NEIGHBOURS)
_NOT_LEARNT, _NOBODY = 254, 255


@dataclass(frozen=True, slots=True, repr=False)
class Similar:
    """What was found, by the place of an entry in the run: numbers only."""

    _numbers: array[int]
    _sizes: array[int]
    _changes: array[int]
    unsearched: int  # entries that were not looked through for a single other character: there were too many

    def number(self, entry: int) -> int | None:
        """The number of the entry's set, from 1 in the order of their first entries; None: similar to none."""
        return self._numbers[entry] or None

    def size(self, number: int) -> int:
        """How many entries are in a set, equal ones too."""
        return self._sizes[number - 1]

    def changes(self, number: int) -> Change:
        """In what the passwords of a set differ."""
        return Change(self._changes[number - 1])

    def __len__(self) -> int:
        return len(self._sizes)

    def __repr__(self) -> str:
        return f"Similar({len(self):,} sets)"


class Clusters:
    """Told each entry of a run once, in order. Its repr shows nothing of them.

    Two entries are similar when their passwords differ and share a skeleton (see there between whom), or when one
    character makes the difference and they belong to one user or customer; and so are all that hang together by that.
    Memory is about 100 bytes for a distinct password and 8 for an entry, a common word of a named user or system as
    much as a password; the search for one other character stops at a fixed number of digests.
    """

    def __init__(self, key: bytes) -> None:
        # Of the run: it dies with it. Python's own hash is keyed too (SipHash, 64 bits: of 10^6 digests one accidental
        # pair in 3 * 10^7 runs) and takes a tenth of the time of the others; it stays in this process
        self._key = key.hex()
        self._parents = array("I")  # by entry
        self._slots = array("I")  # by entry
        # by slot: two digests (0: none), reach, look
        self._digests = (array("Q"), array("Q"))
        self._reaches = bytearray()
        self._looks = array("I")
        self._first: dict[int, int] = {}  # a digest -> the first entry that has it
        self._typos = Typos(key)
        self._typo_roots: list[int] = []

    def __repr__(self) -> str:
        return f"Clusters({len(self._parents):,})"

    def add(
        self, password: str, slot: int, account: str | None = None, system: str | None = None, tenant: str | None = None
    ) -> None:
        """Take the next entry; `slot` is the number of its distinct password, equal for equal ones only."""
        entry = len(self._parents)
        self._parents.append(entry)
        self._slots.append(slot)
        if slot >= len(self._reaches) or self._reaches[slot] == _NOT_LEARNT:
            self._learn(password, slot)
        reach = self._reaches[slot]
        if reach == _NOBODY:
            return
        user = self._scope("user", tenant, account) if account else 0
        scopes: tuple[int, ...] = (0,) if reach == _ANYBODY else (user,) if user else ()
        if reach == _NEIGHBOURS and system:
            scopes += (self._scope("system", tenant, system),)
        for digests in self._digests:
            if digest := digests[slot]:
                for scope in scopes:
                    first = self._first.setdefault(digest ^ scope, entry)
                    if first != entry:
                        self._join(first, entry)
        owner = self._scope("tenant", tenant, None) if tenant and reach == _ANYBODY else user
        if owner:
            for other in self._typos.take(password, owner, entry):
                if self._slots[other] != slot and self._join(other, entry):
                    self._typo_roots.append(entry)

    def finish(self) -> Similar:
        """What was found. The last step: all digests are forgotten."""
        unsearched = self._typos.unsearched
        self._first = {}
        self._typos = Typos(b"")
        self._key = ""
        return self._found(unsearched)

    def _found(self, unsearched: int) -> Similar:
        count = len(self._parents)
        roots = array("I", map(self._root, range(count)))
        differ = bytearray(count)
        for entry, root in enumerate(roots):
            if self._slots[entry] != self._slots[root]:
                differ[root] = 1
        numbers, sizes, looks = array("I", bytes(4 * count)), array("I"), array("I")
        first_looks = array("I")
        for entry, root in enumerate(roots):
            if not differ[root]:
                continue
            look = self._looks[self._slots[entry]]
            if entry == root:
                sizes.append(0)
                looks.append(0)
                first_looks.append(look)
                numbers[entry] = len(sizes)
            number = numbers[entry] = numbers[root]
            sizes[number - 1] += 1
            looks[number - 1] |= look ^ first_looks[number - 1]
        found = array("B", (int(changes(look)) for look in looks))
        for entry in self._typo_roots:
            found[numbers[roots[entry]] - 1] |= Change.TYPO
        return Similar(numbers, sizes, found, unsearched)

    def _learn(self, password: str, slot: int) -> None:
        missing = slot + 1 - len(self._reaches)
        if missing > 0:
            for column in (*self._digests, self._looks):
                column.extend([0] * missing)
            self._reaches.extend([_NOT_LEARNT] * missing)
        found = skeletons(password)
        if found is None:
            self._reaches[slot] = _NOBODY
            return
        self._reaches[slot] = found.reach
        self._looks[slot] = found.look
        for digests, text in zip(self._digests, found.texts, strict=False):
            digests[slot] = self._digest(text)

    def _digest(self, text: str) -> int:
        return hash(self._key + text) & _UNSIGNED or 1

    def _scope(self, kind: str, tenant: str | None, name: str | None) -> int:
        # marked, so that it is no digest of a skeleton or of a text that lacks a character
        return self._digest(f"\2{kind}\0{(tenant or '').casefold()}\0{(name or '').casefold()}")

    def _root(self, entry: int) -> int:
        parents = self._parents
        while (parent := parents[entry]) != entry:
            parents[entry] = entry = parents[parent]
        return entry

    def _join(self, one: int, other: int) -> bool:
        """Put two entries into one set, whose root is its first entry; False when they were in one."""
        one, other = self._root(one), self._root(other)
        if one == other:
            return False
        self._parents[max(one, other)] = min(one, other)
        return True

"""Sets of similar passwords of a run: digests of distinct passwords are kept, texts are not."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from hygiene.passwords.similar.meetings import Column, meetings
from hygiene.passwords.similar.owners import Owners, Sets
from hygiene.passwords.similar.skeletons import Change, Reach, changes, skeletons
from hygiene.passwords.similar.typos import Typos

_UNSIGNED = 2**64 - 1
_ANYBODY, _NEIGHBOURS = int(Reach.ANYBODY), int(Reach.NEIGHBOURS)
_NOBODY = 255


@dataclass(frozen=True, slots=True, repr=False)
class Similar:
    """What was found, by the place of an entry in the run: numbers only."""

    _numbers: array[int]
    _sizes: array[int]
    _changes: array[int]

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
    """Told each distinct password of a run once, and at the end which entries have it. Its repr shows nothing of them.

    Two entries are similar when their passwords differ and share a skeleton (see there between whom), or when one
    character makes the difference and they belong to one user or customer; and so are all that hang together by that.
    Memory is about 25 bytes for a distinct password and 8 for each of its characters, while the last step looks for
    what is equal 100 MB at most and 12 bytes for an entry.
    """

    def __init__(self, key: bytes) -> None:
        # Of the run: it dies with it. Python's own hash is keyed too (SipHash, 64 bits: of 10^6 digests one accidental
        # pair in 3 * 10^7 runs) and takes a tenth of the time of the others; it stays in this process
        self._key = key.hex()
        # by slot: two digests (0: none), reach, look
        self._digests = (array("Q"), array("Q"))
        self._reaches = bytearray()
        self._looks = array("I")
        self._typos = Typos(key)

    def __repr__(self) -> str:
        return f"Clusters({len(self._reaches):,})"

    def learn(self, slot: int, password: str) -> None:
        """Take the next distinct password; `slot` is its number."""
        missing = slot + 1 - len(self._reaches)
        for column in (*self._digests, self._looks):
            column.extend([0] * missing)
        self._reaches.extend([_NOBODY] * missing)
        found = skeletons(password)
        if found is None:
            return
        self._reaches[slot] = found.reach
        self._looks[slot] = found.look
        for digests, text in zip(self._digests, found.texts, strict=False):
            digests[slot] = hash(self._key + text) & _UNSIGNED
        self._typos.learn(slot, password)

    def finish(self, owners: Owners) -> Similar:
        """What was found. The last step: all digests are forgotten."""
        missing = max(owners.slots, default=-1) + 1 - len(self._reaches)
        self._reaches.extend([_NOBODY] * missing)
        self._looks.extend([0] * missing)
        sets = Sets(owners.slots, bytes(reach == _ANYBODY for reach in self._reaches))
        slots = range(len(self._digests[0]))
        for met in meetings([Column(slots, digests) for digests in self._digests]):
            self._join_alike(sets, owners, met)
        self._digests = (array("Q"), array("Q"))
        by_typo = self._join_typos(sets, owners)
        self._typos = Typos(b"")
        self._key = ""
        return self._found(sets, owners.slots, by_typo)

    def _join_alike(self, sets: Sets, owners: Owners, slots: Sequence[int]) -> None:
        """Put entries together whose passwords have a skeleton in common, or the same password."""
        anybody = [slot for slot in slots if self._reaches[slot] == _ANYBODY]
        sets.join_all(anybody)
        if len(anybody) == len(slots):
            return
        sets.join_within(owners.user, slots)
        neighbours = [slot for slot in slots if self._reaches[slot] == _NEIGHBOURS]
        sets.join_within(owners.system, neighbours)
        sets.join_within(owners.administrator, neighbours)

    def _join_typos(self, sets: Sets, owners: Owners) -> list[int]:
        """Put entries together whose passwords one character keeps apart; gives those that this put into a set."""
        moved = []
        for met in self._typos.meetings():
            anybody = [slot for slot in met if self._reaches[slot] == _ANYBODY]
            by_typo = sets.join_within(owners.user, met) + sets.join_within(owners.tenant, anybody)
            if by_typo:
                moved += by_typo
                # what is equal comes along as it does with a skeleton that others have
                for slot in met:
                    self._join_alike(sets, owners, [slot])
        return moved

    def _found(self, sets: Sets, slots: Sequence[int], by_typo: Sequence[int]) -> Similar:
        count = len(slots)
        roots = array("I", map(sets.root, range(count)))
        differ = bytearray(count)
        for entry, root in enumerate(roots):
            if slots[entry] != slots[root]:
                differ[root] = 1
        numbers, sizes, looks = array("I", bytes(4 * count)), array("I"), array("I")
        first_looks = array("I")
        for entry, root in enumerate(roots):
            if not differ[root]:
                continue
            look = self._looks[slots[entry]]
            if entry == root:
                sizes.append(0)
                looks.append(0)
                first_looks.append(look)
                numbers[entry] = len(sizes)
            number = numbers[entry] = numbers[root]
            sizes[number - 1] += 1
            looks[number - 1] |= look ^ first_looks[number - 1]
        found = array("B", (int(changes(look)) for look in looks))
        for entry in by_typo:
            if number := numbers[roots[entry]]:
                found[number - 1] |= Change.TYPO
        return Similar(numbers, sizes, found)

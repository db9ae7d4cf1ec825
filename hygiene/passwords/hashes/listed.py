"""Lines of files of hashes to the rows of `list_hashes`: what each hash is worth, and a digest in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hygiene.accounts.shadow import changed_at
from hygiene.counted import counted
from hygiene.model import HashWeakness, ListHash, Truth
from hygiene.passwords.hashes.policy import weakness
from hygiene.passwords.hashes.schemes import classify
from hygiene.passwords.hashes.shared import digest, key_name
from hygiene.passwords.read.reader import HashLine


@dataclass(frozen=True, slots=True)
class HashFile:
    """A file that was handed in as one of hashes."""

    path: Path
    host: str | None = None  # whose hashes they are, where that was said


class ListedHashes:
    """The hashes of a run's files, in their order. Its repr shows the number alone.

    `key` is that of the digests. The hashes themselves are kept only when they are to be tried (`keep`).
    """

    def __init__(self, key: str, *, keep: bool = False) -> None:
        self.rows: list[ListHash] = []
        self.fields: list[str] = []
        self._key = key
        self._key_name = key_name(key)
        self._keep = keep

    def add(self, name: str, host: str | None, line: HashLine) -> None:
        """Take a line of the list of this name."""
        standing = classify(line.field)
        self.rows.append(
            ListHash(
                list=name,
                row=line.row,
                host=host,
                account=line.account,
                state=standing.state,
                scheme=standing.scheme,
                cost=standing.cost,
                weakness=weakness(standing),
                changed_at=changed_at(line.changed_day),
                never_expires=line.never_expires,
                digest=digest(line.field, self._key) if standing.is_hash else None,
                digest_key=self._key_name if standing.is_hash else None,
            )
        )
        if self._keep:
            self.fields.append(line.field)

    def doubts(self, begin: int) -> tuple[str, ...]:
        """What is not known of the hashes from this number on; each is worth a gap."""
        unknown = sum(row.weakness is HashWeakness.UNKNOWN for row in self.rows[begin:])
        if not unknown:
            return ()
        hashes = counted(unknown, "hash", "hashes")
        return (f"{hashes} of a scheme or cost that is not judged: judge them by hand, then accept this",)

    def set_tried(self, tried: Mapping[int, Truth]) -> None:
        """Say of the hashes, by their number, whether passwords were tried on them; those that are not named: no."""
        self.rows = [replace(row, tried=tried.get(number, Truth.NO)) for number, row in enumerate(self.rows)]

    def __repr__(self) -> str:
        return f"ListedHashes({len(self.rows):,})"

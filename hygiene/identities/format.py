"""What a format is: the columns it is known by, and how a row of it becomes a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hygiene.errors import ExportError
from hygiene.identities.methods import fold
from hygiene.identities.person import Person
from hygiene.identities.row import Row, shown_name


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of export. Columns are named by `keys` inside, and by any of the folded headers in the file."""

    name: str  # for a person
    columns: Mapping[str, tuple[str, ...]]  # key -> headers, the surest first
    needs: tuple[tuple[str, ...], ...]  # of each group one key must be there
    person: Callable[[Row], Person]
    # keys that say who it is and nothing else, in the order of `Row.user`; empty where the name decides more than that
    names: tuple[str, ...] = ()
    # what every export of this kind lacks; a gap of the file
    lacks: str = ""
    # several rows may be about one person, each with a method of theirs
    row_per_method: bool = False
    # keys that must not be there: they belong to a format that says more
    without: tuple[str, ...] = ()
    nested: bool = False  # objects within objects: JSON alone

    def find(self, headers: Sequence[str]) -> Columns | None:
        """Which header is which key; None when this is another format."""
        folded = [header_name(header) for header in headers]
        index = {}
        for key, names in self.columns.items():
            found = next((name for name in names if name in folded), None)
            if found is not None:
                index[key] = folded.index(found)
        if not all(any(key in index for key in group) for group in self.needs):
            return None
        if any(name in folded for name in self.without):
            return None
        return Columns(self, index, {key: headers[at] for key, at in index.items()}, tuple(folded))


@dataclass(frozen=True, slots=True)
class Columns:
    """A format found in the header of one file."""

    format: Format
    index: Mapping[str, int]
    headers: Mapping[str, str]
    folded: tuple[str, ...]

    def check(self, place: str) -> None:
        """ExportError where a column that is read stands there twice."""
        for key, at in self.index.items():
            if self.folded.count(self.folded[at]) > 1:
                name = shown_name(self.headers[key])
                raise ExportError(f"{place}: column {name} is there twice; remove the one that does not count")


def header_name(header: str) -> str:
    """A header folded, without what stands in brackets: `2sv Enrolled [READ ONLY]` is `2svenrolled`."""
    return fold(header.partition("[")[0])

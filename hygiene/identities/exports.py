"""Exports of identity providers to people: the room's only door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hygiene.counted import counted
from hygiene.errors import ExportError
from hygiene.identities import documents, table
from hygiene.identities.file import is_json, opened, whole_text
from hygiene.identities.format import Columns, Format
from hygiene.identities.people import People
from hygiene.identities.person import Doubt, Person
from hygiene.identities.providers import FORMATS
from hygiene.identities.providers.mapped import mapped
from hygiene.identities.row import Row
from hygiene.model import Identity
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.text import Encoding
from hygiene.visible import visible

MOST_PEOPLE = 5_000_000
_MOST_JUDGED = 1000


@dataclass(frozen=True, slots=True)
class ExportInfo:
    """What was read of one export."""

    name: str  # as in the table: the file's name, or the path where two exports share that
    path: str
    format: str  # for a person
    people: int
    repeated: int  # rows that said once more what the export had said of that person
    gaps: tuple[str, ...]  # what it does not say; each is worth a gap


@dataclass(frozen=True, slots=True)
class IdentityAudit:
    """People in the order of the exports and their rows."""

    people: Sequence[Identity]
    exports: tuple[ExportInfo, ...]


def read_exports(paths: Iterable[Path], mappings: Mapping[str, Mapping[str, str]] | None = None) -> IdentityAudit:
    """Read exports; `mappings` are the columns of `[identities.NAME]` in the policy, tried before what is known.

    A file given twice is read once. ExportError when one cannot be read, is of no known format, or holds what cannot
    be understood: then nothing is returned of any. Memory is about 200 bytes a person.
    """
    formats = (*(mapped(name, columns) for name, columns in (mappings or {}).items()), *FORMATS)
    once: dict[Path, Path] = {}
    for path in paths:
        once.setdefault(path.resolve(), path)
    chosen = list(once.values())
    names = [path.name for path in chosen]
    people = People()
    infos = tuple(
        _read(path, path.name if names.count(path.name) == 1 else str(path), formats, people) for path in chosen
    )
    people.finish()
    return IdentityAudit(people, infos)


def _read(path: Path, name: str, formats: Sequence[Format], people: People) -> ExportInfo:
    people.begin(name)
    with opened(path) as (source, encoding):
        columns, rows, lacks = _rows(source, encoding, formats)
        doubts: Counter[Doubt] = Counter()
        before, repeated = len(people), 0
        judged: dict[tuple[object, ...], Person] = {}
        for row in _gathered(rows) if columns.format.row_per_method else rows:
            person = _person(columns.format, row, judged)
            new = people.add(person)
            if new is None:
                raise ExportError(
                    f"{row.place}: the same user as in an earlier row, of whom something else was said; export again,"
                    " with one row for each user"
                )
            repeated += not new
            # of accounts that nobody can sign in to, nothing has to be known
            if new and person.doubt is not None and person.enabled is not False:
                doubts[person.doubt] += 1
            if len(people) > MOST_PEOPLE:
                raise ExportError(f"{path}: more than {MOST_PEOPLE:,} people; give fewer exports at a time")
    count = len(people) - before
    if not count:
        raise ExportError(f"{path}: {columns.format.name} with nobody in it; export again")
    gaps = (*lacks, *(_gap(doubts[doubt], doubt) for doubt in Doubt if doubts[doubt]))
    return ExportInfo(name, str(path), columns.format.name, count, repeated, gaps)


def _person(format_: Format, row: Row, judged: dict[tuple[object, ...], Person]) -> Person:
    """The person of a row. Most rows of a table say what others said of others: then there is nothing to judge anew."""
    if not format_.names or not all(type(cell) is str for cell in row.cells.values()):
        return format_.person(row)
    said = tuple(cell for key, cell in row.cells.items() if key not in format_.names)
    known = judged.get(said)
    if known is None:
        person = format_.person(row)
        if len(judged) < _MOST_JUDGED:
            judged[said] = person
        return person
    user = row.user(*format_.names)
    return Person(user, known.admin, known.enabled, known.second_factor, known.methods, known.doubt)


def _gap(number: int, doubt: Doubt) -> str:
    return f"{counted(number, 'person', 'people')}: {doubt.value}"


def _rows(
    source: Source, encoding: Encoding, formats: Sequence[Format]
) -> tuple[Columns, Iterable[Row], tuple[str, ...]]:
    """The columns, the rows, and what is missing of the file."""
    if not is_json(source, encoding):
        tabular = table.recognise(source, encoding, [format_ for format_ in formats if not format_.nested])
        return tabular.columns, tabular.rows(), _lacks(tabular.columns.format)
    read = documents.read(source.path, whole_text(source, encoding))
    if not read.entries:
        raise ExportError(f"{source.path}: there is nobody in it; export again, with users")
    headers = documents.keys(read.entries)
    columns = next((found for format_ in formats if (found := format_.find(headers)) is not None), None)
    if columns is None:
        raise table.unrecognised(source, "keys", headers, formats)
    columns.check(str(source.path))
    return columns, _entries(source, read.entries, columns), (*dict.fromkeys(read.lacks), *_lacks(columns.format))


def _lacks(format_: Format) -> tuple[str, ...]:
    return (format_.lacks,) if format_.lacks else ()


def _entries(source: Source, entries: Iterable[documents.Entry], columns: Columns) -> Iterator[Row]:
    name = visible(str(source.path))
    for number, entry in enumerate(entries, 1):
        cells = {key: entry.get(header) for key, header in columns.headers.items()}
        yield Row(f"{name}: entry {number}", cells, columns.headers)


def _gathered(rows: Iterable[Row]) -> Iterator[Row]:
    """One row for each user with all their methods, where an export has a row for each method."""
    users: dict[str, tuple[Row, list[str]]] = {}
    for row in rows:
        _, words = users.setdefault(row.user("user").casefold(), (row, []))
        words.extend(row.words("methods"))
    for row, words in users.values():
        yield Row(row.place, {**row.cells, "methods": sorted(set(words))}, row.headers)

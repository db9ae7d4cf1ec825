"""CSV tables of hosts: columns `host,address,port,user,tenant,tags`, found by the header line."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Mapping

from hygiene.errors import InventoryError
from hygiene.model import Target
from hygiene.targets.address import check_address, check_label, check_name, check_port, check_user, is_ip, show
from hygiene.targets.reading import TARGETS_MAX, Problems

COLUMNS = ("host", "address", "port", "user", "tenant", "tags")
_EXPECTED = "expected a header line with host and any of " + ", ".join(COLUMNS[1:])


def parse(text: str, name: str, problems: Problems) -> list[Target]:
    """The targets in the order of the rows; bad rows go to `problems`, a bad header raises InventoryError.

    The delimiter (comma, semicolon or tab) is the one that the header has most of. Only `host` must be there; further
    columns are passed over, unless their name is nearly one of ours. Tags are separated by blanks or semicolons.
    """
    header_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    targets: list[Target] = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            place = f"{name}:{reader.line_num}"
            if columns is None:
                columns = _header(cells, place)
                continue
            if len(cells) > len(columns) and any(cells[len(columns) :]):
                problems.add(
                    place, f"{len(cells)} cells, the header has {len(columns)}; quote a cell that holds {delimiter!r}"
                )
                continue
            if len(targets) >= TARGETS_MAX:
                problems.add(place, f"more than {TARGETS_MAX:,} hosts; split the table")
                break
            try:
                targets.append(_target(dict(zip(columns, cells, strict=False)), place))
            except ValueError as error:
                problems.add(place, error)
    except csv.Error as error:
        raise InventoryError(f"{name}:{reader.line_num}: is not CSV: {error}; check the quotes") from None
    if columns is None:
        raise InventoryError(f"{name}: is empty; {_EXPECTED}")
    return targets


def _header(cells: list[str], place: str) -> list[str]:
    columns = [cell.lower() for cell in cells]
    if "host" not in columns:
        raise InventoryError(f"{place}: no column named host among {show(', '.join(cells))}; {_EXPECTED}")
    for column in columns:
        if column in COLUMNS and columns.count(column) > 1:
            raise InventoryError(f"{place}: column {column} is there twice; keep one")
        if column not in COLUMNS and (near := difflib.get_close_matches(column[:40], COLUMNS, 1, 0.75)):
            raise InventoryError(f"{place}: column {show(column)}: is {near[0]} meant? rename it; {_EXPECTED}")
    return columns


def _target(cells: Mapping[str, str], place: str) -> Target:
    host = cells["host"].strip("[]")
    address = cells.get("address", "").strip("[]")
    try:
        address = check_address(address or host)
    except ValueError as error:
        raise ValueError(f"{error}; port and user have columns of their own") from None
    user, port, tenant = (cells.get(column) or "" for column in ("user", "port", "tenant"))
    tags = cells.get("tags", "").replace(";", " ").split()
    return Target(
        check_address(host) if is_ip(host) else check_name(host),
        address,
        check_port(port) if port else 22,
        check_user(user) if user else None,
        check_label(tenant, "tenant") if tenant else None,
        tuple(sorted({check_label(tag, "tag") for tag in tags})),
        place,
    )

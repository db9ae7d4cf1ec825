"""The places of many findings can be asked together: one question for each of 100,000 hosts would take hours."""

from __future__ import annotations

import pytest

from hygiene.api import Check, SubjectKind
from hygiene.registry import load, page_of
from hygiene.registry.__main__ import ours
from hygiene.testing.planting import examples, planted

# there are as many findings as hosts, keys or accounts; lists, exports and fleets are few
MANY = [check for check in ours(load()) if check.subject in (SubjectKind.HOST, SubjectKind.KEY, SubjectKind.ACCOUNT)]


@pytest.mark.parametrize("check", MANY, ids=lambda check: check.id)
def test_places_are_in_an_order_of_columns_that_they_show(check: type[Check]) -> None:
    shown = next(example for example in examples(page_of(check).sections["Example"]) if example.expected)
    with planted(shown.rows, shown.auditor_keys) as fleet:
        for finding in check().run(fleet):
            sql, order = finding.places.sql, finding.places.sql.rpartition("ORDER BY")[2]

            assert order
            assert ")" not in order
            assert next(fleet.query(f"SELECT * FROM ({sql}) ORDER BY {order}", finding.places.parameters))

"""Every page is whole and true: its sections, its example executed, its file in the repository current."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import hygiene_checks
import pytest

from hygiene.api import Check
from hygiene.model import TABLES
from hygiene.registry import load, page_of
from hygiene.registry.__main__ import ours, readme
from hygiene.registry.page import SECTIONS
from hygiene.store.schema import columns
from hygiene.testing.planting import Example, Expected, examples, findings, told

REPOSITORY = Path(__file__).parents[2]
CHECKS = ours(load())

by_id = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def _examples() -> list[object]:
    return [
        pytest.param(check, example, id=f"{check.id} {number}")
        for check in CHECKS
        for number, example in enumerate(examples(page_of(check).sections["Example"]), 1)
    ]


def test_all_checks_are_installed() -> None:
    assert CHECKS == hygiene_checks.CHECKS


@pytest.mark.parametrize(("check", "example"), _examples())
def test_example_is_true(check: type[Check], example: Example) -> None:
    assert tuple(told(finding) for finding in findings(check(), example.rows, example.auditor_keys)) == example.expected


@by_id
def test_examples_show_a_finding_and_a_pass(check: type[Check]) -> None:
    shown = [bool(example.expected) for example in examples(page_of(check).sections["Example"])]

    assert True in shown
    assert False in shown


@by_id
def test_a_check_has_its_own_file_class_and_id(check: type[Check]) -> None:
    words = check.id.split("-")

    assert check.__module__ == f"hygiene_checks.{'_'.join(words)}"
    assert check.__name__ == "".join(word.capitalize() for word in words)


@by_id
def test_page_is_whole(check: type[Check]) -> None:
    page = page_of(check)

    assert tuple(page.sections) == SECTIONS
    assert page.summary.endswith(".")
    assert page.controls
    # an identity that must not change with a policy: parameters are plain values, none is required
    assert check() == check()
    assert dataclasses.is_dataclass(check)


@by_id
def test_example_severities_are_within_what_the_check_says(check: type[Check]) -> None:
    ranks = {"low": 0, "medium": 1, "high": 2, "critical": 3}
    for example in examples(page_of(check).sections["Example"]):
        assert all(ranks[expected.severity] <= check.severity.rank for expected in example.expected)


@by_id
def test_tables_and_columns_that_an_example_names_exist(check: type[Check]) -> None:
    for table in re.findall(r"^\s*([a-z_]+): ", page_of(check).sections["Example"], re.MULTILINE):
        assert table in ("finds", "auditor_keys") or columns(TABLES[table])


def test_readme_is_current() -> None:
    assert (REPOSITORY / "checks" / "README.md").read_text(encoding="utf-8") == readme(CHECKS), "run `make pages`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("    grants: host=web1", "does not say what the check finds", id="nothing is expected"),
        pytest.param("    grant: host=web1\n    finds: nothing", "expected a table", id="a table that there is not"),
        pytest.param("    grants: hots=web1\n    finds: nothing", "no column hots", id="a column that there is not"),
        pytest.param("    grants: host=web1\n    finds nothing", "does not say what", id="the colon is missing"),
    ],
)
def test_an_example_that_cannot_be_understood_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(examples(text))


def test_an_example_is_read() -> None:
    (example,) = examples("""
        hosts: host=a{1..2} status=unreachable reason="timed out"
        auditor_keys: SHA256:x
        finds: low fleet hosts=2 2 of 2 hosts
            were not seen
    """)

    assert [(row.host, row.status.value, row.reason) for row in example.rows] == [
        ("a1", "unreachable", "timed out"),
        ("a2", "unreachable", "timed out"),
    ]
    assert example.auditor_keys == ("SHA256:x",)
    assert example.expected == (Expected("low", "fleet", {"hosts": 2}, "2 of 2 hosts were not seen"),)

"""The page says what is read: every format, every method, every key of a mapping."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hygiene.identities.file import JSON_BYTES
from hygiene.identities.methods import PHISHABLE, Method
from hygiene.identities.providers import FORMATS
from hygiene.policy.policy import load

PAGE = (Path(__file__).parents[2] / "docs" / "identities.md").read_text(encoding="utf-8")


def test_every_format_has_a_row() -> None:
    rows = re.findall(r"^\| ([A-Z][^|]+?) \|", PAGE, re.MULTILINE)

    assert {format_.name for format_ in FORMATS} <= set(rows)


def test_every_method_has_a_row() -> None:
    first_cells = "".join(re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE))

    assert set(re.findall(r"`([a-z0-9-]+)`", first_cells)) >= {method.value for method in Method}
    assert "| " + ", ".join(f"`{word}`" for word in ("sms", "voice", "email")) + " |" in PAGE
    assert {"sms", "voice", "email"} == PHISHABLE


def test_the_bound_is_true() -> None:
    assert f"JSON above {JSON_BYTES >> 20} MiB is refused" in PAGE


def test_the_mapping_is_one(tmp_path: Path) -> None:
    text = PAGE.partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "hygiene.toml"
    path.write_text(text, encoding="utf-8")

    assert load(path, []).identities == tomllib.loads(text)["identities"]

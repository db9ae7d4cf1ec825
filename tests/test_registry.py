"""What enters through entry points is whole, and what is not names its package."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hygiene.api import Audit, Check, Finding, Fleet, Medium, Report, Severity, SubjectKind
from hygiene.errors import UsageError
from hygiene.registry import Parameter, load, page_of, registry_of
from hygiene.registry.page import markdown

PAGE = """Say what.

## What it looks for

Lines.

## Why it matters

Because, `really`.

## Example

    finds: nothing

## What to do

Less.

## Limits

- Some.

## References

- None.
"""


@dataclass(frozen=True, slots=True)
class Plain(Check):
    __doc__ = PAGE
    id: ClassVar[str] = "plain-state"
    title: ClassVar[str] = "A plain state"
    severity: ClassVar[Severity] = Severity.LOW
    subject: ClassVar[SubjectKind] = SubjectKind.HOST
    controls: ClassVar[tuple[str, ...]] = ("NIST SP 800-53 r5 AC-6",)

    least: int = field(default=2, metadata={"doc": "from here", "min": 1})
    mode: str = field(default="a", metadata={"doc": "how", "choices": ("a", "b")})
    strict: bool = field(default=True, metadata={"doc": "really"})

    def run(self, fleet: Fleet) -> Iterator[Finding]:  # noqa: ARG002  nothing to find here
        return iter(())


class Text(Report):
    name: ClassVar[str] = "text"
    extension: ClassVar[str] = "txt"

    def render(self, audit: Audit, medium: Medium) -> Iterator[str]:  # noqa: ARG002  nothing to tell here
        return iter(())


def variant(**changes: Any) -> type[Check]:
    """Give the plain check with other class variables."""
    return type("Variant", (Plain,), {"__doc__": PAGE, **changes})


def unframed() -> type[Check]:
    class Loose(Check):
        __doc__ = PAGE
        id, title, severity, subject = "loose-state", "Loose", Severity.LOW, SubjectKind.HOST

        def run(self, fleet: Fleet) -> Iterator[Finding]:  # noqa: ARG002
            return iter(())

    return Loose


def with_field(value: Any) -> type[Check]:
    return dataclass(frozen=True, slots=True)(
        type("Odd", (Plain,), {"__doc__": PAGE, "__annotations__": {"odd": int}, "odd": value})
    )


def test_what_is_given_is_found_by_id_and_name() -> None:
    registry = registry_of([Plain], [Text])

    assert (dict(registry.checks), dict(registry.reports)) == ({"plain-state": Plain}, {"text": Text})


def test_installed_checks_and_reports_come_through_their_entry_points() -> None:
    registry = load()

    assert {name: registry.origins[name] for name in ("root-key-reuse", "password-short")} == {
        "root-key-reuse": "ssh-hygiene",
        "password-short": "ssh-hygiene",
    }
    assert "table" in registry.reports


def test_page() -> None:
    page = page_of(Plain)

    assert (page.id, page.title, page.summary) == ("plain-state", "A plain state", "Say what.")
    assert (page.why, page.remediation) == ("Because, `really`.", "Less.")
    assert page.sections["Example"] == "    finds: nothing"
    assert page.parameters == (
        Parameter("least", "whole number", 2, "from here", 1),
        Parameter("mode", "text", "a", "how", None, ("a", "b")),
        Parameter("strict", "true or false", True, "really"),
    )


def test_markdown_has_the_sections_the_parameters_and_the_controls() -> None:
    text = markdown(page_of(Plain))

    assert text.startswith("### plain-state\n\nSay what.\n\n#### What it looks for\n\nLines.\n\n")
    assert text.endswith("""#### Parameters

| name | kind | default | |
|---|---|---|---|
| `least` | whole number, at least 1 | `2` | from here |
| `mode` | text ("a", "b") | `"a"` | how |
| `strict` | true or false | `true` | really |

#### Controls

- NIST SP 800-53 r5 AC-6""")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(Text, "check Text: it does not derive from hygiene.api.Check", id="a report among checks"),
        pytest.param("Plain", "check 'Plain': it does not derive from hygiene.api.Check", id="not a class"),
        pytest.param(Check, "it has no run()", id="the abstract class itself"),
        pytest.param(variant(id="Plain State"), "its id is 'Plain State'; expected lower-case words", id="id"),
        pytest.param(variant(id="plain-"), "its id is 'plain-'", id="id ends with a hyphen"),
        pytest.param(variant(id=None), "its id is None", id="no id"),
        pytest.param(variant(title=" "), "it has no title", id="title"),
        pytest.param(variant(severity="high"), "its severity is 'high'; expected Severity", id="severity as text"),
        pytest.param(variant(subject=None), "its subject is None; expected SubjectKind", id="subject"),
        pytest.param(variant(confidence=3), "its confidence is 3; expected Confidence", id="confidence"),
        pytest.param(variant(needs={"hosts"}), "expected frozenset", id="needs"),
        pytest.param(variant(needs=frozenset({"host"})), "it needs host; expected tables", id="an unknown table"),
        pytest.param(variant(controls=["a"]), "its controls are not a tuple of texts", id="controls"),
        pytest.param(variant(__doc__=None), "has the sections (none); expected", id="no page"),
        pytest.param(
            variant(__doc__=PAGE.replace("## Limits", "## Limit")), "expected `## ` and", id="a section's name"
        ),
        pytest.param(variant(__doc__=PAGE + "\n## Limits\n\nTwice."), "expected `## ` and", id="a section twice"),
        pytest.param(
            variant(__doc__=PAGE.replace("Less.", "")), "says nothing under What to do", id="an empty section"
        ),
        pytest.param(variant(__doc__=PAGE[len("Say what.") :]), "nothing under its first line", id="no first line"),
        pytest.param(unframed(), "it is no dataclass", id="no dataclass"),
        pytest.param(with_field(field(metadata={"doc": "x"}, kw_only=True)), "odd has no default", id="no default"),
        pytest.param(
            with_field(field(default=(1,), metadata={"doc": "x"})), "odd has no default of a plain", id="kind"
        ),
        pytest.param(with_field(field(default=1)), "its parameter odd is not explained", id="no explanation"),
        pytest.param(
            with_field(field(default=1, metadata={"doc": "x", "min": 2})), "not allowed", id="below its minimum"
        ),
        pytest.param(
            with_field(field(default=1, metadata={"doc": "x", "choices": (2,)})), "not allowed", id="no choice"
        ),
    ],
)
def test_a_check_that_is_not_whole_is_refused(found: Any, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        registry_of([found])

    assert str(raised.value).startswith("package given: check ")
    assert message in str(raised.value)
    assert str(raised.value).endswith("repair or uninstall the package")


def test_a_check_that_can_be_changed_is_refused() -> None:
    @dataclass
    class Soft(Check):
        __doc__ = PAGE
        id: ClassVar[str] = "soft-state"
        title: ClassVar[str] = "Soft"
        severity: ClassVar[Severity] = Severity.LOW
        subject: ClassVar[SubjectKind] = SubjectKind.HOST

        def run(self, fleet: Fleet) -> Iterator[Finding]:  # noqa: ARG002
            return iter(())

    with pytest.raises(UsageError, match="can be changed"):
        registry_of([Soft])


def test_two_checks_of_one_id_are_refused() -> None:
    with pytest.raises(UsageError, match="the id plain-state is taken by package given"):
        registry_of([Plain, variant()])


@pytest.mark.parametrize(
    ("found", "message"),
    [
        pytest.param(Plain, "it does not derive from hygiene.api.Report", id="a check among reports"),
        pytest.param(Report, "it has no render", id="the abstract class itself"),
        pytest.param(type("Odd", (Text,), {"name": "Text"}), "its name is 'Text'", id="name"),
        pytest.param(type("Odd", (Text,), {"extension": ".txt"}), "its extension is '.txt'", id="a dot"),
    ],
)
def test_a_report_that_is_not_whole_is_refused(found: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        registry_of(reports=[found])


def test_two_reports_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="the name text is taken by package given"):
        registry_of(reports=[Text, type("Twin", (Text,), {})])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param("raise RuntimeError('no licence')", "cannot be loaded (RuntimeError: no licence)", id="it raises"),
        pytest.param("import nothing_of_this_name", "cannot be loaded (ModuleNotFoundError", id="it lacks a package"),
        pytest.param("", "cannot be loaded (AttributeError", id="it has no such list"),
        pytest.param("CHECKS = 3", "is int; expected a list of classes", id="it gives something else"),
        pytest.param("CHECKS = [int]", "check int: it does not derive from hygiene.api.Check", id="it gives no checks"),
    ],
)
def test_a_broken_package_of_others_is_named(tmp_path: Path, code: str, message: str) -> None:
    """A real distribution beside ours, in a process of its own."""
    (tmp_path / "acme_checks.py").write_text(code)
    info = tmp_path / "acme_checks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hygiene.checks]\nacme = acme_checks:CHECKS\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from hygiene.errors import UsageError; from hygiene.registry import load\n"
        "try: load()\nexcept UsageError as error: print(error)\nelse: print('loaded')"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()

    assert told.startswith("package acme-checks: ")
    assert message in told
    assert told.endswith("repair or uninstall the package")


def test_entry_points_are_those_of_the_distribution() -> None:
    ours = {(entry.group, entry.value) for entry in metadata.distribution("ssh-hygiene").entry_points}

    assert {("hygiene.checks", "hygiene_checks:CHECKS"), ("hygiene.reports", "hygiene_reports:REPORTS")} <= ours

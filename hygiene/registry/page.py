"""A check's page: its docstring in sections, and the table of its parameters from its fields.

A docstring is one sentence, then `## ` and the name of a section, its text, and so on through SECTIONS. Texts are
paragraphs, lists (`- `) and indented code, `code` between backticks.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, Final

from hygiene.api import Check

SECTIONS: Final = ("What it looks for", "Why it matters", "Example", "What to do", "Limits", "References")

_KINDS: Final[Mapping[type, str]] = {int: "whole number", bool: "true or false", float: "number", str: "text"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What the policy may set in `[checks.ID]`."""

    name: str
    kind: str  # for a person: `whole number`, ...
    default: Any
    doc: str
    minimum: Any = None
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a person can read about a check."""

    id: str
    title: str
    summary: str  # the first sentence of the docstring
    sections: Mapping[str, str]  # by name, in the order of SECTIONS
    parameters: tuple[Parameter, ...]
    controls: tuple[str, ...]

    @property
    def why(self) -> str:
        return self.sections["Why it matters"]

    @property
    def remediation(self) -> str:
        return self.sections["What to do"]


def page_of(check: type[Check]) -> Page:
    """Read a check's page. Raises ValueError that says what is missing or out of order."""
    summary, sections = _sections(inspect.cleandoc(check.__doc__ or ""))
    return Page(check.id, check.title, summary, sections, parameters_of(check), check.controls)


def _sections(docstring: str) -> tuple[str, Mapping[str, str]]:
    summary, *parts = ("\n" + docstring).split("\n## ")
    found: dict[str, str] = {}
    for part in parts:
        name, _, text = part.partition("\n")
        found[name.strip()] = text.strip("\n").rstrip()
    if tuple(found) != SECTIONS or len(parts) != len(SECTIONS):
        raise ValueError(
            f"its docstring has the sections {', '.join(p.partition(chr(10))[0].strip() for p in parts) or '(none)'}; "
            f"expected `## ` and {', '.join(SECTIONS)}, in this order"
        )
    empty = [name for name, text in found.items() if not text]
    if empty or not summary.strip():
        raise ValueError(f"its docstring says nothing under {', '.join(empty) or 'its first line'}")
    return " ".join(summary.split()), found


def parameters_of(check: type[Check]) -> tuple[Parameter, ...]:
    """Give the parameters of a check. Raises ValueError for a field without default or explanation."""
    if not is_dataclass(check):
        raise ValueError("it is no dataclass; expected @dataclass(frozen=True, slots=True)")
    return tuple(_parameter(field) for field in fields(check))


def _parameter(field: Field[Any]) -> Parameter:
    default, doc = field.default, field.metadata.get("doc")
    if default is MISSING or type(default) not in _KINDS:
        raise ValueError(f"its parameter {field.name} has no default of a plain kind ({', '.join(_KINDS.values())})")
    if not doc or not isinstance(doc, str):
        raise ValueError(f"its parameter {field.name} is not explained; expected field(metadata={{'doc': ...}})")
    minimum, choices = field.metadata.get("min"), tuple(field.metadata.get("choices", ()))
    if (minimum is not None and default < minimum) or (choices and default not in choices):
        raise ValueError(f"the default of its parameter {field.name} is not allowed by its own bounds")
    return Parameter(field.name, _KINDS[type(default)], default, doc, minimum, choices)


def markdown(page: Page) -> str:
    """Give a page as Markdown, its headings on the third level and below."""
    parts = [f"### {page.id}", page.summary]
    for name, text in page.sections.items():
        parts += [f"#### {name}", text]
    if page.parameters:
        rows = [f"| `{p.name}` | {p.kind}{_bounds(p)} | `{_literal(p.default)}` | {p.doc} |" for p in page.parameters]
        parts += ["#### Parameters", "\n".join(["| name | kind | default | |", "|---|---|---|---|", *rows])]
    if page.controls:
        parts += ["#### Controls", "\n".join(f"- {control}" for control in page.controls)]
    return "\n\n".join(parts)


def _bounds(parameter: Parameter) -> str:
    if parameter.choices:
        return f" ({', '.join(map(_literal, parameter.choices))})"
    return f", at least {_literal(parameter.minimum)}" if parameter.minimum is not None else ""


def _literal(value: Any) -> str:
    """Give a value as it is written in the policy file (TOML)."""
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)

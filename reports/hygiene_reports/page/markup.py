"""HTML whose texts cannot become markup: every text is escaped unless it is Markup already."""

from __future__ import annotations

from html import escape
from typing import Final

from hygiene.api import visible
from hygiene_reports.visible import clip

LONGEST_TEXT: Final = 2_000  # characters; one host must not fill the page


class Markup(str):
    """Markup made by `element` or `join`; any other str is text."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Give a text as markup: what acts or hides is spelt out, then `&`, `<`, `>` and both quotes are escaped."""
    return value if isinstance(value, Markup) else Markup(escape(clip(visible(value), LONGEST_TEXT), quote=True))


def join(*children: str) -> Markup:
    """Put texts and markup one after the other."""
    return Markup("".join(map(text, children)))


def element(name: str, *children: str, **attributes: str) -> Markup:
    """Give an element; `class_` and the like lose the mark at the end, `aria_label` becomes `aria-label`."""
    given = "".join(
        f' {attribute.rstrip("_").replace("_", "-")}="{text(value)}"' for attribute, value in attributes.items()
    )
    return Markup(f"<{name}{given}>{join(*children)}</{name}>")


def section(name: str, title: str, lead: str, *children: str) -> Markup:
    """Give a section of the page that `#name` leads to."""
    return element("section", element("h2", title), element("p", lead, class_="lead"), *children, id=name)


def prose(value: str) -> Markup:
    """Give paragraphs, lists and code of a check's page, as its docstring writes them.

    Blocks stand between blank lines: one whose lines all begin with `- ` is a list (lines that follow indented belong
    to their item), one that is indented is code, any other a paragraph. `code` between backticks is set as code.
    """
    blocks: list[list[str]] = [[]]
    for line in value.expandtabs().split("\n"):
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return join(*(_block(block) for block in blocks if block))


def _block(lines: list[str]) -> Markup:
    if all(line.startswith("    ") for line in lines):
        return element("pre", Markup("\n".join(text(line[4:]) for line in lines)))
    if lines[0].startswith("- "):
        items: list[str] = []
        for line in lines:
            if line.startswith("- "):
                items.append(line[2:])
            else:
                items[-1] += " " + line.strip()
        return element("ul", *(element("li", _spans(item)) for item in items))
    return element("p", _spans(" ".join(line.strip() for line in lines)))


def _spans(value: str) -> Markup:
    parts = value.split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner: text
        return text(value)
    return join(*(element("code", part) if number % 2 else text(part) for number, part in enumerate(parts)))

"""Bars as tables: each row keeps its text and numbers as text, and a small inline SVG draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hygiene_reports.page.markup import Markup, element


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: a class of the style sheet, how many, and what it is."""

    style: str
    number: int
    label: str


def bar(parts: Sequence[Part], whole: int, style: str = "bar") -> Markup:
    """Draw the parts side by side, in shares of `whole`; a part that is there is never too thin to be seen."""
    drawn, start = [element("rect", class_="bed", width="100%", height="100%")], 0.0
    for part in parts:
        if part.number and whole:
            share = 100 * part.number / whole
            drawn.append(
                element(
                    "rect",
                    element("title", f"{part.label}: {part.number:,}"),
                    class_=part.style,
                    x=f"{start:.3f}%",
                    width=f"{max(share, 0.6):.3f}%",
                    height="100%",
                )
            )
            start += share
    told = ", ".join(f"{part.label}: {part.number:,}" for part in parts)
    return element("svg", *drawn, class_=style, role="img", aria_label=told)


def legend(parts: Iterable[Part], *, numbers: bool = True) -> Markup:
    """Say which colour is what, with its number."""
    return element(
        "ul",
        *(
            element(
                "li",
                element("svg", element("rect", class_=part.style, width="100%", height="100%"), aria_hidden="true"),
                f"{part.number:,} {part.label}" if numbers else part.label,
            )
            for part in parts
        ),
        class_="legend",
    )


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = (), plot: int = -1, style: str = ""
) -> Markup:
    """Give a table whose rows are named by their first cell; columns in `numbers` are set to the right.

    On a narrow screen the style sheet sets each row as a block, with the heads from `data-head` beside the values.
    """
    styles = {column: {"class_": "number"} for column in numbers} | {plot: {"class_": "plot"}}
    head = [element("th", value, scope="col", **styles.get(column, {})) for column, value in enumerate(heads)]
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(
                element("td", value, data_head=heads[column], **styles.get(column, {}))
                for column, value in enumerate(row[1:], start=1)
            ),
        )
        for row in rows
    ]
    made = element(
        "table", element("thead", element("tr", *head)), element("tbody", *body), **({"class_": style} if style else {})
    )
    return element("div", made, class_="scroll")

"""One HTML file to show around: no script, no outside resource, reads without either, prints.

The page's policy (Content-Security-Policy) allows nothing but its own style sheet, by hash. Every text goes through
`markup`, which escapes it; there is no other way into the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.resources import files

from hygiene.api import Audit, Medium, Report
from hygiene_reports.page.access import logins, passwords, reach
from hygiene_reports.page.counts import people, weakest
from hygiene_reports.page.figures import figures
from hygiene_reports.page.findings import findings
from hygiene_reports.page.lists import lists
from hygiene_reports.page.markup import Markup, element, text
from hygiene_reports.page.scope import coverage, gaps, method
from hygiene_reports.page.top import top
from hygiene_reports.wording import headline


class HtmlReport(Report):
    """A page for people."""

    name = "html"
    extension = "html"

    # a page has the width of its window
    def render(self, audit: Audit, medium: Medium) -> Iterator[str]:  # noqa: ARG002
        """Give the page section by section."""
        numbers = figures(audit.fleet)
        yield _head(headline(audit))
        yield top(audit, numbers)
        yield "\n<main>\n"
        for section in (
            coverage(audit, numbers),
            findings(audit),
            weakest(audit.summary),
            reach(numbers),
            logins(numbers),
            passwords(numbers),
            lists(audit.fleet),
            people(audit.summary),
            gaps(audit),
            method(audit),
        ):
            if section:
                yield section + "\n"
        yield "</main>\n"
        yield element("footer", element("p", f"Written by hygiene {audit.scan.tool_version}.")) + "\n</body>\n</html>\n"


def _head(title: str) -> str:
    style = files("hygiene_reports.page").joinpath("style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{text(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"{element('title', title)}\n<style>{Markup(style)}</style>\n</head>\n<body>\n"
    )

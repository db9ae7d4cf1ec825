"""How little it takes: accounts and roots by their weakest way in, people by their second factor."""

from __future__ import annotations

from typing import Final

from hygiene.api import Summary, counted
from hygiene_reports.page.markup import Markup, element, section
from hygiene_reports.page.plots import table
from hygiene_reports.wording import on_condition, people_rows, weakest_rows, without_second_factor

MOST_REASONS: Final = 20
LEAD: Final = (
    "Each account that was seen stands once, by what its weakest way in takes; roots are the accounts that lead to "
    "everything as root, at once or through sudo or su, by what all of that takes. Factors are credentials of "
    "different form: two keys are one, two passwords are one. What is unknown may be anything: it never counts as two."
)


def weakest(summary: Summary) -> Markup:
    """Accounts and roots by their weakest way in, and why some are not known."""
    logins, rows = summary.logins, weakest_rows(summary.logins)
    if logins is None or not rows:
        return Markup()
    cells = [(words, f"{accounts:,}", f"{roots:,}") for words, accounts, roots in rows]
    pieces = [table(("weakest way in", "accounts", "roots"), cells, numbers=(1, 2), style="counts")]
    if note := on_condition(logins):
        pieces.append(element("p", note, class_="note"))
    if logins.reasons:
        whys = [(why.reason, f"{why.accounts:,}", f"{why.roots:,}") for why in logins.reasons[:MOST_REASONS]]
        pieces += [
            element("h3", "Why it is unknown"),
            table(("reason", "accounts", "roots"), whys, numbers=(1, 2)),
        ]
        if (more := logins.reasons_total - len(whys)) > 0:
            told = f"{counted(more, 'reason is', 'reasons are')} left out here, the smallest."
            pieces.append(element("p", told, class_="note"))
    return section("weakest", "The weakest way in", LEAD, *pieces)


def people(summary: Summary) -> Markup:
    """People of identity exports by their second factor, admins first."""
    counts = summary.people
    if counts is None:
        return Markup()
    cells = [(words, *(f"{number:,}" for number in numbers)) for words, *numbers in people_rows(counts)]
    heads = ("second factor", "admins", "others", "not said whether admin")
    return section(
        "people",
        "Second factors of people",
        f"{without_second_factor(counts)} Phishable is a code by SMS, voice or mail.",
        table(heads, cells, numbers=(1, 2, 3), style="counts"),
    )

"""What was seen, what was not, and who looked how: coverage, gaps, scope and method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from hygiene.api import AreaState, Audit, Scan, counted
from hygiene_reports.page.figures import Figures
from hygiene_reports.page.markup import Markup, element, join, section
from hygiene_reports.page.plots import Part, bar, legend, table
from hygiene_reports.wording import books, gaps_by_area, scope

MOST_GAPS: Final = 100  # listed one by one, of each kind

STATES: Final[Mapping[str, str]] = {
    "complete": "complete",
    "partial": "seen in part",
    "unreachable": "unreachable",
    "refused": "refused our login or showed another host key",
    "skipped": "not tried",
}
AREA_STATES: Final[Mapping[AreaState, str]] = {
    AreaState.SEEN: "seen",
    AreaState.PARTIAL: "in part",
    AreaState.UNSEEN: "not seen",
    AreaState.ABSENT: "not there",
}


def coverage(audit: Audit, numbers: Figures) -> Markup:
    """How many hosts were seen, and how much of each."""
    books_of_run = audit.scan.coverage
    if not books_of_run.targets:
        return section("coverage", "Coverage", "No host was in scope.")
    parts = [Part(state, number, STATES[state]) for state, number in books(books_of_run)]
    rows = [
        (
            area.replace("_", " "),
            bar([Part(state, states.get(state, 0), AREA_STATES[state]) for state in AREA_STATES], sum(states.values())),
            *(f"{states.get(state, 0):,}" for state in AREA_STATES),
        )
        for area, states in numbers.areas.items()
    ]
    by_area = [
        element("h3", "What was seen, by area"),
        table(("area", "", *AREA_STATES.values()), rows, numbers=range(2, 6), plot=1, style="bars"),
    ]
    return section(
        "coverage",
        "Coverage",
        f"Each of the {counted(books_of_run.targets, 'target')} stands in exactly one of these.",
        bar(parts, books_of_run.targets, "bar wide"),
        legend(parts),
        *(by_area if rows else []),
    )


def gaps(audit: Audit) -> Markup:
    """What was not seen, by area and one by one."""
    areas, accepted = gaps_by_area(audit.gaps), [gap for gap in audit.gaps if gap.accepted]
    open_gaps = [gap for gap in audit.gaps if not gap.accepted]
    if not audit.gaps:
        return section("gaps", "Not seen", "No gap was recorded.")
    pieces = []
    if areas:
        rows = [
            (area.area.replace("_", " "), f"{area.count:,}", area.reason or "no reason given", area.hint)
            for area in areas
        ]
        pieces.append(table(("area", "gaps", "most frequent reason", "what to do"), rows, numbers=(1,), style="gaps"))
    for name, listed in (("Each of them", open_gaps), ("Accepted in the policy", accepted)):
        if listed:
            rows_of = [(gap.subject, gap.area.replace("_", " "), gap.reason) for gap in listed[:MOST_GAPS]]
            of = (
                f", the first {len(rows_of)} of {len(listed):,}"
                if len(listed) > len(rows_of)
                else f" ({len(listed):,})"
            )
            made = table(("subject", "area", "reason"), rows_of)
            pieces.append(element("details", element("summary", f"{name}{of}"), made, class_="places"))
    return section(
        "gaps", "Not seen", "What could not be read or understood is neither good nor bad: it is unknown.", *pieces
    )


def method(audit: Audit) -> Markup:
    """Who ran what version with which policy, what was in scope, what was left out, which checks ran."""
    states = Counter(check.state for check in audit.checks)
    order = {"crashed": 0, "not-run": 1, "ignored": 2}
    rows = [
        (check.title or check.id, element("code", check.id), check.state.replace("-", " "), check.note)
        for check in sorted(audit.checks, key=lambda check: order.get(check.state, 3))
    ]
    told = ", ".join(f"{number:,} {state.replace('-', ' ')}" for state, number in sorted(states.items()))
    checks = [element("h3", f"Checks: {told}"), table(("check", "id", "state", "note"), rows)] if rows else []
    return section(
        "method",
        "Scope and method",
        "Hosts are read over SSH by a script that writes nothing there, or from images and bundles.",
        _facts(audit.scan),
        element(
            "p",
            "A finding is one thing to fix, whatever the number of places; its id stays the same in every audit. "
            "Severity says how bad it is if true, confidence how sure that is. No password, private key or password "
            "hash is in this report or in the tables behind it.",
        ),
        *checks,
    )


def _facts(scan: Scan) -> Markup:
    facts = (join(element("dt", label), element("dd", value)) for label, value in scope(scan))
    return element("dl", *facts, class_="facts")

"""What is wrong: by severity and check, with why it matters, what to do and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hygiene.api import Audit, Confidence, FindingStatus, Severity, Verdict, counted
from hygiene_reports.page.markup import Markup, element, prose, section
from hygiene_reports.page.plots import table
from hygiene_reports.wording import SEVERITIES, by_check, open_verdicts, strongest

MOST_FINDINGS: Final = 500  # rendered; JSON has all
MOST_OF_CHECK: Final = 5  # before the fold
MOST_PLACES: Final = 10


def findings(audit: Audit) -> Markup:
    """What is wrong, worst first and by check."""
    found, titles = open_verdicts(audit.verdicts), {check.id: check.title for check in audit.checks}
    rendered = found[:MOST_FINDINGS]
    pieces: list[Markup] = []
    for severity in SEVERITIES:
        of_severity = by_check(verdict for verdict in rendered if verdict.severity is severity)
        if of_severity:
            total = sum(verdict.severity is severity for verdict in found)
            pieces.append(element("h3", f"{severity.capitalize()} ({total:,})"))
            pieces += [_check(titles.get(check) or check, verdicts) for check, verdicts in of_severity.items()]
    if len(found) > len(rendered):
        left_out = (
            f"{len(found) - len(rendered):,} of {counted(len(found), 'finding')} are left out here, the least severe."
        )
        pieces.append(element("p", f"{left_out} The JSON report has all of them.", class_="warn"))
    pieces += _not_gating(audit, titles)
    lead = "Worst first. Each opens to why it matters, what to do and where." if found else "No finding is open."
    return section("findings", "Findings", lead, *pieces)


def _check(title: str, verdicts: Sequence[Verdict]) -> Markup:
    first = verdicts[0]
    severe = first.severity in {Severity.CRITICAL, Severity.HIGH}
    summary = element(
        "summary",
        element("span", first.severity, class_=f"badge {first.severity}"),
        element("span", title, class_="title"),
        element("span", f" · {counted(len(verdicts), 'finding')}", class_="many"),
        element("span", strongest(verdicts), class_="worst"),
    )
    shown = [_finding(verdict, alone=len(verdicts) == 1) for verdict in verdicts[:MOST_OF_CHECK]]
    rest = [_finding(verdict) for verdict in verdicts[MOST_OF_CHECK:]]
    body = [
        element("h4", "Why it matters"),
        prose(first.why),
        element("h4", "What to do"),
        prose(first.remediation),
        element("h4", "Found"),
        *shown,
    ]
    if rest:
        body.append(element("details", element("summary", f"{len(rest):,} more"), *rest, class_="places"))
    controls = f" · {'; '.join(first.controls)}" if first.controls else ""
    body.append(element("p", "hygiene explain ", element("code", first.finding.check), controls, class_="note"))
    opened = {"open": "open"} if severe else {}
    return element(
        "details", summary, element("div", *body, class_="body"), class_=f"finding {first.severity}", **opened
    )


def _finding(verdict: Verdict, *, alone: bool = False) -> Markup:
    finding = verdict.finding
    sure = "" if finding.confidence is Confidence.HIGH else f" · confidence {finding.confidence}"
    subject = element("p", f"{finding.subject.kind} ", element("code", finding.subject.id), sure, class_="subject")
    told = [subject] if alone else [element("p", finding.message), subject]
    if verdict.sample:
        told.append(_places(verdict))
    return element("div", *told, class_="one")


def _places(verdict: Verdict) -> Markup:
    sample = verdict.sample[:MOST_PLACES]
    names = list(sample[0])
    of = f", the first {len(sample)} of them" if verdict.places_total > len(sample) else ""
    rows = [["" if place.get(name) is None else _value(place[name]) for name in names] for place in sample]
    return element(
        "details",
        element("summary", f"{counted(verdict.places_total, 'place')}{of}"),
        table(names, rows),
        class_="places",
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _not_gating(audit: Audit, titles: Mapping[str, str]) -> list[Markup]:
    known = [verdict for verdict in audit.verdicts if verdict.status is not FindingStatus.OPEN]
    if not known:
        return []
    rows = [
        (v.status, v.severity, titles.get(v.finding.check) or v.finding.check, v.finding.subject.id, v.finding.message)
        for v in known[:MOST_FINDINGS]
    ]
    more = f" The first {len(rows):,} are listed." if len(rows) < len(known) else ""
    return [
        element("h3", f"Waived or in the baseline ({len(known):,})"),
        element(
            "details",
            element("summary", f"True as well, but known: they do not gate.{more}"),
            table(("status", "severity", "check", "subject", "message"), rows),
            class_="places",
        ),
    ]

"""The head of the page: headline, verdict, key figures, and where to read on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hygiene.api import Audit, PathVerdict, Severity, counted
from hygiene_reports.page.figures import Figures
from hygiene_reports.page.markup import Markup, element, join
from hygiene_reports.wording import accepted_gaps, findings_line, gaps_by_area, headline, open_verdicts, weakest_rows


def top(audit: Audit, numbers: Figures) -> Markup:
    """Headline, verdict and the row of key figures."""
    scan = audit.scan
    links = [("#coverage", "Coverage"), ("#findings", "Findings")]
    links += [("#weakest", "Weakest way in")] if weakest_rows(audit.summary.logins) else []
    links += [("#reach", "Reach")] if numbers.keys else []
    links += [("#logins", "Logins")] if numbers.paths else []
    links += [("#passwords", "Passwords")] if numbers.scores.total else []
    links += [("#lists", "Lists")] if audit.fleet.table_present("password_lists") else []
    links += [("#people", "People")] if audit.summary.people is not None else []
    links += [("#gaps", "Not seen"), ("#method", "Scope and method")]
    return element(
        "header",
        element("p", f"SSH and credential hygiene · {scan.finished_at:%d %B %Y}", class_="kicker"),
        element("h1", headline(audit)),
        _verdict(audit),
        element("ul", *_cards(audit, numbers), class_="cards"),
        element("nav", *(join(element("a", name, href=to), " ") for to, name in links), aria_label="Sections"),
    )


def _verdict(audit: Audit) -> Markup:
    found = open_verdicts(audit.verdicts)
    worst = element("span", found[0].severity, class_=f"badge {found[0].severity}") if found else Markup()
    told = [element("p", worst, f" Open findings: {findings_line(audit)}.", class_="verdict")]
    unsure = _unsure(audit)
    if unsure:
        told.append(element("p", f"Not the whole picture: {unsure}.", class_="warn"))
    return join(*told)


def _unsure(audit: Audit) -> str:
    coverage = audit.scan.coverage
    missing = coverage.unreachable + coverage.refused + coverage.skipped
    of = f"of {counted(coverage.targets, 'host')}"
    states = Counter(check.state for check in audit.checks)
    gaps = sum(area.count for area in gaps_by_area(audit.gaps))
    return ", ".join(
        words
        for number, words in (
            (missing, f"{missing:,} {of} {'was' if missing == 1 else 'were'} not seen"),
            (coverage.partial, f"{coverage.partial:,} {'was' if coverage.partial == 1 else 'were'} seen only in part"),
            (gaps, f"{counted(gaps, 'gap')} {'is' if gaps == 1 else 'are'} listed below"),
            (states["crashed"], f"{counted(states['crashed'], 'check')} crashed"),
            (states["not-run"], f"{counted(states['not-run'], 'check')} could not be asked"),
        )
        if number
    )


def _cards(audit: Audit, numbers: Figures) -> Iterator[Markup]:
    coverage, found = audit.scan.coverage, open_verdicts(audit.verdicts)
    if coverage.targets:
        part = f", {coverage.partial:,} in part" if coverage.partial else ""
        yield _card("Hosts seen", coverage.complete + coverage.partial, f"of {coverage.targets:,}{part}")
    severe = sum(verdict.severity in {Severity.CRITICAL, Severity.HIGH} for verdict in found)
    yield _card("Open findings", len(found), f"{severe:,} critical or high")
    if numbers.keys:
        widest = next((key for key in numbers.keys if not key.is_ours), numbers.keys[0])
        as_root = widest.root_hosts > 0
        yield _card(
            "Widest key", widest.root_hosts or widest.hosts, "hosts, as root" if as_root else "hosts, nowhere as root"
        )
    alone = [path for path in numbers.paths if path.kinds == ("password",) and path.verdict is PathVerdict.ONE]
    if numbers.paths:
        yield _card("Password alone", sum(path.accounts for path in alone), "accounts it lets in")
    if numbers.scores.total:
        yield _card("Guessable", numbers.scores.guessable, f"of {numbers.scores.total:,} passwords, score 0 or 1")
    gaps = sum(area.count for area in gaps_by_area(audit.gaps))
    accepted = accepted_gaps(audit.gaps)
    yield _card("Gaps", gaps, f"not seen; {accepted:,} more accepted" if accepted else "not seen")


def _card(label: str, number: int, beside: str) -> Markup:
    return element(
        "li",
        element("span", label, class_="label"),
        element("span", f"{number:,}", class_="number"),
        element("span", beside, class_="beside"),
    )

"""The table on a terminal: one headline, the books, findings worst first, gaps, scope, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tabulate import tabulate

from hygiene.api import Audit, CheckRun, Medium, Report, Severity, Summary, Verdict, counted, visible
from hygiene_reports.visible import clip, columns, wrap
from hygiene_reports.wording import (
    accepted_gaps,
    books,
    by_check,
    few,
    findings_line,
    gaps_by_area,
    headline,
    on_condition,
    open_verdicts,
    people_rows,
    scope,
    strongest,
    weakest_rows,
    without_second_factor,
)

MOST_ROWS: Final = 40  # more findings than this are told by check
WORST_OF_CHECK: Final = 3
MOST_REASONS: Final = 5
LONGEST_CELL: Final = 480  # columns: one host must not fill the screen
LONGEST_AREA: Final = 20
NARROWEST: Final = 40
MESSAGE_WIDTH: Final = 36  # with less than this beside the other columns, message and subject share one
GUTTER: Final = 2
LABEL: Final = 10

_COLOURS: Final = {
    Severity.CRITICAL: "\x1b[1;31m",
    Severity.HIGH: "\x1b[31m",
    Severity.MEDIUM: "\x1b[33m",
    Severity.LOW: "\x1b[36m",
}
_BOLD: Final = "\x1b[1m"
_PLAIN: Final = "\x1b[0m"


class TableReport(Report):
    """A table for people."""

    name = "table"
    extension = "txt"

    def render(self, audit: Audit, medium: Medium) -> Iterator[str]:
        """Give the table block by block; no line is wider than the medium, down to 40 columns."""
        medium = Medium(None if medium.width is None else max(medium.width, NARROWEST), medium.colour)
        found = open_verdicts(audit.verdicts)
        for line in wrap(_shown(headline(audit)), medium.width):
            yield _painted(line, _BOLD, medium) + "\n"
        yield "\n"
        yield _pairs(_overview(audit), medium)
        for block in (
            _findings(found, medium),
            _logins(audit.summary, medium),
            _people(audit.summary, medium),
            _gaps(audit, medium),
            _trouble(audit.checks, medium),
        ):
            if block:
                yield "\n" + block
        yield "\n" + _pairs(_scope(audit), medium)
        yield from _next_step(found, medium)


def _overview(audit: Audit) -> list[tuple[str, str]]:
    coverage, accepted = audit.scan.coverage, accepted_gaps(audit.gaps)
    told = ", ".join(f"{number:,} {state}" for state, number in books(coverage))
    gaps = sum(area.count for area in gaps_by_area(audit.gaps))
    states = [check.state for check in audit.checks]
    checks = ", ".join(
        f"{states.count(state):,} {words}"
        for state, words in (("ran", "ran"), ("not-run", "not run"), ("crashed", "crashed"), ("ignored", "ignored"))
        if state in states
    )
    return [
        ("Hosts", f"{counted(coverage.targets, 'target')}: {told}" if coverage.targets else "none in scope"),
        ("Lists", few(audit.scan.lists) or "none"),
        ("Findings", findings_line(audit)),
        ("Gaps", f"{gaps:,} not accepted, {accepted:,} accepted in the policy" if gaps or accepted else "none"),
        ("Checks", checks or "none"),
    ]


def _scope(audit: Audit) -> list[tuple[str, str]]:
    return [(label, value) for label, value in scope(audit.scan) if label not in {"Targets", "Lists"}]


def _findings(found: Sequence[Verdict], medium: Medium) -> str:
    if not found:
        return ""
    if len(found) > MOST_ROWS:
        return _findings_by_check(found, medium)
    severities = [_painted(verdict.severity, _COLOURS[verdict.severity], medium) for verdict in found]
    checks = [_shown(verdict.finding.check) for verdict in found]
    subjects = [_shown(verdict.finding.subject.id) for verdict in found]
    messages = [_shown(verdict.finding.message) for verdict in found]
    headers = ("severity", "check", "subject", "message")
    beside = list(zip(severities, checks, subjects, strict=True))
    if (room := _room(headers, beside, medium)) is None or room >= MESSAGE_WIDTH:
        rows = [(*row, message) for row, message in zip(beside, messages, strict=True)]
        return _grid(headers, rows, medium)
    room = _room(("severity", ""), [("critical",)], medium)
    told = []
    for check, subject, message in zip(checks, subjects, messages, strict=True):
        named = f"{check}  {subject}"
        lines = [*wrap(message, room), *([named] if columns(named) <= (room or 0) else [check, *wrap(subject, room)])]
        told.append("\n".join(lines))
    return _grid(("severity", "finding"), list(zip(severities, told, strict=True)), medium)


def _findings_by_check(found: Sequence[Verdict], medium: Medium) -> str:
    rows, shown = [], 0
    room = _room(("severity", "findings", ""), [("critical", "findings")], medium)
    for check, verdicts in by_check(found).items():
        worst = verdicts[0].severity
        told = strongest(verdicts)
        lines = [_shown(check), *(wrap(_shown(told), room) if told != verdicts[0].finding.message else ())]
        for verdict in verdicts[:WORST_OF_CHECK]:
            first, *rest = wrap(_shown(verdict.finding.message), room and room - 2)
            lines += [f"- {first}", *(f"  {line}" for line in rest)]
        shown += min(WORST_OF_CHECK, len(verdicts))
        if (more := len(verdicts) - WORST_OF_CHECK) > 0:
            lines.append(f"and {more:,} more")
        rows.append((_painted(worst, _COLOURS[worst], medium), f"{len(verdicts):,}", "\n".join(lines)))
    table = _grid(
        ("severity", "findings", "check and the worst it found"), rows, medium, align=("left", "right", "left")
    )
    left_out = f"{len(found) - shown:,} of {counted(len(found), 'finding')} are not shown here"
    where = "--format json -o DIR writes all of them, --format html the worst with why and what to do."
    return table + "\n" + _paragraph(f"{left_out}: {where}", medium)


def _logins(summary: Summary, medium: Medium) -> str:
    """Tell accounts and roots by the weakest way in, and why some are not known."""
    logins, rows = summary.logins, weakest_rows(summary.logins)
    if logins is None or not rows:
        return ""
    heads = ("weakest way in", "accounts", "roots")
    cells = [(words, f"{accounts:,}", f"{roots:,}") for words, accounts, roots in rows]
    told = _grid(heads, cells, medium, align=("left", "right", "right"))
    if note := on_condition(logins):
        told += _paragraph(note, medium)
    if logins.reasons:
        whys = [(f"{why.accounts:,}", f"{why.roots:,}", _shown(why.reason)) for why in logins.reasons[:MOST_REASONS]]
        told += "\n" + _grid(("accounts", "roots", "unknown because"), whys, medium, align=("right", "right", "left"))
        if (more := logins.reasons_total - len(whys)) > 0:
            told += _paragraph(f"and {counted(more, 'reason')} more; --format json has the largest.", medium)
    return told


def _people(summary: Summary, medium: Medium) -> str:
    """Tell people by their second factor, admins first."""
    people = summary.people
    if people is None:
        return ""
    rows = [(words, *(f"{number:,}" for number in numbers)) for words, *numbers in people_rows(people)]
    heads = ("second factor", "admins", "others", "not said")
    told = _grid(heads, rows, medium, align=("left", "right", "right", "right"))
    return told + _paragraph(without_second_factor(people), medium)


def _gaps(audit: Audit, medium: Medium) -> str:
    areas = gaps_by_area(audit.gaps)
    if not areas:
        return ""
    headers = ("not seen", "gaps", "why, and what to do")
    beside = [(clip(_shown(area.area), LONGEST_AREA), f"{area.count:,}") for area in areas]
    room = _room(headers, beside, medium)
    rows = []
    for (name, number), area in zip(beside, areas, strict=True):
        share = "" if area.reason_count == area.count else f" ({area.reason_count:,} of {area.count:,})"
        lines = wrap(_shown(area.reason or "no reason given") + share, room) + wrap(f"-> {area.hint}", room)
        rows.append((name, number, "\n".join(lines)))
    return _grid(headers, rows, medium, align=("left", "right", "left"))


def _trouble(checks: Iterable[CheckRun], medium: Medium) -> str:
    """Tell the checks that gave no answer: what they ask is not known, which is not the same as fine."""
    told, idle = "", dict[str, list[str]]()
    for check in checks:
        note = f": {_shown(check.note)}" if check.note else ""
        if check.state == "crashed":
            told += _paragraph(
                f"Crashed, so nothing is known of it: {_shown(check.id)}{note}", medium, _COLOURS[Severity.HIGH]
            )
        elif check.state == "not-run":
            idle.setdefault(note, []).append(_shown(check.id))
    waiting = "".join(_paragraph(f"Not run: {', '.join(names)}{note}", medium) for note, names in idle.items())
    ignored = [_shown(check.id) for check in checks if check.state == "ignored"]
    return waiting + told + (_paragraph(f"Ignored: {', '.join(ignored)}", medium) if ignored else "")


def _next_step(found: Sequence[Verdict], medium: Medium) -> Iterator[str]:
    if found:
        explain = f"Next: hygiene explain {_shown(found[0].finding.check)} says why it matters and what to do."
        yield "\n" + _paragraph(explain, medium)


def _pairs(pairs: Iterable[tuple[str, str]], medium: Medium) -> str:
    told = ""
    for label, value in pairs:
        room = None if medium.width is None else medium.width - LABEL
        lines = wrap(_shown(value), room)
        told += f"{label:<{LABEL}}" + ("\n" + " " * LABEL).join(lines) + "\n"
    return told


def _paragraph(text: str, medium: Medium, colour: str = "") -> str:
    return "".join(_painted(line, colour, medium) + "\n" for line in wrap(text, medium.width))


def _room(headers: Sequence[str], beside: Sequence[Sequence[str]], medium: Medium) -> int | None:
    """Give the columns left for the last column of a grid; None: as many as it likes."""
    if medium.width is None:
        return None
    taken = 0
    for number, header in enumerate(headers[:-1]):
        cells = [_unpainted(row[number]) for row in beside]
        # tabulate pads by characters: what is wide sticks out
        taken += max([len(header), *map(len, cells)]) + max(0, *(columns(cell) - len(cell) for cell in cells)) + GUTTER
    return medium.width - taken


def _grid(headers: Sequence[str], rows: Sequence[Sequence[str]], medium: Medium, align: Sequence[str] = ()) -> str:
    room = _room(headers, rows, medium)
    laid = [(*row[:-1], "\n".join(part for line in row[-1].split("\n") for part in wrap(line, room))) for row in rows]
    # the heads go in as a row: tabulate widens a column that has a header by two
    laid = [tuple(header.upper() for header in headers), *laid]
    table = tabulate(laid, (), "plain", disable_numparse=True, colalign=align or ["left"] * len(headers))
    first, *rest = [line.rstrip() for line in table.split("\n")]
    return "".join(f"{line}\n" for line in (_painted(first, _BOLD, medium), *rest))


def _shown(text: str) -> str:
    return clip(visible(text), LONGEST_CELL)


def _painted(text: str, colour: str, medium: Medium) -> str:
    return f"{colour}{text}{_PLAIN}" if medium.colour and colour and text else text


def _unpainted(text: str) -> str:
    for code in (*_COLOURS.values(), _PLAIN):
        text = text.replace(code, "")
    return text

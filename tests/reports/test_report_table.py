"""The table on a terminal: what it says, that it fits, and that nothing in it acts on the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from audits import audit_of, finding, verdict
from hygiene_reports.table import MOST_ROWS, TableReport
from hygiene_reports.visible import columns

from hygiene.api import (
    Audit,
    BreachLookup,
    CheckRun,
    Coverage,
    FindingStatus,
    Gap,
    Medium,
    Severity,
    Share,
    SubjectKind,
)
from hygiene.visible import visible

RAN = (CheckRun("weak-key", "Weak keys", "ran"),)
WEAK = finding("weak-key", Severity.LOW, SubjectKind.HOST, "a", "m")


def table(audit: Audit, width: int | None = 80, *, colour: bool = False) -> str:
    return "".join(TableReport().render(audit, Medium(width, colour)))


@pytest.mark.parametrize("width", [80, 120])
def test_small_audit_reads_as_the_golden_file(
    small_audit: Audit, width: int, golden: Callable[[str, str], None]
) -> None:
    golden(f"small-{width}.txt", table(small_audit, width))


def test_many_findings_are_told_by_check(large_audit: Audit, golden: Callable[[str, str], None]) -> None:
    golden("large-80.txt", table(large_audit))


def test_no_limit_wraps_nothing(small_audit: Audit) -> None:
    row = next(line for line in table(small_audit, None).splitlines() if line.startswith("critical"))
    assert row.split("  ") == [
        "critical",
        "root-key-reuse",
        "SHA256:6oPkpFMnFVYgKqrRU0DQoKPxbFa2ByoGKY5b1ZLWv0E",
        "Key deploy@ci opens root on 1,001 of 1,034 hosts, 80 tenants",
    ]


@pytest.mark.parametrize("width", [60, 79, 80, 100, 132, 200])
@pytest.mark.parametrize("which", ["small_audit", "large_audit", "hostile_audit"])
def test_no_line_is_wider_than_the_terminal(which: str, width: int, request: pytest.FixtureRequest) -> None:
    lines = table(request.getfixturevalue(which), width).split("\n")
    assert [line for line in lines if columns(line) > width] == []


def test_wide_characters_do_not_push_the_message_over_the_edge() -> None:
    name = "サーバー" * 3
    found = finding("weak-key", Severity.LOW, SubjectKind.HOST, name, "word " * 40, bits=1)
    lines = table(audit_of((verdict(found),), checks=RAN, coverage=Coverage(1, 0, 0, 0, 0)), 100).split("\n")
    assert any(name in line for line in lines)
    assert [line for line in lines if columns(line) > 100] == []


def test_hostile_text_is_spelt_out(hostile_audit: Audit) -> None:
    text = table(hostile_audit, None)
    assert visible(text.replace("\n", "")) == text.replace("\n", "")
    assert r"\x1b]0;owned\x07\x1b[2J\x9b31m a\u202etxt.exe\u2066\u200b\ufeff <script>" in text
    text.encode("utf-8")


def test_an_endless_text_does_not_fill_the_screen() -> None:
    found = finding("weak-key", Severity.LOW, SubjectKind.HOST, "h" * 100_000, "m" * 100_000, bits=1)
    assert len(table(audit_of((verdict(found),), checks=RAN))) < 5_000


def test_colour_marks_severities_and_headline_and_changes_nothing_else(small_audit: Audit) -> None:
    coloured = table(small_audit, colour=True)
    assert "\x1b[1m1 key opens root on 1,001 of 1,034 hosts, 80 tenants\x1b[0m\n" in coloured
    assert "\x1b[1;31mcritical\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == table(small_audit)


@pytest.mark.parametrize(
    ("audit", "headline"),
    [
        pytest.param(
            audit_of(checks=RAN, coverage=Coverage(10, 2, 1, 1, 0)),
            "No findings at or above low on 12 of 14 hosts; 2 hosts were seen only in part; 2 hosts were not seen",
            id="what-was-not-seen-is-said",
        ),
        pytest.param(
            audit_of(checks=RAN, coverage=Coverage(14, 0, 0, 0, 0)),
            "No findings at or above low on all 14 hosts",
            id="all-seen",
        ),
        pytest.param(
            audit_of(checks=RAN, coverage=Coverage(1, 0, 0, 0, 0), gaps=(Gap("a", "a:b", "sudo", "unreadable"),)),
            "No findings at or above low on the one host; 1 gap remains",
            id="gaps-of-a-host-that-was-seen",
        ),
        pytest.param(
            audit_of(checks=RAN, coverage=Coverage(0, 0, 3, 0, 0)),
            "Nothing was seen: all 3 hosts in scope could not be read",
            id="none-seen",
        ),
        pytest.param(
            audit_of(checks=RAN, lists=("a.csv",)),
            "No findings at or above low in 1 list; no host was in scope",
            id="only-a-list",
        ),
        pytest.param(
            audit_of(checks=RAN, lists=("a.csv", "b.csv"), coverage=Coverage(1, 0, 0, 0, 1)),
            "No findings at or above low on 1 of 2 hosts and in 2 lists; 1 host was not seen",
            id="hosts-and-lists",
        ),
        pytest.param(
            audit_of(checks=(*RAN, CheckRun("key-reuse", "", "crashed", "x")), coverage=Coverage(2, 0, 0, 0, 0)),
            "No findings at or above low on all 2 hosts; 1 check crashed",
            id="a-crashed-check-is-no-pass",
        ),
        pytest.param(
            audit_of((verdict(WEAK, status=FindingStatus.WAIVED),), checks=RAN, coverage=Coverage(2, 0, 0, 0, 0)),
            "No open findings at or above low on all 2 hosts",
            id="what-is-waived-was-found",
        ),
        pytest.param(
            audit_of(checks=RAN), "Nothing was looked at: no host and no list was in scope", id="nothing-in-scope"
        ),
        pytest.param(
            audit_of(checks=(CheckRun("weak-key", "", "crashed", "x"),), coverage=Coverage(1, 0, 0, 0, 0)),
            "Nothing was judged: no check ran",
            id="no-check-ran",
        ),
    ],
)
def test_headline_without_findings_says_what_was_seen(audit: Audit, headline: str) -> None:
    assert " ".join(table(audit).split("\n\n")[0].split("\n")) == headline


def test_headline_without_the_audits_own_is_the_worst_finding(small_audit: Audit) -> None:
    bare = replace(small_audit, summary=replace(small_audit.summary, headline=""))
    assert table(bare).split("\n")[0] == "Key deploy@ci opens root on 1,001 of 1,034 hosts, 80 tenants"


def test_an_audit_of_lists_alone_reads_well(golden: Callable[[str, str], None]) -> None:
    asked = BreachLookup("api.pwnedpasswords.com", "sha1", 1200, 7, 5, online=True)
    golden("list-only-80.txt", table(audit_of(checks=RAN, lists=("shared.xlsx",), breaches=asked)))


@pytest.mark.parametrize(
    ("lookup", "said"),
    [
        (BreachLookup("pwned.idx", "ntlm", 1, 0, 0), "1 distinct password looked up in pwned.idx: 0 known"),
        (BreachLookup("pwned.txt", "sha1", 9, 1, 0), "9 distinct passwords looked up in pwned.txt: 1 known"),
    ],
    ids=["one-password", "nothing-left-the-machine"],
)
def test_it_says_what_passwords_were_looked_up_in(lookup: BreachLookup, said: str) -> None:
    assert f"Breached  {said}\n" in table(audit_of(checks=RAN, breaches=lookup))


def test_checks_that_wait_for_the_same_are_told_together() -> None:
    checks = (
        CheckRun("a-check", "A", "not-run", "needs identities"),
        CheckRun("b-check", "B", "not-run", "needs probes"),
        CheckRun("c-check", "C", "not-run", "needs identities"),
    )
    told = table(audit_of(checks=(*RAN, *checks)))
    assert [line for line in told.splitlines() if line.startswith("Not run")] == [
        "Not run: a-check, c-check: needs identities",
        "Not run: b-check: needs probes",
    ]


def test_findings_that_add_up_are_told_at_once_beside_the_worst() -> None:
    rooted = (replace(WEAK, subject=replace(WEAK.subject, id=host), shares=(on(host),)) for host in ("a", "b"))
    others = (finding("b-check", Severity.LOW, SubjectKind.HOST, str(number), "n") for number in range(MOST_ROWS))
    verdicts = tuple(map(verdict, (*rooted, *others)))
    lines = table(audit_of(verdicts, checks=RAN)).splitlines()
    at = next(number for number, line in enumerate(lines) if "weak-key" in line)
    assert [line.strip() for line in lines[at : at + 4]] == [
        "low              2  weak-key",
        "vault.csv opens root on 2 hosts",
        "- m",
        "- m",
    ]


def on(host: str) -> Share:
    return Share("vault.csv opens root on ", "host", "", host, proven=True)

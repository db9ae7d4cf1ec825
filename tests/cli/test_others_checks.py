"""Checks and reports of other packages: loaded through entry points, and what happens when they break."""

from __future__ import annotations

import json
import textwrap

import pytest

from .commands import Answer, Hygiene

CHECK = '''
from dataclasses import dataclass
from typing import ClassVar

from hygiene.api import Check, Confidence, Finding, Places, Severity, Subject, SubjectKind


def finding(places="SELECT host FROM hosts ORDER BY host", check="zz-others"):
    return Finding(
        check, Severity.HIGH, Confidence.HIGH, Subject(SubjectKind.FLEET, "fleet"), "Something", {"hosts": 1},
        Places(places),
    )


@dataclass(frozen=True, slots=True)
class Others(Check):
    """Something is wrong.

    ## What it looks for

    Something.

    ## Why it matters

    Something.

    ## Example

        hosts: host=web1
        finds: nothing

    ## What to do

    Something.

    ## Limits

    - Everything.

    ## References

    - None.
    """

    id: ClassVar[str] = "zz-others"
    title: ClassVar[str] = "Something is wrong"
    severity: ClassVar[Severity] = Severity.HIGH
    subject: ClassVar[SubjectKind] = SubjectKind.FLEET

    def run(self, fleet):
BODY


CHECKS = [Others]
'''


def install(hygiene: Hygiene, module: str, group: str = "hygiene.checks", name: str = "others") -> dict[str, str]:
    """Install a package beside ours; gives the environment that finds it."""
    folder = hygiene.folder / "packages"
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    (folder / f"{name}.py").write_text(module)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\nall = {name}:CHECKS\n")
    return {"PYTHONPATH": str(folder)}


def check(body: str) -> str:
    return CHECK.replace("BODY", textwrap.indent(textwrap.dedent(body).strip(), " " * 8))


@pytest.fixture
def hygiene(hygiene: Hygiene) -> Hygiene:
    """A command in a folder with an image of a host that has something to find, and a weak list."""
    hygiene.write("image/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    hygiene.write("list.txt", "123456\n")
    return hygiene


AUDIT = ("audit", "-q", "--root", "image", "--passwords", "list.txt", "--format", "json")


def test_a_check_of_another_package_is_one_of_ours(hygiene: Hygiene) -> None:
    env = install(hygiene, check("yield finding()"))
    assert "zz-others " in hygiene("checks", env=env).out
    assert "Something is wrong." in hygiene("explain", "zz-others", env=env).out
    answer = hygiene(*AUDIT, "--select", "zz-others", env=env)
    (found,) = json.loads(answer.out)["findings"]
    assert (answer.code, answer.err) == (10, "")
    assert (found["check"], found["places_total"], found["places"]) == ("zz-others", 1, [{"host": "image"}])


CRASHES = [
    ("at-once", "raise RuntimeError('a bug')", "RuntimeError: a bug"),
    ("in-the-middle", "yield finding()\nraise RuntimeError('a bug')", "RuntimeError: a bug"),
    ("no-finding", "yield 'something'", "TypeError: it gave something else than its own findings"),
    ("no-list", "return None", "TypeError: 'NoneType' object is not iterable"),
    ("finding-of-another-check", "yield finding(check='weak-key')",
     "TypeError: it gave something else than its own findings"),
    ("question-that-is-no-sql", "yield finding('SELECT nothing FROM nowhere')", "CatalogException: "),
    ("question-that-writes", "list(fleet.query('DELETE FROM hosts'))",
     "ValueError: a question to the fleet is one SELECT"),
    ("question-that-writes-below", "yield finding('DELETE FROM hosts')",
     'ParserException: Parser Error: syntax error at or near "FROM" LINE 1: '),
    ("question-to-files", "list(fleet.query(\"SELECT * FROM read_text('/etc/passwd')\"))", "PermissionException: "),
    ("too-deep", "def deep():\n    return deep()\ndeep()", "RecursionError: maximum recursion depth exceeded"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "reason"), [pytest.param(*row[1:], id=row[0]) for row in CRASHES])
def test_a_crashed_check_costs_its_own_answer_alone(hygiene: Hygiene, body: str, reason: str) -> None:
    some = ("--select", "zz-others", "--select", "password-short", "--select", "host-unseen")
    answer = hygiene(*AUDIT, *some, env=install(hygiene, check(body)))
    report = json.loads(answer.out)
    assert (answer.code, answer.err) == (1, "")
    states = {run["id"]: (run["state"], run["note"]) for run in report["checks"]}
    state, note = states.pop("zz-others")
    assert state == "crashed"
    assert note.startswith(reason)
    assert sorted(name for name, (state, _) in states.items() if state == "ran") == ["host-unseen", "password-short"]
    # the rest is reported
    found = {finding["check"] for finding in report["findings"]}
    assert found == {"password-short", "host-unseen"}
    (gap,) = [gap for gap in report["gaps"] if gap["area"] == "checks"]
    assert (gap["subject"], gap["accepted"]) == ("fleet", False)
    assert gap["reason"].startswith(f"zz-others crashed ({reason}")
    assert gap["reason"] in {row["reason"] for row in hygiene.rows("gaps")}


def test_a_crash_is_no_secret_on_the_terminal_and_gone_with_its_cause(hygiene: Hygiene) -> None:
    env = install(hygiene, check("raise RuntimeError('a bug')"))
    answer = hygiene("audit", "-q", "--root", "image", "--exit-zero", env=env)
    assert answer.code == 1  # --exit-zero is about findings and gaps: it must not hide that we broke
    assert "zz-others" in answer.out
    (hygiene.folder / "packages/others.py").write_text(check("return ()"))
    repaired = hygiene("check", "-q", "--exit-zero", env=env)
    assert repaired.code == 0
    assert "zz-others" not in repaired.out
    assert "checks" not in {row["area"] for row in hygiene.rows("gaps")}


BROKEN = [
    ("cannot-be-imported", "raise OSError('no')",
     ("package others: its entry point all = others:CHECKS in hygiene.checks cannot be loaded (OSError: no); repair or"
      " uninstall the package")),
    ("no-list", "CHECKS = 3",
     ("package others: others:CHECKS in hygiene.checks is int; expected a list of classes: repair or uninstall the"
      " package")),
    ("no-check", "CHECKS = [str]",
     "package others: check str: it does not derive from hygiene.api.Check; repair or uninstall the package"),
    ("an-id-of-ours", check("yield").replace('"zz-others"', '"weak-key"'), None),
]  # fmt: skip


@pytest.mark.parametrize(("module", "message"), [pytest.param(*row[1:], id=row[0]) for row in BROKEN])
def test_a_broken_package_is_named(hygiene: Hygiene, module: str, message: str | None) -> None:
    answer = hygiene(*AUDIT, env=install(hygiene, module))
    if message is None:
        assert (answer.code, answer.out) == (2, "")
        assert "the id weak-key is taken by package " in answer.err
    else:
        assert answer == Answer(2, "", f"hygiene: {message}\n")
    assert hygiene.left() == ["image", "list.txt"]


def test_two_reports_of_one_name_for_a_file(hygiene: Hygiene) -> None:
    report = (
        "from hygiene.api import Report\n\n\nclass Other(Report):\n    name = 'other'\n    extension = 'json'\n\n"
        "    def render(self, audit, medium):\n        yield '{}'\n\n\nCHECKS = [Other]\n"
    )
    env = install(hygiene, report, "hygiene.reports")
    both = ("--format", "json", "--format", "other", "-o", "out")
    assert hygiene("passwords", "list.txt", *both, env=env) == Answer(
        2, "", "hygiene: json and other both write report.json; ask for one at a time\n"
    )
    assert hygiene("passwords", "-q", "list.txt", "--format", "other", env=env).out == "{}"

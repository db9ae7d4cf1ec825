"""From findings and gaps to an exit code: fail-on, baseline, policy, selections; and what the report then says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from hygiene.demo.fleet import demo_fleet
from hygiene.demo.plan import FEWEST_HOSTS
from hygiene.model import TABLES
from hygiene.store.store import Store

from .commands import Answer, Hygiene, Starter

HOSTS = FEWEST_HOSTS


@pytest.fixture(scope="module")
def audited(_starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an audit of a small demo fleet: a database, evidence, and reports in `out`."""
    hygiene = _starter.hygiene(tmp_path_factory.mktemp("audited"))
    with demo_fleet(HOSTS) as fleet:
        answer = hygiene(
            *("audit", "-i", fleet.inventory, "--passwords", fleet.passwords, "--key", fleet.key),
            *("--known-hosts", fleet.known_hosts, "--format", "json", "--format", "html", "-o", "out"),
        )
    assert answer.code == 10, answer.err
    assert hygiene.left() == ["hygiene.duckdb", "hygiene.evidence", "out"]
    return hygiene.work


@pytest.fixture
def hygiene(hygiene: Hygiene, audited: Path) -> Hygiene:
    shutil.copytree(audited, hygiene.work, dirs_exist_ok=True)
    return hygiene


ACCEPTED = '[[accepted_gap]]\nsubject = "*"\narea = "*"\nowner = "ops"\nreason = "known"\nuntil = 2999-12-31\n'
EXPIRED = ACCEPTED.replace("2999-12-31", "2020-01-31")
# checks that find something high, medium and low in the fleet, and one that finds nothing
HIGH, MEDIUM, LOW, NOTHING = "weak-key", "single-factor-root", "key-reuse", "empty-password-login"

CODES = [
    ("gaps-alone", "", ("--select", NOTHING), 3),
    ("gaps-accepted", ACCEPTED, ("--select", NOTHING), 0),
    ("gaps-accepted-no-longer", EXPIRED, ("--select", NOTHING), 3),
    ("findings-before-gaps", "", ("--select", HIGH), 10),
    ("medium-is-below-the-default", ACCEPTED, ("--select", MEDIUM), 0),
    ("fail-on-medium", ACCEPTED, ("--select", MEDIUM, "--fail-on", "medium"), 10),
    ("fail-on-low", ACCEPTED, ("--select", LOW, "--fail-on", "low"), 10),
    ("fail-on-critical-lets-high-pass", ACCEPTED, ("--select", HIGH, "--fail-on", "critical"), 0),
    ("fail-on-of-the-policy", 'fail_on = "medium"\n' + ACCEPTED, ("--select", MEDIUM), 10),
    ("command-line-before-policy", 'fail_on = "medium"\n' + ACCEPTED, ("--select", MEDIUM, "--fail-on", "high"), 0),
    ("severity-of-the-policy", f'[checks.{HIGH}]\nseverity = "low"\n' + ACCEPTED, ("--select", HIGH), 0),
    ("check-switched-off-by-the-policy", f"[checks.{HIGH}]\nenabled = false\n", ("--select", HIGH), 2),
    ("ignored", ACCEPTED, ("--select", HIGH, "--select", MEDIUM, "--ignore", HIGH), 0),
    ("exit-zero", "", ("--exit-zero", "--select", HIGH), 0),
    ("baseline-and-accepted-gaps", ACCEPTED, ("--baseline", "out/report.json", "--select", HIGH), 0),
    ("baseline-leaves-gaps", "", ("--baseline", "out/report.json", "--select", HIGH), 3),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "args", "code"), [pytest.param(*row[1:], id=row[0]) for row in CODES])
def test_exit_code(hygiene: Hygiene, policy: str, args: Sequence[str], code: int) -> None:
    if policy:
        hygiene.write("hygiene.toml", policy)
    answer = hygiene("check", "-q", *args)
    assert answer.code == code, answer.err


def test_a_finding_that_grew_is_not_covered_by_the_baseline(hygiene: Hygiene) -> None:
    path = hygiene.work / "out/report.json"
    report = json.loads(path.read_bytes())
    (finding,) = [finding for finding in report["findings"] if finding["check"] == HIGH]
    finding["measure"] = {name: value - 1 for name, value in finding["measure"].items()}
    path.write_text(json.dumps(report))
    hygiene.write("hygiene.toml", ACCEPTED)
    args = ("--baseline", "out/report.json", "--select", HIGH, "--select", MEDIUM, "--format", "json")
    answer = hygiene("check", *args)
    status = {(f["check"], f["subject"]["id"]): f["status"] for f in json.loads(answer.out)["findings"]}
    assert answer.code == 10
    assert [key for key, value in status.items() if value == "open"] == [(HIGH, finding["subject"]["id"])]


def test_an_accepted_gap_that_ran_out_is_said(hygiene: Hygiene) -> None:
    hygiene.write("hygiene.toml", EXPIRED)
    assert hygiene("check", "-q", "--select", NOTHING).err == (
        "hygiene: hygiene.toml:1: this gap is accepted no longer, its last day was 2020-01-31; decide again\n"
    )


def test_what_was_judged_is_what_can_be_exported(hygiene: Hygiene) -> None:
    hygiene.write("hygiene.toml", ACCEPTED)
    report = json.loads(hygiene("check", "--format", "json", "--select", HIGH, "--select", MEDIUM).out)
    findings, gaps = hygiene.rows("findings"), hygiene.rows("gaps")
    assert {finding["id"] for finding in findings} == {finding["id"] for finding in report["findings"]}
    assert {finding["check"] for finding in findings} == {HIGH, MEDIUM}
    assert {gap["accepted"] for gap in gaps} == {True}
    assert len(gaps) == len(report["gaps"])


def test_checking_again_gives_the_same_bytes_times_aside(hygiene: Hygiene) -> None:
    args = ("--select", HIGH, "--select", MEDIUM, "--format", "json")
    reports = [json.loads(hygiene("check", *args).out) for _ in range(2)]
    for report in reports:
        del report["scan"]["finished_at"]
    assert reports[0] == reports[1]


def test_the_reports_are_for_their_owner_alone(audited: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (audited / "out").iterdir()}
    assert modes == {"report.html": 0o600, "report.json": 0o600}
    assert {(audited / name).stat().st_mode & 0o777 for name in ("out", "hygiene.evidence")} == {0o700}
    assert (audited / "hygiene.duckdb").stat().st_mode & 0o777 == 0o600


def test_what_was_written_is_said_unless_it_shall_be_quiet(hygiene: Hygiene) -> None:
    args = ("-o", "new/reports", "--exit-zero", "--select", HIGH)
    loud = hygiene("check", "--format", "html", "--format", "json", *args)
    assert loud.err == "hygiene: wrote new/reports/report.html\nhygiene: wrote new/reports/report.json\n"
    assert "SEVERITY" in loud.out
    quiet = hygiene("check", "-q", "--format", "json", *args)
    assert (quiet.code, quiet.err, quiet.out) == (0, "", loud.out.replace(_when(loud.out), _when(quiet.out)))


def _when(table: str) -> str:
    return next(line for line in table.splitlines() if line.startswith("When"))


def test_what_is_excluded_stands_in_the_report(hygiene: Hygiene, audited: Path) -> None:
    hosts = [row["host"] for row in hygiene.rows("hosts")]
    assert json.loads((audited / "out/report.json").read_bytes())["scan"]["excluded"] == []
    hygiene.write("image/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    hygiene.write("hosts.txt", "\n".join(hosts))
    answer = hygiene(
        *("audit", "-i", "hosts.txt", "--exclude", "*.example", "--root", "image", "--db", "alone.duckdb"),
        *("--format", "json"),
    )
    report = json.loads(answer.out)
    assert (report["scan"]["excluded"], report["scan"]["targets"]) == (sorted(hosts), 1)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_exported(hygiene: Hygiene, table: str) -> None:
    answer = hygiene("export", table)
    assert (answer.code, answer.err) == (0, "")
    rows = [json.loads(line) for line in answer.out.splitlines()]
    empty = (
        *("key_uses", "identities", "dynamic_sources", "revoked_keys", "probes", "tokens"),
        *("list_hashes", "breach_lookups"),
    )
    assert bool(rows) == (table not in empty)


@pytest.mark.parametrize(("form", "begins"), [("jsonl", b'{"host": '), ("csv", b"host,daemon,"), ("parquet", b"PAR1")])
def test_a_table_on_standard_output_is_the_same_as_in_a_file(hygiene: Hygiene, form: str, begins: bytes) -> None:
    assert hygiene("export", "grants", "--format", form, "-o", "file") == Answer(0, "", "")
    out = hygiene.folder / "out"
    out.touch()
    assert hygiene("export", "grants", "--format", form, stdout=out).code == 0
    assert out.read_bytes() == (hygiene.work / "file").read_bytes()
    assert out.read_bytes().startswith(begins)


def test_findings_are_there_after_a_check_only(hygiene: Hygiene) -> None:
    (hygiene.work / "hygiene.duckdb").unlink()
    hygiene.write("image/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    assert hygiene("collect", "-q", "--root", "image").code == 3
    assert len(hygiene.rows("hosts")) == HOSTS + 1
    answer = hygiene("export", "findings")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "hygiene: hygiene.duckdb: no check has run on what is stored, so there are no findings to export; run"
        " `hygiene check` first\n"
    )


def test_a_database_made_anew_from_the_evidence_says_the_same(hygiene: Hygiene) -> None:
    """The evidence is the truth: the file is derived, lists aside."""
    tables = ("hosts", "areas", "accounts", "keys", "grants", "private_keys", "host_keys", "settings", "login_paths")
    before = hygiene.tables(tables)
    (hygiene.work / "hygiene.evidence").rename(hygiene.work / "other.evidence")
    hygiene("passwords", "-q", "--db", "other.duckdb", hygiene.write("list.txt", "correct horse battery staple\n"))
    assert hygiene("check", "-q", "--db", "other.duckdb", "--select", HIGH).code == 10
    assert hygiene.tables(tables, "other.duckdb") == before


def test_a_bundle_carries_a_scan_to_another_place(hygiene: Hygiene) -> None:
    hygiene.write("image/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    collected = hygiene("collect", "--root", "web1=image", "--db", "here.duckdb", "--bundle", "web1.bundle")
    assert collected.err.splitlines()[-1] == "hygiene: wrote web1.bundle: evidence of 1 host"
    assert hygiene("import", "--db", "there.duckdb", "web1.bundle").err == "hygiene: web1.bundle: 1 host\n"
    again = hygiene("import", "--db", "there.duckdb", "web1.bundle")
    assert again.err == "hygiene: web1.bundle: 1 host, imported before\n"
    for table in ("hosts", "accounts", "gaps"):
        assert hygiene.rows(table, "there.duckdb") == hygiene.rows(table, "here.duckdb")


def test_a_database_that_holds_nothing_is_nothing_to_check(hygiene: Hygiene) -> None:
    with Store.open(hygiene.work / "empty.duckdb", create=True):
        pass
    assert hygiene("check", "--db", "empty.duckdb") == Answer(
        2,
        "",
        "hygiene: empty.duckdb: holds no host, list or export; collect, import or score something first\n",
    )
